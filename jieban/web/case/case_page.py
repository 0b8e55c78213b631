"""Page model of one case: its summary line, stages, facts and timeline."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.cases.access import offers, rules
from jieban.cases.checks.readiness import still_missing
from jieban.cases.checks.result_remarks import remarks
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation, VisitKind
from jieban.cases.flow.rule_scope import Basis, finish_text
from jieban.cases.flow.states import CaseKind, Channel, State
from jieban.cases.lists import case_detail, contact_reads
from jieban.cases.models import Case, CaseDetail, CaseEvent, DeadlineRule
from jieban.cases.reception import telephone
from jieban.language.similarity.summary import one_line
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import ContactAccess, Right
from jieban.web.case import action_entries, file_links, suggestion_panel, timeline
from jieban.web.case.action_forms import ActForm
from jieban.web.page.page_models import Fact, Progress, RequesterCard, RequiredCheck, StageItem
from jieban.web.page.time_words import clock_words, day_words, due_words, duration_words, when_words

LONG_TEXT = 200  # characters; a longer message gets a summary line
TEXT_WITHHELD = gettext_lazy("您的岗位不能查看诉求内容。")


def page_context(
    case: CaseDetail, actor: Actor, at: datetime, failed: tuple[Action, ActForm] | None = None, desk: str = ""
) -> dict[str, Any]:
    """Template context of a case's page; the case comes from `case_detail.get_case_detail`.

    `desk` is the queue to go on with after an action.
    """
    events = case_detail.history_of(case)
    to_decide, waiting_words = _pending_decision(case, events)
    checks = required_checks(case) if Right.RESULT_CHECKS in actor.profile.rights else []
    text = visible_text(case, actor)
    return suggestion_panel.readings_context(case, actor, at, text, desk) | {
        "now": at,
        "title": case.subject,
        "case": case,
        "first_line": first_line(case, at),
        "stages": stages_of(case),
        "said": text,
        "summary": visible_summary(case, actor),
        "requester": requester_card(case, actor),
        "facts": facts_of(case, actor),
        "assignments": case.active,
        "checks": checks,
        "checks_title": _("报结须备") if is_found_on_patrol(case) else _("三见面"),
        "checks_words": _checks_words(checks),
        "reminders": non_blocking_remarks(case, actor, at),
        "attachments": file_links.attachment_items(case, actor),
        "steps": timeline.case_timeline(case, events, actor, at),
        "to_decide": to_decide,
        "words_to_decide": timeline.case_timeline(case, waiting_words, actor, at),
        "acts": action_entries.offered_actions(case, actor, at, failed, desk),
        "waiting": _("轮到您办理时，可以办的事项会出现在这里。"),
    }


def _pending_decision(case: CaseDetail, events: list[CaseEvent]) -> tuple[str, list[CaseEvent]]:
    """What waits for a decision, with the words written about it: a request, or both sides of a dispute."""
    if case.open_disputes:
        return _("退单双方意见"), _last(events, DISPATCH_ACTIONS) + _last(events, {Action.DISPUTE})
    if any(request.decided_at is None for request in case.requests_made):
        return _("申请内容"), _last(events, {Action.REQUEST_EXTENSION, Action.PUT_ON_ACCOUNT})
    return "", []


DISPATCH_ACTIONS = {Action.DISPATCH, Action.SETTLE}


def _last(events: list[CaseEvent], actions: set[Action]) -> list[CaseEvent]:
    return [event for event in events if event.action in actions][-1:]


def visible_text(case: Case, actor: Actor) -> str:
    """The requester's text, as far as this post may read it."""
    if not rules.may_see_text(actor):
        return str(TEXT_WITHHELD)
    return (
        _("个人信息已按规定清除。")
        if case.words.erased_at
        else rules.mask_for_case(case.words.text, case, actor)
    )


def visible_summary(case: Case, actor: Actor) -> str:
    """Summary line of a long message, in its own words; empty for a short one."""
    if not rules.may_see_text(actor) or case.words.erased_at or len(case.words.text) < LONG_TEXT:
        return ""
    return rules.mask_for_case(one_line(case.words.text), case, actor)


def first_line(case: CaseDetail, at: datetime) -> str:
    """Summary of the case in one sentence: who does what until when."""
    lead = case.lead.name if case.lead else ""
    finish = due_words(case.finish_due_at, at) if case.finish_due_at else _("规定时限")
    match State(case.state):
        case State.RECEIVED:
            return _("已受理，等待派单；%s 前办结。") % finish
        case State.DISPATCHED:
            return _dispatched_words(case, lead, at)
        case State.HANDLING:
            if case.finish_due_at and case.finish_due_at < at:
                over = clock_words(case.finish_due_at, at).text
                return _("%(lead)s正在办理：应在%(finish)s 前报结，%(over)s。") % {
                    "lead": lead, "finish": finish, "over": over,
                }  # fmt: skip
            if case.contact_due_at and case.contact_met_at is None and at < case.contact_due_at:
                contact = due_words(case.contact_due_at, at)
                return _("%(lead)s正在办理：工作人员最晚%(contact)s 前联系诉求人，%(finish)s 前报结。") % {
                    "lead": lead, "contact": contact, "finish": finish,
                }  # fmt: skip
            return _("%(lead)s正在办理，%(finish)s 前报结。") % {"lead": lead, "finish": finish}
        case State.ON_ACCOUNT:
            return _("暂时不能解决，已挂账，%s复核；恢复办理后时限顺延。") % _day(case)
        case State.REPORTED:
            return _reported_words(case, lead, at)
        case _:
            return _ended_words(case, at)


def _day(case: Case) -> str:
    return day_words(case.review_on) if case.review_on else ""


def _dispatched_words(case: CaseDetail, lead: str, at: datetime) -> str:
    if any(a.relation == Relation.NEXT_LEAD for a in case.active):
        following = next(a for a in case.active if a.relation == Relation.NEXT_LEAD)
        return _("已改派%(next)s，签收前仍由%(lead)s负责。") % {"next": following.unit.name, "lead": lead}
    current = next((a for a in case.active if a.relation == Relation.LEAD), None)
    due = due_words(current.sign_due_at, at) if current and current.sign_due_at else ""
    return _("已派给%(lead)s，应在%(due)s 前签收。") % {"lead": lead, "due": due}


def _reported_words(case: Case, lead: str, at: datetime) -> str:
    if case.kind == CaseKind.PATROL and case.visited_back_at is None:
        return _("%s已报结，等待其他人员现场核查。") % lead
    if case.visited_back_at is not None:
        return _("%(when)s已回访，等待结案。") % {"when": when_words(case.visited_back_at, at)}
    if case.visit_back_due_at is None:
        return _("%s已报结。") % lead
    return _("%(lead)s已报结，热线%(due)s 前回访。") % {
        "lead": lead,
        "due": due_words(case.visit_back_due_at, at),
    }


def _ended_words(case: Case, at: datetime) -> str:
    match State(case.state):
        case State.CLOSED:
            return _("%s结案。") % (when_words(case.closed_at, at) if case.closed_at else "")
        case State.MERGED:
            return _("已并入 %s，随主件办理；主件报结后单独回访。") % (
                case.primary.number if case.primary else ""
            )
        case State.ANSWERED:
            return _("已当场答复。")
        case State.SPLIT:
            return _("已拆分，各个事项分别办理。")
        case State.WITHDRAWN:
            return _("诉求人已撤诉。")
    return _("不予受理，已告知诉求人。")


# The stages of an ordinary case; each has been passed from the state given here.
STAGE_ORDER = [State.RECEIVED, State.DISPATCHED, State.HANDLING, State.REPORTED, State.CLOSED]


def stages_of(case: CaseDetail) -> list[StageItem]:
    """The stages of the case: reached, current, and to come."""
    if case.state in {State.ANSWERED, State.DECLINED, State.MERGED, State.SPLIT, State.WITHDRAWN}:
        return [
            StageItem(_("受理"), "done", case.received_at),
            StageItem(case.get_state_display(), "done"),
        ]
    lead = next((a for a in case.active if a.relation == Relation.LEAD), None)
    place = STAGE_ORDER.index(State.HANDLING if case.state == State.ON_ACCOUNT else State(case.state))
    signed = lead.signed_at if lead else None
    stations: list[tuple[str, datetime | None, datetime | None]] = [
        (_("受理"), case.received_at, None),
        (_("派单"), case.dispatched_at, None),
        (_("签收"), signed, lead.sign_due_at if lead else None),
        (_("报结"), case.reported_at, case.finish_due_at),
        (
            _("核查") if case.kind == CaseKind.PATROL else _("回访"),
            case.visited_back_at,
            case.visit_back_due_at,
        ),
        (_("结案"), case.closed_at, None),
    ]
    passed = {State.RECEIVED: 1, State.DISPATCHED: 2, State.HANDLING: 3, State.REPORTED: 4, State.CLOSED: 6}
    done = passed[STAGE_ORDER[place]] + (1 if case.state == State.REPORTED and case.visited_back_at else 0)
    return [
        StageItem(label, _progress(index, done), at if index < done else None, due)
        for index, (label, at, due) in enumerate(stations)
    ]


def _progress(index: int, done: int) -> Progress:
    return "done" if index < done else "now" if index == done else "open"


def is_found_on_patrol(case: Case) -> bool:
    """Whether the case was found on a patrol, and has no requester."""
    return case.kind == CaseKind.PATROL and case.requester_id is None


def requester_card(case: Case, actor: Actor) -> RequesterCard:
    """The requester's card, masked; with a URL to see more where this post may."""
    if is_found_on_patrol(case):
        return RequesterCard(_("巡查发现，没有诉求人"), "")
    if Right.MASKED_CONTACT not in actor.profile.rights:
        return RequesterCard(_("不显示"), "", reveal_url=_reveal_url(case, actor))
    if case.hidden and actor.profile.contact is ContactAccess.WHILE_HANDLING:
        return RequesterCard(_("诉求人要求保密"), "")
    masked = contact_reads.masked_contact(case.words)
    return RequesterCard(masked.name or _("匿名"), masked.phone, reveal_url=_reveal_url(case, actor))


def _reveal_url(case: Case, actor: Actor) -> str:
    return reverse("contact", args=[case.number]) if rules.may_see_contact(case, actor) else ""


def facts_of(case: Case, actor: Actor) -> list[Fact]:
    """The facts of the case beside its text."""
    place = case.place or case.community or case.street
    street = case.street.name if case.street and place != case.street else ""
    facts = [
        Fact(_("地点"), place.name if place else _("待核实"), street),
        Fact(_("分类"), case.category.path if case.category else _("待分类")),
        Fact(_("难易"), case.get_grade_display(), _finish_text(case.finish_rule)),
    ]  # fmt: skip
    if case.urgency != "normal":
        facts.append(Fact(_("紧急程度"), case.get_urgency_display()))
    if case.provisional:
        facts.append(Fact(_("时限"), _("暂定"), _("节假日安排尚未公布，公布后重算")))
    facts += _call_facts(case)
    if case.primary:
        facts.append(Fact(_("主件"), case.primary.number))
    if case.parent and rules.may_see_inner_course(actor):
        facts.append(Fact(_("拆分自"), case.parent.number))
    if case.channel == Channel.IMPORT and case.source_ref:
        facts.append(Fact(_("来源编号"), case.source_ref))
    return facts


def _call_facts(case: Case) -> list[Fact]:
    """Facts of the telephone call, 通话 3 分 20 秒, where the case came in by one."""
    length = telephone.duration_of(case) if case.channel == Channel.PHONE else None
    return [] if length is None else [Fact(_("通话"), duration_words(length))]


def required_checks(case: CaseDetail) -> list[RequiredCheck]:
    """Conditions of the report: the three meetings, and what is still missing."""
    if case.state not in {State.DISPATCHED, State.HANDLING, State.ON_ACCOUNT, State.REPORTED, State.CLOSED}:
        return []
    made = {visit.kind: visit for visit in case.made_visits}
    names = {
        VisitKind.NEEDS: _("访需求：听清要什么"),
        VisitKind.OPINION: _("访意见：问对办法的意见"),
        VisitKind.EFFECT: _("访效果：问结果怎么样"),
    }
    if is_found_on_patrol(case):
        names = {}
    checks = [_meeting(label, made.get(kind)) for kind, label in names.items()]
    if case.state != State.HANDLING:
        return checks
    missing = still_missing(case, case.active)
    more = [RequiredCheck(label, "open") for key, label in missing.items() if key not in VisitKind.values]
    return checks + more


def non_blocking_remarks(case: Case, actor: Actor, at: datetime) -> list[str]:
    """Remarks on a result that was returned, for whoever reports the next one; they do not block the report."""
    if not case.round or not offers.is_possible(Action.REPORT_RESULT, case, actor, at):
        return []
    found = remarks(case, case.words, case_detail.result_of(case))
    return [remark.sentence for remark in found if not remark.blocks]


def _meeting(label: str, visit: Any) -> RequiredCheck:
    if visit is None:
        return RequiredCheck(label, "open")
    return RequiredCheck(label, "done", visit.get_way_display(), visit.at)


def _checks_words(checks: list[RequiredCheck]) -> str:
    missing = sum(check.state != "done" for check in checks)
    return _("还差 %d 项") % missing if missing else _("已齐全")


def _finish_text(rule: DeadlineRule | None) -> str:
    return finish_text(Basis(rule.basis), rule.amount) if rule else ""
