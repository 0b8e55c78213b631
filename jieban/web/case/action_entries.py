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

from jieban.base.errors import Missing, NotAllowed, NotFound, Refused, WrongState
from jieban.cases import actions
from jieban.cases.access import offers
from jieban.cases.access.rules import REQUESTERS
from jieban.cases.flow.action import Do
from jieban.cases.flow.enums import Relation, VisitKind
from jieban.cases.flow.states import State
from jieban.cases.lists import case_detail, case_list
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor
from jieban.web.case import action_forms
from jieban.web.page.page_models import Act


@dataclass(frozen=True, slots=True)
class Entry:
    """An action on the page: its form, the words on its button, what to know before."""

    form: type[action_forms.ActForm]
    button: str | Promise
    note: str | Promise = ""


# VISIT_BACK has a page of its own. Timers and the platform alone warn and recompute.
ENTRIES: dict[Do, Entry] = {
    Do.ANSWER_NOW: Entry(action_forms.AnswerNow, _("答复并结束")),
    Do.DISPATCH: Entry(action_forms.Dispatch, _("派单")),
    Do.SIGN: Entry(action_forms.Plain, _("签收"), _("签收后由本单位负责到底。不属于本单位职责的，请退单。")),
    Do.SETTLE: Entry(action_forms.Settle, _("作出裁定")),
    Do.ARRIVE: Entry(action_forms.Arrive, _("报到")),
    Do.RECORD_VISIT: Entry(action_forms.RecordVisit, _("保存见面记录")),
    Do.CO_REPORT: Entry(action_forms.CoReport, _("回复主办单位")),
    Do.REPORT_RESULT: Entry(action_forms.ReportResult, _("报结")),
    Do.GRANT: Entry(action_forms.Grant, _("同意")),
    Do.REFUSE: Entry(action_forms.Note, _("不同意")),
    Do.CLOSE: Entry(action_forms.Plain, _("结案")),
    Do.CHECK: Entry(action_forms.CheckOnSpot, _("提交核查")),
    Do.REVIEW: Entry(action_forms.Review, _("记录复核")),
    Do.RESUME: Entry(action_forms.Note, _("恢复办理"), _("恢复后时限按挂账的时间顺延。")),
    Do.SEND_BACK: Entry(action_forms.Reason, _("退回重办")),
    Do.REOPEN: Entry(action_forms.Reopen, _("重新办理")),
    Do.HAND_DOWN: Entry(action_forms.HandDown, _("下派")),
    Do.WHISTLE: Entry(action_forms.WhistleForm, _("吹哨")),
    Do.DISPUTE: Entry(action_forms.DisputeForm, _("提出退单")),
    Do.REQUEST_EXTENSION: Entry(action_forms.RequestExtension, _("申请延期")),
    Do.PUT_ON_ACCOUNT: Entry(action_forms.PutOnAccount, _("提交挂账")),
    Do.MERGE: Entry(action_forms.ByNumber, _("并入主件")),
    Do.UNMERGE: Entry(action_forms.Plain, _("撤销并案")),
    Do.SPLIT: Entry(action_forms.Split, _("拆分")),
    Do.DECLINE: Entry(action_forms.Decline, _("不予受理")),
    Do.HAND_OVER: Entry(action_forms.HandOver, _("记录移交")),
    Do.RECLASSIFY: Entry(action_forms.Reclassify, _("保存更正")),
    Do.MARK_URGENT: Entry(action_forms.MarkUrgent, _("保存")),
    Do.REMIND: Entry(action_forms.Note, _("催办")),
    Do.SUPERVISE: Entry(action_forms.Supervise, _("下达督办")),
    Do.ESCALATE: Entry(action_forms.Note, _("提级")),
    Do.TAKE_OVER: Entry(action_forms.TakeOver, _("提办")),
    Do.ATTACH: Entry(action_forms.Attach, _("上传")),
    Do.ADD_NOTE: Entry(action_forms.NoteWithFiles, _("保存备注"), _("备注不给来电人看。")),
    Do.WITHDRAW: Entry(action_forms.Withdraw, _("撤诉"), _("撤诉后不再办理。")),
    Do.SUPPLEMENT: Entry(action_forms.Note, _("保存补充")),
    Do.PUBLISH: Entry(
        action_forms.Publish,
        _("公开"),
        _("公开后居民可以看到标题和简介，并表示支持。不要写姓名、门牌和电话。"),
    ),
    Do.UNPUBLISH: Entry(action_forms.Plain, _("撤下"), _("撤下后公开页面不再显示，支持记录保留。")),
    Do.ERASE: Entry(action_forms.Erase, _("清除个人信息")),
}
# What the person most likely came for, the first that is possible.
MAIN = (
    Do.SETTLE, Do.SIGN, Do.ARRIVE, Do.CO_REPORT, Do.GRANT, Do.CHECK, Do.CLOSE, Do.ANSWER_NOW, Do.DISPATCH,
    Do.REVIEW, Do.REOPEN,
)  # fmt: skip
# What may be done to several like cases at once.
AT_ONCE = frozenset({Do.DISPATCH})
MOST_AT_ONCE = 50
# The keys that open an action where it is offered; the same on every page.
KEYS: dict[Do, str] = {
    Do.ANSWER_NOW: "A", Do.DECLINE: "X", Do.MERGE: "M", Do.SPLIT: "S", Do.RECLASSIFY: "C", Do.MARK_URGENT: "U",
    Do.REMIND: "R", Do.ADD_NOTE: "N", Do.DISPUTE: "T", Do.HAND_DOWN: "H", Do.WHISTLE: "W", Do.RECORD_VISIT: "V",
    Do.REPORT_RESULT: "B", Do.REQUEST_EXTENSION: "E", Do.PUT_ON_ACCOUNT: "G", Do.REFUSE: "F", Do.SUPERVISE: "D",
    Do.ATTACH: "P", Do.ESCALATE: "L", Do.TAKE_OVER: "O",
}  # fmt: skip
MAIN_STATES = {Do.REOPEN: frozenset({State.CLOSED})}


def acts_of(
    case: Case,
    actor: Actor,
    at: datetime,
    failed: tuple[Do, action_forms.ActForm] | None = None,
    desk: str = "",
) -> list[Act]:
    """The actions that this post may take now. Only the main one and one that failed carry their form.

    `desk` names the queue to go on with afterwards.
    """
    offered = [do for do in offers.offered(case, actor, at) if do in ENTRIES]
    main = main_of(case, offered, actor)
    if failed and failed[0] not in offered:
        offered.append(failed[0])
    forms = {do: make_form(do, case, actor, at) for do in offered if do == main}
    if failed:
        forms[failed[0]] = failed[1]
    order = list(ENTRIES)
    return [_act(case, do, forms.get(do), do == main, desk) for do in sorted(offered, key=order.index)]


def main_of(case: Case, offered: list[Do], actor: Actor) -> Do | None:
    """The action that is shown open: the next step of the case for this post."""
    if actor.role in REQUESTERS:
        return None
    leads = any(a.unit_id in actor.unit_ids and a.relation == Relation.LEAD for a in case.active)  # type: ignore[attr-defined]
    if leads and Do.REPORT_RESULT in offered:
        made = {visit.kind for visit in case.made_visits}  # type: ignore[attr-defined]
        met = {VisitKind.NEEDS, VisitKind.OPINION} <= made or Do.RECORD_VISIT not in offered
        return Do.REPORT_RESULT if met else Do.RECORD_VISIT
    return next((do for do in MAIN if do in offered and case.state in MAIN_STATES.get(do, State)), None)


def _act(case: Case, do: Do, form: action_forms.ActForm | None, main: bool, desk: str = "") -> Act:
    entry = ENTRIES[do]
    url = reverse("act", args=[case.number, do.value]) + (f"?{urlencode({'desk': desk})}" if desk else "")
    return Act(do.value, str(do.label), str(entry.button), url, form, main, str(entry.note), KEYS.get(do, ""))


def make_form(
    do: Do, case: Case, actor: Actor, at: datetime, *sent: Any, phone: bool = False
) -> action_forms.ActForm:
    """The form of an action, empty or with what was sent. A phone brings photographs in its own way."""
    form = ENTRIES[do].form(*sent, case=case, actor=actor, at=at, auto_id=f"{do.value}_%s")
    if "papers" in form.fields and (phone or Do.ATTACH not in offers.possible(case, actor)):
        del form.fields["papers"]
    return form


def with_form(do: Do, case: Case, form: action_forms.ActForm) -> Act:
    """One action with a form that was made elsewhere."""
    return _act(case, do, form, False)


def one(do: Do, case: Case, actor: Actor, at: datetime, desk: str = "", *, phone: bool = False) -> Act:
    """One action with its form. Raises NotAllowed when this post may not take it now."""
    if do not in offers.possible(case, actor):
        raise NotAllowed(_refused(do))
    return _act(case, do, make_form(do, case, actor, at, phone=phone), False, desk)


def named(name: str) -> Do:
    """Raises NotFound when pages offer no such action."""
    if name not in Do.values or Do(name) not in ENTRIES:
        raise NotFound(str(_("没有这一项操作。请回到这件诉求重新选择。")))
    return Do(name)


def _refused(do: Do) -> str:
    return str(_("您的岗位现在不能办理“%(action)s”。请回到这件诉求，查看可办理的事项。")) % {
        "action": do.label
    }


def perform(
    request: HttpRequest, do: Do, case: Case, actor: Actor, at: datetime
) -> tuple[action_forms.ActForm, int] | None:
    """Does what the sent form says. What did not fit comes back: the form with its errors, and the status."""
    form = make_form(do, case, actor, at, request.POST, request.FILES)
    if not form.is_valid():
        return form, Missing.status
    try:
        _call(do)(case.pk, actor=actor, at=at, **form.wanted())
    except (Missing, WrongState) as refused:
        form.refuse(refused.fields, refused.message)
        return form, refused.status
    return None


def also(request: HttpRequest, do: Do, actor: Actor, at: datetime) -> tuple[list[str], list[str]]:
    """Does the same to the like cases that were ticked, each by itself: which were done, and why others not."""
    done: list[str] = []
    refused: list[str] = []
    for number in request.POST.getlist("also")[:MOST_AT_ONCE] if do in AT_ONCE else []:
        try:
            failed = perform(request, do, case_detail.case_of(number, actor), actor, at)
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


def _call(do: Do) -> Callable[..., Any]:
    """The action of a sent form; where files come with it, the one that takes them."""
    taking: dict[Do, Callable[..., Any]] = {Do.CHECK: actions.check_with_photo, Do.ATTACH: actions.attach_all}
    action: Callable[..., Any] = taking.get(do) or getattr(actions, do.value)
    return (
        partial(actions.with_files, action, do)
        if issubclass(ENTRIES[do].form, action_forms.WithFiles)
        else action
    )


def after(case: Case, actor: Actor) -> str:
    """Where to go on: the case, or the list when the case is now out of the post's sight."""
    if case_list.visible_to(actor).filter(pk=case.pk).exists():
        return reverse("case", args=[case.number])
    return reverse("cases")
