"""Actors: a person in a post. Every right comes from a post in force, which is looked up at every request."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import NotAllowed
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.registry.models import ApiToken, Delegation, Holding, Person, Post, Unit, holds_on
from jieban.registry.roles import PROFILES, Role, RoleProfile


@dataclass(frozen=True, slots=True)
class Actor:
    """Actor: a person in a post at one instant. Rules and actions take an actor, never a person.

    `unit_ids` are the units for which the post acts: its own, for a street's command centre also the street's
    office. `place_id` is the place which that unit (of a command centre: its street's office) governs.
    `for_name` is the holder of the post where somebody acts in it by delegation; `post_name` then says so too.

    A requester may be known by the telephone number they have proven to hold (its blind index), or, while they
    bring in a concern, by the case just made of it.
    """

    person_id: int | None
    post_id: int | None
    role: Role
    unit_id: int | None
    unit_ids: frozenset[int]
    place_id: int | None
    name: str
    post_name: str
    for_name: str = ""
    phone_index: bytes = b""
    case_id: int | None = None

    @property
    def profile(self) -> RoleProfile:
        """What the role may and sees."""
        return PROFILES[self.role]


# The actor of timers and rules. Its names are stored in the history, so they are not translated.
SYSTEM = Actor(
    person_id=None,
    post_id=None,
    role=Role.SYSTEM,
    unit_id=None,
    unit_ids=frozenset(),
    place_id=None,
    name="系统",
    post_name="系统",
)


# A member of the public, without account and post; what they may see depends on what they have proven.
RESIDENT = replace(SYSTEM, role=Role.RESIDENT, name="居民", post_name="居民")
ENTERPRISE = replace(SYSTEM, role=Role.ENTERPRISE, name="企业", post_name="企业")


def resident_by_phone(index: bytes) -> Actor:
    """Actor of a resident who has proven to have the telephone with this blind index."""
    return replace(RESIDENT, phone_index=index)


def exists_on(day: date | Param, prefix: str = "") -> Q:
    """Condition: a place, unit or post has been opened and is not yet closed on `day`."""
    return Q(**{f"{prefix}opened_on__lte": day}) & (
        Q(**{f"{prefix}closed_on__isnull": True}) | Q(**{f"{prefix}closed_on__gt": day})
    )


def post_in_force(day: date | Param, prefix: str = "") -> Q:
    """Condition: a post and its unit, if it has one, exist on `day`."""
    unit = f"{prefix}unit__"
    return exists_on(day, prefix) & (Q(**{f"{unit}isnull": True}) | exists_on(day, unit))


def holdings_in_force(day: date | Param) -> Q:
    """Condition: a holding, its post and the unit are valid on `day`, for a person who is not suspended."""
    return holds_on(day) & post_in_force(day, "post__") & Q(person__is_active=True)


def delegations_in_force(day: date | Param) -> Q:
    """The condition that a delegation holds on `day`.

    It ends at its date, when it is revoked, with the giver's own holding of the post, and when the person who
    acts is suspended or no longer in the post's unit, its parent or a child of it.
    """
    own = Holding.objects.filter(holdings_in_force(day), post=OuterRef("post"), person=OuterRef("giver"))
    near = Holding.objects.filter(holdings_in_force(day), near_unit("post__unit"), person=OuterRef("person"))
    in_force = holds_on(day) & Q(revoked_at=None, person__is_active=True)
    return in_force & Q(Exists(own)) & Q(Exists(near))


def near_unit(unit: str) -> Q:
    """Condition: a holding is in the outer row's unit, in its parent or in a child of it."""
    same, parent = OuterRef(f"{unit}_id"), OuterRef(f"{unit}__parent_id")
    return Q(post__unit=same) | Q(post__unit=parent) | Q(post__unit__parent=same)


def posts_of(person: Person, at: datetime) -> list[Post]:
    """Posts in which the person may act on the Shanghai day of `at`, with their units, by code.

    For a delegated post, `held_by` is the name of its holder.
    """
    day = local_date(at)
    holdings = Holding.objects.filter(holdings_in_force(day), post=OuterRef("pk"), person=person)
    given = Delegation.objects.filter(delegations_in_force(day), post=OuterRef("pk"), person=person)
    rows = Post.objects.annotate(is_held=Exists(holdings), is_given=Exists(given)).select_related("unit")
    holder = Subquery(given.order_by("pk").values("giver__name")[:1])
    posts = list(rows.filter(Q(is_held=True) | Q(is_given=True)).annotate(holder=holder).order_by("code"))
    for post in posts:
        post.held_by = "" if post.is_held else post.holder
    return list(posts)


def actor_in_post(person_id: int, post_id: int, at: datetime) -> Actor:
    """Actor of the person in this post on the Shanghai day of `at`.

    Raises NotAllowed when the person does not, or no longer, hold the post or have it by delegation, the post
    or its unit has ended, or the account is suspended.
    """
    found = _HELD_POSTS.rows(day=local_date(at), person=person_id, post=post_id)
    if not found:
        raise post_ended_error()
    return _actor(*min(found, key=lambda row: bool(row[-1])))  # one's own before another's


def actor_by_token(digest: bytes, at: datetime) -> Actor | None:
    """Actor of the token with this digest, on the Shanghai day of `at`; None when there is no such token.

    Raises NotAllowed as `actor_in_post` does.
    """
    found = _BY_TOKEN.rows(digest=digest, at=at, day=local_date(at))
    if not found:
        return None
    (*columns, in_force) = found[0]
    if not in_force:
        raise post_ended_error()
    return _actor(*columns)


def post_ended_error() -> NotAllowed:
    """Error for somebody whose post or account is no longer in force."""
    return NotAllowed(
        _("您现在不在这个岗位上，或者岗位已经撤销。请重新选择岗位；仍有疑问请联系系统管理员。"),
        code="post_ended",
    )


def _held_posts() -> QuerySet[Any, Any]:
    """Query for the posts held and delegated; the last column is the holder's name where that is somebody else."""
    day, whose = Param("day"), Q(person=Param("person"), post=Param("post"))
    holdings = Holding.objects.filter(holdings_in_force(day), whose)
    given = Delegation.objects.filter(delegations_in_force(day), whose)
    nobody = holdings.annotate(holder=Value("", CharField())).values_list(*_COLUMNS, "holder")
    return nobody.union(given.annotate(holder=F("giver__name")).values_list(*_COLUMNS, "holder"))


def _by_token() -> QuerySet[ApiToken, Any]:
    in_force = holdings_in_force(Param("day"))
    holdings = Holding.objects.filter(in_force, person=OuterRef("person"), post=OuterRef("post"))
    not_revoked = Q(revoked_at=None) | Q(revoked_at__gt=Param("at"))
    return ApiToken.objects.filter(not_revoked, digest=Param("digest")).values_list(
        *_COLUMNS, Exists(holdings)
    )


# The columns for `_actor`, from a holding or a token. These two queries run at every request.
_COLUMNS = (
    "person_id", "person__name", "post_id", "post__name", "post__role", "post__unit_id", "post__unit__kind",
    "post__unit__place_id", "post__unit__parent_id", "post__unit__parent__place_id",
)  # fmt: skip
_HELD_POSTS = Prepared(_held_posts)
_BY_TOKEN = Prepared(_by_token)


def actor_of(person: Person, post: Post) -> Actor:
    """Actor of the person in this post, whose unit and parent are loaded; validity is not checked."""
    unit = post.unit
    above = unit.parent if unit else None
    return _actor(
        person.pk, person.name, post.pk, post.name, post.role,
        unit.pk if unit else None, unit.kind if unit else None, unit.place_id if unit else None,
        above.pk if above else None, above.place_id if above else None,
    )  # fmt: skip


def _actor(
    person_id: int, name: str, post_id: int, post_name: str, role: str,
    unit_id: int | None, kind: str | None, place_id: int | None,
    above_id: int | None, place_above_id: int | None, for_name: str = "",
) -> Actor:  # fmt: skip
    """Builds an actor; a command centre also acts for its street's office, which governs the place."""
    for_street = kind == Unit.Kind.STREET_CENTRE and above_id is not None
    return Actor(
        person_id=person_id,
        post_id=post_id,
        role=Role(role),
        unit_id=unit_id,
        unit_ids=frozenset(pk for pk in (unit_id, above_id if for_street else None) if pk is not None),
        place_id=place_above_id if for_street else place_id,
        name=name,
        post_name=_("%(post)s（代 %(holder)s）") % {"post": post_name, "holder": for_name}
        if for_name
        else post_name,
        for_name=for_name,
    )
