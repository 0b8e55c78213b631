"""Tones of case states, and the time limit of a case that is running now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from jieban.cases.flow.states import RUNNING_STATES, State
from jieban.cases.models import Case

# Blue: nobody works on the case yet. Green: done. Grey: in progress, or ended in another way.
TONES: dict[str, str] = {
    State.RECEIVED: "blue",
    State.DISPATCHED: "blue",
    State.HANDLING: "grey",
    State.ON_ACCOUNT: "grey",
    State.REPORTED: "grey",
    State.CLOSED: "green",
    State.ANSWERED: "green",
    State.DECLINED: "grey",
    State.MERGED: "grey",
    State.SPLIT: "grey",
    State.WITHDRAWN: "grey",
}


def label_and_tone(state: str) -> tuple[str, str]:
    """The label of a state and its tone."""
    return str(State(state).label), TONES[state]


@dataclass(frozen=True, slots=True)
class RunningLimit:
    """A time limit of a case, with the word for what must be done by then."""

    label: str
    due: datetime | None
    start: datetime | None
    paused: bool = False


def running_limit(case: Case) -> RunningLimit | None:
    """The next time limit: for contact until contact was made, then for settlement, then for the visit-back."""
    if case.state == State.ON_ACCOUNT:
        return RunningLimit(_("挂账"), case.finish_due_at, None, paused=True)
    if case.state == State.REPORTED and case.visited_back_at is None and case.visit_back_due_at:
        return RunningLimit(_("回访"), case.visit_back_due_at, case.reported_at)
    if case.state not in RUNNING_STATES:
        return None
    contact_first = (
        case.contact_due_at is not None
        and case.contact_met_at is None
        and (case.finish_due_at is None or case.contact_due_at < case.finish_due_at)
    )
    if contact_first:
        return RunningLimit(_("联系"), case.contact_due_at, case.contact_from_at)
    return RunningLimit(_("办结"), case.finish_due_at, case.finish_from_at)
