"""What a change of the configuration would do to cases: by the functions that handle them, written nowhere."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from jieban.base.clock import local_date
from jieban.cases import deadlines, rule_changes
from jieban.cases.flow import FINAL, Kind, State
from jieban.cases.models import Case, DeadlineRule
from jieban.cases.routing import directed
from jieban.cases.rule_changes import NewLimit, NewRule
from jieban.registry import directory_changes
from jieban.registry.changing import Step
from jieban.registry.directory_changes import Proposed
from jieban.registry.models import DirectoryRow
from jieban.worktime.announce import Announced
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
    below = (
        Q(category=category_id) | Q(category__parent=category_id) | Q(category__parent__parent=category_id)
    )
    cases = Case.objects.filter(below, state=State.RECEIVED).select_related("category", "place", "street")
    return list(cases.order_by("received_at", "pk")[:MOST_WEIGHED])


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
