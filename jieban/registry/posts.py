"""Who acts, and in which post: the right to do anything comes from a post in force, looked up each time."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import NotAllowed
from jieban.base.rows import only
from jieban.registry.models import Holding, Person, Post, Role, Unit, holds_on


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in a post at a moment; what rules and actions are asked for, never a bare person.

    `unit_ids` are the units for which the post acts: its own, for a street's command centre also the street's
    office. `place_id` is the place which that unit (of a command centre: its street's office) governs.
    """

    person_id: int | None
    post_id: int | None
    role: Role
    unit_id: int | None
    unit_ids: frozenset[int]
    place_id: int | None
    name: str
    post_name: str


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
    held = Holding.objects.filter(holdings_in_force(local_date(at)), person=person_id, post=post_id)
    holding = only(held.select_related("person", "post__unit__parent"))
    if holding is None:
        raise NotAllowed(
            _("您现在不在这个岗位上，或者岗位已经撤销。请重新选择岗位；仍有疑问请联系系统管理员。"),
            code="post_ended",
        )
    return actor_of(holding.person, holding.post)


def actor_of(person: Person, post: Post) -> Actor:
    """The person in this post, with unit and its parent loaded; whether it is in force is not asked."""
    units = _acts_for(post.unit)
    return Actor(
        person_id=person.pk,
        post_id=post.pk,
        role=Role(post.role),
        unit_id=post.unit_id,
        unit_ids=frozenset(unit.pk for unit in units),
        place_id=units[-1].place_id if units else None,
        name=person.name,
        post_name=post.name,
    )


def _acts_for(unit: Unit | None) -> list[Unit]:
    """The unit itself first; the one that governs the place last."""
    if unit is None:
        return []
    if unit.kind == Unit.Kind.STREET_CENTRE and unit.parent is not None:
        return [unit, unit.parent]
    return [unit]
