"""When something is due, and when the sweep must look at a case next. Reads rules; writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.base.sql.prepared import planned_once
from jieban.cases.flow.states import RUNNING_STATES, CaseKind, State
from jieban.cases.models import Case, DeadlineRule, Limit
from jieban.worktime.arithmetic import (
    DueTime,
    add_calendar_days_end,
    add_hours,
    add_workdays_end,
    end_of_day,
    same_day_end,
)
from jieban.worktime.calendar import Calendar, load_calendar

Clock = DeadlineRule.Clock
AUTO_CLOSE = "auto_close.due"
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """The rules of contact and finish under which a case is handled. Patrol cases have no contact."""

    contact: DeadlineRule | None
    finish: DeadlineRule


@dataclass(frozen=True, slots=True)
class DueWarning:
    """A point in time at which somebody must be told: a clock and how far it has run."""

    at: datetime
    clock: str  # contact, finish, visit_back, review, auto_close
    level: str  # half, fifths, overdue, due

    @property
    def key(self) -> str:
        return f"{self.clock}.{self.level}"


@dataclass(frozen=True)
class Rulebook:
    """All rules and limits of all days, as the database holds them."""

    rules: tuple[DeadlineRule, ...]
    limits: tuple[Limit, ...]


# Which versions of which rows there are: changes with every insert, update and delete, and only then.
_VERSION_SQL = """
SELECT (SELECT string_agg(xmin::text || ctid::text, ' ' ORDER BY ctid) FROM cases_deadlinerule),
       (SELECT string_agg(xmin::text || ctid::text, ' ' ORDER BY ctid) FROM cases_limit)
"""
_rulebook_cache: tuple[object, Rulebook] | None = None


def overdue(at: datetime, prefix: str = "") -> Q:
    """The condition that a case is in hand and its limit was over before this instant; `prefix` leads to the case."""
    return Q(**{f"{prefix}state__in": sorted(RUNNING_STATES), f"{prefix}finish_due_at__lt": at})


def rulebook() -> Rulebook:
    """The rules as they are now; one small query. What this process keeps of them is compared each time, so
    that a rule changed by an administrator, in whatever way, holds for the next case.
    """
    global _rulebook_cache
    with planned_once() as cursor:
        cursor.execute(_VERSION_SQL)
        stamp = cursor.fetchone()
    kept = _rulebook_cache
    if kept is None or kept[0] != stamp:
        # Read after the stamp: rows that are newer than it only make the next comparison fail.
        rules = DeadlineRule.objects.order_by("kind", "valid_from", "id")
        kept = _rulebook_cache = (stamp, Rulebook(tuple(rules), tuple(Limit.objects.order_by("id"))))
    return kept[1]


def _in_force(row: DeadlineRule | Limit, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


def rules_for(grade: str, kind: str, received_on: date) -> DeadlineRules:
    """The rules that held on the day of receipt; one for this kind before one for every kind.

    Raises Missing when the district has no rule for the grade on that day.
    """
    found = _rules_on(grade, kind, received_on)
    if Clock.FINISH not in found:
        raise Invalid(
            _("受理日 %(received_on)s 没有“%(grade)s”级的办结时限规则，请联系系统管理员补充。")
            % {"received_on": received_on, "grade": grade},
            fields={"grade": _("没有时限规则")},
        )
    contact = None if kind == CaseKind.PATROL else found.get(Clock.CONTACT)
    return DeadlineRules(contact, found[Clock.FINISH])


def rule_of(clock: str, grade: str, kind: str, received_on: date) -> DeadlineRule | None:
    """The rule of one clock for cases received on a day, if the district has one."""
    return (
        None
        if clock == Clock.CONTACT and kind == CaseKind.PATROL
        else _rules_on(grade, kind, received_on).get(clock)
    )


def _rules_on(grade: str, kind: str, day: date) -> dict[str, DeadlineRule]:
    return {  # the kind's own row comes last and wins
        row.clock: row
        for row in rulebook().rules
        if row.grade == grade and row.kind in {kind, ""} and _in_force(row, day)
    }


def due_at(rule: DeadlineRule, start: datetime, calendar: Calendar | None = None) -> DueTime:
    """The instant at which the limit ends for a clock that starts at `start`.

    Whoever asks for many cases hands the calendar in, so that it is read once.

    Units: by the rule's basis calendar hours, the same day's 24:00, calendar days or working days to 24:00.
    Source: the rule's own source; 石景山区 简单"即时办结"、一般"日清日结"、复杂"5日办结".
    """
    if rule.basis == DeadlineRule.Basis.HOURS:
        return DueTime(add_hours(start, rule.amount), False)
    if rule.basis == DeadlineRule.Basis.SAME_DAY:
        return DueTime(same_day_end(start, rule.cut_off or MIDNIGHT), False)
    if rule.basis == DeadlineRule.Basis.DAYS:
        return DueTime(add_calendar_days_end(start, rule.amount), False)
    return add_workdays_end(calendar or load_calendar(), start, rule.amount)


def start_contact(case: Case, rule: DeadlineRule | None, start: datetime) -> None:
    """Sets the contact clock of the case going; unsaved."""
    case.contact_rule = rule
    case.contact_from_at = start if rule else None
    case.contact_due_at = due_at(rule, start).at if rule else None
    case.contact_met_at = None
    case.warned = [key for key in case.warned if not key.startswith("contact.")]


def start_finish(case: Case, rule: DeadlineRule, start: datetime) -> None:
    """Sets the finish clock of the case going; unsaved."""
    due = due_at(rule, start)
    case.finish_rule = rule
    case.provisional = due.provisional
    restart_finish(case, start, due.at)


def restart_finish(case: Case, start: datetime, due: datetime) -> None:
    """A new limit: the warnings of the old one may come again for the new; unsaved."""
    case.finish_from_at = start
    case.finish_due_at = due
    case.warned = [
        key for key in case.warned if not key.startswith(("finish.", "visit_back.", "auto_close."))
    ]


def resumed_due(due: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
    """The limit after a pause: later by as much as the case stood on account.

    A limit of 24:00 stays one: it moves by whole days, rounded up, in the requester's disfavour never more
    than to the end of that day. Worked example: due on the 10th at 24:00, on account from the 8th 15:00 to the
    11th 15:00: three days, so the 13th at 24:00.
    """
    pause = max(resumed_at - paused_at, timedelta(0))
    if end_of_day(local_date(due - timedelta(microseconds=1))) == due:
        return due + timedelta(days=-(-pause // timedelta(days=1)))
    return due + pause


def limits_on(day: date) -> dict[str, int]:
    """All limits that hold on a day, by name."""
    return {row.name: row.value for row in rulebook().limits if _in_force(row, day)}


def limit(name: Limit.Name, day: date) -> int:
    """One limit. Raises Missing when the district has none on that day."""
    for row in rulebook().limits:
        if row.name == name and _in_force(row, day):
            return row.value
    raise Invalid(
        _("%(day)s 没有“%(label)s”的规定，请联系系统管理员补充。") % {"day": day, "label": name.label}
    )


def all_warnings(case: Case) -> Iterator[DueWarning]:
    """Every point at which the sweep must act for the case as it is now, also those given already."""
    if case.state in RUNNING_STATES:
        if case.contact_due_at and case.contact_from_at and not case.contact_met_at:
            yield from _of_clock("contact", case.contact_from_at, case.contact_due_at)
        if case.finish_due_at and case.finish_from_at:
            yield from _of_clock("finish", case.finish_from_at, case.finish_due_at)
            if case.state == State.HANDLING and case.kind != CaseKind.PATROL:
                yield DueWarning(case.finish_due_at, "visit_back", "due")
    elif case.state == State.ON_ACCOUNT and case.review_on:
        yield DueWarning(end_of_day(case.review_on - timedelta(days=1)), "review", "due")
        yield DueWarning(end_of_day(case.review_on), "review", "overdue")
    elif case.state == State.REPORTED and case.visit_back_due_at:
        yield DueWarning(case.visit_back_due_at, "visit_back", "overdue")
    elif case.state == State.REPORTED and case.visited_back_at:
        hours = limit(Limit.Name.AUTO_CLOSE_HOURS, local_date(case.received_at))
        yield DueWarning(add_hours(case.visited_back_at, hours), "auto_close", "due")


def _of_clock(clock: str, start: datetime, due: datetime) -> Iterator[DueWarning]:
    length = due - start
    yield DueWarning(start + length / 2, clock, "half")
    yield DueWarning(start + length * 4 / 5, clock, "fifths")
    yield DueWarning(due, clock, "overdue")


def open_warnings(case: Case) -> list[DueWarning]:
    """The warnings not given yet, the earliest first."""
    given = set(case.warned)
    return sorted((w for w in all_warnings(case) if w.key not in given), key=lambda w: (w.at, w.key))


def next_check_at(case: Case) -> datetime | None:
    """When the sweep must look at the case next; None when nothing is to come."""
    waiting = open_warnings(case)
    return waiting[0].at if waiting else None
