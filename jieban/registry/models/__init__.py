"""Places, units, people with their posts, the category tree and the dispatch directory (派单目录).

Everything that changes from year to year has `valid_from` and `valid_to` (the first day it no longer holds).
"""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from jieban.registry.models.dated import Dated as Dated
from jieban.registry.models.dated import holds as holds
from jieban.registry.models.dated import holds_on as holds_on
from jieban.registry.models.duty import Duty as Duty
from jieban.registry.models.duty import DutyRole as DutyRole
from jieban.registry.models.duty import HandOver as HandOver
from jieban.registry.models.duty import ShiftKind as ShiftKind
from jieban.registry.models.knowledge import Article as Article
from jieban.registry.models.knowledge import ArticleState as ArticleState
from jieban.registry.models.knowledge import ArticleVersion as ArticleVersion
from jieban.registry.models.knowledge import CorrectionProposal as CorrectionProposal
from jieban.registry.models.scripts import CallScript as CallScript

MOST_DELEGATED_DAYS = 90


class Role(models.TextChoices):
    """What a post may do; see docs/glossary.md and cases/flow.py."""

    RESIDENT = "resident", _("居民")
    ENTERPRISE = "enterprise", _("企业")
    OPERATOR = "operator", _("话务员")
    DISPATCHER = "dispatcher", _("派单员")
    STREET = "street", _("街道指挥中心")
    DEPARTMENT = "department", _("部门承办人")
    COMMUNITY = "community", _("社区工作者")
    PROPERTY = "property", _("物业服务企业")
    PATROL = "patrol", _("巡查员")
    CALLER = "caller", _("回访员")
    SUPERVISOR = "supervisor", _("督查员")
    ANALYST = "analyst", _("分析员")
    LEADER = "leader", _("领导")
    AUDITOR = "auditor", _("审计员")
    ADMIN = "admin", _("系统管理员")
    SYSTEM = "system", _("系统")


# Those that a person can hold.
EVERY_ROLE = frozenset(Role) - {Role.SYSTEM}


class Place(models.Model):
    """District > street > community > estate > building, and grid cells. Codes never change; names may."""

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
    # Today's name, copied from the dated rows so that lists need no second query.
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
    """A place's name and boundary for a time. A boundary is a GeoJSON geometry in WGS 84 or null."""

    class Drawn(models.TextChoices):
        SURVEY = "survey", _("测绘成果")
        SKETCH = "sketch", _("示意图，非测绘成果")

    place = models.ForeignKey(Place, models.CASCADE, related_name="versions")
    name = models.CharField(max_length=100)
    boundary = models.JSONField(null=True, blank=True)
    drawn = models.CharField(max_length=10, choices=Drawn.choices, blank=True)
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
    """An office, company or committee that can be responsible for a case."""

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
    # The estates a property company or owners' committee is there for.
    estates = models.ManyToManyField(Place, related_name="served_by", blank=True)
    opened_on = models.DateField(_("启用日"))
    closed_on = models.DateField(_("撤销日"), null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, username: str, name: str, password: str | None = None) -> "Person":
        person = self.model(username=username, name=name)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody with an account. What they may do comes from the post they act in, never from here."""

    username = models.CharField(_("用户名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    is_active = models.BooleanField(_("启用"), default=True)
    # Somebody else has set the password: it is changed before anything else is done with it.
    password_given = models.BooleanField(_("初始密码"), default=False)

    objects = PersonManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        indexes = [models.Index(fields=["name"], name="person_name", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A post (岗位) in a unit. Residents and enterprises act in a post without a unit."""

    code = models.CharField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="posts")
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)
    opened_on = models.DateField(_("启用日"))
    closed_on = models.DateField(_("撤销日"), null=True, blank=True)

    # Set by `posts.posts_of` on a post that somebody has by delegation: the name of who holds it.
    held_by = ""

    def __str__(self) -> str:
        return self.name


class Holding(Dated):
    """A person holds a post for a time."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="holdings")
    post = models.ForeignKey(Post, models.CASCADE, related_name="holdings")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "post", "valid_from"], name="holding_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="holding_forward"
            ),
        ]


class Delegation(Dated):
    """Somebody who holds a post lets another person act in it for some days (代理)."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="delegations")
    giver = models.ForeignKey(Person, models.CASCADE, related_name="given_delegations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="delegations")
    reason = models.CharField(_("事由"), max_length=200)
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "giver", "person", "valid_from"],
                condition=Q(revoked_at__isnull=True),
                name="delegation_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=False)
                & Q(valid_to__gt=F("valid_from"))
                & Q(valid_to__lte=F("valid_from") + timedelta(days=MOST_DELEGATED_DAYS)),
                name="delegation_has_an_end",
            ),
        ]

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds."""
        return self.valid_to - timedelta(days=1) if self.valid_to else None


class Session(AbstractBaseSession):
    """A browser that has signed in; `person` makes it possible to end all of somebody's."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=60, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The store that writes these rows."""
        return import_string("jieban.registry.sessions.SessionStore")


class ApiToken(models.Model):
    """Lets a program act for a person in one of the person's posts. Only the token's digest is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    post = models.ForeignKey(Post, models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class Category(Dated):
    """A node of the three-level category tree (分类)."""

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
    """A row of the dispatch directory: who leads in cases of this category, by which ground.

    `lead` is empty where the street in which the place lies leads. A row of a parent category holds for its
    children that have no row of their own; a row with a duty is more exact than one without.
    """

    code = models.CharField(_("条目号"), max_length=40, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="directory")
    # The row holds when the case's place is known at least to this level.
    place_level = models.CharField(_("地点级别"), max_length=10, choices=Place.Level.choices)
    # Where the row holds for one place only, that place.
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True)
    duty = models.CharField(_("职责"), max_length=60, blank=True)
    lead = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="leads")
    co_handlers = models.ManyToManyField(Unit, related_name="co_handles", blank=True)
    ground = models.CharField(_("依据"), max_length=300)
    edition = models.CharField(_("版本"), max_length=40)
    helpers: tuple[Unit, ...]  # the co-handlers, as directory.rows_for brings them


class LoadedFile(models.Model):
    """How often the loading of a file changed the registry; what is kept in memory is compared with it."""

    name = models.CharField(max_length=40, unique=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Attempt(models.Model):
    """How often something was tried under a key since a moment; see registry/attempts.py."""

    name = models.CharField(max_length=40)
    key = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "key"], name="attempt_once")]
        indexes = [models.Index(fields=["since"], name="attempt_since")]


class ConfigChange(models.Model):
    """One change of accounts, units, the dispatch directory or rules: who, when, what, from what to what, why.

    Never updated, never deleted: a trigger refuses. `before` and `after` are what a reader sees, label by label.
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

    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.CharField(_("类别"), max_length=12, choices=Area.choices)
    # Which thing, as code; its changes are found by it.
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
