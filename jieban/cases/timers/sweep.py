"""Sweep: the periodic job that gives due warnings; its cost depends on the cases that are due, not on all open ones."""

from datetime import datetime

from jieban.cases import actions
from jieban.cases.flow.states import FINAL_STATES
from jieban.cases.models import Case
from jieban.worktime.calendar import load_calendar

SweepKey = tuple[datetime, int]


def due_now(at: datetime, most: int, after: SweepKey | None = None) -> list[SweepKey]:
    """Due cases as (next check, id), the longest waiting first.

    `after` is the last one of the previous batch (keyset). One scan of a partial index.
    """
    due = Case.objects.filter(next_check_at__lte=at)
    if after:
        due = due.filter(next_check_at__gte=after[0]).exclude(next_check_at=after[0], id__lte=after[1])
    rows = due.order_by("next_check_at", "id").values_list("next_check_at", "id")[:most]
    return [(check, pk) for check, pk in rows if check]


def sweep(at: datetime, batch: int = 500) -> int:
    """Gives every due warning, each case in a transaction of its own; returns how many were given.

    May run concurrently or be killed anywhere: the case is locked, and the warning is saved together with its event.
    A failing case does not block the others: the failures are raised as an ExceptionGroup at the end.
    """
    given, failed = 0, list[Exception]()
    last: SweepKey | None = None
    while waiting := due_now(at, batch, last):
        last = waiting[-1]
        for _check, case_id in waiting:
            try:
                given += len(actions.warn(case_id, at=at))
            except Exception as error:  # raised below
                error.add_note(f"case {case_id}")
                failed.append(error)
    if failed:
        raise ExceptionGroup(f"{given} warnings given, {len(failed)} cases failed", failed)
    return given


def recompute_provisional(at: datetime) -> int:
    """Recomputes provisional due times after a calendar was announced; returns how many became final."""
    calendar = load_calendar()
    done = 0
    ids = Case.objects.filter(provisional=True).exclude(state__in=sorted(FINAL_STATES)).order_by("id")
    for case_id, due in list(ids.values_list("id", "finish_due_at")):
        if due is not None and calendar.known(due.year):
            done += not actions.recompute_due(case_id, at=at).provisional
    return done
