"""Page model of a case on a phone: the next step with its time limit, and a checklist."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.cases.access import offers, rules
from jieban.cases.access.guards import is_visited
from jieban.cases.actions.offline import SENDABLE_ACTIONS
from jieban.cases.checks.readiness import missing_of, readiness_of
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import SHARE_RELATIONS, Relation, VisitKind
from jieban.cases.flow.states import State
from jieban.cases.lists.field_tasks import Task, TaskClock, task_of
from jieban.cases.models import Assignment, Case, CaseDetail
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Party
from jieban.web.case import case_page
from jieban.web.field.rounds import CLOCK_LABELS, next_words, place_words
from jieban.web.page.page_models import Progress
from jieban.web.page.time_words import clock_words, due_words

MEETINGS = {
    VisitKind.NEEDS: gettext_lazy("访需求：听清要什么"),
    VisitKind.OPINION: gettext_lazy("访意见：问对办法的意见"),
    VisitKind.EFFECT: gettext_lazy("访效果：问结果怎么样"),
}


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """Item of the checklist; `url` leads to the page where it is done."""

    label: str
    state: Progress
    note: str = ""
    at: datetime | None = None
    url: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class FooterButton:
    """Button in the footer of the page."""

    label: str
    url: str


def context(case: CaseDetail, actor: Actor, at: datetime) -> dict[str, Any]:
    """Template context of the phone's page of a case; the case comes from `case_detail.get_case_detail`."""
    task, offered = task_of(case, actor), offered_to(case, actor, at)
    main = _main_button(case, task, offered)
    return {
        "now": at,
        "title": case.subject,
        "case": case,
        "place": place_words(case),
        "sentence": next_step_text(case, task, at),
        "clock": clock_words(task.due, at, start=task.assigned_at) if task else None,
        "clock_label": CLOCK_LABELS[task.clock] if task else "",
        "said": case_page.visible_text(case, actor),
        "summary": case_page.visible_summary(case, actor),
        "requester": case_page.requester_card(case, actor),
        "may_call": rules.may_see_contact(case, actor) and bool(case.words.phone),
        "stops": checklist(case, actor, offered, main),
        "reminders": case_page.non_blocking_remarks(case, actor, at),
        "main": main,
        "more": [
            _footer_button(case, do)
            for do in offered
            if main is None or _footer_button(case, do).url != main.url
        ],
        "attachments": list(case.attachments.order_by("id")) if rules.may_see_text(actor) else [],
    }


def offered_to(case: Case, actor: Actor, at: datetime) -> list[Action]:
    """The actions that the post may send from a phone now, in the order of the work."""
    possible = offers.offered_actions(case, actor, at)
    return [do for do in SENDABLE_ACTIONS if do in possible]


def next_step_text(case: CaseDetail, task: Task | None, at: datetime) -> str:
    """The next step and its time limit, in words."""
    if task is None or task.due is None:
        return case_page.first_line(case, at)
    due, following = due_words(task.due, at), next_words(task)
    text = {
        TaskClock.SIGN: _("请在%(due)s 前签收。"),
        TaskClock.CONTACT: _("请在%(due)s 前联系诉求人，记录访需求。"),
        TaskClock.FINISH: _("下一步：%(next)s。须在%(due)s 前报结。"),
        TaskClock.SHARE: _("下一步：%(next)s。须在%(due)s 前回复主办单位。"),
    }[task.clock] % {"due": due, "next": following}
    if task.due < at:
        return _("%(late)s。%(said)s") % {"late": clock_words(task.due, at).text, "said": text}
    return str(text)


def _url(case: Case, do: Action, **query: str) -> str:
    address = reverse("field-act", args=[case.number, do.value])
    return f"{address}?{urlencode(query)}" if query else address


def _footer_button(case: Case, do: Action) -> FooterButton:
    return FooterButton(_("备注、拍照") if do == Action.ADD_NOTE else str(do.label), _url(case, do))


def _main_button(case: Case, task: Task | None, offered: list[Action]) -> FooterButton | None:
    """The button of the next step; None when this post has nothing to do."""
    if task is None:
        return None
    if task.clock == TaskClock.SIGN:
        return _footer_button(case, Action.SIGN) if Action.SIGN in offered else None
    missing = missing_of(case, task.readiness)
    meeting = next((name for name in missing if name in VisitKind.values), "")
    if meeting and Action.RECORD_VISIT in offered and task.relation in {Relation.LEAD, Relation.CHILD}:
        return FooterButton(
            _("记录%s") % VisitKind(meeting).label, _url(case, Action.RECORD_VISIT, kind=meeting)
        )
    last = Action.REPORT_RESULT if task.relation == Relation.LEAD else Action.CO_REPORT
    return _footer_button(case, last) if last in offered else None


def checklist(
    case: CaseDetail, actor: Actor, offered: list[Action], main: FooterButton | None
) -> list[ChecklistItem]:
    """Checklist: signature, meetings, replies, photographs and report; each done, current or missing."""
    active: list[Assignment] = case.active
    shares = [(row, row.unit_id in actor.unit_ids) for row in active if row.relation in SHARE_RELATIONS]
    if actor.profile.party is Party.COMPANY:
        return [_reply_item(row, case, offered) for row, mine in shares if mine]
    items = [*_signature_items(case, offered), *_meeting_items(case, offered, main)]
    items += [_reply_item(row, case, offered if mine else []) for row, mine in shares]
    if case.category is not None and case.category.needs_photo:
        has_photo = readiness_of([case])[case.pk].photo
        url = _url(case, Action.ADD_NOTE) if not has_photo and Action.ADD_NOTE in offered else ""
        items.append(ChecklistItem(_("现场照片"), "done" if has_photo else "open", url=url, button=_("拍照")))
    return [*items, _report_item(case, offered, main)]


def _signature_items(case: CaseDetail, offered: list[Action]) -> list[ChecklistItem]:
    lead = next((row for row in case.active if row.relation in {Relation.LEAD, Relation.NEXT_LEAD}), None)
    if lead is None:
        return []
    url = _url(case, Action.SIGN) if Action.SIGN in offered else ""
    state: Progress = "done" if lead.signed_at else "now" if url else "open"
    return [ChecklistItem(_("签收"), state, lead.unit.name, lead.signed_at, url, _("签收"))]


def _meeting_items(case: CaseDetail, offered: list[Action], main: FooterButton | None) -> list[ChecklistItem]:
    if not is_visited(case):
        return []
    visits = {visit.kind: visit for visit in case.made_visits}
    items = []
    for kind, label in MEETINGS.items():
        visit = visits.get(kind)
        if visit is not None:
            items.append(ChecklistItem(str(label), "done", visit.get_way_display(), visit.at))
            continue
        url = _url(case, Action.RECORD_VISIT, kind=kind.value) if Action.RECORD_VISIT in offered else ""
        state: Progress = "now" if main is not None and main.url == url else "open"
        items.append(
            ChecklistItem(
                str(label),
                state,
                _("报结不以此为条件") if kind == VisitKind.EFFECT else "",
                None,
                url,
                _("记录"),
            )
        )
    return items


def _reply_item(row: Assignment, case: Case, offered: list[Action]) -> ChecklistItem:
    url = _url(case, Action.CO_REPORT) if row.reported_at is None and Action.CO_REPORT in offered else ""
    label = _("%s回复主办单位") % row.unit.name
    state: Progress = "done" if row.reported_at else "now" if url else "open"
    return ChecklistItem(label, state, row.get_relation_display(), row.reported_at, url, _("回复"))


def _report_item(case: Case, offered: list[Action], main: FooterButton | None) -> ChecklistItem:
    url = _url(case, Action.REPORT_RESULT) if Action.REPORT_RESULT in offered else ""
    if case.state in {State.REPORTED, State.CLOSED}:
        return ChecklistItem(_("报结"), "done", "", case.reported_at)
    state: Progress = "now" if main is not None and main.url == url else "open"
    return ChecklistItem(_("报结"), state, "", None, url, _("填写"))
