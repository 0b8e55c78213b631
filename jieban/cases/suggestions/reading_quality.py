"""Quality statistics of the proposals: acceptance by people, over time and by model version. Read only.

A proposal counts once a person has handled its case: it is accepted where the case has the same value today, else
corrected, at once or later. Withdrawn and waiting cases are left out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import TruncWeek

from jieban.base.clock import SHANGHAI, local_date
from jieban.cases.checks.proposal import FIELDS
from jieban.cases.flow.states import State, Urgency
from jieban.cases.models import CertaintyBand, Reading
from jieban.registry.roles import Right, roles_with

READER_ROLES = roles_with(Right.SUGGESTION_QUALITY)
PERIOD = timedelta(days=90)
BANDS = (0, 5, 6, 7, 8, 9)  # of confidence, by their lower bounds in tenths
MOST_PAIRS = 15  # confused pairs of categories that are shown
UNDECIDED_STATES = (State.RECEIVED, State.WITHDRAWN)
BETWEEN = " / "

# Conditions: a field was proposed, and the case has the same value.
PROPOSED: Mapping[str, Q] = {
    "place": Q(place__isnull=False, place_among=[]),
    "category": Q(category__isnull=False, category_among=[]),
    "nature": ~Q(nature=""),
    "urgency": ~Q(urgency=""),
    "sensitive": Q(sensitive=True),
    "grade": ~Q(grade=""),
    "is_property": Q(is_property=True),
}
# Conditions: people set a value although none was proposed.
_MISSED: Mapping[str, Q] = {
    "place": Q(place=None, case__place__isnull=False),
    "category": Q(category=None, case__category__isnull=False),
    "nature": Q(nature=""),
    "urgency": Q(urgency="") & ~Q(case__urgency=Urgency.NORMAL),
    "sensitive": Q(sensitive=False, case__sensitive=True),
    "grade": Q(grade="") & ~Q(case__grade=F("case__category__grade")),
    "is_property": Q(is_property=False, case__is_property=True, case__category__is_property=False),
}
_REST = tuple(field for field in FIELDS if field != "category")
CountRow = dict[str, Any]  # counts of one week and one pair of versions
AMONG = "among"  # a choice of categories: accepted where one of them was right


@dataclass(frozen=True, slots=True)
class Share:
    """Acceptance: of `proposed` proposals `accepted` are in their cases today; `missed` cases have another value."""

    proposed: int
    accepted: int
    missed: int = 0

    @property
    def corrected(self) -> int:
        return self.proposed - self.accepted

    @property
    def rate(self) -> float | None:
        """Acceptance rate, from 0 to 1; None where nothing was proposed. 9 of 12 are 0.75."""
        return self.accepted / self.proposed if self.proposed else None


@dataclass(frozen=True, slots=True)
class QualityGroup:
    """Group of one week or version: the acceptance of each field, and how many cases were read."""

    name: str
    cases: int
    shares: Mapping[str, Share]
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Confused pair: a proposed category and the one that the cases have instead."""

    proposed: str
    decided: str
    cases: int


@dataclass(frozen=True, slots=True)
class ConfidenceBands:
    """Acceptance by field and band of confidence (lower bound in tenths).

    312 proposals of 80 to 90 in 100, of which 265 were accepted: ("nature", 8) is a share of 0.85. Counted at `at`.
    """

    at: datetime | None
    shares: Mapping[tuple[str, int], Share]


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality figures; `confusion` is the matrix of sure proposals by first level, (proposed, decided)."""

    whole: QualityGroup
    weeks: Sequence[QualityGroup]
    versions: Sequence[QualityGroup]
    confusion: Mapping[tuple[str, str], int]
    pairs: Sequence[ConfusedPair]


def decided_readings(since: datetime, at: datetime) -> QuerySet[Reading]:
    """Readings of the cases received in this period that a person has handled."""
    within = Reading.objects.filter(case__received_at__gte=since, case__received_at__lte=at)
    return within.exclude(case__state__in=UNDECIDED_STATES)


def is_accepted(field: str) -> Q:
    """Condition: the case has the proposed value of the field today."""
    return PROPOSED[field] & matches_case(field)


def matches_case(field: str) -> Q:
    """Condition: the case has the first value that was read, sure or not."""
    return Q(**{field: F(f"case__{field}")})


def quality(at: datetime) -> Quality:
    """Quality figures of the cases received in the last 90 days. Two queries, whatever their number."""
    rows = decided_readings(at - PERIOD, at)
    week = TruncWeek("case__received_at", tzinfo=SHANGHAI)
    by = rows.annotate(week=week).order_by().values("week", "category_version", "words_version")
    parts: list[CountRow] = [{**row} for row in by.annotate(**_counts())]
    confusion, pairs = _confusion(rows)
    return Quality(
        _sum_group("", parts),
        [_sum_group(f"{week:%Y-%m-%d}", found) for week, found in sorted(_group_by(parts, "week").items())],
        [
            *_versions(parts, "category_version", ("category", AMONG)),
            *_versions(parts, "words_version", _REST),
        ],
        confusion,
        pairs,
    )


def bands() -> ConfidenceBands:
    """Confidence bands as counted last night; one query."""
    newest = CertaintyBand.objects.order_by("-at").values("at")[:1]
    rows = list(CertaintyBand.objects.filter(at=newest))
    shares = {(row.field, row.low): Share(row.proposed, row.accepted) for row in rows}
    return ConfidenceBands(rows[0].at if rows else None, shares)


def _counts() -> dict[str, Any]:
    counts: dict[str, Any] = {
        "cases": Count("pk"),
        "first": Min("case__received_at"),
        "last": Max("case__received_at"),
    }
    for field, proposed in PROPOSED.items():
        counts[f"{field}_proposed"] = Count("pk", filter=proposed)
        counts[f"{field}_accepted"] = Count("pk", filter=is_accepted(field))
        counts[f"{field}_missed"] = Count("pk", filter=_MISSED[field])
    among = Q(category__isnull=False) & ~Q(category_among=[])
    counts[f"{AMONG}_proposed"] = Count("pk", filter=among)
    counts[f"{AMONG}_accepted"] = Count(
        "pk", filter=among & Q(category_among__contains=[F("case__category")])
    )
    return counts


def _group_by(parts: Sequence[CountRow], name: str) -> dict[Any, list[CountRow]]:
    found: dict[Any, list[CountRow]] = {}
    for part in parts:
        found.setdefault(part[name], []).append(part)
    return found


def _sum_group(
    name: str, parts: Sequence[CountRow], fields: Sequence[str] = (*FIELDS, AMONG)
) -> QualityGroup:
    """Sum of the parts."""

    def whole(column: str) -> int:
        return sum(part.get(column, 0) for part in parts)

    shares = {
        field: Share(whole(f"{field}_proposed"), whole(f"{field}_accepted"), whole(f"{field}_missed"))
        for field in fields
    }
    first = min((part["first"] for part in parts), default=None)
    last = max((part["last"] for part in parts), default=None)
    days = (local_date(moment) if moment else None for moment in (first, last))
    return QualityGroup(name, whole("cases"), shares, *days)


def _versions(parts: Sequence[CountRow], column: str, fields: Sequence[str]) -> list[QualityGroup]:
    """One group per version, the newest first."""
    groups = [
        _sum_group(version, found, fields) for version, found in _group_by(parts, column).items() if version
    ]
    return sorted(groups, key=lambda group: group.last_on or date.min, reverse=True)


def _confusion(rows: QuerySet[Reading]) -> tuple[dict[tuple[str, str], int], list[ConfusedPair]]:
    """Confusion matrix of the first level, and the most frequently confused pairs of whole categories."""
    decided = rows.filter(PROPOSED["category"], case__category__isnull=False)
    counted = decided.order_by().values_list("category__path", "case__category__path").annotate(Count("pk"))
    firsts: Counter[tuple[str, str]] = Counter()
    wrong = []
    for proposed, stands, count in counted:
        firsts[_first_level(proposed), _first_level(stands)] += count
        if proposed != stands:
            wrong.append(ConfusedPair(proposed, stands, count))
    wrong.sort(key=lambda pair: (-pair.cases, pair.proposed, pair.decided))
    return dict(firsts), wrong[:MOST_PAIRS]


def _first_level(path: str) -> str:
    return path.split(BETWEEN)[0]
