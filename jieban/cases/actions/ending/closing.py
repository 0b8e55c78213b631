"""Actions after the report: visit-back, check on the spot, sending back and closing."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local, local_date
from jieban.base.errors import Invalid
from jieban.cases.access import rules
from jieban.cases.actions.door.notify import notify_requester, notify_supporters
from jieban.cases.actions.door.transition import CaseChange, lock_cases, transition
from jieban.cases.actions.files.attach import check_admission, put_on_record
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Contacted, Relation, Satisfied, Solved, VisitKind, VisitWay
from jieban.cases.models import Attachment, Case, Limit, Visit, VisitBack
from jieban.cases.routing import routing
from jieban.channels import outbox
from jieban.registry.documents.storing import stored_files
from jieban.registry.identity.posts import Actor

DAYS_OF_ATTEMPTS = 2  # days over which the unanswered attempts must spread
LONGEST_RECORDING = 60


@transaction.atomic
def visit_back(
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    reached: bool,
    contacted: str = "",
    solved: str = "",
    satisfied: str = "",
    remark: str = "",
    recording: str = "",
    off_hours: str = "",
) -> Case:
    """Records the independent call after the report (回访), or an unanswered attempt.

    Due when the limit expires even if the unit reported nothing (条例 article 23). After three unanswered
    attempts on two days at different hours the requester is recorded as unreachable. `recording` is the number under
    which the telephone system stores the call, `off_hours` the reason for a call outside of the calling hours.
    """
    primary_id = Case.objects.filter(pk=case_id).values_list("primary_id", flat=True).first()
    lock_cases(*[pk for pk in (case_id, primary_id) if pk])
    with transition(case_id, Action.VISIT_BACK, actor=actor, at=at) as now:
        row = VisitBack(
            case=now.case, round=_round(now.case), at=at, person_id=actor.person_id,
            by_requester=rules.is_requester(now.case, actor),
            reached=reached, lead_id=_lead_of(now.case), recording=_recording(recording),
        )  # fmt: skip
        if reached:
            _answers(row, contacted, solved, satisfied)
        now.add(row)
        if reached:
            _record_effect_visit(now)
        if reached or _unreachable(now.case, row):
            now.case.visited_back_at = at
            now.case.visit_back_due_at = None
        now.facts |= {
            "reached": reached, "contacted": row.contacted, "solved": row.solved, "satisfied": row.satisfied,
            "unreachable": not reached and now.case.visited_back_at == at,
        }  # fmt: skip
        if row.recording:
            now.facts["recording"] = row.recording
        now.add_text("remark", remark, required=False)
        now.add_text("off_hours", off_hours, required=False)
    return now.case


def _recording(written: str) -> str | None:
    written = written.strip()
    if len(written) > LONGEST_RECORDING:
        words = _("最多 %d 字") % LONGEST_RECORDING
        raise Invalid(_("录音编号太长，请核对后重填。"), fields={"recording": words})
    return written or None


def _round(case: Case) -> int:
    return case.primary.round if case.primary else case.round


def _lead_of(case: Case) -> int | None:
    return case.primary.lead_id if case.primary else case.lead_id


def _answers(row: VisitBack, contacted: str, solved: str, satisfied: str) -> None:
    wrong = {
        name: "、".join(choices.values)
        for name, value, choices in (
            ("contacted", contacted, Contacted),
            ("solved", solved, Solved),
            ("satisfied", satisfied, Satisfied),
        )
        if value not in choices.values
    }
    if wrong:
        raise Invalid(_("三个问题都要记录；没有回答的选“未作回答”。"), fields=wrong)
    row.contacted, row.solved, row.satisfied = contacted, solved, satisfied


def _record_effect_visit(now: CaseChange) -> None:
    """Counts the call as the third visit, about the effect, if the unit has not made it itself."""
    visits = Visit.objects.filter(case=now.case, kind=VisitKind.EFFECT, round=now.case.round)
    if not visits.exists():
        now.add(
            Visit(
                case=now.case,
                kind=VisitKind.EFFECT,
                way=VisitWay.PHONE,
                at=now.at,
                unit_id=now.actor.unit_id,
                person_id=now.actor.person_id,
                round=now.case.round,
            )  # fmt: skip
        )


def _unreachable(case: Case, last: VisitBack) -> bool:
    needed = deadlines.limit(Limit.Name.ATTEMPTS, local_date(case.received_at))
    tries = [row.at for row in VisitBack.objects.filter(case=case, round=last.round, reached=False)]
    days = {local_date(at) for at in tries}
    hours = {local(at).hour for at in tries}
    return len(tries) >= needed and len(days) >= DAYS_OF_ATTEMPTS and len(hours) >= needed


@transaction.atomic
def check(case_id: int, *, actor: Actor, at: datetime, passed: bool, text: str, photo_id: int) -> Case:
    """Records the check on the spot of a patrol case (核查), with a photograph, by neither finder nor handler."""
    with transition(case_id, Action.CHECK, actor=actor, at=at) as now:
        photo = Attachment.objects.filter(pk=photo_id, case=now.case, kind=Attachment.Kind.PHOTO).first()
        if photo is None or photo.person_id != actor.person_id:
            raise Invalid(_("请先上传核查时拍的照片。"), fields={"photo": _("请上传照片")})
        now.add(
            VisitBack(
                case=now.case,
                round=now.case.round,
                at=at,
                person_id=actor.person_id,
                reached=True,
                check_passed=passed,
                lead_id=now.case.lead_id,
            )  # fmt: skip
        )
        # The last check counts: a failed one takes back an earlier passed one.
        now.case.visited_back_at = at if passed else None
        now.case.visit_back_due_at = None if passed else now.case.visit_back_due_at or at
        now.facts |= {"passed": passed, "photo": photo.sha256}
        now.add_text("text", text)
    return now.case


def check_with_photo(
    case_id: int, *, actor: Actor, at: datetime, passed: bool, text: str, content: bytes, name: str = ""
) -> Case:
    """Stores the photograph and records its check, in one transaction."""
    check_admission(case_id, Action.CHECK, actor=actor, at=at)
    with stored_files([(name, content)]) as stored, transaction.atomic():
        photo = put_on_record(case_id, stored[0], actor=actor, at=at)
        return check(case_id, actor=actor, at=at, passed=passed, text=text, photo_id=photo.pk)


@transaction.atomic
def send_back(case_id: int, *, actor: Actor, at: datetime, reason: str) -> Case:
    """Sends the case back to the lead after an insufficient result, with a new limit."""
    with transition(case_id, Action.SEND_BACK, actor=actor, at=at) as now:
        case = now.case
        rules = deadlines.rules_of(case)
        deadlines.start_finish(case, rules.finish, at)
        case.reported_at = case.visited_back_at = case.visit_back_due_at = None
        for lead in now.assigned(Relation.LEAD):
            now.change(lead, reported_at=None)
        now.add_text("reason", reason)
        outbox.queue_all(
            routing.notes_to_unit(now.message(messages.SENT_BACK), case, case.lead_id, at), at=at
        )
    return now.case


@transaction.atomic
def close(case_id: int, *, actor: Actor, at: datetime) -> Case:
    """Closes a case that is visited back, as are all cases merged into it."""
    with transition(case_id, Action.CLOSE, actor=actor, at=at) as now:
        waiting = merged_waiting(case_id)
        if waiting:
            numbers = "、".join(waiting[:5])
            raise Invalid(_("并入的案件还没有回访：%s。回访后再结案。") % numbers, fields={"merged": numbers})
        for assignment in list(now.assignments):
            now.end(assignment)
        now.case.closed_at = at
        notify_requester(now.message(messages.CLOSED), now.case, at)
        notify_supporters(now.message(messages.SUPPORTED_CLOSED), now.case, at)
    return now.case


def merged_waiting(case_id: int) -> list[str]:
    """Numbers of the merged cases that still wait for their visit-back."""
    waiting = Case.objects.filter(primary=case_id, visited_back_at=None)
    return list(waiting.order_by("id").values_list("number", flat=True))
