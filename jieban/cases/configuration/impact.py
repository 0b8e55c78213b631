"""What a change of the configuration would do to cases: by the functions that handle them, written nowhere."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from jieban.base.clock import SHANGHAI, local_date
from jieban.cases.clocks import deadlines
from jieban.cases.clocks.calling_hours import wished
from jieban.cases.configuration import calling_changes, rule_changes
from jieban.cases.configuration.calling_changes import NewHours
from jieban.cases.configuration.rule_changes import NewLimit, NewRule
from jieban.cases.flow.states import FINAL, Kind, State
from jieban.cases.models import Case, CaseText, DeadlineRule
from jieban.cases.routing.routing import directed
from jieban.registry.administration import category_changes, directory_changes, shift_changes
from jieban.registry.administration.category_changes import NewCategory
from jieban.registry.administration.directory_changes import Proposed
from jieban.registry.changing.config_changes import Step
from jieban.registry.district.directory import gaps
from jieban.registry.models import Article, Category, DirectoryRow, Duty, ShiftKind
from jieban.worktime.announcement import Announced
from jieban.worktime.calendar import load_calendar

MOST_WEIGHED = 2_000  # cases
RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Rerouted:
    """A case that waits to be dispatched, and who should lead it before and after; None: nobody is named."""

    number: str
    category: str
    street: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Shifts:
    """Of the cases received in the last 30 days how many would be due earlier, later, or as they are."""

    weighed: int
    earlier: int
    later: int
    bounded: bool  # there are more; the newest were weighed

    @property
    def same(self) -> int:
        return self.weighed - self.earlier - self.later


@contextmanager
def _undone() -> Iterator[None]:
    """What is written inside is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def of_directory(proposed: Proposed, *, step: Step) -> list[Rerouted]:
    """The waiting cases whose proposal would be another with the proposed row, on the day on which it begins."""
    waiting = _waiting(proposed.category.pk)
    before = _leads(waiting, proposed.begins)
    with _undone():
        directory_changes.replace(proposed, step=step)
        after = _leads(waiting, proposed.begins)
    return _other(waiting, before, after)


def of_ending(row: DirectoryRow, ends_on: date, *, step: Step) -> list[Rerouted]:
    """The waiting cases whose proposal would be another without the row."""
    waiting = _waiting(row.category_id)
    before = _leads(waiting, ends_on)
    with _undone():
        directory_changes.end(row, ends_on, step=step)
        after = _leads(waiting, ends_on)
    return _other(waiting, before, after)


def _waiting(category_id: int) -> list[Case]:
    """Cases not dispatched yet, of the category and those below it, the oldest first."""
    cases = Case.objects.filter(_within(category_id), state=State.RECEIVED).select_related(
        "category", "place", "street"
    )
    return list(cases.order_by("received_at", "pk")[:MOST_WEIGHED])


def _within(category_id: int) -> Q:
    return Q(category=category_id) | Q(category__parent=category_id) | Q(category__parent__parent=category_id)


def _leads(cases: list[Case], on: date) -> list[str | None]:
    """Who should lead each case; asked once for cases that do not differ to the directory."""
    known: dict[tuple[object, ...], str | None] = {}
    found = []
    for case in cases:
        key = (case.category_id, case.place_id, case.street_id, case.complained_about_id)
        if key not in known:
            named = directed(case, on)
            known[key] = named[0].lead.name if named else None
        found.append(known[key])
    return found


def _other(cases: list[Case], before: list[str | None], after: list[str | None]) -> list[Rerouted]:
    return [
        Rerouted(
            case.number, case.category.path if case.category else "", case.street.name if case.street else "",
            old, new,
        )
        for case, old, new in zip(cases, before, after, strict=True)
        if old != new
    ]  # fmt: skip


def of_rule(new: NewRule, *, step: Step) -> Shifts:
    """How the limits of the cases received in the last 30 days would lie by the new rule beside the one it follows.

    Only those of its grade, and of its kind where it has one; a rule of their own kind goes before.
    """
    kinds = [new.kind] if new.kind else list(Kind.values)
    cases = Case.objects.filter(
        grade=new.grade, kind__in=kinds, received_at__gte=step.at - RECENT, received_at__lte=step.at
    )
    found = list(cases.order_by("-received_at", "-pk").values_list("kind", "received_at")[: MOST_WEIGHED + 1])
    before = {kind: _rule_of(new, kind) for kind in kinds}
    with _undone():
        rule_changes.add_rule(new, step=step)
        after = {kind: _rule_of(new, kind) for kind in kinds}
        counts = _compared(found[:MOST_WEIGHED], before, after)
    return Shifts(len(found[:MOST_WEIGHED]), counts["earlier"], counts["later"], len(found) > MOST_WEIGHED)


def _rule_of(new: NewRule, kind: str) -> DeadlineRule | None:
    return deadlines.rule_of(new.clock, new.grade, kind, new.begins)


def _compared(
    received: list[tuple[str, datetime]],
    before: dict[str, DeadlineRule | None],
    after: dict[str, DeadlineRule | None],
) -> Counter[str]:
    counts: Counter[str] = Counter()
    calendar = load_calendar()
    for kind, at in received:
        old, new = before[kind], after[kind]
        if old is None or new is None or old.pk == new.pk:
            continue
        was, will = (deadlines.due_at(rule, at, calendar).at for rule in (old, new))
        counts["earlier"] += will < was
        counts["later"] += will > was
    return counts


def of_limit(new: NewLimit, *, step: Step) -> int:
    """How many cases came in the last 30 days, to which the new number would have applied; counted to a bound."""
    with _undone():
        rule_changes.add_limit(new, step=step)
    recent = Case.objects.filter(received_at__gte=step.at - RECENT, received_at__lte=step.at)
    return recent.order_by()[: MOST_WEIGHED + 1].count()


@dataclass(frozen=True, slots=True)
class Calendared:
    """What a file of days off would change, and how many provisional limits would become certain."""

    announced: Announced
    certain: int


def of_calendar(text: str, *, step: Step) -> Calendared:
    """What the file would do. Raises BadCalendar or BadFile as loading it does."""
    with _undone():
        announced = rule_changes.announce_calendar(text, step=step)
        calendar = load_calendar()
        provisional = Case.objects.filter(provisional=True).exclude(state__in=sorted(FINAL))
        due = [at for at in provisional.values_list("finish_due_at", flat=True) if at]
        certain = sum(calendar.known(local_date(at - timedelta(microseconds=1)).year) for at in due)
    return Calendared(announced, certain)


@dataclass(frozen=True, slots=True)
class Called:
    """How many cases wait for their visit-back, and how many of their requesters named a time of their own."""

    waiting: int
    at_own_time: int
    bounded: bool  # there are more; those due first were looked at


def of_calling_hours(new: NewHours, *, step: Step) -> Called:
    """The cases that wait for the visit-back: by the new hours, but for those whose requester named a time."""
    with _undone():
        calling_changes.replace(new, step=step)
    due = Case.objects.filter(visit_back_due_at__isnull=False, state__in=[State.REPORTED, State.HANDLING])
    found = list(due.order_by("visit_back_due_at", "pk").values_list("pk", flat=True)[: MOST_WEIGHED + 1])
    wishes = CaseText.objects.filter(pk__in=found[:MOST_WEIGHED]).exclude(preferred_contact="")
    own = sum(wished(text) is not None for text in wishes.values_list("preferred_contact", flat=True))
    return Called(len(found[:MOST_WEIGHED]), own, len(found) > MOST_WEIGHED)


@dataclass(frozen=True, slots=True)
class Recategorised:
    """What another category in place of one, or its end, means for its cases, its articles and the directory."""

    running: int  # cases that keep the category; counted to a bound
    rerouted: list[Rerouted]
    rows: int  # of the directory, that go on with it
    below: int  # categories below it, that go on with it
    articles: int  # of the knowledge base, that stay with it


def of_category(category: Category, new: NewCategory, *, step: Step) -> Recategorised:
    """What the new category in place of this one would do."""
    return _recategorised(category, new.begins, lambda: category_changes.replace(category, new, step=step))


def of_ending_category(category: Category, ends_on: date, *, step: Step) -> Recategorised:
    """What the end of this category would do."""
    return _recategorised(category, ends_on, lambda: category_changes.end(category, ends_on, step=step))


def _recategorised(category: Category, on: date, do: Callable[[], object]) -> Recategorised:
    waiting = _waiting(category.pk)
    before, rows, held = _leads(waiting, on), DirectoryRow.objects.count(), Category.objects.count()
    with _undone():
        do()
        after = _leads(waiting, on)
        more_rows = DirectoryRow.objects.count() - rows
        more = Category.objects.count() - held
    category.refresh_from_db()
    running = Case.objects.filter(_within(category.pk)).exclude(state__in=sorted(FINAL))
    return Recategorised(
        running.order_by()[: MOST_WEIGHED + 1].count(), _other(waiting, before, after), more_rows,
        max(more - 1, 0), Article.objects.filter(_within(category.pk)).count(),
    )  # fmt: skip


def of_new_category(new: NewCategory, *, step: Step) -> bool:
    """Whether a new category of the third level would be without a general row of the directory."""
    with _undone():
        made = category_changes.add(new, step=step)
        return made in gaps(new.begins).categories


@dataclass(frozen=True, slots=True)
class Shifted:
    """How many are on the roster by the earlier times, and in which minutes of the day no shift would run."""

    planned: int
    uncovered: list[tuple[int, int]]


def of_shifts(shift: ShiftKind | None, begins: date, do: Callable[[], object]) -> Shifted:
    """What a change of the shifts would do, and whom it leaves where they are."""
    with _undone():
        do()
        uncovered = shift_changes.uncovered(shift_changes.shifts_on(begins))
    start = datetime.combine(begins, time(0), SHANGHAI)
    planned = Duty.objects.filter(shift=shift, starts_at__gte=start).count() if shift else 0
    return Shifted(planned, uncovered)
