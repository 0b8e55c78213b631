"""Ranking of the units that should lead a case, the best first, each with its reasons in words.

The order, from top to bottom:

1. A row of the directory for the case's own category: the one for the nearest place first; at the same place one whose
   duty the message speaks of, then one without a duty, then one with another duty.
2. A unit that the directory does not name, with at least three similar cases visited back, two in three of them solved.
3. A row of the directory for a category above.
4. A unit that the directory does not name, which led at least three like cases.
5. Where nobody else is named, the street in which the case lies.

A unit that sent back more than half of at least three like cases comes after all who did not. What is still level:
while the offices are closed a unit with somebody on duty first, then who solved the larger share of those visited back,
then who led more. Why so: docs/decisions/0013-order-of-proposals.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.cases.clocks.deadlines import overdue
from jieban.cases.flow.enums import Relation, SettleOutcome, Solved
from jieban.cases.models import Assignment, Case
from jieban.cases.routing.routing import (
    DirectoryAnswer,
    directory_answers,
    office_hours,
    street_office,
)
from jieban.cases.suggestions.similar_cases import similar_by_text
from jieban.language.similarity.near_duplicates import comparable_text
from jieban.registry.district.directory import LEVELS_KNOWN_AT
from jieban.registry.duty import duty_roster
from jieban.registry.identity.posts import Actor, exists_on
from jieban.registry.models import Duty, Unit

EXPERIENCE_WINDOW = timedelta(days=90)
MOST_LOOKED_AT = 500  # the newest cases of a category; more would change little
MIN_LED_CASES = 3  # similar cases that a unit must have led to be judged by them
PROVEN_RATE = 2 / 3  # solved share of the visited-back cases from which a unit is proven
MOST_BY_EXPERIENCE = 3
MIN_DUTY_OVERLAP = 0.5  # share of a duty's pairs of characters that a message which speaks of it has


@dataclass(frozen=True, slots=True)
class Experience:
    """Experience of a unit with similar cases that it led: visited back, solved, sent back by it, late."""

    led: int = 0
    visited_back: int = 0
    solved: int = 0
    sent_back: int = 0
    late: int = 0

    @property
    def rate(self) -> float:
        """Solved share of the cases visited back; 0 where there are too few."""
        return self.solved / self.visited_back if self.visited_back >= MIN_LED_CASES else 0.0

    @property
    def often_disputes(self) -> bool:
        return self.led >= MIN_LED_CASES and self.sent_back * 2 > self.led


NO_EXPERIENCE = Experience()


@dataclass(frozen=True, slots=True)
class LeadProposal:
    """Proposal: the lead, the co-handlers, and the reasons. `row_code` is empty without a row of the directory."""

    lead: Unit
    co_handlers: tuple[Unit, ...] = ()
    row_code: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _LeadCandidate:
    """Candidate before the ranking."""

    lead: Unit
    row: DirectoryAnswer | None = None
    experience: Experience = NO_EXPERIENCE
    spoken: bool = False  # the message speaks of the row's duty
    there: tuple[Duty, ...] | None = None  # who is on duty; None while the offices are open


def lead_proposals(case: Case, actor: Actor, at: datetime) -> list[LeadProposal]:
    """Ranked proposals, each unit once, the best first. The number of queries is fixed."""
    known = experience(case, actor, at)
    found = _directory_candidates(case, known, at)
    found += _experience_candidates(case, known, {one.lead.pk for one in found}, at)
    if not found and (street := street_office(case)) and street.pk != case.complained_about_id:
        found = [_LeadCandidate(street, experience=known.get(street.pk, NO_EXPERIENCE))]
    return [_build_proposal(one) for one in sorted(_with_duty(found, at), key=_sort_key)]


def experience(case: Case, actor: Actor, at: datetime) -> dict[int, Experience]:
    """Experience by unit with similar cases of the last 90 days; six queries.

    Similar is a case with a similar text, or of the same category, in the same street where it is known. A dispute
    that the unit lost does not count as sent back. Late counts for the last lead of a case.
    """
    cases = {*_cases_of_category(case, at), *similar_by_text(case, actor, EXPERIENCE_WINDOW)}
    rows = _EXPERIENCE_BY_UNIT.rows(cases=list(cases), at=at)
    return {pk: Experience(*counts) for pk, *counts in rows if pk != case.complained_about_id}


def _by_unit() -> QuerySet[Assignment, Any]:
    of_lead = Q(case__visit_backs__lead=F("unit"))
    answered = of_lead & Q(case__visit_backs__solved__in=[Solved.YES, Solved.PARTLY, Solved.NO])
    returned = Q(dispute__isnull=False) & ~Q(dispute__outcome=SettleOutcome.UPHOLD)
    return (
        Assignment.objects.filter(case__among=Param("cases"), relation=Relation.LEAD)
        .values_list("unit")
        .annotate(
            led=Count("case", distinct=True),
            visited_back=Count("case", filter=answered, distinct=True),
            solved=Count("case", filter=of_lead & Q(case__visit_backs__solved=Solved.YES), distinct=True),
            sent_back=Count("case", filter=returned, distinct=True),
            late=Count("case", filter=_was_late(), distinct=True),
        )
    )


_EXPERIENCE_BY_UNIT = Prepared(_by_unit)


def _cases_of_category(case: Case, at: datetime) -> list[int]:
    """The newest cases of the category in the street, or in the district where the street is unknown."""
    if case.category_id is None:
        return []
    values = {"own": case.pk, "category": case.category_id, "at": at}
    if case.street_id is None:
        return [pk for (pk,) in _IN_DISTRICT.rows(**values)]
    return [pk for (pk,) in _IN_STREET.rows(**values, street=case.street_id)]


def _newest(place: Q) -> QuerySet[Case, Any]:
    since = Param("at") - EXPERIENCE_WINDOW
    cases = Case.objects.filter(place, category=Param("category"), received_at__gte=since)
    return cases.exclude(pk=Param("own")).order_by("-received_at", "-pk").values_list("pk")[:MOST_LOOKED_AT]


_IN_DISTRICT = Prepared(lambda: _newest(Q()))
_IN_STREET = Prepared(lambda: _newest(Q(street=Param("street"))))


def _was_late() -> Q:
    """Condition: the unit leads the case, and its result came late or is overdue."""
    reported_late = Q(case__reported_at__gt=F("case__finish_due_at"))
    return Q(case__lead=F("unit")) & (overdue(Param("at"), "case__") | reported_late)


def _directory_candidates(case: Case, known: Mapping[int, Experience], at: datetime) -> list[_LeadCandidate]:
    words = comparable_text(case.words.text).pairs
    found = []
    for row in directory_answers(case, local_date(at)):
        own = comparable_text(row.duty).pairs
        spoken = bool(own) and len(own & words) / len(own) >= MIN_DUTY_OVERLAP
        found.append(_LeadCandidate(row.lead, row, known.get(row.lead.pk, NO_EXPERIENCE), spoken))
    return found


def _experience_candidates(
    case: Case, known: Mapping[int, Experience], named: set[int], at: datetime
) -> list[_LeadCandidate]:
    """Candidates by experience that the directory does not name. A street leads only cases in its area."""
    often = {pk: done for pk, done in known.items() if done.led >= MIN_LED_CASES and pk not in named}
    units = Unit.objects.filter(exists_on(local_date(at)), pk__in=often)
    here = [
        _LeadCandidate(unit, experience=often[unit.pk])
        for unit in units
        if unit.kind != Unit.Kind.STREET or case.street_id in (None, unit.place_id)
    ]
    return sorted(here, key=_sort_key)[:MOST_BY_EXPERIENCE]


def _with_duty(found: list[_LeadCandidate], at: datetime) -> list[_LeadCandidate]:
    """Candidates with the people on duty, while the offices are closed and the district has a roster."""
    if office_hours(local_date(at)).open_at(at) or not duty_roster.has_roster():
        return found
    there = duty_roster.answering_for_each([one.lead.pk for one in found], at)
    return [replace(one, there=tuple(there.get(one.lead.pk, ()))) for one in found]


def _sort_key(one: _LeadCandidate) -> tuple[object, ...]:
    """Sort key of the order at the top of this module."""
    done, row = one.experience, one.row
    nearness = len(LEVELS_KNOWN_AT[row.place.level]) if row and row.place else 0
    duties = 0 if one.spoken else 2 if row and row.duty else 1
    away = one.there is not None and not one.there
    return (
        done.often_disputes,
        _rank_group(one),
        -nearness,
        duties,
        away,
        -done.rate,
        -done.led,
        one.lead.code,
    )


def _rank_group(one: _LeadCandidate) -> int:
    if one.row is not None:
        return 1 if one.row.own else 3
    return 2 if one.experience.rate >= PROVEN_RATE else 4


def _build_proposal(one: _LeadCandidate) -> LeadProposal:
    row = one.row
    ground = _directory_reason(row, spoken=one.spoken) if row else _unlisted_reason(one.experience)
    reasons = [ground, *_experience_reasons(one.experience), *_duty_reasons(one.there)]
    return LeadProposal(one.lead, row.co_handlers if row else (), row.row_code if row else "", tuple(reasons))


def _directory_reason(row: DirectoryAnswer, *, spoken: bool) -> str:
    said_of = {"code": row.row_code, "ground": row.ground, "duty": row.duty}
    if spoken:
        return _("目录 %(code)s，诉求说到其职责“%(duty)s”：%(ground)s") % said_of
    if row.duty:
        return _("目录 %(code)s，职责为“%(duty)s”：%(ground)s") % said_of
    return _("目录 %(code)s：%(ground)s") % said_of


def _unlisted_reason(done: Experience) -> str:
    return (
        _("目录未列，曾主办相近诉求")
        if done.led >= MIN_LED_CASES
        else _("目录没有对应条目，按属地由所在街道办理")
    )


def _experience_reasons(done: Experience) -> list[str]:
    """Reason from experience with similar cases, in one sentence; empty where there are none."""
    if not done.led:
        return []
    parts = [_("近 90 天主办相近诉求 %d 件") % done.led]
    if done.visited_back:
        parts.append(
            _("已回访 %(asked)d 件，解决 %(solved)d 件") % {"asked": done.visited_back, "solved": done.solved}
        )
    parts += [_("退单 %d 件") % done.sent_back] if done.sent_back else []
    parts += [_("超时限 %d 件") % done.late] if done.late else []
    reasons = ["，".join(parts)]
    return [*reasons, _("相近诉求退单过半，排在后面")] if done.often_disputes else reasons


def _duty_reasons(there: tuple[Duty, ...] | None) -> list[str]:
    if there is None:
        return []
    if not there:
        return [_("现在不是办公时间，没有人值班")]
    people = "、".join(
        f"{row.person.name}（{row.phone}）" if row.phone else row.person.name for row in there[:2]
    )
    return [_("现在不是办公时间，由%s值班") % people]
