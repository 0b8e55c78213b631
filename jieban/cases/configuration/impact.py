"""Impact preview of configuration changes on cases, computed in a transaction that is rolled back."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from jieban.base.clock import SHANGHAI, local_date
from jieban.cases.clocks import deadlines
from jieban.cases.clocks.calling_hours import parse_wish
from jieban.cases.configuration import calling_changes, rule_changes
from jieban.cases.configuration.calling_changes import NewHours
from jieban.cases.configuration.rule_changes import NewLimit, NewRule
from jieban.cases.flow.rule_scope import DIMENSIONS, RuleScope
from jieban.cases.flow.states import FINAL_STATES, State
from jieban.cases.models import Case, CaseText, DeadlineRule
from jieban.cases.routing.routing import directory_answers
from jieban.registry.administration import category_changes, directory_changes, shift_changes
from jieban.registry.administration.category_changes import NewCategory
from jieban.registry.administration.directory_changes import ProposedRow
from jieban.registry.changing.config_changes import ChangeContext
from jieban.registry.district.directory import gaps
from jieban.registry.models import Article, Category, DirectoryRow, Duty, ShiftKind
from jieban.worktime.announcement import AnnounceResult
from jieban.worktime.calendar import load_calendar

MOST_COMPARED = 2_000  # cases
RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RoutingChange:
    """Routing change of a waiting case: the proposed lead before and after; None: nobody is named."""

    number: str
    category: str
    street: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class DueDateImpact:
    """Impact on due dates: how many cases of the last 30 days would be due earlier or later, or unchanged."""

    weighed: int
    earlier: int
    later: int
    bounded: bool  # there are more; the newest were weighed

    @property
    def same(self) -> int:
        return self.weighed - self.earlier - self.later


@contextmanager
def _rollback() -> Iterator[None]:
    """Transaction that is rolled back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def directory_impact(proposed: ProposedRow, *, step: ChangeContext) -> list[RoutingChange]:
    """Impact of a new row: waiting cases with another proposed lead, on the day on which the row begins."""
    waiting = _waiting(proposed.category.pk)
    before = _proposed_leads(waiting, proposed.begins)
    with _rollback():
        directory_changes.replace(proposed, step=step)
        after = _proposed_leads(waiting, proposed.begins)
    return _routing_changes(waiting, before, after)


def directory_end_impact(row: DirectoryRow, ends_on: date, *, step: ChangeContext) -> list[RoutingChange]:
    """Impact of ending a row: waiting cases with another proposed lead."""
    waiting = _waiting(row.category_id)
    before = _proposed_leads(waiting, ends_on)
    with _rollback():
        directory_changes.end(row, ends_on, step=step)
        after = _proposed_leads(waiting, ends_on)
    return _routing_changes(waiting, before, after)


def _waiting(category_id: int) -> list[Case]:
    """Waiting cases: not dispatched yet, of the category and those below it, the oldest first."""
    cases = Case.objects.filter(_in_category(category_id), state=State.RECEIVED).select_related(
        "category", "place", "street"
    )
    return list(cases.order_by("received_at", "pk")[:MOST_COMPARED])


def _in_category(category_id: int) -> Q:
    return Q(category=category_id) | Q(category__parent=category_id) | Q(category__parent__parent=category_id)


def _proposed_leads(cases: list[Case], on: date) -> list[str | None]:
    """Proposed lead of each case; one lookup for all cases that are equal for the directory."""
    known: dict[tuple[object, ...], str | None] = {}
    found = []
    for case in cases:
        key = (case.category_id, case.place_id, case.street_id, case.complained_about_id)
        if key not in known:
            named = directory_answers(case, on)
            known[key] = named[0].lead.name if named else None
        found.append(known[key])
    return found


def _routing_changes(
    cases: list[Case], before: list[str | None], after: list[str | None]
) -> list[RoutingChange]:
    return [
        RoutingChange(
            case.number, case.category.path if case.category else "", case.street.name if case.street else "",
            old, new,
        )
        for case, old, new in zip(cases, before, after, strict=True)
        if old != new
    ]  # fmt: skip


def rule_impact(new: NewRule, *, step: ChangeContext) -> DueDateImpact:
    """Impact of a rule: due dates of the last 30 days' cases by the new rule against its predecessor.

    Only those that its scope covers; a rule of a narrower scope goes before.
    """
    named = {name: value for name, value in asdict(new.scope).items() if value}
    cases = Case.objects.filter(**named, received_at__gte=step.at - RECENT, received_at__lte=step.at)
    rows = cases.order_by("-received_at", "-pk").values_list(*DIMENSIONS, "received_at")
    found = [(RuleScope(*scope), at) for *scope, at in rows[: MOST_COMPARED + 1]]
    scopes = {scope for scope, _at in found}
    before = {scope: deadlines.rule_on(new.clock, scope, new.begins) for scope in scopes}
    with _rollback():
        rule_changes.add_rule(new, step=step)
        after = {scope: deadlines.rule_on(new.clock, scope, new.begins) for scope in scopes}
        counts = _compare_due(found[:MOST_COMPARED], before, after)
    return DueDateImpact(
        len(found[:MOST_COMPARED]), counts["earlier"], counts["later"], len(found) > MOST_COMPARED
    )


def _compare_due(
    received: list[tuple[RuleScope, datetime]],
    before: dict[RuleScope, DeadlineRule | None],
    after: dict[RuleScope, DeadlineRule | None],
) -> Counter[str]:
    counts: Counter[str] = Counter()
    calendar = load_calendar()
    for scope, at in received:
        old, new = before[scope], after[scope]
        if old is None or new is None or old.pk == new.pk:
            continue
        was, will = (deadlines.due_at(rule, at, calendar).at for rule in (old, new))
        counts["earlier"] += will < was
        counts["later"] += will > was
    return counts


def limit_impact(new: NewLimit, *, step: ChangeContext) -> int:
    """Impact of a limit: number of the last 30 days' cases to which it would apply; counted up to a bound."""
    with _rollback():
        rule_changes.add_limit(new, step=step)
    recent = Case.objects.filter(received_at__gte=step.at - RECENT, received_at__lte=step.at)
    return recent.order_by()[: MOST_COMPARED + 1].count()


@dataclass(frozen=True, slots=True)
class CalendarImpact:
    """Impact of a holiday file: its changes, and how many provisional due dates would become final."""

    announced: AnnounceResult
    certain: int


def calendar_impact(text: str, *, step: ChangeContext) -> CalendarImpact:
    """Impact of a holiday file. Raises BadCalendar or BadFile as loading it does."""
    with _rollback():
        announced = rule_changes.announce_calendar(text, step=step)
        calendar = load_calendar()
        provisional = Case.objects.filter(provisional=True).exclude(state__in=sorted(FINAL_STATES))
        due = [at for at in provisional.values_list("finish_due_at", flat=True) if at]
        certain = sum(calendar.known(local_date(at - timedelta(microseconds=1)).year) for at in due)
    return CalendarImpact(announced, certain)


@dataclass(frozen=True, slots=True)
class CallingHoursImpact:
    """Impact on the calling list: cases that wait for their visit-back, and those with a requested time."""

    waiting: int
    with_preferred_time: int
    bounded: bool  # there are more; those due first were looked at


def calling_hours_impact(new: NewHours, *, step: ChangeContext) -> CallingHoursImpact:
    """Impact of new calling hours; they do not apply where the requester asked for a time."""
    with _rollback():
        calling_changes.replace(new, step=step)
    due = Case.objects.filter(visit_back_due_at__isnull=False, state__in=[State.REPORTED, State.HANDLING])
    found = list(due.order_by("visit_back_due_at", "pk").values_list("pk", flat=True)[: MOST_COMPARED + 1])
    wishes = CaseText.objects.filter(pk__in=found[:MOST_COMPARED]).exclude(preferred_contact="")
    own = sum(parse_wish(text) is not None for text in wishes.values_list("preferred_contact", flat=True))
    return CallingHoursImpact(len(found[:MOST_COMPARED]), own, len(found) > MOST_COMPARED)


@dataclass(frozen=True, slots=True)
class CategoryImpact:
    """Impact of replacing or ending a category on its cases, its articles and the directory."""

    running: int  # cases that keep the category; counted to a bound
    rerouted: list[RoutingChange]
    rows: int  # of the directory, that go on with it
    below: int  # categories below it, that go on with it
    articles: int  # of the knowledge base, that stay with it


def category_impact(category: Category, new: NewCategory, *, step: ChangeContext) -> CategoryImpact:
    """Impact of replacing this category by the new one."""
    return _category_impact(category, new.begins, lambda: category_changes.replace(category, new, step=step))


def category_end_impact(category: Category, ends_on: date, *, step: ChangeContext) -> CategoryImpact:
    """Impact of ending this category."""
    return _category_impact(category, ends_on, lambda: category_changes.end(category, ends_on, step=step))


def _category_impact(category: Category, on: date, do: Callable[[], object]) -> CategoryImpact:
    waiting = _waiting(category.pk)
    before, rows, category_count = (
        _proposed_leads(waiting, on),
        DirectoryRow.objects.count(),
        Category.objects.count(),
    )
    with _rollback():
        do()
        after = _proposed_leads(waiting, on)
        more_rows = DirectoryRow.objects.count() - rows
        more = Category.objects.count() - category_count
    category.refresh_from_db()
    running = Case.objects.filter(_in_category(category.pk)).exclude(state__in=sorted(FINAL_STATES))
    return CategoryImpact(
        running.order_by()[: MOST_COMPARED + 1].count(), _routing_changes(waiting, before, after), more_rows,
        max(more - 1, 0), Article.objects.filter(_in_category(category.pk)).count(),
    )  # fmt: skip


def lacks_directory_row(new: NewCategory, *, step: ChangeContext) -> bool:
    """Whether a new category of the third level would be without a general row of the directory."""
    with _rollback():
        made = category_changes.add(new, step=step)
        return made in gaps(new.begins).categories


@dataclass(frozen=True, slots=True)
class ShiftImpact:
    """Impact of a shift change: duties with the earlier times, and minutes of the day without a shift."""

    planned: int
    uncovered: list[tuple[int, int]]


def shift_impact(shift: ShiftKind | None, begins: date, do: Callable[[], object]) -> ShiftImpact:
    """Impact of a shift change; duties that are already assigned keep their times."""
    with _rollback():
        do()
        uncovered = shift_changes.uncovered(shift_changes.shifts_on(begins))
    start = datetime.combine(begins, time(0), SHANGHAI)
    planned = Duty.objects.filter(shift=shift, starts_at__gte=start).count() if shift else 0
    return ShiftImpact(planned, uncovered)
