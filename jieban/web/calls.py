"""Beside a call: who is calling, what is like it, and what was typed so far, kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jieban.base import vault
from jieban.base.clock import now
from jieban.base.errors import NotAllowed
from jieban.cases import drafts, likeness, queries
from jieban.cases.flow import Do
from jieban.cases.likeness import TakenDown
from jieban.cases.models import Case
from jieban.registry.models import Place, Role
from jieban.registry.posts import Actor
from jieban.web.access import for_roles

LONGEST_TEXT = 2_000  # characters that are compared
# What a call's page sends that is kept; nothing else of a request is.
KEPT = (
    "key", "kind", "text", "subject", "address", "place", "nature", "category", "urgency", "name", "phone", "hidden",
    "sensitive",
)  # fmt: skip


@for_roles({Role.OPERATOR})
@require_POST
def beside(request: HttpRequest) -> HttpResponse:
    """The caller's earlier cases and like ones for what is typed so far, which is kept as a draft."""
    actor, at = _operator(request), now()
    fields = {name: request.POST[name] for name in KEPT if request.POST.get(name)}
    kept = bool(fields.get("text") or fields.get("phone"))
    if kept and actor.person_id is not None:
        drafts.keep(actor.person_id, fields.get("key", ""), fields, at)
    return render(
        request, "web/parts/beside.html", context(fields, actor, at) | {"saved_at": at if kept else None}
    )


@for_roles({Role.OPERATOR})
@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """What was kept is not wanted: an empty page."""
    actor = _operator(request)
    if actor.person_id is not None:
        drafts.drop(actor.person_id, request.POST.get("key", ""))
    return redirect("case-new")


def context(fields: Mapping[str, str], actor: Actor, at: datetime) -> dict[str, Any]:
    """Who calls and what is like it, for the fields of a call's page."""
    phone = fields.get("phone", "")
    earlier = queries.earlier_of(phone, actor, at) if len(vault.normal_phone(phone)) >= SHORTEST else []
    known = {case.pk for case in earlier}
    alike = likeness.like(_taken_down(fields, at), actor) if fields.get("text") else []
    return {
        "now": at,
        "earlier": [(case, _go_on(case, actor)) for case in earlier],
        "likes": [like for like in alike if like.case.pk not in known],
        "asked_phone": bool(phone),
    }


SHORTEST = 7  # digits; fewer is a number still being typed


def _taken_down(fields: Mapping[str, str], at: datetime) -> TakenDown:
    place = _number(fields.get("place", ""))
    found = Place.objects.select_related("parent").filter(pk=place).first() if place else None
    return TakenDown(fields.get("text", "")[:LONGEST_TEXT], at, _number(fields.get("category", "")), found)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _go_on(case: Case, actor: Actor) -> Do | None:
    """How an operator goes on with an earlier case of the caller: reminds while it runs, else reopens."""
    may = queries.possible(case, actor)
    return next((do for do in (Do.REMIND, Do.REOPEN) if do in may), None)


def _operator(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.role != Role.OPERATOR:
        raise NotAllowed(_("来电登记由受理员使用。"))
    return actor
