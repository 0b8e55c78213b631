"""Handler's pages, made for phones: tasks, a case, its forms; they also work without JavaScript."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base.clock import now
from jieban.base.errors import Invalid, WrongState
from jieban.cases import actions
from jieban.cases.actions.offline import OFFLINE_ACTIONS, SENDABLE_ACTIONS
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.transitions import LEAD_ROLES, SHARE_ROLES
from jieban.cases.lists import case_detail, case_list, contact_reads
from jieban.cases.lists.field_tasks import (
    MOST,
    by_distance,
    pending_whistle_of,
    pending_whistles,
    tasks,
)
from jieban.cases.models import Case
from jieban.registry.district.geo import CHINA_LAT, CHINA_LONG
from jieban.registry.identity.posts import Actor
from jieban.web.case import action_entries
from jieban.web.field import field_case, rounds
from jieban.web.field.offline_sync import SubmitResult, perform
from jieban.web.field.script_texts import field_words
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.forms import PageForm
from jieban.web.page.offline_owner import owner_of


class PositionForm(PageForm):
    """Form with the handler's position, in degrees."""

    lat = forms.FloatField(label=gettext_lazy("纬度"), min_value=CHINA_LAT[0], max_value=CHINA_LAT[1])
    long = forms.FloatField(label=gettext_lazy("经度"), min_value=CHINA_LONG[0], max_value=CHINA_LONG[1])


@for_roles(SHARE_ROLES)
@require_GET
def task_list(request: ActorRequest) -> HttpResponse:
    """View of the tasks, the most urgent first."""
    actor, at = request.actor, now()
    found = tasks(actor)
    return render(
        request, "field/rounds.html", _list_context(actor, rounds.groups_by_time(found, at)) | {"now": at}
    )


@for_roles(SHARE_ROLES)
@require_http_methods(["GET", "POST"])
def nearest_tasks(request: ActorRequest) -> HttpResponse:
    """View of the tasks by walking distance. The position is used for this response only and not stored."""
    actor, at = request.actor, now()
    if request.method == "GET":
        return redirect("field")
    position = PositionForm(request.POST)
    if not position.is_valid():
        raise Invalid(_("没有取到您的位置，请打开手机定位后再按“按距离”。"), code="no_position")
    found = by_distance(tasks(actor), position.cleaned_data["lat"], position.cleaned_data["long"])
    context = _list_context(actor, rounds.groups_by_distance(found, at)) | {"now": at, "by_way": True}
    return render(request, "field/rounds.html", context)


def _list_context(actor: Actor, groups: list[rounds.TaskGroup]) -> dict[str, Any]:
    count = sum(len(group.rows) for group in groups)
    return {
        "title": _("今天要办"),
        "groups": groups,
        "count": count,
        "full": count >= MOST,
        "whistles": pending_whistles(actor) if actor.role in LEAD_ROLES else [],
        "kept": rounds.offline_rows(groups, actor),
        "owner": owner_of(actor.person_id, actor.post_id),
        "words": field_words(),
    }


@for_roles(LEAD_ROLES)
@require_POST
def report_in(request: ActorRequest, number: str) -> HttpResponse:
    """Action view, 报到: the unit has arrived where the street has called it; pressed twice it is recorded once."""
    actor, at = request.actor, now()
    found = case_detail.get_case_detail(number, actor)
    called = pending_whistle_of(found, actor)
    if called is None:
        messages.info(request, _("贵单位已经报到，不必重复。"))
        return redirect("field")
    place = called.place or rounds.place_words(found)
    try:
        actions.arrive(found.pk, actor=actor, at=at, place=place)
        messages.success(request, _("已报到：%s。") % place)
    except WrongState as refused:
        messages.info(request, refused.message)
    return redirect("field")


@for_roles(SHARE_ROLES)
@require_GET
def case(request: ActorRequest, number: str) -> HttpResponse:
    """View of a case as its handler needs it on site."""
    actor, at = request.actor, now()
    found = case_detail.get_case_detail(number, actor)
    context = field_case.context(found, actor, at) | {"words": field_words()}
    return render(request, "field/field_case.html", context)


@for_roles(SHARE_ROLES)
@require_http_methods(["GET", "POST"])
def act(request: ActorRequest, number: str, name: str) -> HttpResponse:
    """View of an action: its form, or the action itself; a form sent twice is performed once."""
    actor, at = request.actor, now()
    do, found = action_entries.action_by_name(name), case_detail.get_case_detail(number, actor)
    if do not in SENDABLE_ACTIONS:
        return redirect("act", number, name)
    if request.method == "GET":
        offered = action_entries.action_with_form(do, found, actor, at, phone=True)
        _choose_meeting(offered.form, request.GET.get("kind", ""))
        return render(request, "field/field_act.html", _form(found, do, offered, str(uuid4())))
    sent = perform(request.POST, request.FILES, do, found, actor, at)
    if sent.item is None:
        return _form_with_errors(request, found, do, sent, actor)
    messages.success(request, _("已记录：%s。") % do.label)
    return redirect(
        "field-case" if case_list.visible_to(actor).filter(pk=found.pk).exists() else "field", number
    )


def _choose_meeting(form: forms.Form | None, kind: str) -> None:
    if form is not None and "kinds" in form.fields and kind:
        form.fields["kinds"].initial = [kind]


def _form(case: Case, do: Action, offered: Any, key: str) -> dict[str, Any]:
    return {
        "act": offered,
        "case": case,
        "title": str(do.label),
        "key": key,
        "photos": CARDS[do].takes_papers,
        "offline": do in OFFLINE_ACTIONS,
        "words": field_words(),
    }


def _form_with_errors(
    request: HttpRequest, case: Case, do: Action, sent: SubmitResult, actor: Actor
) -> HttpResponse:
    """The form with its errors and the values that were typed, under the same idempotency key."""
    entry = action_entries.PAGE_ACTIONS[do]
    offered = {
        "name": do.value, "label": str(do.label), "button": str(entry.button), "note": str(entry.note),
        "form": sent.form,
    }  # fmt: skip
    context = _form(case, do, offered, request.POST.get("key", ""))
    return render(request, "field/field_act.html", context, status=sent.status)


@for_roles(SHARE_ROLES)
@require_POST
def call(request: ActorRequest, number: str) -> HttpResponse:
    """Action view: dials the requester's number without showing it; written into the access log first."""
    actor, at = request.actor, now()
    found = case_detail.get_case_detail(number, actor)
    contact = contact_reads.reveal_contact(found, actor, reason=_("联系诉求人"), at=at)
    if not contact.phone:
        raise Invalid(_("本件没有留电话，请上门或通过街道联系。"), code="no_phone")
    dial = "tel:" + "".join(sign for sign in contact.phone if sign in "+0123456789")
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"dial": dial})
    return render(request, "field/field_call.html", {"case": found, "dial": dial, "title": _("拨打电话")})
