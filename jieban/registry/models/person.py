"""Tables of people, their posts, sessions and tokens."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from jieban.registry.models.dated import Dated as Dated
from jieban.registry.models.place import Unit
from jieban.registry.roles import Role

MOST_DELEGATED_DAYS = 90


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, username: str, name: str, password: str | None = None) -> "Person":
        person = self.model(username=username, name=name)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Account of a person. Rights come from the post in which they act, never from here."""

    username = models.CharField(_("用户名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    is_active = models.BooleanField(_("启用"), default=True)
    # Somebody else has set the password: the person must change it first.
    password_given = models.BooleanField(_("初始密码"), default=False)

    objects = PersonManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        indexes = [models.Index(fields=["name"], name="person_name", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """Post (岗位) in a unit. Residents and enterprises act in a post without a unit."""

    code = models.CharField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="posts")
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)
    opened_on = models.DateField(_("启用日"))
    closed_on = models.DateField(_("撤销日"), null=True, blank=True)

    # Set by `posts.posts_of` on a delegated post: the name of its holder.
    held_by = ""

    def __str__(self) -> str:
        return self.name


class Holding(Dated):
    """Holding: a person has a post for a period."""

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
    """Delegation (代理): the holder of a post lets another person act in it for some days."""

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
        """The last valid day."""
        return self.valid_to - timedelta(days=1) if self.valid_to else None


class Session(AbstractBaseSession):
    """Session of a browser; by `person` all sessions of somebody can be ended."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=60, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The store that writes these rows."""
        return import_string("jieban.registry.identity.sessions.SessionStore")


class ApiToken(models.Model):
    """API token: lets a program act for a person in one of the person's posts. Only its digest is stored."""

    digest = models.BinaryField(max_length=32, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    post = models.ForeignKey(Post, models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class Attempt(models.Model):
    """Counter of attempts under a key since an instant; see jieban/registry/identity/attempts.py."""

    name = models.CharField(max_length=40)
    key = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "key"], name="attempt_once")]
        indexes = [models.Index(fields=["since"], name="attempt_since")]
