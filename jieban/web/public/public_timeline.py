"""Page model of the requester's own case: status sentence, stages, timeline and actions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.clock import local, local_date
from jieban.cases.access import offers, rules
from jieban.cases.clocks import deadlines
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import VisitKind
from jieban.cases.flow.rule_scope import Basis, finish_text
from jieban.cases.flow.states import State
from jieban.cases.lists import attachment_reads, case_detail
from jieban.cases.models import Case, CaseDetail, CaseEvent, Limit
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES
from jieban.web.case import timeline
from jieban.web.page.page_models import Progress, StageItem, TimelineEntry
from jieban.web.page.time_words import day_words, due_words


@dataclass(frozen=True, slots=True)
class RequesterActionLink:
    """Link to an action that the requester can take now."""

    name: str
    label: str | Promise
    main: bool = False


def page_context(case: CaseDetail, actor: Actor, at: datetime) -> dict[str, Any]:
    """Template context of the page; the case comes from `case_detail.get_case_detail`."""
    events = case_detail.history_of(case)
    who, until = status_sentence(case, at)
    return {
        "now": at,
        "title": case.subject,
        "case": case,
        "who": who,
        "until": until,
        "stages": stages(case),
        "ways": requester_action_links(case, actor, at),
        "steps": plain_timeline(case, events, actor, at),
        "result": case_detail.result_of(case),
        "said": case.words.text,
        "limit": limit_words(case, at),
        "attachments": [row for row in attachment_reads.attachments_of(case, actor) if not row.erased],
        "parts": list(case.split_cases.select_related("lead").order_by("pk")),
        "erased": case.words.erased_at is not None,
    }


# Plain sentences for events whose usual sentence is office language.
PLAIN_TEXTS: dict[str, str | Promise] = {
    Action.RECEIVE: gettext_lazy("反映了这件事，已收到"),
    Action.SIGN: gettext_lazy("接下了这件事"),
    Action.RECORD_VISIT: gettext_lazy("联系了您"),
    Action.REPORT_RESULT: gettext_lazy("说已经办完"),
    Action.SEND_BACK: gettext_lazy("要求承办单位重新办理"),
    Action.GRANT: gettext_lazy("调整了办理时间"),
    Action.MERGE: gettext_lazy("把同一件事合在一起办"),
    Action.SPLIT: gettext_lazy("把几件事分开办"),
    Action.WITHDRAW: gettext_lazy("撤回了这件事"),
}


def plain_timeline(case: Case, events: list[CaseEvent], actor: Actor, at: datetime) -> list[TimelineEntry]:
    """Timeline in plain words, the latest first."""
    visible = [event for event in reversed(events) if rules.may_see_event(event.action, actor)]
    return [
        replace(
            step,
            what=str(PLAIN_TEXTS.get(event.action, step.what)),
            who=_("您") if event.role in REQUESTER_ROLES else step.who,
        )
        for event, step in zip(visible, timeline.case_timeline(case, events, actor, at), strict=True)
    ]


def status_sentence(case: Case, at: datetime) -> tuple[str, str]:
    """Status of the case in two short sentences: who does what, and until when."""
    lead = case.lead.name if case.lead else ""
    finish = due_words(case.finish_due_at, at) if case.finish_due_at else _("规定时限")
    match State(case.state):
        case State.RECEIVED:
            return _("已收到您的诉求。"), _("正在确定由哪个单位办理，%s 前给您结果。") % finish
        case State.DISPATCHED:
            return _("已交给%s。") % lead, _promised_text(case, finish, at)
        case State.HANDLING:
            return _("%s正在办理。") % lead, _promised_text(case, finish, at)
        case State.ON_ACCOUNT:
            day = day_words(case.review_on) if case.review_on else ""
            return _("这件事暂时还不能解决。"), _("%(lead)s没有放下，%(day)s再次研究。") % {
                "lead": lead,
                "day": day,
            }
        case State.REPORTED:
            return _("%s说已经办完。") % lead, _after_report(case, at)
        case State.CLOSED:
            return _("这件事已经结案。"), _("如果还没有解决，%s 前可以要求重新办理。") % _reopen_until(case)
    return ENDED_TEXTS[State(case.state)]


ENDED_TEXTS: dict[State, tuple[Any, Any]] = {
    State.ANSWERED: (gettext_lazy("已经答复您。"), gettext_lazy("答复写在下面；不清楚的可以要求重新办理。")),
    State.DECLINED: (gettext_lazy("这件事不能在这里办理。"), gettext_lazy("原因和该去哪里办写在下面。")),
    State.MERGED: (
        gettext_lazy("您反映的事和别人反映的是同一件，合在一起办。"),
        gettext_lazy("办完后会单独告诉您，也会请您评价。"),
    ),
    State.SPLIT: (gettext_lazy("您反映了几件事，已分开办理。"), gettext_lazy("每件事的进展写在下面。")),
    State.WITHDRAWN: (gettext_lazy("您已撤回这件诉求。"), gettext_lazy("需要时可以重新反映。")),
}


def _promised_text(case: Case, finish: str, at: datetime) -> str:
    if case.finish_due_at and case.finish_due_at <= at:
        return _("本应在%s 前给您结果，现在已经超时。您可以催一催，也可以拨打 12345。") % finish
    if case.contact_due_at and case.contact_met_at is None and at < case.contact_due_at:
        contact = due_words(case.contact_due_at, at)
        return _("工作人员最晚%(contact)s 前联系您，%(finish)s 前给您结果。") % {
            "contact": contact,
            "finish": finish,
        }
    return _("%s 前给您结果。") % finish


def _after_report(case: Case, at: datetime) -> str:
    if case.visited_back_at is not None:
        return _("您的评价已经记下，接下来由平台审核结案。")
    if case.visit_back_due_at is None:
        return _("请您评价：解决了没有，满意不满意。")
    due = due_words(case.visit_back_due_at, at)
    return _("请您评价。不方便在网上评价的，%s 前会有人打电话问您。") % due


def _reopen_until(case: Case) -> str:
    days = deadlines.limit(Limit.Name.REOPEN_DAYS, local_date(case.received_at))
    last = local((case.closed_at or case.received_at) + timedelta(days=days))
    return day_words(last.date())


def limit_words(case: Case, at: datetime) -> str:
    """The time limit and the reason for it."""
    if case.finish_rule is None or case.finish_due_at is None:
        return ""
    return _("这件事属于“%(grade)s”，%(rule)s：%(due)s 前给结果。") % {
        "grade": case.get_grade_display(),
        "rule": finish_text(Basis(case.finish_rule.basis), case.finish_rule.amount),
        "due": due_words(case.finish_due_at, at),
    }


def stages(case: CaseDetail) -> list[StageItem]:
    """Stages in plain words; empty where the case took another way."""
    if case.state in ENDED_TEXTS:
        return []
    made = {visit.kind for visit in case.made_visits}
    reported = case.state in {State.REPORTED, State.CLOSED}
    sent = case.lead_id is not None or reported
    to = _("已派给%s") % case.lead.name if case.lead else _("派给承办单位")
    stations = [
        (_("已收到"), True, case.received_at),
        (to, sent, case.dispatched_at),
        (_("听您说需求"), VisitKind.NEEDS in made or reported, case.contact_met_at),
        (_("办理中听您的意见"), VisitKind.OPINION in made or reported, None),
        (_("办完，请您评价"), case.visited_back_at is not None, case.visited_back_at),
    ]
    first_open = next((index for index, row in enumerate(stations) if not row[1]), len(stations))
    return [
        StageItem(label, _progress(index, done, first_open), when if done else None)
        for index, (label, done, when) in enumerate(stations)
    ]


def _progress(index: int, done: bool, first_open: int) -> Progress:
    return "done" if done else "now" if index == first_open else "open"


def requester_action_links(case: Case, actor: Actor, at: datetime) -> list[RequesterActionLink]:
    """Links to the actions that are possible now, the requested one first."""
    offered = set(offers.offered_actions(case, actor, at))
    reported = case.state == State.REPORTED
    links = [
        RequesterActionLink("rate", _("评价办理结果"), True) if Action.VISIT_BACK in offered else None,
        RequesterActionLink("still-wrong", _("还没解决"))
        if Action.VISIT_BACK in offered and reported
        else None,
        RequesterActionLink("reopen", _("还没解决，要求重新办理"), True)
        if Action.REOPEN in offered
        else None,
        RequesterActionLink("supplement", _("补充情况或照片"), Action.VISIT_BACK not in offered)
        if Action.SUPPLEMENT in offered
        else None,
        RequesterActionLink("remind", _("催一催")) if Action.REMIND in offered else None,
        RequesterActionLink("withdraw", _("事情已经解决，撤回")) if Action.WITHDRAW in offered else None,
    ]
    return [way for way in links if way]
