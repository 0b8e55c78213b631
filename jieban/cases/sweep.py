"""The sweep of clocks: its cost follows the number of cases that are due now, not the number open."""

from datetime import datetime

from jieban.cases import actions
from jieban.cases.flow import FINAL
from jieban.cases.models import Case
from jieban.worktime.calendar import load_calendar


def due_now(at: datetime, most: int) -> list[int]:
    """The cases at which the sweep must look, the longest waiting first; one walk on a partial index."""
    due = Case.objects.filter(next_check_at__lte=at).order_by("next_check_at")
    return list(due.values_list("id", flat=True)[:most])


def sweep(at: datetime, batch: int = 500) -> int:
    """Gives every warning that is due, each case in a transaction of its own; returns how many were given.

    May run twice at once or be killed anywhere: the case is locked, and the warning is on it with its event.
    """
    given = 0
    while ids := due_now(at, batch):
        for case_id in ids:
            given += len(actions.warn(case_id, at=at))
    return given


def recompute_provisional(at: datetime) -> int:
    """Counts provisional limits again, after a calendar was announced; returns how many became certain."""
    calendar = load_calendar()
    done = 0
    ids = Case.objects.filter(provisional=True).exclude(state__in=sorted(FINAL)).order_by("id")
    for case_id, due in list(ids.values_list("id", "finish_due_at")):
        if due is not None and calendar.known(due.year):
            done += not actions.recompute_due(case_id, at=at).provisional
    return done
