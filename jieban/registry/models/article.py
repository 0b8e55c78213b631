"""Tables of the knowledge base (知识库): articles that operators read to callers, their owners and periods."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ArticleState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    IN_FORCE = "in_force", _("有效")
    WITHDRAWN = "withdrawn", _("已撤下")


class Wording(models.Model):
    """Content of an article; abstract columns shared by the article and its versions."""

    title = models.CharField(_("标题"), max_length=100)
    body = models.TextField(_("正文"))
    category = models.ForeignKey(
        "registry.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("分类")
    )
    unit = models.ForeignKey("registry.Unit", models.PROTECT, related_name="+", verbose_name=_("责任单位"))
    valid_from = models.DateField(_("生效日"))
    # The last day on which it may be read to a caller.
    valid_until = models.DateField(_("有效至"), null=True, blank=True)
    source = models.CharField(_("来源文件"), max_length=200)
    keywords = models.CharField(_("关键词"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=ArticleState.choices)

    class Meta:
        abstract = True


class Article(Wording):
    """Current state of an article. Every change is also a version; see jieban/registry/knowledge/articles.py."""

    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    # Made in Python: the title's tokens weigh most (A), then the keywords' (B), then the body's (D).
    search = SearchVectorField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="article_search"),
            models.Index(fields=["title", "id"], name="article_title"),
            models.Index(fields=["unit", "valid_until"], name="article_review"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["unit", "title"], name="article_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="article_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleVersion(Wording):
    """Version of an article, from an instant on, so that one can see later what was read to a caller."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    person = models.ForeignKey("registry.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    why = models.CharField(_("修改原因"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_once"),
        ]


class CorrectionProposal(models.Model):
    """Proposed correction (报告有误) of an article; its owner decides."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="proposals")
    number = models.PositiveIntegerField()  # the version that was read
    person = models.ForeignKey("registry.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    wrong = models.TextField(_("哪里有误"))
    proposed = models.TextField(_("建议改为"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("registry.Person", models.PROTECT, null=True, related_name="+")
    accepted = models.BooleanField(null=True)
    reason = models.CharField(_("答复"), max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["article"], name="proposal_open", condition=Q(decided_at=None))]
        constraints = [
            # One open proposal per person and article; a double press makes one.
            models.UniqueConstraint(
                fields=["article", "person"], condition=Q(decided_at=None), name="proposal_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, accepted=None)
                | Q(decided_at__isnull=False, accepted__isnull=False),
                name="proposal_decided",
            ),
        ]
