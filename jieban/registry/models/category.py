"""Tables of the category tree and the dispatch directory."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jieban.registry.models.dated import Dated as Dated
from jieban.registry.models.place import Place, Unit


class Category(Dated):
    """Node of the three-level category tree (分类)."""

    class Grade(models.TextChoices):
        SIMPLE = "simple", _("简单")
        GENERAL = "general", _("一般")
        COMPLEX = "complex", _("复杂")

    code = models.CharField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    level = models.PositiveSmallIntegerField(_("级"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # The names from the first level down, for lists: 城乡建设 / 安全生产 / 安全隐患.
    path = models.CharField(max_length=200)
    grade = models.CharField(_("难易"), max_length=10, choices=Grade.choices, default=Grade.GENERAL)
    # A result in this category must be shown by a photograph.
    needs_photo = models.BooleanField(_("须附照片"), default=False)
    is_property = models.BooleanField(_("物业服务"), default=False)

    def __str__(self) -> str:
        return self.path


class DirectoryRow(Dated):
    """Row of the dispatch directory: who leads in cases of this category, by which legal ground.

    `lead` is empty where the street in which the place lies leads. A row of a parent category applies to its
    children without a row of their own; a row with a duty is more exact than one without.
    """

    code = models.CharField(_("条目号"), max_length=40, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="directory")
    # The row applies when the case's place is known at least to this level.
    place_level = models.CharField(_("地点级别"), max_length=10, choices=Place.Level.choices)
    # Where the row applies to one place only, that place.
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True)
    duty = models.CharField(_("职责"), max_length=60, blank=True)
    lead = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="leads")
    co_handlers = models.ManyToManyField(Unit, related_name="co_handles", blank=True)
    ground = models.CharField(_("依据"), max_length=300)
    edition = models.CharField(_("版本"), max_length=40)
    helpers: tuple[Unit, ...]  # the co-handlers, set by directory.rows_for
