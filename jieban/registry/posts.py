"""Who acts, and in which post: the right to do anything comes from a post in force, looked up each time."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import SHANGHAI, local_date
from jieban.base.errors import NotAllowed
from jieban.base.prepared import Prepared
from jieban.registry.models import ApiToken, Holding, Person, Post, Role, Unit, holds_on


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in a post at a moment; what rules and actions are asked for, never a bare person.

    `unit_ids` are the units for which the post acts: its own, for a street's command centre also the street's
    office. `place_id` is the place which that unit (of a command centre: its street's office) governs.
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
    phone_index: bytes = b""
    case_id: int | None = None


# Timers and rules act as this. Its names go into the history as they are, so they are not translated.
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


# Somebody of the public, without account and post; what they may see hangs on what they have proven.
RESIDENT = replace(SYSTEM, role=Role.RESIDENT, name="居民", post_name="居民")
ENTERPRISE = replace(SYSTEM, role=Role.ENTERPRISE, name="企业", post_name="企业")


def resident_by_phone(index: bytes) -> Actor:
    """A resident who has proven to hold the telephone of this blind index."""
    return replace(RESIDENT, phone_index=index)


def exists_on(day: date, prefix: str = "") -> Q:
    """The condition that a place, unit or post has been opened and is not yet closed on `day`."""
    return Q(**{f"{prefix}opened_on__lte": day}) & (
        Q(**{f"{prefix}closed_on__isnull": True}) | Q(**{f"{prefix}closed_on__gt": day})
    )


def post_in_force(day: date, prefix: str = "") -> Q:
    """The condition that a post and its unit, if it has one, exist on `day`."""
    unit = f"{prefix}unit__"
    return exists_on(day, prefix) & (Q(**{f"{unit}isnull": True}) | exists_on(day, unit))


def holdings_in_force(day: date) -> Q:
    """The condition that a holding, its post and the unit hold on `day`, for a person not suspended."""
    return holds_on(day) & post_in_force(day, "post__") & Q(person__is_active=True)


def posts_of(person: Person, at: datetime) -> list[Post]:
    """The posts in which the person may act on the Shanghai day of `at`, with their units, by code."""
    held = Holding.objects.filter(holdings_in_force(local_date(at)), post=OuterRef("pk"), person=person)
    return list(Post.objects.filter(Exists(held)).select_related("unit").order_by("code"))


def acting(person_id: int, post_id: int, at: datetime) -> Actor:
    """The person in this post on the Shanghai day of `at`.

    Raises NotAllowed when the person does not, or no longer, hold the post, the post or its unit has ended,
    or the account is suspended.
    """
    found = _HELD.rows(day=local_date(at), person=person_id, post=post_id)
    if not found:
        raise ended()
    return _actor(*found[0])


def acting_by_token(digest: bytes, at: datetime) -> Actor | None:
    """Whose token has this digest, in its post on the Shanghai day of `at`; None when there is no such token.

    Raises NotAllowed as `acting` does.
    """
    found = _BY_TOKEN.rows(digest=digest, at=at, day=local_date(at))
    if not found:
        return None
    (*columns, in_force) = found[0]
    if not in_force:
        raise ended()
    return _actor(*columns)


def ended() -> NotAllowed:
    """What somebody is told whose post or account is no longer in force."""
    return NotAllowed(
        _("您现在不在这个岗位上，或者岗位已经撤销。请重新选择岗位；仍有疑问请联系系统管理员。"),
        code="post_ended",
    )


def _held(day: date, person: int, post: int) -> QuerySet[Holding, Any]:
    rows = Holding.objects.filter(holdings_in_force(day), person=person, post=post)
    return rows.values_list(*_COLUMNS)[:1]


def _by_token(digest: bytes, at: datetime, day: date) -> QuerySet[ApiToken, Any]:
    held = Holding.objects.filter(holdings_in_force(day), person=OuterRef("person"), post=OuterRef("post"))
    not_revoked = Q(revoked_at=None) | Q(revoked_at__gt=at)
    return ApiToken.objects.filter(not_revoked, digest=digest).values_list(*_COLUMNS, Exists(held))


# What `_actor` takes, as seen from a holding or a token. These two queries run at every request.
_COLUMNS = (
    "person_id", "person__name", "post_id", "post__name", "post__role", "post__unit_id", "post__unit__kind",
    "post__unit__place_id", "post__unit__parent_id", "post__unit__parent__place_id",
)  # fmt: skip
_HELD = Prepared(_held, day=date(1, 1, 1), person=-1, post=-2)
_BY_TOKEN = Prepared(_by_token, digest=bytes(32), at=datetime(1, 1, 1, tzinfo=SHANGHAI), day=date(1, 1, 1))


def actor_of(person: Person, post: Post) -> Actor:
    """The person in this post, with unit and its parent loaded; whether it is in force is not asked."""
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
    above_id: int | None, place_above_id: int | None,
) -> Actor:  # fmt: skip
    """A command centre acts for its street's office too, and that is the one that governs the place."""
    for_street = kind == Unit.Kind.STREET_CENTRE and above_id is not None
    return Actor(
        person_id=person_id,
        post_id=post_id,
        role=Role(role),
        unit_id=unit_id,
        unit_ids=frozenset(pk for pk in (unit_id, above_id if for_street else None) if pk is not None),
        place_id=place_above_id if for_street else place_id,
        name=name,
        post_name=post_name,
    )
