"""Actions of a responsible unit: visits, a co-handler's answer, the reported result."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.cases.actions.door.notify import notify_requester
from jieban.cases.actions.door.result_checks import refuse_leaks, save_result_marks
from jieban.cases.actions.door.transition import transition
from jieban.cases.checks.readiness import still_missing
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation, VisitKind, VisitWay
from jieban.cases.models import Case, Limit, Visit
from jieban.channels import outbox
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category


@transaction.atomic
def co_report(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """A co-handler's answer to the lead: the result, or the reasons and the stage reached."""
    with transition(case_id, Action.CO_REPORT, actor=actor, at=at) as now:
        for share in now.access.open_shares():
            now.change(share, reported_at=at)
        now.add_text("result", text)
        outbox.queue(
            now.message(messages.CO_REPORTED), about=now.case.number, unit_id=now.case.lead_id, at=at
        )
    return now.case


@transaction.atomic
def record_visit(
    case_id: int, *, actor: Actor, at: datetime, kinds: Sequence[str], way: str, said: str
) -> Case:
    """Records a contact with the requester. One contact may count as all three visits only for a simple case."""
    with transition(case_id, Action.RECORD_VISIT, actor=actor, at=at) as now:
        _check_visit(now.case, kinds, way)
        for kind in kinds:
            now.add(
                Visit(
                    case=now.case,
                    kind=kind,
                    way=way,
                    at=at,
                    unit_id=actor.unit_id,
                    person_id=actor.person_id,
                    round=now.case.round,
                )  # fmt: skip
            )
        if VisitKind.NEEDS in kinds and now.case.contact_met_at is None:
            now.case.contact_met_at = at
        now.facts |= {"kinds": list(kinds), "way": way}
        now.add_text("said", said)
    return now.case


def _check_visit(case: Case, kinds: Sequence[str], way: str) -> None:
    if not kinds or not set(kinds) <= set(VisitKind.values):
        raise Invalid(_("请选择是访需求、访意见还是访效果。"), fields={"kinds": "、".join(VisitKind.values)})
    if way not in VisitWay.values:
        raise Invalid(_("请选择见面方式。"), fields={"way": "、".join(VisitWay.values)})
    if len(set(kinds)) > 1 and case.grade != Category.Grade.SIMPLE:
        raise Invalid(_("只有简单件可以一次见面同时算作几访，请分别记录。"), fields={"kinds": _("每次一访")})


@transaction.atomic
def report_result(case_id: int, *, actor: Actor, at: datetime, text: str, drafted: bool = False) -> Case:
    """Reports the lead's result; the case then waits for the visit-back.

    Raises Invalid for a text that identifies the requester. `drafted`: the text began as a machine's draft.
    """
    with transition(case_id, Action.REPORT_RESULT, actor=actor, at=at) as now:
        missing = still_missing(now.case, now.assignments)
        if missing:
            raise Invalid(
                _("还不能报结，还差：%s。") % "、".join(missing.values()), fields=missing, code="incomplete"
            )
        refuse_leaks(now.case, text)
        now.case.round += 1
        now.case.reported_at = at
        now.case.visited_back_at = None
        hours = deadlines.limit(Limit.Name.VISIT_BACK_HOURS, local_date(now.case.received_at))
        now.case.visit_back_due_at = at + timedelta(hours=hours)
        now.case.warned = [key for key in now.case.warned if not key.startswith("visit_back.")]
        for mine in now.mine(Relation.LEAD):
            now.change(mine, reported_at=at)
        now.add_text("result", text)
        now.facts |= {"drafted": True} if drafted else {}
        save_result_marks(now.case, text)
        notify_requester(now.message(messages.RESULT_REPORTED), now.case, at)
    return now.case
