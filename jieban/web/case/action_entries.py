"""Actions offered on the page of a case, with their forms, and the processing of a sent form."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, NotAllowed, NotFound, Refused, WrongState
from jieban.cases.access import offers
from jieban.cases.actions import action_functions
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.cards.card import OnPage
from jieban.cases.flow.cards.card_fields import Papers
from jieban.cases.flow.enums import Relation, VisitKind
from jieban.cases.lists import case_detail, case_list
from jieban.cases.models import Case, CaseDetail
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES
from jieban.web.case.action_forms import FORMS, ActForm
from jieban.web.page.page_models import OfferedAction

# In the order of the page. VISIT_BACK has its own page; warnings and recomputations are made by timers only.
PAGE_ACTIONS: dict[Action, OnPage] = dict(
    sorted(
        ((card.action, card.page) for card in CARDS.values() if card.page), key=lambda entry: entry[1].order
    )
)
MOST_IN_BULK = 50


def offered_actions(
    case: CaseDetail,
    actor: Actor,
    at: datetime,
    failed: tuple[Action, ActForm] | None = None,
    desk: str = "",
) -> list[OfferedAction]:
    """The actions that this post may take now. Only the main action and one whose form had errors carry a form.

    `desk` is the queue to go on with afterwards.
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
        (do for do, entry in PAGE_ACTIONS.items() if do in offered and case.state in entry.main_in), None
    )


def _offered_action(
    case: Case, do: Action, form: ActForm | None, main: bool, desk: str = ""
) -> OfferedAction:
    entry = PAGE_ACTIONS[do]
    url = reverse("act", args=[case.number, do.value]) + (f"?{urlencode({'desk': desk})}" if desk else "")
    return OfferedAction(
        do.value, str(do.label), str(entry.button), url, form, main, str(entry.note), entry.key
    )


def make_form(
    do: Action, case: CaseDetail, actor: Actor, at: datetime, *sent: Any, phone: bool = False
) -> ActForm:
    """The form of an action, empty or bound to what was sent. The phone pages upload photographs in their own way."""
    form = FORMS[do](*sent, case=case, actor=actor, at=at, auto_id=f"{do.value}_%s")
    if CARDS[do].takes_papers and (phone or not offers.is_possible(Action.ATTACH, case, actor, at)):
        for field in form.card_fields:
            if isinstance(field, Papers):
                del form.fields[field.name]
    return form


def action_with_given_form(do: Action, case: Case, form: ActForm) -> OfferedAction:
    """An offered action with a form that was made elsewhere."""
    return _offered_action(case, do, form, False)


def action_with_form(
    do: Action, case: CaseDetail, actor: Actor, at: datetime, desk: str = "", *, phone: bool = False
) -> OfferedAction:
    """An offered action with its form. Raises NotAllowed when this post may not take it now."""
    if not offers.is_possible(do, case, actor, at):
        raise NotAllowed(_refusal_message(do))
    return _offered_action(case, do, make_form(do, case, actor, at, phone=phone), False, desk)


def action_by_name(name: str) -> Action:
    """The action of this name. Raises NotFound when pages offer no such action."""
    if name not in Action.values or Action(name) not in PAGE_ACTIONS:
        raise NotFound(str(_("没有这一项操作。请回到这件诉求重新选择。")))
    return Action(name)


def _refusal_message(do: Action) -> str:
    return str(_("您的岗位现在不能办理“%(action)s”。请回到这件诉求，查看可办理的事项。")) % {
        "action": do.label
    }


def perform(
    request: HttpRequest, do: Action, case: CaseDetail, actor: Actor, at: datetime
) -> tuple[ActForm, int] | None:
    """Performs the action of the sent form. Returns None, or the form with its errors and the HTTP status."""
    form = make_form(do, case, actor, at, request.POST, request.FILES)
    if not form.is_valid():
        return form, Invalid.status
    try:
        action_functions.perform(CARDS[do], case.pk, actor=actor, at=at, **form.wanted())
    except (Invalid, WrongState) as refused:
        form.refuse(refused.fields, refused.message)
        return form, refused.status
    return None


def perform_on_others(
    request: HttpRequest, do: Action, actor: Actor, at: datetime
) -> tuple[list[str], list[str]]:
    """Performs the same action on each ticked similar case. Returns those done, and why the others were not."""
    done: list[str] = []
    refused: list[str] = []
    for number in request.POST.getlist("also")[:MOST_IN_BULK] if PAGE_ACTIONS[do].in_bulk else []:
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


def _first_error(form: ActForm) -> str:
    return next((str(errors[0]) for errors in form.errors.values()), "")


def url_after_action(case: Case, actor: Actor) -> str:
    """Redirect target after an action: the case, or the list when the case is now out of the post's sight."""
    if case_list.visible_to(actor).filter(pk=case.pk).exists():
        return reverse("case", args=[case.number])
    return reverse("cases")
