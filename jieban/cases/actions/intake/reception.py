"""Immediate ends of a case: answered, declined, handed over to an emergency service."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.cases.actions.door.transition import CaseChange, transition
from jieban.cases.actions.intake.receive import notify_duty_leader
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import DeclineReason, EmergencyService
from jieban.cases.flow.states import CaseKind
from jieban.cases.models import Case
from jieban.channels import outbox
from jieban.registry.identity.posts import Actor
from jieban.registry.models import ArticleVersion


@transaction.atomic
def answer_now(case_id: int, *, actor: Actor, at: datetime, text: str, article: str = "") -> Case:
    """Answers a consultation at once (即时答复).

    `article` names the knowledge article and its version, as in 12/3, so that answers given by a wrong article can be
    found.
    """
    with transition(case_id, Action.ANSWER_NOW, actor=actor, at=at) as now:
        now.add_text("answer", text)
        now.facts |= _article_facts(article)
        _stop_contact(now)
    return now.case


def _article_facts(article: str) -> dict[str, Any]:
    pk, _slash, number = article.partition("/")
    if not article:
        return {}
    if not (pk.isdecimal() and number.isdecimal()):
        raise Invalid(_("没有这条知识，请重新从知识库选用。"), fields={"text": _("知识条目不对")})
    found = ArticleVersion.objects.filter(article=int(pk), number=int(number)).first()
    if found is None:
        raise Invalid(_("没有这条知识，请重新从知识库选用。"), fields={"text": _("知识条目不对")})
    return {"article": found.article_id, "article_version": found.number, "article_title": found.title}


def _stop_contact(now: CaseChange) -> None:
    if now.case.contact_due_at and not now.case.contact_met_at:
        now.case.contact_met_at = now.at


@transaction.atomic
def decline(
    case_id: int, *, actor: Actor, at: datetime, reason: str, told: str, danger: bool = False
) -> Case:
    """Declines a case (不予受理), with a reason from the list and the advice that the requester got."""
    with transition(case_id, Action.DECLINE, actor=actor, at=at) as now:
        allowed = set(DeclineReason.values) - {DeclineReason.EMERGENCY}
        if now.case.kind != CaseKind.PATROL:
            allowed -= {DeclineReason.NOT_FILED}
        if reason not in allowed:
            raise Invalid(
                _("请从列表中选择不予受理的理由；紧急情况由话务员移交紧急服务。"),
                fields={"reason": _("请选择理由")},
            )
        now.facts["reason"] = reason
        now.add_text("told", told)
        outbox.queue(
            now.message(messages.DECLINED), about=now.case.number, person_id=now.case.requester_id, at=at
        )
        if danger:
            now.facts["danger"] = True
            notify_duty_leader(now.case, at)
    return now.case


@transaction.atomic
def hand_over(
    case_id: int, *, actor: Actor, at: datetime, service: str, called_at: datetime, said: str
) -> Case:
    """Hands the case over to 110, 119, 120 or 122, with the time and the content of the call."""
    with transition(case_id, Action.HAND_OVER, actor=actor, at=at) as now:
        if service not in EmergencyService.values:
            raise Invalid(_("请选择移交给哪个紧急服务。"), fields={"service": "110、119、120、122"})
        if called_at > at:
            raise Invalid(_("通话时间不能晚于现在。"), fields={"called_at": _("晚于现在")})
        now.facts |= {"service": service, "called_at": called_at, "reason": DeclineReason.EMERGENCY}
        now.add_text("said", said)
        notify_duty_leader(now.case, at)
    return now.case
