"""Counters of the day: today so far, compared with yesterday and with last week's day at the same time of day.

Each figure is a function; its explanation on the page is in DEFINITIONS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.clock import SHANGHAI, local_date
from jieban.cases.access import rules
from jieban.cases.clocks.deadlines import overdue
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation, Solved
from jieban.cases.flow.states import OPEN_STATES, State, Urgency
from jieban.cases.models import Assignment, Case, CaseEvent, Request, VisitBack, WhistleCall
from jieban.registry.identity.posts import Actor, exists_on, holdings_in_force
from jieban.registry.models import Category, Holding, Unit

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOST_REPORTED = 10
DAYS_OF_BOARD = 30
# Units of a street: its office, its command centre, its communities.
STREET_UNIT_KINDS = (Unit.Kind.STREET, Unit.Kind.STREET_CENTRE, Unit.Kind.COMMUNITY)
SUBORDINATE_KINDS = (Unit.Kind.COMMUNITY, Unit.Kind.PROPERTY)
# A case that ended without a result is not late.
HANDLED_STATES = sorted(OPEN_STATES | {State.CLOSED})
HANDLING_ACTIONS = (
    Action.SIGN,
    Action.RECORD_VISIT,
    Action.HAND_DOWN,
    Action.REPORT_RESULT,
    Action.CO_REPORT,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """Figure with its meaning; `of` is the total where it is a part of one."""

    name: str
    label: str
    definition: str
    today: int
    yesterday: int | None = None
    week_ago: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class FigureScope:
    """Scope of the figures: the units and the place of a street; both empty for the whole district."""

    unit_ids: frozenset[int] = frozenset()
    place_id: int | None = None


DISTRICT = FigureScope()
LABELS: dict[str, Any] = {
    "received": gettext_lazy("收到"),
    "dispatched": gettext_lazy("派给本街道"),
    "signed": gettext_lazy("签收"),
    "reported": gettext_lazy("报结"),
    "fell_due": gettext_lazy("到期未办结"),
    "late_now": gettext_lazy("现在超时限"),
    "solved": gettext_lazy("回访已解决"),
}
DEFINITIONS: dict[str, Any] = {
    "received": gettext_lazy(
        "当天 0 时到此刻受理的诉求和巡查案件；拆分出的子件不另计。街道只计发生在本街道的。"
    ),
    "dispatched": gettext_lazy("当天 0 时到此刻派给本街道主办的件数；改派来的也计。"),
    "signed": gettext_lazy("当天 0 时到此刻签收的次数。"),
    "reported": gettext_lazy("当天 0 时到此刻报结的次数；退回后再次报结的另计一次。"),
    "fell_due": gettext_lazy(
        "办结时限在当天 0 时到此刻之间，到时限时没有报结的件数；延期的按新时限，不予受理、并案、撤诉的不计。"
    ),
    "late_now": gettext_lazy("此刻已受理、已派单或办理中，而办结时限已过的件数。挂账的不计。"),
    "solved": gettext_lazy(
        "当天 0 时到此刻接通的回访中，答“已解决”的件数；分母是对这一问作了回答的件数，未作回答和无人接听的不计。"
    ),
}


def midnight(at: datetime) -> datetime:
    return datetime.combine(local_date(at), time(0), SHANGHAI)


def _window(name: str, at: datetime, back: timedelta) -> Q:
    """Condition: from midnight to this time of day, so many days back."""
    return Q(**{f"{name}__gte": midnight(at) - back, f"{name}__lt": at - back})


def _window_counts(
    rows: "QuerySet[Any]", name: str, at: datetime, condition: Q | None = None
) -> tuple[int, int, int]:
    """Counts in the three windows of the column; one query by its index."""
    windows = [_window(name, at, back) for back in (timedelta(0), DAY, WEEK)]
    condition = condition or Q()
    found = (
        rows.filter(windows[0] | windows[1] | windows[2])
        .order_by()
        .aggregate(**{f"n{i}": Count("pk", filter=window & condition) for i, window in enumerate(windows)})
    )
    return found["n0"], found["n1"], found["n2"]


def _figure(name: str, counts: tuple[int, int, int], of: int | None = None) -> Figure:
    return Figure(name, str(LABELS[name]), str(DEFINITIONS[name]), *counts, of)


def received(part: FigureScope, at: datetime) -> Figure:
    """Concerns received today; the children of a split one are not counted again."""
    cases = Case.objects.filter(parent=None)
    if part.place_id is not None:
        cases = cases.filter(street=part.place_id)
    return _figure("received", _window_counts(cases, "received_at", at))


def dispatched(part: FigureScope, at: datetime) -> Figure:
    """Cases dispatched today to the scope's units as lead."""
    rows = Assignment.objects.filter(relation=Relation.LEAD, unit__in=part.unit_ids)
    return _figure("dispatched", _window_counts(rows, "assigned_at", at))


def _action_counts(do: Action, part: FigureScope, at: datetime) -> tuple[int, int, int]:
    events = CaseEvent.objects.filter(action=do)
    if part.unit_ids:
        events = events.filter(unit__in=part.unit_ids)
    return _window_counts(events, "at", at)


def signed(part: FigureScope, at: datetime) -> Figure:
    """Signatures today by the scope's units."""
    return _figure("signed", _action_counts(Action.SIGN, part, at))


def reported(part: FigureScope, at: datetime) -> Figure:
    """Results reported today by the scope's units."""
    return _figure("reported", _action_counts(Action.REPORT_RESULT, part, at))


def fell_due(part: FigureScope, at: datetime) -> Figure:
    """Cases whose limit ended today before a result was reported."""
    late = Q(reported_at=None) | Q(reported_at__gt=F("finish_due_at"))
    return _figure(
        "fell_due",
        _window_counts(_led_cases(part).filter(late, state__in=HANDLED_STATES), "finish_due_at", at),
    )


def late_now(part: FigureScope, at: datetime) -> Figure:
    """Overdue cases at this instant; without a comparison, because yesterday's number is not stored."""
    name = "late_now"
    count = _led_cases(part).filter(overdue(at)).order_by().count()
    return Figure(name, str(LABELS[name]), str(DEFINITIONS[name]), count)


def _led_cases(part: FigureScope) -> QuerySet[Case]:
    return Case.objects.filter(lead__in=part.unit_ids) if part.unit_ids else Case.objects.all()


def solved(part: FigureScope, at: datetime) -> Figure:
    """Solved: the share of the requesters reached today who called the matter solved."""
    calls = VisitBack.objects.filter(reached=True, solved__in=[Solved.YES, Solved.PARTLY, Solved.NO])
    if part.unit_ids:
        calls = calls.filter(lead__in=part.unit_ids)
    yes = _window_counts(calls, "at", at, Q(solved=Solved.YES))
    answered = calls.filter(_window("at", at, timedelta(0))).order_by().count()
    return _figure("solved", yes, answered)


DISTRICT_FIGURES: Sequence[Callable[[FigureScope, datetime], Figure]] = (
    received,
    reported,
    fell_due,
    late_now,
    solved,
)
STREET_FIGURES: Sequence[Callable[[FigureScope, datetime], Figure]] = (
    received, dispatched, signed, reported, fell_due, late_now, solved,
)  # fmt: skip


def district_figures(at: datetime) -> list[Figure]:
    """The district's figures of the day; six queries."""
    return [figure(DISTRICT, at) for figure in DISTRICT_FIGURES]


def scope_of(actor: Actor) -> FigureScope:
    """The street for which a command centre acts."""
    return FigureScope(actor.unit_ids, actor.place_id)


def street_figures(actor: Actor, at: datetime) -> list[Figure]:
    """A street's figures of the day; eight queries."""
    part = scope_of(actor)
    return [figure(part, at) for figure in STREET_FIGURES]


# For leaders.


def requests_to_decide(actor: Actor, at: datetime) -> list[Request]:
    """Requests that only a leader may grant: more time for a case that was extended before. The oldest first."""
    cases = rules.visible(Case.objects.filter(extension_count__gte=1, state=State.HANDLING), actor)
    requests = Request.objects.filter(decided_at=None, kind=Request.Kind.EXTENSION, case__in=cases)
    found = list(requests.select_related("case__lead", "unit").order_by("asked_at", "pk")[:50])
    for request in found:
        rules.with_masked_subject(request.case, actor)
    return found


def dangerous_cases(actor: Actor, at: datetime) -> list[Case]:
    """Cases of the last 24 hours in which life is in danger, the newest first."""
    cases = rules.visible(Case.objects.filter(urgency=Urgency.LIFE, received_at__gte=at - DAY), actor)
    found = cases.select_related("street", "community", "lead").order_by("-received_at", "-pk")[:20]
    return [rules.with_masked_subject(case, actor) for case in found]


def most_reported(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Of the last seven days: which matter in which community was reported most, with how many are still open."""
    cases = rules.visible(Case.objects.filter(received_at__gte=at - WEEK, category__isnull=False), actor)
    rows: QuerySet[Any, Any] = (
        cases.filter(community__isnull=False, parent=None)
        .order_by()
        .values(
            "category__path",
            "category__code",
            "category__level",
            "category__parent__code",
            "community__name",
            "street__name",
            "street__code",
        )
        .annotate(count=Count("pk"), open=Count("pk", filter=Q(state__in=sorted(OPEN_STATES))))
        .order_by("-count", "category__code", "community__name")
    )
    return list(rows[:MOST_REPORTED])


def overdue_by_unit(actor: Actor, at: datetime) -> list[tuple[str, str, int]]:
    """Code and name of each unit that leads cases over their limit, and how many; the most first."""
    cases = rules.visible(Case.objects.filter(overdue(at)), actor).order_by()
    rows = cases.values_list("lead__code", "lead__name").annotate(count=Count("pk"))
    return sorted(((code or "", name or "", count) for code, name, count in rows), key=lambda row: -row[2])


# For streets.


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Staff member of a street today, and how many open cases they have worked on."""

    name: str
    post: str
    unit: str
    open: int


def staff(actor: Actor, at: datetime) -> list[StaffMember]:
    """Who works for the street today. Open cases are those of the street's units in which the person signed,
    met the requester, handed down, answered or reported; two queries.
    """
    units = Unit.objects.filter(exists_on(local_date(at)), kind__in=STREET_UNIT_KINDS)
    units = units.filter(Q(pk__in=actor.unit_ids) | Q(parent__in=actor.unit_ids))
    holdings = Holding.objects.filter(holdings_in_force(local_date(at)), post__unit__in=units)
    rows = list(
        holdings.select_related("person", "post__unit").order_by("post__unit__code", "post__code", "pk")
    )
    mine = Assignment.objects.filter(
        ended_at=None, unit__in=units, case__state__in=sorted(OPEN_STATES)
    ).values("case")
    people = {row.person_id for row in rows}
    events = CaseEvent.objects.filter(
        case__in=mine, action__in=HANDLING_ACTIONS, person__in=people
    ).order_by()
    hands = dict(events.values_list("person").annotate(Count("case", distinct=True)))
    return [
        StaffMember(
            row.person.name,
            row.post.name,
            row.post.unit.name if row.post.unit else "",
            hands.get(row.person_id, 0),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class SubordinateUnit:
    """Community or company of a street, with its numbers of open and of overdue cases."""

    name: str
    kind: str
    open: int
    late: int


def subordinate_units(actor: Actor, at: datetime) -> list[SubordinateUnit]:
    """The street's communities and companies with what they have to answer; a part is late by its own limit.

    Two queries.
    """
    units = Unit.objects.filter(
        exists_on(local_date(at)), parent__in=actor.unit_ids, kind__in=SUBORDINATE_KINDS
    )
    rows = list(units.order_by("kind", "code"))
    parts = Assignment.objects.filter(
        ended_at=None, reported_at=None, unit__in=rows, case__state__in=sorted(OPEN_STATES)
    )
    counted = (
        parts.order_by()
        .values_list("unit_id")
        .annotate(Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    )
    waiting = {pk: (count, late) for pk, count, late in counted}
    return [
        SubordinateUnit(unit.name, str(unit.get_kind_display()), *waiting.get(unit.pk, (0, 0)))
        for unit in sorted(rows, key=lambda unit: (unit.kind, -waiting.get(unit.pk, (0, 0))[0], unit.code))
    ]


def whistles(actor: Actor, at: datetime) -> list[WhistleCall]:
    """Departments that the street whistled for in open cases, and whether they came; the earliest first."""
    calls = WhistleCall.objects.filter(whistle__street__in=actor.unit_ids, case__state=State.HANDLING)
    found = list(calls.select_related("whistle", "case", "unit").order_by("whistle__meet_at", "pk")[:50])
    for call in found:
        rules.with_masked_subject(call.case, actor)
    return found


# For analysts: numbers only.


@dataclass(frozen=True, slots=True)
class BoardLine:
    """Row of a table of figures."""

    label: str
    received: int
    open: int
    late: int


def _board(at: datetime) -> "QuerySet[Case]":
    first = midnight(at) - (DAYS_OF_BOARD - 1) * DAY
    return Case.objects.filter(received_at__gte=first, received_at__lt=at, parent=None).order_by()


def _lines(rows: "QuerySet[Any]", at: datetime) -> list[tuple[Any, int, int, int]]:
    counted = rows.annotate(
        n=Count("pk"),
        open=Count("pk", filter=Q(state__in=sorted(OPEN_STATES))),
        late=Count("pk", filter=overdue(at)),
    )
    return list(counted)


def by_day(at: datetime) -> list[BoardLine]:
    """Last 30 days by day, today included: received, of these still open, of these overdue now."""
    rows = _board(at).values_list(TruncDate("received_at", tzinfo=SHANGHAI))
    known = {day: numbers for day, *numbers in _lines(rows, at)}
    days = [local_date(at) - number * DAY for number in range(DAYS_OF_BOARD)]
    return [
        BoardLine(
            _("%(month)s月%(day)s日") % {"month": day.month, "day": day.day}, *known.get(day, (0, 0, 0))
        )
        for day in days
    ]


def by_category(at: datetime) -> list[BoardLine]:
    """Last 30 days by category of the first level, the most first."""
    tops = dict(Category.objects.filter(level=1).values_list("pk", "name"))
    above: dict[int, int | None] = dict(Category.objects.values_list("pk", "parent_id"))
    sums: dict[str, list[int]] = {}
    for category_id, *numbers in _lines(_board(at).values_list("category_id"), at):
        while category_id is not None and category_id not in tops:
            category_id = above.get(category_id)
        line = sums.setdefault(tops[category_id] if category_id else _("未分类"), [0, 0, 0])
        line[:] = [one + more for one, more in zip(line, numbers, strict=True)]
    return sorted(
        (BoardLine(name, *numbers) for name, numbers in sums.items()), key=lambda line: -line.received
    )


def by_street(at: datetime) -> list[BoardLine]:
    """Last 30 days by street, the most first."""
    found = _lines(_board(at).values_list("street__name"), at)
    lines = [BoardLine(name or _("地点待核实"), *numbers) for name, *numbers in found]
    return sorted(lines, key=lambda line: -line.received)
