"""Which actions a case's page offers, with their forms, and how a sent form becomes an action."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from jieban.base.errors import Invalid, NotAllowed, NotFound, Refused, WrongState
from jieban.cases import actions
from jieban.cases.access import offers
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation, VisitKind
from jieban.cases.flow.states import State
from jieban.cases.lists import case_detail, case_list
from jieban.cases.models import Case, CaseDetail
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES
from jieban.web.case import action_forms
from jieban.web.page.page_models import OfferedAction


@dataclass(frozen=True, slots=True)
class PageAction:
    """An action on the page: its form, the words on its button, what to know before."""

    form: type[action_forms.ActForm]
    button: str | Promise
    note: str | Promise = ""


# VISIT_BACK has a page of its own. Timers and the platform alone warn and recompute.
PAGE_ACTIONS: dict[Action, PageAction] = {
    Action.ANSWER_NOW: PageAction(action_forms.AnswerNowForm, _("答复并结束")),
    Action.DISPATCH: PageAction(action_forms.DispatchForm, _("派单")),
    Action.SIGN: PageAction(
        action_forms.EmptyForm, _("签收"), _("签收后由本单位负责到底。不属于本单位职责的，请退单。")
    ),
    Action.SETTLE: PageAction(action_forms.SettleForm, _("作出裁定")),
    Action.ARRIVE: PageAction(action_forms.ArriveForm, _("报到")),
    Action.RECORD_VISIT: PageAction(action_forms.RecordVisitForm, _("保存见面记录")),
    Action.CO_REPORT: PageAction(action_forms.CoReportForm, _("回复主办单位")),
    Action.REPORT_RESULT: PageAction(action_forms.ReportResultForm, _("报结")),
    Action.GRANT: PageAction(action_forms.GrantForm, _("同意")),
    Action.REFUSE: PageAction(action_forms.NoteForm, _("不同意")),
    Action.CLOSE: PageAction(action_forms.EmptyForm, _("结案")),
    Action.CHECK: PageAction(action_forms.CheckOnSpotForm, _("提交核查")),
    Action.REVIEW: PageAction(action_forms.ReviewForm, _("记录复核")),
    Action.RESUME: PageAction(action_forms.NoteForm, _("恢复办理"), _("恢复后时限按挂账的时间顺延。")),
    Action.SEND_BACK: PageAction(action_forms.ActReasonForm, _("退回重办")),
    Action.REOPEN: PageAction(action_forms.ReopenForm, _("重新办理")),
    Action.HAND_DOWN: PageAction(action_forms.HandDownForm, _("下派")),
    Action.WHISTLE: PageAction(action_forms.WhistleForm, _("吹哨")),
    Action.DISPUTE: PageAction(action_forms.DisputeForm, _("提出退单")),
    Action.REQUEST_EXTENSION: PageAction(action_forms.RequestExtensionForm, _("申请延期")),
    Action.PUT_ON_ACCOUNT: PageAction(action_forms.PutOnAccountForm, _("提交挂账")),
    Action.MERGE: PageAction(action_forms.MergeForm, _("并入主件")),
    Action.UNMERGE: PageAction(action_forms.EmptyForm, _("撤销并案")),
    Action.SPLIT: PageAction(action_forms.SplitCaseForm, _("拆分")),
    Action.DECLINE: PageAction(action_forms.DeclineForm, _("不予受理")),
    Action.HAND_OVER: PageAction(action_forms.HandOverCaseForm, _("记录移交")),
    Action.RECLASSIFY: PageAction(action_forms.ReclassifyForm, _("保存更正")),
    Action.MARK_URGENT: PageAction(action_forms.MarkUrgentForm, _("保存")),
    Action.REMIND: PageAction(action_forms.NoteForm, _("催办")),
    Action.SUPERVISE: PageAction(action_forms.SuperviseForm, _("下达督办")),
    Action.ESCALATE: PageAction(action_forms.NoteForm, _("提级")),
    Action.TAKE_OVER: PageAction(action_forms.TakeOverForm, _("提办")),
    Action.ATTACH: PageAction(action_forms.AttachForm, _("上传")),
    Action.ADD_NOTE: PageAction(action_forms.NoteWithFilesForm, _("保存备注"), _("备注不给来电人看。")),
    Action.WITHDRAW: PageAction(action_forms.WithdrawForm, _("撤诉"), _("撤诉后不再办理。")),
    Action.SUPPLEMENT: PageAction(action_forms.NoteForm, _("保存补充")),
    Action.PUBLISH: PageAction(
        action_forms.PublishForm,
        _("公开"),
        _("公开后居民可以看到标题和简介，并表示支持。不要写姓名、门牌和电话。"),
    ),
    Action.UNPUBLISH: PageAction(
        action_forms.EmptyForm, _("撤下"), _("撤下后公开页面不再显示，支持记录保留。")
    ),
    Action.ERASE: PageAction(action_forms.EraseForm, _("清除个人信息")),
}
# What the person most likely came for, the first that is possible.
MAIN_ACTIONS = (
    Action.SETTLE,
    Action.SIGN,
    Action.ARRIVE,
    Action.CO_REPORT,
    Action.GRANT,
    Action.CHECK,
    Action.CLOSE,
    Action.ANSWER_NOW,
    Action.DISPATCH,
    Action.REVIEW,
    Action.REOPEN,
)
# What may be done to several like cases at once.
BULK_ACTIONS = frozenset({Action.DISPATCH})
MOST_IN_BULK = 50
# The keys that open an action where it is offered; the same on every page.
SHORTCUTS: dict[Action, str] = {
    Action.ANSWER_NOW: "A",
    Action.DECLINE: "X",
    Action.MERGE: "M",
    Action.SPLIT: "S",
    Action.RECLASSIFY: "C",
    Action.MARK_URGENT: "U",
    Action.REMIND: "R",
    Action.ADD_NOTE: "N",
    Action.DISPUTE: "T",
    Action.HAND_DOWN: "H",
    Action.WHISTLE: "W",
    Action.RECORD_VISIT: "V",
    Action.REPORT_RESULT: "B",
    Action.REQUEST_EXTENSION: "E",
    Action.PUT_ON_ACCOUNT: "G",
    Action.REFUSE: "F",
    Action.SUPERVISE: "D",
    Action.ATTACH: "P",
    Action.ESCALATE: "L",
    Action.TAKE_OVER: "O",
}
MAIN_STATES = {Action.REOPEN: frozenset({State.CLOSED})}


def offered_actions(
    case: CaseDetail,
    actor: Actor,
    at: datetime,
    failed: tuple[Action, action_forms.ActForm] | None = None,
    desk: str = "",
) -> list[OfferedAction]:
    """The actions that this post may take now. Only the main one and one that failed carry their form.

    `desk` names the queue to go on with afterwards.
    """
    offered = [do for do in offers.offered_actions(case, actor, at) if do in PAGE_ACTIONS]
    main = main_action(case, offered, actor)
    if failed and failed[0] not in offered:
        offered.append(failed[0])
    forms = {do: make_form(do, case, actor, at) for do in offered if do == main}
    if failed:
        forms[failed[0]] = failed[1]
    order = list(PAGE_ACTIONS)
    return [
        _offered_action(case, do, forms.get(do), do == main, desk) for do in sorted(offered, key=order.index)
    ]


def main_action(case: CaseDetail, offered: list[Action], actor: Actor) -> Action | None:
    """The action that is shown open: the next step of the case for this post."""
    if actor.role in REQUESTER_ROLES:
        return None
    leads = any(a.unit_id in actor.unit_ids and a.relation == Relation.LEAD for a in case.active)
    if leads and Action.REPORT_RESULT in offered:
        made = {visit.kind for visit in case.made_visits}
        met = {VisitKind.NEEDS, VisitKind.OPINION} <= made or Action.RECORD_VISIT not in offered
        return Action.REPORT_RESULT if met else Action.RECORD_VISIT
    return next(
        (do for do in MAIN_ACTIONS if do in offered and case.state in MAIN_STATES.get(do, State)), None
    )


def _offered_action(
    case: Case, do: Action, form: action_forms.ActForm | None, main: bool, desk: str = ""
) -> OfferedAction:
    entry = PAGE_ACTIONS[do]
    url = reverse("act", args=[case.number, do.value]) + (f"?{urlencode({'desk': desk})}" if desk else "")
    return OfferedAction(
        do.value, str(do.label), str(entry.button), url, form, main, str(entry.note), SHORTCUTS.get(do, "")
    )


def make_form(
    do: Action, case: CaseDetail, actor: Actor, at: datetime, *sent: Any, phone: bool = False
) -> action_forms.ActForm:
    """The form of an action, empty or with what was sent. A phone brings photographs in its own way."""
    form = PAGE_ACTIONS[do].form(*sent, case=case, actor=actor, at=at, auto_id=f"{do.value}_%s")
    if "papers" in form.fields and (phone or not offers.is_possible(Action.ATTACH, case, actor, at)):
        del form.fields["papers"]
    return form


def action_with_given_form(do: Action, case: Case, form: action_forms.ActForm) -> OfferedAction:
    """One action with a form that was made elsewhere."""
    return _offered_action(case, do, form, False)


def action_with_form(
    do: Action, case: CaseDetail, actor: Actor, at: datetime, desk: str = "", *, phone: bool = False
) -> OfferedAction:
    """One action with its form. Raises NotAllowed when this post may not take it now."""
    if not offers.is_possible(do, case, actor, at):
        raise NotAllowed(_refusal_message(do))
    return _offered_action(case, do, make_form(do, case, actor, at, phone=phone), False, desk)


def action_by_name(name: str) -> Action:
    """Raises NotFound when pages offer no such action."""
    if name not in Action.values or Action(name) not in PAGE_ACTIONS:
        raise NotFound(str(_("没有这一项操作。请回到这件诉求重新选择。")))
    return Action(name)


def _refusal_message(do: Action) -> str:
    return str(_("您的岗位现在不能办理“%(action)s”。请回到这件诉求，查看可办理的事项。")) % {
        "action": do.label
    }


def perform(
    request: HttpRequest, do: Action, case: CaseDetail, actor: Actor, at: datetime
) -> tuple[action_forms.ActForm, int] | None:
    """Does what the sent form says. What did not fit comes back: the form with its errors, and the status."""
    form = make_form(do, case, actor, at, request.POST, request.FILES)
    if not form.is_valid():
        return form, Invalid.status
    try:
        _action_function(do)(case.pk, actor=actor, at=at, **form.wanted())
    except (Invalid, WrongState) as refused:
        form.refuse(refused.fields, refused.message)
        return form, refused.status
    return None


def perform_on_others(
    request: HttpRequest, do: Action, actor: Actor, at: datetime
) -> tuple[list[str], list[str]]:
    """Does the same to the like cases that were ticked, each by itself: which were done, and why others not."""
    done: list[str] = []
    refused: list[str] = []
    for number in request.POST.getlist("also")[:MOST_IN_BULK] if do in BULK_ACTIONS else []:
        try:
            failed = perform(request, do, case_detail.get_case_detail(number, actor), actor, at)
        except Refused as why:
            refused.append(f"{number}：{why.message}")
        else:
            if failed is None:
                done.append(number)
            else:
                refused.append(f"{number}：{_first_error(failed[0])}")
    return done, refused


def _first_error(form: action_forms.ActForm) -> str:
    return next((str(errors[0]) for errors in form.errors.values()), "")


def _action_function(do: Action) -> Callable[..., Any]:
    """The action of a sent form; where files come with it, the one that takes them."""
    taking: dict[Action, Callable[..., Any]] = {
        Action.CHECK: actions.check_with_photo,
        Action.ATTACH: actions.attach_all,
    }
    action: Callable[..., Any] = taking.get(do) or getattr(actions, do.value)
    return (
        partial(actions.act_with_files, action, do)
        if issubclass(PAGE_ACTIONS[do].form, action_forms.ActFormWithFiles)
        else action
    )


def url_after_action(case: Case, actor: Actor) -> str:
    """Where to go on: the case, or the list when the case is now out of the post's sight."""
    if case_list.visible_to(actor).filter(pk=case.pk).exists():
        return reverse("case", args=[case.number])
    return reverse("cases")
