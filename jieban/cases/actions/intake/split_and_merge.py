"""Splitting a case of several matters, and merging repeated cases about one matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, Refused
from jieban.base.text.cleaning import clean
from jieban.cases.actions.door.transition import CaseChange, lock_cases, transition
from jieban.cases.actions.intake.receive import Concern, receive_all
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation
from jieban.cases.flow.states import FINAL_STATES, State
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.models import Assignment, Case
from jieban.registry.identity.posts import Actor


@dataclass(frozen=True, slots=True)
class Matter:
    """Part of a message about one matter."""

    text: str
    subject: str = ""
    category_id: int | None = None
    nature: str = ""


@transaction.atomic
def split(case_id: int, *, actor: Actor, at: datetime, matters: Sequence[Matter]) -> list[Case]:
    """Creates a case for each of two or more matters; the requester sees only the original. Returns the children."""
    children: list[Case] = []
    with transition(case_id, Action.SPLIT, actor=actor, at=at) as now:
        if len(matters) < 2:
            raise Invalid(_("拆分至少要有两个事项，每个事项写明内容。"), fields={"matters": _("至少两项")})
        for assignment in list(now.assignments):
            now.end(assignment)
        now.case.lead = None
        concerns = [_concern_of(now.case, matter) for matter in matters]
        for answer in receive_all(concerns, actor=actor, at=at, parent=now.case):
            if isinstance(answer, Refused):
                raise answer
            children.append(answer.case)
        now.facts["children"] = [child.number for child in children]
    return children


def _concern_of(case: Case, matter: Matter) -> Concern:
    words = case.words
    return Concern(
        kind=case.kind,
        channel=case.channel,
        text=_require_text(matter.text),
        subject=matter.subject,
        name=unseal_text(words.name, "name"),
        phone=unseal_text(words.phone, "phone"),
        address=unseal_text(words.address, "address"),
        preferred_contact=words.preferred_contact,
        language=words.language,
        anonymous=case.anonymous,
        hidden=case.hidden,
        shared_with_property=case.shared_with_property,
        lat=case.lat,
        long=case.long,
        place_id=case.place_id,
        category_id=matter.category_id or case.category_id,
        nature=matter.nature or case.nature,
        urgency=case.urgency,
        sensitive=case.sensitive,
        complained_about_id=case.complained_about_id,
    )


def _require_text(text: str) -> str:
    if not clean(text):
        raise Invalid(_("每个事项都要写明内容。"), fields={"matters": _("有事项没有内容")})
    return text


@transaction.atomic
def merge(case_id: int, *, actor: Actor, at: datetime, primary_id: int) -> Case:
    """Merges the case into another about the same matter; its requester is still visited back."""
    lock_cases(case_id, primary_id)
    with transition(case_id, Action.MERGE, actor=actor, at=at) as now:
        primary = Case.objects.filter(pk=primary_id).first()
        _check_primary(now.case, primary)
        now.case.state_before_merge = now.case.state
        now.case.primary = primary
        for assignment in list(now.assignments):
            now.end(assignment, by_merge=True)
        now.case.lead = None
        now.facts["primary"] = primary.number if primary else ""
    return now.case


def _check_primary(case: Case, primary: Case | None) -> None:
    if primary is None or primary.pk == case.pk:
        problem = _("请选择另一件案件作为主件。")
    elif primary.state in FINAL_STATES or primary.state in {State.MERGED, State.SPLIT}:
        problem = _("主件“%s”，不能再并入。请选择正在办理的案件。") % primary.get_state_display()
    elif case.merged_cases.exists():
        problem = _("本件已有并入的案件，请以本件为主件，或先撤销并案。")
    else:
        return
    raise Invalid(problem, fields={"primary": problem})


@transaction.atomic
def unmerge(case_id: int, *, actor: Actor, at: datetime) -> Case:
    """Restores a merged case to its state before the merge."""
    with transition(case_id, Action.UNMERGE, actor=actor, at=at) as now:
        _detach(now)
    return now.case


def _detach(now: CaseChange) -> None:
    case = now.case
    now.to = State(case.state_before_merge)
    now.facts["primary"] = case.primary.number if case.primary else ""
    case.primary = None
    case.state_before_merge = ""
    ended = Assignment.objects.filter(case=case, ended_by_merge=True).order_by("id")
    for assignment in ended:
        now.change(assignment, ended_at=None, ended_by_merge=False)
        if assignment.relation == Relation.LEAD:
            case.lead_id = assignment.unit_id
