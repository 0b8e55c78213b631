"""Cases like this one: the same caller, or the same matter nearby within a month, each with its reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
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
    """Visible cases received within 30 days before or after, the most alike first; two queries at most.

    Alike is a case of the same telephone number, or one in the same street (anywhere, where it is not known) with
    the same category or with subjects that share characters. Nothing for posts that may not read what was said.
    """
    if not rules.may_see_text(actor):
        return []
    caller = bytes(case.phone_index) if actor.role in rules.SEE_ALL & rules.CONTACT else b""
    near = rules.visible(Case.objects.all(), actor).exclude(pk=case.pk or 0)
    near = near.filter(
        received_at__gte=case.received_at - WITHIN, received_at__lte=case.received_at + WITHIN
    ).select_related("lead", "place", "community", "street", "category")
    asked = [Q(phone_index=caller)] if caller else []
    if case.street_id:
        asked.append(Q(street=case.street_id))
    elif not asked:
        asked.append(Q())
    found: dict[int, Case] = {}
    for condition in asked:
        found |= {row.pk: row for row in near.filter(condition).order_by("-received_at", "-pk")[:LOOKED_AT]}
    scored = [(*_score(case, row, caller), row) for row in found.values()]
    best = sorted((entry for entry in scored if entry[0]), key=lambda entry: (-entry[0], -entry[2].pk))
    return [Like(rules.as_seen(row, actor), why) for _points, why, row in best[:MOST]]


def _score(case: Case | TakenDown, other: Case, caller: bytes) -> tuple[float, str]:
    """How much alike, and in words why; nought where only the place is the same."""
    shared = _shared(_matter(case), _matter(other))
    reasons = [
        (CALLER, _("同一来电人"), bool(caller) and bytes(other.phone_index) == caller),
        (shared, _("说法相近"), shared >= ENOUGH),
        (CATEGORY, _("同类"), case.category_id is not None and case.category_id == other.category_id),
    ]
    held = [(points, why) for points, why, holds in reasons if holds]
    if held and case.community_id is not None and case.community_id == other.community_id:
        held.append((COMMUNITY, _("同一社区")))
    return sum(points for points, _why in held), "、".join(why for _points, why in held)


def _matter(case: Case | TakenDown) -> set[str]:
    """The tokens of the subject without those of the place's names: not where, but what."""
    names = [place.name for place in (case.street, case.community, case.place) if place]
    return set(tokens(case.subject)) - set(tokens(" ".join(names)))


def _shared(one: set[str], other: set[str]) -> float:
    """How much of the shorter stands in the other too."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
