"""Cases like this one: the same caller, or the same matter nearby within a month, each with its reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jieban.cases import rules
from jieban.cases.models import Case
from jieban.cases.words import tokens
from jieban.registry.models import Place
from jieban.registry.posts import Actor

WITHIN = timedelta(days=30)
LOOKED_AT = 200  # of the newest in the same street, and of the same caller
MOST = 8
ENOUGH = 0.4  # share of the shorter subject's pairs of characters
CALLER, COMMUNITY, CATEGORY = 1.0, 0.3, 0.4


@dataclass(frozen=True, slots=True)
class Like:
    """A like case and why it is one."""

    case: Case
    why: str


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What is known of a concern while somebody still writes it; looked at like a case."""

    subject: str
    received_at: datetime
    category_id: int | None = None
    place: Place | None = None
    pk: None = None
    phone_index: bytes = b""

    @property
    def community(self) -> Place | None:
        return self.place if self.place and self.place.level == Place.Level.COMMUNITY else None

    @property
    def street(self) -> Place | None:
        return self.place.parent if self.place and self.community else self.place

    @property
    def community_id(self) -> int | None:
        return self.community.pk if self.community else None

    @property
    def street_id(self) -> int | None:
        return self.street.pk if self.street else None


def like(case: Case | TakenDown, actor: Actor) -> list[Like]:
    """Visible cases received within 30 days before or after, the most alike first; three queries at most.

    Alike is a case of the same telephone number, or one in the same street (anywhere, where it is not known) with
    the same category or with subjects that share characters. Nothing for posts that may not read what was said.
    """
    if not rules.may_see_text(actor):
        return []
    caller = bytes(case.phone_index) if actor.role in rules.SEE_ALL & rules.CONTACT else b""
    near = rules.visible(Case.objects.all(), actor).exclude(pk=case.pk or 0)
    near = near.filter(received_at__range=(case.received_at - WITHIN, case.received_at + WITHIN))
    asked = [Q(phone_index=caller)] if caller else []
    if case.street_id:
        asked.append(Q(street=case.street_id))
    elif not asked:
        asked.append(Q())
    found = {row[0]: _Known(*row) for condition in asked for row in _newest(near.filter(condition))}
    one = _matter(case.subject, *(place.name for place in (case.street, case.community, case.place) if place))
    scored = [(*_score(case, one, row, caller), pk) for pk, row in found.items()]
    best = sorted((entry for entry in scored if entry[0]), key=lambda entry: (-entry[0], -entry[2]))[:MOST]
    rows = Case.objects.select_related("lead", "community", "street").in_bulk(
        [pk for _points, _why, pk in best]
    )
    return [Like(rules.as_seen(rows[pk], actor), why) for _points, why, pk in best]


class _Known(NamedTuple):
    """Of a case that may be alike, what tells whether it is: whole rows would take five times as long."""

    pk: int
    subject: str
    category_id: int | None
    community_id: int | None
    phone_index: bytes
    street: str | None
    community: str | None
    place: str | None


def _newest(cases: QuerySet[Case]) -> QuerySet[Case, tuple[Any, ...]]:
    columns = ("pk", "subject", "category_id", "community_id", "phone_index")
    names = ("street__name", "community__name", "place__name")
    return cases.order_by("-received_at", "-pk").values_list(*columns, *names)[:LOOKED_AT]


def _score(case: Case | TakenDown, one: set[str], other: _Known, caller: bytes) -> tuple[float, str]:
    """How much alike, and in words why; nought where only the place is the same."""
    shared = _shared(one, _matter(other.subject, other.street, other.community, other.place))
    reasons = [
        (CALLER, _("同一来电人"), bool(caller) and bytes(other.phone_index) == caller),
        (shared, _("说法相近"), shared >= ENOUGH),
        (CATEGORY, _("同类"), case.category_id is not None and case.category_id == other.category_id),
    ]
    held = [(points, why) for points, why, holds in reasons if holds]
    if held and case.community_id is not None and case.community_id == other.community_id:
        held.append((COMMUNITY, _("同一社区")))
    return sum(points for points, _why in held), "、".join(why for _points, why in held)


def _matter(subject: str, *places: str | None) -> set[str]:
    """The tokens of a subject without those of the places' names: not where, but what."""
    return set(tokens(subject)) - _of_names(*places)


@lru_cache(maxsize=2_000)
def _of_names(*places: str | None) -> frozenset[str]:
    return frozenset(tokens(" ".join(name for name in places if name)))


def _shared(one: set[str], other: set[str]) -> float:
    """How much of the shorter stands in the other too."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
