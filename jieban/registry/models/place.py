"""Tables of places and units."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieban.registry.models.dated import Dated as Dated


class Place(models.Model):
    """Place: district > street > community > estate > building, and grid cells. Codes never change; names may."""

    class Level(models.TextChoices):
        DISTRICT = "district", _("区")
        STREET = "street", _("街道")
        COMMUNITY = "community", _("社区")
        ESTATE = "estate", _("小区")
        BUILDING = "building", _("楼栋")
        GRID = "grid", _("单元网格")

    code = models.CharField(_("代码"), max_length=40, unique=True)
    level = models.CharField(_("级别"), max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # Today's name, denormalized from the dated rows so that lists need no second query.
    name = models.CharField(_("名称"), max_length=100)
    aliases = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    lat = models.FloatField(null=True, blank=True)
    long = models.FloatField(null=True, blank=True)
    opened_on = models.DateField(_("启用日"))
    closed_on = models.DateField(_("撤销日"), null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["level", "name"])]

    def __str__(self) -> str:
        return self.name


class PlaceVersion(Dated):
    """Version of a place: name and boundary for a period. A boundary is a GeoJSON geometry in WGS 84 or null."""

    class OutlineKind(models.TextChoices):
        SURVEY = "survey", _("测绘成果")
        SKETCH = "sketch", _("示意图，非测绘成果")

    place = models.ForeignKey(Place, models.CASCADE, related_name="versions")
    name = models.CharField(max_length=100)
    boundary = models.JSONField(null=True, blank=True)
    drawn = models.CharField(max_length=10, choices=OutlineKind.choices, blank=True)
    source = models.CharField(max_length=200)
    boundary_source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "valid_from"], name="place_version_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="place_version_forward",
            ),
        ]


class Unit(models.Model):
    """Unit: an office, company or committee that can be responsible for a case."""

    class Kind(models.TextChoices):
        LEADERSHIP = "leadership", _("区领导机关")
        HOTLINE = "hotline", _("区热线中心")
        DEPARTMENT = "department", _("区属部门")
        STREET = "street", _("街道办事处")
        STREET_CENTRE = "street_centre", _("街道指挥中心")
        COMMUNITY = "community", _("社区居委会")
        PROPERTY = "property", _("物业服务企业")
        OWNERS = "owners", _("业主委员会")
        PARTNER = "partner", _("公共服务企业及合作单位")

    code = models.CharField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    kind = models.CharField(_("类型"), max_length=20, choices=Kind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # The street or community that the unit governs, where there is one.
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="governed_by")
    # The estates that a property company or owners' committee serves.
    estates = models.ManyToManyField(Place, related_name="served_by", blank=True)
    opened_on = models.DateField(_("启用日"))
    closed_on = models.DateField(_("撤销日"), null=True, blank=True)

    def __str__(self) -> str:
        return self.name
