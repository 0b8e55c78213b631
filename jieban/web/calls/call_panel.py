"""Sidebar of the call page: the caller's earlier cases, similar cases, proposals; and the saved draft."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jieban.base import vault
from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid
from jieban.base.masking import normalize_phone
from jieban.cases import actions
from jieban.cases.access import offers
from jieban.cases.checks.proposal import CHECKED, FIELDS, Proposal, ProposedValue
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import EmergencyService
from jieban.cases.flow.states import OPEN_STATES
from jieban.cases.lists import case_detail, contact_reads
from jieban.cases.models import Case
from jieban.cases.reception import drafts, telephone
from jieban.cases.suggestions import proposing, similar_cases
from jieban.cases.suggestions.similar_cases import SimilarCase, UnsavedConcern
from jieban.registry.district import geo, place_search
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Place
from jieban.registry.roles import Right, roles_with
from jieban.web.case.suggestion_panel import doubt_text
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.highlight import spellings_in_text

# Fields of the call page that are saved as a draft; nothing else of the request is.
DRAFT_FIELDS = (
    "key", "kind", "text", "subject", "address", "place", "where", "lat", "long", "nature", "category", "urgency",
    "grade", "name", "phone", "hidden", "sensitive", "is_property", "answer", "call",
    *(f"{part}_{service}" for service in EmergencyService.values for part in ("at", "who", "said")),
)  # fmt: skip
# The keys that accept proposals; each field always has the same one.
PROPOSAL_KEYS = {field: str(place) for place, field in enumerate(FIELDS, 1)}
TICKED = {CHECKED, "True"}


@for_roles(roles_with(Right.TAKE_CALLS))
@require_POST
def call_sidebar(request: ActorRequest) -> HttpResponse:
    """HTMX view of the sidebar: earlier and similar cases for what is typed so far, which is saved as a draft."""
    actor, at = request.actor, now()
    fields = {name: request.POST[name] for name in DRAFT_FIELDS if request.POST.get(name)}
    has_draft = bool(fields.get("text") or fields.get("phone"))
    if has_draft and actor.person_id is not None:
        drafts.save_draft(actor.person_id, fields.get("key", ""), fields, at)
        _end_resumed(request, actor.person_id)
    context = sidebar_context(fields, actor, at) | {"saved_at": at if has_draft else None, "anew": True}
    return render(request, "calls/call_panel.html", context)


@for_roles(roles_with(Right.TAKE_CALLS))
@require_POST
def drop_draft(request: ActorRequest) -> HttpResponse:
    """Action view: deletes the draft and opens an empty page."""
    actor = request.actor
    if actor.person_id is not None:
        drafts.delete_draft(actor.person_id, request.POST.get("key", ""))
        _end_resumed(request, actor.person_id)
    return redirect("case-new")


def _end_resumed(request: HttpRequest, person_id: int) -> None:
    """Deletes the draft that this page has resumed under its own key; a tab that still writes it saves it again."""
    if request.POST.get("resumed"):
        drafts.delete_draft(person_id, request.POST["resumed"])


@for_roles(roles_with(Right.TAKE_CALLS))
@require_POST
def follow(request: ActorRequest, number: str) -> HttpResponse:
    """Action view: a reminder on a running case with what this caller says; the caller is notified of it too."""
    actor, at, sent = request.actor, now(), request.POST
    case = case_detail.get_case(number, actor)
    actions.follow_up(
        case.pk, actor=actor, at=at, text=sent.get("text", ""), phone=sent.get("phone", ""), name=sent.get("name", "")
    )  # fmt: skip
    if actor.person_id is not None:
        drafts.delete_draft(actor.person_id, sent.get("key", ""))
        _end_resumed(request, actor.person_id)
    messages.success(request, _("已跟进 %s：已催办，进展也告知这位来电人。") % number)
    return redirect("case", number)


@for_roles(roles_with(Right.TAKE_CALLS))
@require_POST
def places(request: HttpRequest) -> HttpResponse:
    """HTMX view of places that match what is typed; by POST, so that no address gets into a log."""
    found = place_search.search(request.POST.get("q", ""), local_date(now()))
    rows = [
        {"id": place.id, "name": place.name, "path": place.path, "level": Place.Level(place.level).label}
        for place in found
    ]
    return JsonResponse({"places": rows})


@for_roles(roles_with(Right.TAKE_CALLS))
@require_POST
def point(request: HttpRequest) -> HttpResponse:
    """JSON view: where a point of the map lies, and the place it proposes."""
    on = local_date(now())
    try:
        found = geo.locate(float(request.POST.get("lat", "")), float(request.POST.get("long", "")), on)
    except ValueError:
        raise Invalid(_("地图上的点无效，请重新点选。"), fields={"lat": _("无效")}) from None
    area = found.estate or found.community or found.street
    place = place_search.place_of(area.id, on) if area else None
    return JsonResponse(
        {"id": place.id if place else None, "path": place.path if place else "", "said": found.sentence}
    )


@for_roles(roles_with(Right.TAKE_CALLS))
@require_GET
def ringing(request: ActorRequest) -> HttpResponse:
    """JSON view: the call that this operator has on the line; the page asks every two seconds."""
    actor = request.actor
    call = telephone.current_call(actor.person_id, now()) if actor.person_id is not None else None
    return JsonResponse({"call": _ringing_json(call) if call else None})


def _ringing_json(call: telephone.CurrentCall) -> dict[str, Any]:
    return {
        "id": call.pk, "state": call.stage, "masked": call.masked, "number": call.number,
        "since": call.since.isoformat(), "url": f"{reverse('case-new')}?call={call.pk}",
    }  # fmt: skip


def sidebar_context(fields: Mapping[str, str], actor: Actor, at: datetime) -> dict[str, Any]:
    """Template context of the sidebar for the fields of a call page."""
    alike, earlier = similar_and_earlier(fields, actor, at)
    known = {case.pk for case in earlier}
    reasons = {like.case.pk: like.why for like in alike if like.case.pk in known}
    found = proposals_from_fields(fields, alike, earlier, at)
    return {
        "now": at,
        "earlier": [(case, _follow_up_action(case, actor, at), reasons.get(case.pk, "")) for case in earlier],
        "likes": [(like, _can_be_joined(like.case)) for like in alike if like.case.pk not in known],
        "proposals": _proposal_groups(found, fields),
        "marks": json.dumps(
            spellings_in_text(fields.get("text", ""), [word for one in found for word in one.words]),
            ensure_ascii=False,
        ),
        "asked_phone": bool(fields.get("phone")),
    }


def similar_and_earlier(
    fields: Mapping[str, str], actor: Actor, at: datetime
) -> tuple[list[SimilarCase], list[Case]]:
    """Cases similar to what was typed, and the caller's earlier cases."""
    phone = fields.get("phone", "")
    earlier = (
        contact_reads.cases_of_phone(phone, actor, at)
        if len(normalize_phone(phone)) >= SHORTEST_PHONE
        else []
    )
    if not fields.get("text"):
        return [], earlier
    notes = _call_notes(fields, at, phone if earlier else "")
    return similar_cases.similar_cases(notes, actor, most=similar_cases.MOST_SIMILAR + len(earlier)), earlier


@dataclass(frozen=True, slots=True)
class ProposalGroup:
    """Page model of one field's proposals: the options shown, and all options that its key goes through."""

    field: str
    key: str
    shown: list[tuple[ProposedValue, bool]]
    all: str
    choose: str | Promise


def proposals_from_fields(
    fields: Mapping[str, str], alike: Sequence[SimilarCase], earlier: Sequence[Case], at: datetime
) -> list[Proposal]:
    """The proposals for the text of a call page."""
    on = local_date(at)
    point = _degrees(fields.get("lat", "")), _degrees(fields.get("long", ""))
    known = proposing.known_places((case.place_id for case in earlier), *point, on)
    address = fields.get("address", "")
    return proposing.proposals(
        fields.get("text", ""), on, lambda: alike, known, address, fields.get("subject", "")
    )


def _proposal_groups(proposals: Sequence[Proposal], fields: Mapping[str, str]) -> list[ProposalGroup]:
    groups = (_proposal_group(one, _current_value(fields, one.field)) for one in proposals)
    return [group for group in groups if group.shown]


def _current_value(fields: Mapping[str, str], field: str) -> str:
    """The form's current value of a field that has proposals."""
    value = fields.get(field, "")
    return CHECKED if value in TICKED else value


def _proposal_group(one: Proposal, current: str) -> ProposalGroup:
    """When a person must choose, all options are shown until another value is entered; else only the first."""
    marked = [(option, option.value == current) for option in one.options]
    open_still = not current or any(is_current for _option, is_current in marked)
    choice = len(one.among) > 1
    visible = marked[: len(one.among)] if open_still or not choice else []
    through = json.dumps([[option.value, option.label] for option in one.options], ensure_ascii=False)
    return ProposalGroup(one.field, PROPOSAL_KEYS[one.field], visible, through, doubt_text(one))


def _can_be_joined(case: Case) -> bool:
    """Whether a call can join or follow the case: it is open."""
    return case.state in OPEN_STATES


SHORTEST_PHONE = 7  # digits; a shorter number is still being typed


def _call_notes(fields: Mapping[str, str], at: datetime, phone: str) -> UnsavedConcern:
    place = _number(fields.get("place", ""))
    known = place_search.place_of(place, local_date(at)) if place else None
    near = (known.community_id or known.street_id) if known else None
    area = Place.objects.select_related("parent").filter(pk=near).first() if near else None
    lat, long = _degrees(fields.get("lat", "")), _degrees(fields.get("long", ""))
    text, category = fields.get("text", "")[: proposing.LONGEST], _number(fields.get("category", ""))
    return UnsavedConcern(text, at, category, area, phone_index=vault.blind_index(phone), lat=lat, long=long)


def _degrees(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _follow_up_action(case: Case, actor: Actor, at: datetime) -> Action | None:
    """How an operator follows up an earlier case of the caller: a reminder while it is open, else reopening."""
    ways = (Action.REMIND, Action.REOPEN)
    return next((do for do in ways if offers.is_possible(do, case, actor, at)), None)
