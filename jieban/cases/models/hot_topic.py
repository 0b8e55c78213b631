"""Models of hot topics: clusters of cases, followed through time. They change no case."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.models.case import Case
from jieban.registry.models import Person, Post


class HotTopic(models.Model):
    """Hot topic (热点): a matter at a place that several cases are about; its name, and figures of the last 90 days."""

    place = models.CharField(_("地点"), max_length=60, blank=True)
    subject = models.CharField(_("事项"), max_length=100)
    # Named by an analyst; the daily run keeps the name.
    named_by_hand = models.BooleanField(default=False)
    heat = models.FloatField(_("热度"), default=0)
    case_count = models.PositiveIntegerField(_("件数"), default=0)
    person_count = models.PositiveIntegerField(_("人数"), default=0)
    day_count = models.PositiveIntegerField(_("天数"), default=0)
    supporter_count = models.PositiveIntegerField(_("支持"), default=0)
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    founded_at = models.DateTimeField()
    measured_at = models.DateTimeField()
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_topics"
    )

    class Meta:
        indexes = [
            models.Index(fields=["-heat", "-id"], name="hot_topic_heat", condition=Q(merged_into=None)),
        ]

    def __str__(self) -> str:
        return f"{self.place}{self.subject}"


class HotTopicCase(models.Model):
    """Member of a topic; or, with `out`, a case that an analyst removed for good."""

    topic = models.ForeignKey(HotTopic, models.PROTECT, related_name="members")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    out = models.BooleanField(default=False)
    by_hand = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "case"], name="hot_topic_case_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(out=False), name="hot_topic_of_case_once"),
        ]


class HotTopicChange(models.Model):
    """Log of the changes of a topic, by whom and when; append-only."""

    class What(models.TextChoices):
        FOUND = "found", _("发现")
        MERGE = "merge", _("合并")
        SPLIT = "split", _("拆分")
        PUT_OUT = "put_out", _("移出")
        RENAME = "rename", _("改名")

    topic = models.ForeignKey(HotTopic, models.PROTECT, related_name="changes")
    what = models.CharField(max_length=10, choices=What.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["topic", "-id"], name="hot_topic_change")]
