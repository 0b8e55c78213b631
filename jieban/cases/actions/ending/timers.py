"""Actions of the platform's timers."""

from datetime import datetime

from django.db import transaction

from jieban.cases.actions.door.transition import CaseChange, transition
from jieban.cases.actions.ending.closing import close, merged_waiting
from jieban.cases.clocks import deadlines
from jieban.cases.clocks.deadlines import DueWarning
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Solved
from jieban.cases.models import Case, VisitBack
from jieban.channels import outbox
from jieban.registry.identity.posts import SYSTEM


@transaction.atomic
def warn(case_id: int, *, at: datetime) -> list[DueWarning]:
    """Issues every due warning that was not issued yet, each exactly once; idempotent."""
    given: list[DueWarning] = []
    case = Case.objects.filter(pk=case_id, next_check_at__lte=at).select_for_update(no_key=True).first()
    due = [w for w in deadlines.open_warnings(case) if w.at <= at] if case else []
    for warning in due:
        with transition(case_id, Action.WARN, actor=SYSTEM, at=at) as now:
            _issue_warning(now, warning)
            given.append(warning)
        if warning.key == deadlines.AUTO_CLOSE:
            _close_automatically(case_id, at)
    # Checked too early: the sweep comes back in time.
    if case and not given:
        case.next_check_at = deadlines.next_check_at(case)
        case.save(update_fields=["next_check_at"])
    return given


def _issue_warning(now: CaseChange, warning: DueWarning) -> None:
    case = now.case
    case.warned = [*case.warned, warning.key]
    now.facts |= {"clock": warning.clock, "level": warning.level, "due_at": warning.at}
    if warning.key == "visit_back.due":
        case.visit_back_due_at = warning.at
    if warning.key == "review.overdue":
        case.level += 1
        now.facts["escalated"] = True
    outbox.queue(
        now.message(messages.WARNINGS[warning.key]), about=case.number, unit_id=case.lead_id, at=now.at
    )


def _close_automatically(case_id: int, at: datetime) -> None:
    """Closes the case, unless the requester was not content or somebody is still to be asked."""
    last = VisitBack.objects.filter(case=case_id).order_by("at", "id").last()
    if last is not None and last.solved not in {Solved.PARTLY, Solved.NO} and not merged_waiting(case_id):
        close(case_id, actor=SYSTEM, at=at)


@transaction.atomic
def recompute_due(case_id: int, *, at: datetime) -> Case:
    """Recomputes a provisional limit under its rule, after the calendar was announced."""
    with transition(case_id, Action.RECOMPUTE_DUE, actor=SYSTEM, at=at) as now:
        case = now.case
        rule = case.finish_rule
        if case.provisional and rule is not None and case.finish_from_at is not None:
            due = deadlines.due_at(rule, case.finish_from_at)
            now.facts |= {"old": case.finish_due_at, "new": due.at}
            case.finish_due_at, case.provisional = due.at, due.provisional
    return now.case
