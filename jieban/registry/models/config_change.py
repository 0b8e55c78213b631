"""Tables of loaded files and of configuration changes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jieban.registry.models.person import Person, Post


class LoadedFile(models.Model):
    """Counter per file of loads that changed the registry; the version of in-memory caches."""

    name = models.CharField(max_length=40, unique=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ConfigChange(models.Model):
    """Log entry of a change of accounts, units, the dispatch directory or rules: who, when, what, why.

    Append-only: a trigger refuses updates and deletions. `before` and `after` map labels to values for a reader.
    """

    class Area(models.TextChoices):
        ACCOUNT = "account", _("账号与任职")
        POST = "post", _("岗位")
        UNIT = "unit", _("单位")
        DIRECTORY = "directory", _("派单目录")
        RULE = "rule", _("时限规则")
        LIMIT = "limit", _("限额")
        CALENDAR = "calendar", _("日历")
        CALLING = "calling", _("回访时间")
        CATEGORY = "category", _("分类")
        SHIFT = "shift", _("班次")
        SCRIPT = "script", _("通话用语")
        MESSAGE = "message", _("短信用语")

    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.CharField(_("类别"), max_length=12, choices=Area.choices)
    # Code of the changed thing, by which its changes are found.
    key = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    what = models.CharField(max_length=60)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(_("理由"), max_length=200)

    class Meta:
        indexes = [
            models.Index(fields=["area", "-id"], name="change_area"),
            models.Index(fields=["person", "-id"], name="change_person"),
            models.Index(fields=["area", "key", "-id"], name="change_key"),
            models.Index(fields=["at"], name="change_at"),
        ]
