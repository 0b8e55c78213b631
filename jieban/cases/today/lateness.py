"""Lateness: overdue cases with the reason of each, derived from its history, for supervisors. Read only."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.sql.as_of import AT, TODAY, PreparedAsOf
from jieban.cases.access import rules
from jieban.cases.clocks.deadlines import overdue
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation, Solved, VisitKind
from jieban.cases.flow.states import OPEN_STATES, RUNNING_STATES, CaseKind, State
from jieban.cases.models import (
    Assignment,
    Case,
    CaseEvent,
    Dispute,
    Request,
    Visit,
    VisitBack,
    WhistleCall,
)
from jieban.registry.identity.posts import Actor

MOST_WATCHED = 500  # cases that are listed; the page says when there are more
DISTRICT = 0
SOON = timedelta(hours=4)
MANY_REOPENINGS = 2  # reopenings from which a case is watched
LIST_RELATED = ("category", "street", "community", "lead")
START_ACTIONS = (Action.SIGN, Action.SEND_BACK, Action.REOPEN, Action.RESUME)
WORK_ACTIONS = (
    Action.RECORD_VISIT, Action.HAND_DOWN, Action.WHISTLE, Action.ARRIVE, Action.CO_REPORT, Action.REQUEST_EXTENSION,
    Action.PUT_ON_ACCOUNT,
)  # fmt: skip
NOTE_ACTIONS = (Action.ADD_NOTE, Action.ATTACH)  # work where a handling unit wrote them


class LateReason(TextChoices):
    NOT_DISPATCHED = "not_dispatched", gettext_lazy("未派单")
    DISPUTED = "disputed", gettext_lazy("退单未裁定")
    NOT_SIGNED = "not_signed", gettext_lazy("未签收")
    EXTENSION = "extension", gettext_lazy("延期申请待批")
    ACCOUNT = "account", gettext_lazy("挂账申请待批")
    REVIEW = "review", gettext_lazy("挂账复核到期")
    NO_RECORD = "no_record", gettext_lazy("已签收，无办理记录")
    NO_NEEDS = "no_needs", gettext_lazy("未访需求")
    CO_HANDLERS = "co_handlers", gettext_lazy("等待协办")
    NOT_ARRIVED = "not_arrived", gettext_lazy("吹哨未报到")
    CHILD = "child", gettext_lazy("下派未回复")
    HANDLING = "handling", gettext_lazy("办理中")


class LateRow(NamedTuple):
    """Row of a late case: only the columns that the reason needs; whole rows would take five times as long."""

    pk: int
    state: str
    received_at: datetime
    kind: str
    requester_id: int | None
    review_on: date | None


@dataclass(frozen=True, slots=True)
class OpenPart:
    """Open part of a unit in a case: since when, and whether it has signed and answered."""

    relation: str
    unit_id: int
    unit: str
    since: datetime
    signed_at: datetime | None = None
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Facts of a case, from which `why_late` derives the reason."""

    state: str
    received_at: datetime
    kind: str = CaseKind.APPEAL
    has_requester: bool = True
    review_on: date | None = None
    parts: tuple[OpenPart, ...] = ()
    disputed_at: datetime | None = None
    pending_request: tuple[str, datetime] | None = None  # its kind, and when it was made
    needs_met: bool = False
    # Units called to the spot that did not come, with the time of the meeting.
    called: tuple[tuple[int, str, datetime], ...] = ()
    # The last time the lead took it up: signed, sent back, reopened, resumed.
    started_at: datetime | None = None
    worked_at: datetime | None = None  # the last record of work


@dataclass(frozen=True, slots=True)
class Lateness:
    """Reason of lateness: what is missing, at which unit (None: the district), and since when."""

    reason: LateReason
    since: datetime | None
    unit_id: int | None = None
    units: tuple[str, ...] = ()


def why_late(facts: CaseFacts) -> Lateness:
    """Reason of lateness: the first thing that must happen before the case can go on, and who must do it.

    In this order: it has no lead; a decision of the district is missing (a dispute, a request, a review); the
    lead has not signed; since it was taken up nobody has recorded anything; the first meeting is missing; a
    helper, a called department or a unit below has not answered; else it is being worked on. Pure.
    """
    lead = _part_of(facts, Relation.LEAD)
    if facts.state == State.RECEIVED or lead is None:
        return Lateness(LateReason.NOT_DISPATCHED, facts.received_at)
    if facts.disputed_at is not None:
        return _at_unit(lead, LateReason.DISPUTED, facts.disputed_at)
    unsigned = _part_of(facts, Relation.NEXT_LEAD) or (lead if lead.signed_at is None else None)
    if unsigned is not None:
        return _at_unit(unsigned, LateReason.NOT_SIGNED, unsigned.since)
    if facts.pending_request is not None:
        what, asked_at = facts.pending_request
        extension = what == Request.Kind.EXTENSION
        return _at_unit(lead, LateReason.EXTENSION if extension else LateReason.ACCOUNT, asked_at)
    if facts.state == State.ON_ACCOUNT:
        return _at_unit(lead, LateReason.REVIEW, None)
    return _in_work(facts, lead)


def _in_work(facts: CaseFacts, lead: OpenPart) -> Lateness:
    started = facts.started_at or lead.signed_at
    if facts.worked_at is None or (started is not None and facts.worked_at < started):
        return _at_unit(lead, LateReason.NO_RECORD, started)
    visited = facts.needs_met or (facts.kind == CaseKind.PATROL and not facts.has_requester)
    if not visited:
        return _at_unit(lead, LateReason.NO_NEEDS, started)
    waiting = [part for part in facts.parts if part.reported_at is None]
    helpers = [part for part in waiting if part.relation == Relation.CO_HANDLER]
    if helpers:
        return _at_units(helpers, LateReason.CO_HANDLERS)
    if facts.called:
        unit_id, _name, meet_at = facts.called[0]
        return Lateness(
            LateReason.NOT_ARRIVED, meet_at, unit_id, tuple(name for _id, name, _at in facts.called)
        )
    below = [part for part in waiting if part.relation == Relation.CHILD]
    return (
        _at_units(below, LateReason.CHILD) if below else _at_unit(lead, LateReason.HANDLING, facts.worked_at)
    )


def _part_of(facts: CaseFacts, relation: Relation) -> OpenPart | None:
    return next((part for part in facts.parts if part.relation == relation), None)


def _at_unit(part: OpenPart, reason: LateReason, since: datetime | None) -> Lateness:
    return Lateness(reason, since, part.unit_id, (part.unit,))


def _at_units(parts: Sequence[OpenPart], reason: LateReason) -> Lateness:
    first = min(parts, key=lambda part: part.since)
    return Lateness(reason, first.since, first.unit_id, tuple(part.unit for part in parts))


class Watch(TextChoices):
    """Watch list of a supervisor."""

    OVERDUE = "overdue", gettext_lazy("已超时限")
    SOON = "soon", gettext_lazy("4 小时内到期")
    REQUESTS = "requests", gettext_lazy("申请待批")
    REVIEW = "review", gettext_lazy("挂账待复核")
    REOPENED = "reopened", gettext_lazy("多次重办")
    UNSOLVED = "unsolved", gettext_lazy("回访未解决")


def _unsolved() -> Q:
    told = VisitBack.objects.filter(
        case=OuterRef("pk"), round=OuterRef("round"), solved__in=[Solved.NO, Solved.PARTLY]
    )
    return Q(state=State.REPORTED, visited_back_at__isnull=False) & Q(Exists(told))


_CONDITIONS: dict[Watch, Callable[[], Q]] = {
    Watch.OVERDUE: lambda: overdue(AT),
    Watch.SOON: lambda: Q(state__in=sorted(RUNNING_STATES), finish_due_at__range=(AT, AT + SOON)),
    Watch.REQUESTS: lambda: Q(pk__in=Request.objects.filter(decided_at=None).values("case")),
    Watch.REVIEW: lambda: Q(state=State.ON_ACCOUNT, review_on__lte=TODAY),
    Watch.REOPENED: lambda: Q(state__in=sorted(OPEN_STATES), reopened_count__gte=MANY_REOPENINGS),
    Watch.UNSOLVED: _unsolved,
}


def _watch_query(actor: Actor, watch: Watch) -> QuerySet[Case]:
    return rules.visible(Case.objects.all(), actor).filter(_CONDITIONS[watch]())


def counts(actor: Actor, at: datetime) -> dict[Watch, int]:
    """Number of cases per watch list, counted up to MOST + 1; one query each."""
    sight = rules.representative_of(actor)
    return {watch: _count_query(sight, watch).count(at) for watch in Watch}


@lru_cache(maxsize=100)
def _count_query(actor: Actor, watch: Watch) -> PreparedAsOf:
    return PreparedAsOf(lambda: _watch_query(actor, watch).order_by().values_list("pk")[: MOST_WATCHED + 1])


@lru_cache(maxsize=100)
def _list_query(actor: Actor, watch: Watch) -> PreparedAsOf:
    return PreparedAsOf(
        lambda: (
            _watch_query(actor, watch)
            .order_by("finish_due_at", "pk")
            .values_list(*LateRow._fields)[:MOST_WATCHED]
        )
    )


@dataclass(frozen=True, slots=True)
class LateCase:
    """Watched case with its reason of lateness."""

    case: Case
    why: Lateness


@dataclass(frozen=True)
class WatchResult:
    """Result of a watch list: the first cases of the chosen reason and unit, and the counts of each."""

    rows: list[LateCase]
    total: int
    by_reason: list[tuple[LateReason, int]]
    by_unit: list[tuple[int | None, str, int]] = field(default_factory=list)


def watched_cases(
    actor: Actor, watch: Watch, at: datetime, *, reason: str = "", unit_id: int | None = None, size: int = 50
) -> WatchResult:
    """Cases of a watch list, the longest overdue first; eight queries for any number of cases.

    The unit is the one that must act, which need not be the lead; DISTRICT where it is the district itself.
    """
    first = _list_query(rules.representative_of(actor), watch)
    light = [LateRow(*row) for row in first.rows(at)]
    whys = {pk: why_late(facts) for pk, facts in facts_of(light).items()}
    of_reason = [case for case in light if reason in {"", whys[case.pk].reason}]
    chosen = [case for case in of_reason if unit_id in {None, whys[case.pk].unit_id or DISTRICT}]
    names = {why.unit_id: why.units[0] if why.units else "" for why in whys.values()}
    units = Counter(whys[case.pk].unit_id for case in of_reason)
    reasons = Counter(why.reason for why in whys.values())
    pks = [case.pk for case in chosen[:size]]
    rows = {case.pk: case for case in Case.objects.filter(pk__among=pks).select_related(*LIST_RELATED)}
    return WatchResult(
        rows=[LateCase(rules.with_masked_subject(rows[pk], actor), whys[pk]) for pk in pks if pk in rows],
        total=len(chosen),
        by_reason=[(entry, reasons[entry]) for entry in LateReason if reasons[entry]],
        by_unit=[(pk, names[pk], count) for pk, count in units.most_common()],
    )


def facts_of(cases: Sequence[LateRow]) -> dict[int, CaseFacts]:
    """Facts of each case for `why_late`; six queries for any number of cases."""
    pks = [case.pk for case in cases]
    parts: dict[int, list[OpenPart]] = defaultdict(list)
    columns = ("relation", "unit_id", "unit__name", "assigned_at", "signed_at", "reported_at")
    active = Assignment.objects.filter(case__among=pks, ended_at=None).order_by("id")
    for pk, *values in active.values_list("case_id", *columns):
        parts[pk].append(OpenPart(*values))
    disputes = dict(
        Dispute.objects.filter(case__among=pks, settled_at=None).values_list("case_id", "opened_at")
    )
    requests = Request.objects.filter(case__among=pks, decided_at=None).values_list(
        "case_id", "kind", "asked_at"
    )
    requested = {pk: (kind, at) for pk, kind, at in requests}
    needs = set(Visit.objects.filter(case__among=pks, kind=VisitKind.NEEDS).values_list("case_id", flat=True))
    called = _pending_calls(pks)
    started, worked = _work_times(pks)
    return {
        case.pk: CaseFacts(
            state=case.state, received_at=case.received_at, kind=case.kind,
            has_requester=case.requester_id is not None,
            review_on=case.review_on, parts=tuple(parts[case.pk]), disputed_at=disputes.get(case.pk),
            pending_request=requested.get(case.pk), needs_met=case.pk in needs, called=tuple(called[case.pk]),
            started_at=started.get(case.pk), worked_at=worked.get(case.pk),
        )
        for case in cases
    }  # fmt: skip


def _pending_calls(pks: list[int]) -> dict[int, list[tuple[int, str, datetime]]]:
    found: dict[int, list[tuple[int, str, datetime]]] = defaultdict(list)
    calls = WhistleCall.objects.filter(case__among=pks, arrived_at=None).order_by("whistle__meet_at", "id")
    for pk, unit_id, name, meet_at in calls.values_list(
        "case_id", "unit_id", "unit__name", "whistle__meet_at"
    ):
        found[pk].append((unit_id, name, meet_at))
    return found


def _work_times(pks: Iterable[int]) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """Per case, when it was last taken up, and when work on it was last recorded."""
    started: dict[int, datetime] = {}
    worked: dict[int, datetime] = {}
    by_units = Q(action__in=NOTE_ACTIONS, role__in=["street", "department", "community", "property"])
    events = CaseEvent.objects.filter(
        Q(action__in=[*START_ACTIONS, *WORK_ACTIONS]) | by_units, case__among=list(pks)
    ).order_by()
    for pk, action, at in events.values_list("case_id", "action").annotate(Max("at")):
        moments = started if action in START_ACTIONS else worked
        moments[pk] = max(at, moments.get(pk, at))
    return started, worked


def reason_sentence(why: Lateness, since: str) -> str:
    """The reason as a sentence; `since` is when it began, in words."""
    units = "、".join(why.units)
    sentences = {
        LateReason.NOT_DISPATCHED: _("在区里等待派单，%(since)s 受理"),
        LateReason.DISPUTED: _("%(units)s提出退单，等待裁定，%(since)s 提出"),
        LateReason.NOT_SIGNED: _("%(units)s未签收，%(since)s 派出"),
        LateReason.EXTENSION: _("%(units)s申请延期，等待审批，%(since)s 提出"),
        LateReason.ACCOUNT: _("%(units)s申请挂账，等待审批，%(since)s 提出"),
        LateReason.REVIEW: _("挂账复核日期已到，责任单位：%(units)s"),
        LateReason.NO_RECORD: _("%(units)s自 %(since)s 接手后没有办理记录"),
        LateReason.NO_NEEDS: _("%(units)s还没有访需求，自 %(since)s 接手"),
        LateReason.CO_HANDLERS: _("等待%(units)s协办回复，%(since)s 派出"),
        LateReason.NOT_ARRIVED: _("等待%(units)s报到，应于 %(since)s 到场"),
        LateReason.CHILD: _("等待%(units)s回复，%(since)s 下派"),
        LateReason.HANDLING: _("%(units)s正在办理，%(since)s 有记录"),
    }[why.reason]
    return sentences % {"units": units, "since": since}
