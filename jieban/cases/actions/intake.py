"""The ways a case may take before anybody is made responsible, and those by which it ends or begins anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base import filestore
from jieban.base.clock import local_date
from jieban.base.errors import Missing, Refused, WrongState
from jieban.base.text import clean
from jieban.cases import deadlines, routing
from jieban.cases.actions.receiving import Concern, receive_all, tell_duty_leader
from jieban.cases.actions.step import Step, lock, step
from jieban.cases.flow import FINAL, DeclineReason, Do, EmergencyService, Kind, Nature, Relation, State
from jieban.cases.history import opened
from jieban.cases.models import (
    AlsoTold,
    Assignment,
    AttachmentBody,
    AttachmentFile,
    Call,
    Case,
    CaseEvent,
    CaseText,
    EventText,
    Limit,
    Reading,
    ResultMark,
    Support,
)
from jieban.channels import outbox
from jieban.registry.models import ArticleVersion
from jieban.registry.posts import SYSTEM, Actor


@transaction.atomic
def answer_now(case_id: int, *, actor: Actor, at: datetime, text: str, article: str = "") -> Case:
    """The operator answers a consultation at once (即时答复).

    `article` names what was read from the knowledge base and its version, 12/3: should it turn out wrong, the
    answers given by it are found.
    """
    with step(case_id, Do.ANSWER_NOW, actor=actor, at=at) as now:
        if now.case.nature != Nature.CONSULT:
            raise Missing(
                _("只有咨询可以即时答复。请先更正性质，或转派单员派单。"), fields={"nature": _("不是咨询")}
            )
        now.say("answer", text)
        now.facts |= _read_from(article)
        _stop_contact(now)
    return now.case


def _read_from(article: str) -> dict[str, Any]:
    pk, _slash, number = article.partition("/")
    if not article:
        return {}
    if not (pk.isdecimal() and number.isdecimal()):
        raise Missing(_("没有这条知识，请重新从知识库选用。"), fields={"text": _("知识条目不对")})
    found = ArticleVersion.objects.filter(article=int(pk), number=int(number)).first()
    if found is None:
        raise Missing(_("没有这条知识，请重新从知识库选用。"), fields={"text": _("知识条目不对")})
    return {"article": found.article_id, "article_version": found.number, "article_title": found.title}


def _stop_contact(now: Step) -> None:
    if now.case.contact_due_at and not now.case.contact_met_at:
        now.case.contact_met_at = now.at


@transaction.atomic
def decline(
    case_id: int, *, actor: Actor, at: datetime, reason: str, told: str, danger: bool = False
) -> Case:
    """Not taken on (不予受理): the reason from the list, and where the requester was told to go."""
    with step(case_id, Do.DECLINE, actor=actor, at=at) as now:
        allowed = set(DeclineReason.values) - {DeclineReason.EMERGENCY}
        if now.case.kind != Kind.PATROL:
            allowed -= {DeclineReason.NOT_FILED}
        if reason not in allowed:
            raise Missing(
                _("请从列表中选择不予受理的理由；紧急情况由话务员移交紧急服务。"),
                fields={"reason": _("请选择理由")},
            )
        now.facts["reason"] = reason
        now.say("told", told)
        outbox.queue("declined", about=now.case.number, person_id=now.case.requester_id, at=at)
        if danger:
            now.facts["danger"] = True
            tell_duty_leader(now.case, at)
    return now.case


@transaction.atomic
def hand_over(
    case_id: int, *, actor: Actor, at: datetime, service: str, called_at: datetime, said: str
) -> Case:
    """Handed to 110, 119, 120 or 122 at once, by phone, with who was called when and what was said."""
    with step(case_id, Do.HAND_OVER, actor=actor, at=at) as now:
        if service not in EmergencyService.values:
            raise Missing(_("请选择移交给哪个紧急服务。"), fields={"service": "110、119、120、122"})
        if called_at > at:
            raise Missing(_("通话时间不能晚于现在。"), fields={"called_at": _("晚于现在")})
        now.facts |= {"service": service, "called_at": called_at, "reason": DeclineReason.EMERGENCY}
        now.say("said", said)
        tell_duty_leader(now.case, at)
    return now.case


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of a message that has several."""

    text: str
    subject: str = ""
    category_id: int | None = None
    nature: str = ""


@transaction.atomic
def split(case_id: int, *, actor: Actor, at: datetime, matters: Sequence[Matter]) -> list[Case]:
    """Two or more matters become cases of their own; the requester sees one. Returns the children."""
    children: list[Case] = []
    with step(case_id, Do.SPLIT, actor=actor, at=at) as now:
        if len(matters) < 2:
            raise Missing(_("拆分至少要有两个事项，每个事项写明内容。"), fields={"matters": _("至少两项")})
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
        text=_nonempty(matter.text),
        subject=matter.subject,
        name=opened(words.name, "name"),
        phone=opened(words.phone, "phone"),
        address=opened(words.address, "address"),
        preferred_contact=words.preferred_contact,
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


def _nonempty(text: str) -> str:
    if not clean(text):
        raise Missing(_("每个事项都要写明内容。"), fields={"matters": _("有事项没有内容")})
    return text


@transaction.atomic
def merge(case_id: int, *, actor: Actor, at: datetime, primary_id: int) -> Case:
    """The case follows another about the same matter; its requester stays to be visited back."""
    lock(case_id, primary_id)
    with step(case_id, Do.MERGE, actor=actor, at=at) as now:
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
    elif primary.state in FINAL or primary.state in {State.MERGED, State.SPLIT}:
        problem = _("主件“%s”，不能再并入。请选择正在办理的案件。") % primary.get_state_display()
    elif case.merged_cases.exists():
        problem = _("本件已有并入的案件，请以本件为主件，或先撤销并案。")
    else:
        return
    raise Missing(problem, fields={"primary": problem})


@transaction.atomic
def unmerge(case_id: int, *, actor: Actor, at: datetime) -> Case:
    """The case goes its own way again, from where it was."""
    with step(case_id, Do.UNMERGE, actor=actor, at=at) as now:
        _go_own_way(now)
    return now.case


def _go_own_way(now: Step) -> None:
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


@transaction.atomic
def withdraw(case_id: int, *, actor: Actor, at: datetime, reason: str = "") -> Case:
    """The requester takes the concern back (撤诉). Cases merged into it go their own way again."""
    followers = _lock_family(case_id)
    with step(case_id, Do.WITHDRAW, actor=actor, at=at) as now:
        now.say("reason", reason, required=False)
        now.case.paused_at = now.case.review_on = None
        for assignment in list(now.assignments):
            now.end(assignment)
        now.facts["released"] = [follower.number for follower in followers]
        for follower in followers:
            _release(follower, actor, at)
    return now.case


def _lock_family(case_id: int) -> list[Case]:
    """Locks a case and those merged into it, in the order of their ids; none can join meanwhile.

    Who joined since the family was read may come before the case in that order: then all locks are let go, by
    the savepoint, and taken anew.
    """
    while True:
        ids = _merged_into(case_id)
        before = transaction.savepoint()
        locked = lock(case_id, *ids)
        if _merged_into(case_id) == ids:
            return [locked[pk] for pk in ids]
        transaction.savepoint_rollback(before)


def _merged_into(case_id: int) -> list[int]:
    return list(Case.objects.filter(primary_id=case_id).order_by("id").values_list("id", flat=True))


def _release(follower: Case, actor: Actor, at: datetime) -> None:
    with step(follower.pk, Do.UNMERGE, actor=SYSTEM, at=at) as now:
        _go_own_way(now)
        now.facts["because"] = "primary_withdrawn"


@transaction.atomic
def reopen(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Taken up again: what is still wrong. A closed case goes back to its last lead, others to the desk."""
    with step(case_id, Do.REOPEN, actor=actor, at=at) as now:
        case = now.case
        now.say("still_wrong", text)
        days = deadlines.limit(Limit.Name.REOPEN_DAYS, local_date(case.received_at))
        ended_at = case.closed_at or _ended_at(case)
        if at > ended_at + timedelta(days=days):
            raise Missing(_("已超过 %d 天的重新办理期限，请作为新的诉求提出。") % days, code="too_late")
        case.reopened_count += 1
        case.closed_at = case.visited_back_at = case.visit_back_due_at = case.reported_at = None
        _restart_clocks(now)
        if now.to is None and State.HANDLING in now.move.to:
            _back_to_last_lead(now)
    return now.case


def _ended_at(case: Case) -> datetime:
    last = CaseEvent.objects.filter(case=case, action__in=[Do.ANSWER_NOW, Do.DECLINE, Do.HAND_OVER]).last()
    return last.at if last else case.received_at


def _restart_clocks(now: Step) -> None:
    """New limits by the rules of the day of receipt, counted from now."""
    rules = deadlines.rules_for(now.case.grade, now.case.kind, local_date(now.case.received_at))
    deadlines.start_contact(now.case, rules.contact, now.at)
    deadlines.start_finish(now.case, rules.finish, now.at)


def _back_to_last_lead(now: Step) -> None:
    last = (
        Assignment.objects.filter(case=now.case, relation=Relation.LEAD).order_by("-ended_at", "-id").first()
    )
    if last is None:
        raise WrongState(_("本件没有主办单位，请重新受理。"))
    now.assign(last.unit_id, Relation.LEAD, signed_at=now.at)
    now.case.lead_id = last.unit_id
    outbox.queue_all(routing.to_unit("reopened", now.case, last.unit_id, now.at), at=now.at)


@transaction.atomic
def erase(case_id: int, *, actor: Actor, at: datetime, ground: str) -> Case:
    """Erases the personal texts of a case that has ended; the history stays and still verifies."""
    with step(case_id, Do.ERASE, actor=actor, at=at) as now:
        now.facts["ground"] = ground
        if not ground.strip():
            raise Missing(_("请写明清除个人信息的依据。"), fields={"ground": _("必填")})
        EventText.objects.filter(case=now.case).update(text="", salt=b"", erased_at=at)
        AttachmentBody.objects.filter(attachment__case=now.case).delete()
        AlsoTold.objects.filter(case=now.case).delete()
        ResultMark.objects.filter(case=now.case).delete()
        Reading.objects.filter(case=now.case).update(words={})
        Call.objects.filter(case=now.case).update(number=b"")
        _erase_files(now.case)
        Support.objects.filter(case=now.case).update(phone=b"", phone_index=b"")
        outbox.forget(now.case.number)
        CaseText.objects.filter(case=now.case).update(
            text="", original=b"", name=b"", phone=b"", address=b"", preferred_contact="",
            salt=b"", search=None, erased_at=at,
        )  # fmt: skip
        now.case.subject = _("（个人信息已清除）")
        now.case.phone_index = b""
        now.case.lat = now.case.long = None
    return now.case


def _erase_files(case: Case) -> None:
    """The rows with this transaction, the files once it holds; what is cut off in between, the sweep removes."""
    rows = AttachmentFile.objects.filter(attachment__case=case)
    names = [name for row in rows.values_list("name", "thumb") for name in row]
    rows.delete()
    transaction.on_commit(partial(filestore.drop, *names), robust=True)
