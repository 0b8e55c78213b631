"""Caller's list and the page of a visit-back call: three questions, or no answer; then the next call."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.cases import actions
from jieban.cases.access import offers
from jieban.cases.actions.ending.closing import LONGEST_RECORDING
from jieban.cases.checks.result_remarks import Remark, remarks
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Contacted, Satisfied, Solved
from jieban.cases.lists import case_detail, contact_reads
from jieban.cases.models import Case, VisitBack
from jieban.cases.reception import calling_list
from jieban.cases.reception.calling_list import CallingListRow
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES, Role
from jieban.web.case import case_page
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import radio_field, text_field
from jieban.web.page.forms import PageForm
from jieban.web.page.highlight import highlight_remarks
from jieban.web.page.page_models import RequesterCard, TimelineEntry
from jieban.web.page.time_words import day_words, due_words, when_words


class VisitBackForm(PageForm):
    """Form with the three questions; a refusal to answer counts as an answer."""

    contacted = radio_field(gettext_lazy("承办单位是否在时限内联系过您"), Contacted.choices)
    solved = radio_field(gettext_lazy("问题是否已经解决"), Solved.choices)
    satisfied = radio_field(gettext_lazy("对办理过程和结果是否满意"), Satisfied.choices)
    remark = text_field(gettext_lazy("来电人怎么说"), required=False)
    recording = forms.CharField(
        label=gettext_lazy("录音编号"), required=False, max_length=LONGEST_RECORDING, strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["recording"]

    def questions(self) -> list[tuple[forms.BoundField, list[tuple[Any, str]]]]:
        """Each question with its answers and the key of each answer: 1 2 3 in their order, and 0 for no answer."""
        return [(self[name], _with_keys(self[name])) for name in ("contacted", "solved", "satisfied")]


def _with_keys(field: forms.BoundField) -> list[tuple[Any, str]]:
    options = list(field)
    return [(option, "0" if option is options[-1] else str(place)) for place, option in enumerate(options, 1)]


@for_roles({Role.CALLER})
@require_GET
def call_list(request: ActorRequest) -> HttpResponse:
    """View of the calling list: the earliest time limit first; requesters who must not be called now are below."""
    actor, at = request.actor, now()
    after = request.GET.get("after", "")
    calls, hours = calling_list.calling_list(actor, at, after=after), calling_list.current_schedule()
    context = {
        "now": at,
        "title": _("待回访"),
        "open": hours.open_at(at),
        "closed_words": "" if hours.open_at(at) else _closed_words(at),
        "offers": [(offer, tries_words(offer, at)) for offer in calls.now],
        "later": [(offer, tries_words(offer, at)) for offer in calls.later],
        "next_url": f"?after={calls.next}" if calls.next else "",
        "first_url": reverse("visit-backs") if after else "",
    }
    return render(request, "desks/visit_back_list.html", context)


def _closed_words(at: datetime) -> str:
    hours = calling_list.current_schedule()
    opens = hours.opens_at(at)
    begins = _("%s 开始打。") % when_words(opens, at) if opens else _("没有设定回访时间，请联系系统管理员。")
    return f"{hours.why_closed(at)}{begins}"


def tries_words(offer: CallingListRow, at: datetime) -> str:
    """Earlier attempts in words: 第 2 次，上次 昨天 10:12 无人接."""
    if offer.last_at is None:
        return _("第 1 次")
    words = {"number": offer.number, "when": when_words(offer.last_at, at)}
    return _("第 %(number)d 次，上次 %(when)s 无人接") % words


@for_roles({Role.CALLER})
@require_POST
def start(request: ActorRequest) -> HttpResponse:
    """Action view: takes the requested case, or the next that may be called, and opens it."""
    actor, at = request.actor, now()
    number = request.POST.get("number", "")
    if not number:
        return _redirect_to_next(actor, at)
    found = case_detail.get_case_detail(number, actor)
    _check_may_call(found, actor, at)
    try:
        calling_list.take_case(found, actor, at, reason=request.POST.get("reason", ""))
    except (Invalid, WrongState) as refused:
        messages.warning(request, refused.message)
        if isinstance(refused, WrongState):
            return redirect("visit-backs")
    return redirect("visit-back", number=found.number)


def _check_may_call(case: Case, actor: Actor, at: datetime) -> None:
    if not offers.is_possible(Action.VISIT_BACK, case, actor, at):
        raise NotAllowed(_("您的岗位现在不能回访本件。"))


def _redirect_to_next(actor: Actor, at: datetime) -> HttpResponse:
    following = calling_list.take_next_case(actor, at)
    return redirect("visit-back", number=following.number) if following else redirect("visit-backs")


@for_roles({Role.CALLER})
@require_POST
def number(request: ActorRequest, number: str) -> HttpResponse:
    """View of the number to dial, in large type; written into the access log."""
    actor, at = request.actor, now()
    found = case_detail.get_case_detail(number, actor)
    _check_may_call(found, actor, at)
    calling_list.take_case(found, actor, at)
    contact_data = contact_reads.reveal_contact(found, actor, reason=_("回访拨打"), at=at)
    card = RequesterCard(contact_data.name, contact_data.phone, contact_data.address, shown=True)
    if request.htmx:
        return render(request, "desks/dial.html", {"requester": card})
    return _page(request, found, VisitBackForm(), 200, card)


@for_roles(REQUESTER_ROLES | {Role.CALLER})
@require_http_methods(["GET", "POST"])
def visit_back(request: ActorRequest, number: str) -> HttpResponse:
    """View of a visit-back call: the case, what was done, and the form for the answers."""
    actor, at = request.actor, now()
    found = case_detail.get_case_detail(number, actor)
    _check_may_call(found, actor, at)
    own = actor.role in REQUESTER_ROLES
    if request.method == "GET":
        return _page(request, found, VisitBackForm(own=own), 200)
    reached = request.POST.get("reached") != "no"
    form, status = _submit_answers(request, found, actor, at, reached)
    if status:
        return _page(request, found, form, status)
    messages.success(request, _("已记录回访。") if reached else _("已记录：无人接听。"))
    return redirect("case", number=number) if own else _redirect_to_next(actor, at)


def _submit_answers(
    request: HttpRequest, case: Case, actor: Actor, at: datetime, reached: bool
) -> tuple[VisitBackForm, int]:
    """Records the call. Returns the form and the HTTP status of its errors, 0 without errors."""
    form = VisitBackForm(request.POST, own=actor.role in REQUESTER_ROLES)
    valid = form.is_valid()
    if reached and not valid:
        return form, Invalid.status
    sent = form.cleaned_data if reached else {"recording": form.cleaned_data.get("recording", "")}
    try:
        _record_call(case, actor, at, reached, sent)
    except (Invalid, WrongState) as refused:
        if not valid:
            form.errors.clear()
        form.refuse(refused.fields, refused.message)
        return form, refused.status
    return form, 0


def _record_call(case: Case, actor: Actor, at: datetime, reached: bool, sent: dict[str, Any]) -> None:
    if actor.role != Role.CALLER:
        actions.visit_back(case.pk, actor=actor, at=at, reached=reached, **sent)
        return
    calling_list.take_case(case, actor, at)
    reason = calling_list.off_hours_reason(case, actor)
    actions.visit_back(case.pk, actor=actor, at=at, reached=reached, off_hours=reason, **sent)
    calling_list.release_lease(case, actor)


def _page(
    request: ActorRequest,
    case: Case,
    form: VisitBackForm,
    status: int,
    requester: RequesterCard | None = None,
) -> HttpResponse:
    actor, at = request.actor, now()
    found = _remarks(case, actor)
    context = {
        "now": at,
        "title": _("回访：%s") % case.subject,
        "case": case,
        "own": actor.role in REQUESTER_ROLES,
        "first_line": _until_text(case, at),
        "received_words": day_words(local_date(case.received_at)),
        "said": case.words.text,
        "result": highlight_remarks(case_detail.result_of(case), found) or _("承办单位还没有报结。"),
        "requester": requester or case_page.requester_card(case, actor),
        "form": form,
        "remarks": found,
        "attempts": [_attempt_entry(call) for call in case_detail.attempts_of(case)],
    }
    context |= {} if actor.role in REQUESTER_ROLES else _call_context(case, actor, at)
    return render(request, "desks/visit_back.html", context, status=status)


def _remarks(case: Case, actor: Actor) -> list[Remark]:
    """Remarks on the result, for whoever calls the requester; requesters themselves see none."""
    return [] if actor.role in REQUESTER_ROLES else remarks(case, case.words, case_detail.result_of(case))


def _call_context(case: Case, actor: Actor, at: datetime) -> dict[str, Any]:
    """Template context of the call: its attempt, what the requester asked for, and why they must not be called now."""
    offer = calling_list.calling_list_row(case, actor, at)
    may = calling_list.holds_lease(case, actor) or calling_list.may_call(
        offer, at, calling_list.current_schedule()
    )
    return {
        "tries_words": tries_words(offer, at),
        "wish": offer.wish,
        "why_later": "" if calling_list.holds_lease(case, actor) else offer.why,
        "closed_words": "" if may else _closed_words(at),
        "dial_url": reverse("visit-back-number", args=[case.number]),
    }


def _until_text(case: Case, at: datetime) -> str:
    if case.visit_back_due_at is None:
        return _("请打给诉求人，问清三个问题。")
    if case.visit_back_due_at <= at:
        return _("回访时限已到，请尽快打给诉求人，问清三个问题。")
    return _("请在%s 前打给诉求人，问清三个问题。") % due_words(case.visit_back_due_at, at)


def _attempt_entry(call: VisitBack) -> TimelineEntry:
    who = call.person.name if call.person else ""
    outcome = _("已接通") if call.reached else _("无人接听")
    return TimelineEntry(
        call.at, who, _("回访"), _("录音 %s") % call.recording if call.recording else "", outcome
    )
