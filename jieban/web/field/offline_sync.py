"""Offline sync: receives the items of a phone's queue, each with the idempotency key it got when it was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jieban.base.clock import local, now
from jieban.base.errors import Invalid, NotAllowed, Refused
from jieban.cases import actions
from jieban.cases.actions.offline import OFFLINE_ACTIONS, SENDABLE_ACTIONS
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import VisitKind
from jieban.cases.flow.transitions import SHARE_ROLES
from jieban.cases.lists import case_detail, case_list
from jieban.cases.models import CaseDetail, SentItem
from jieban.registry.identity.posts import Actor
from jieban.web.case import action_entries, timeline
from jieban.web.case.action_forms import ActForm
from jieban.web.field.script_texts import field_words
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.offline_owner import owner_of

MOST_PHOTOS = 6
MOST_CHANGES_LISTED = 5  # later changes that are listed, the latest ones
UploadedFiles = MultiValueDict[str, Any]


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """Result of a sent form: the stored item, or the form with its errors."""

    item: SentItem | None
    form: ActForm
    status: int = 200
    code: str = ""
    message: str = ""


def perform(
    fields: Any,
    files: UploadedFiles,
    do: Action,
    case: CaseDetail,
    actor: Actor,
    at: datetime,
    taken_at: datetime | None = None,
) -> SubmitResult:
    """Performs the form's action, once for its key. A form that is invalid because it was performed before is done."""
    form, key = (
        action_entries.make_form(do, case, actor, at, fields, files, phone=True),
        str(fields.get("key", "")),
    )
    try:
        item = _perform_once(form, files, do, case, actor, at, key, taken_at, bool(fields.get("confirmed")))
        return SubmitResult(item, form)
    except Refused as refused:
        item_before = case_detail.find_sent_item(actor.person_id, key)
        if item_before is not None and (item_before.case_id, item_before.action) == (case.pk, do):
            return SubmitResult(item_before, form)
        if form.is_valid():
            form.refuse(refused.fields, refused.message)
        return SubmitResult(None, form, refused.status, refused.code, refused.message)


def _perform_once(
    form: ActForm, files: UploadedFiles, do: Action, case: CaseDetail, actor: Actor, at: datetime, key: str,
    taken_at: datetime | None, confirmed: bool,
) -> SentItem:  # fmt: skip
    if not form.is_valid():
        raise _invalid_form(form, do, case)
    photos = files.getlist("photos")
    if len(photos) > MOST_PHOTOS:
        raise Invalid(_("一次最多 %d 张照片，请分几次记录。") % MOST_PHOTOS, code="too_many_photos")
    return actions.apply_sent_item(
        case.pk, actor=actor, at=at, key=key, do=do, values=form.wanted(), taken_at=taken_at,
        photos=[photo.read() for photo in photos], confirmed=confirmed,
    )  # fmt: skip


def _invalid_form(form: ActForm, do: Action, case: CaseDetail) -> Invalid:
    """The error of an invalid form; a meeting that somebody else has recorded meanwhile has its own message."""
    if do == Action.RECORD_VISIT:
        recorded = {visit.kind for visit in case.made_visits}
        sent = form["kinds"].value() or ()
        again = [kind for kind in sent if kind in recorded]
        if again:
            names = "、".join(str(VisitKind(kind).label) for kind in again)
            return Invalid(_("%s已经有记录，不能再记一次。") % names, code="made_before")
    words = " ".join(str(error) for errors in form.errors.values() for error in errors)
    return Invalid(words, fields={name: str(errors[0]) for name, errors in form.errors.items()}, code="unfit")


@for_roles(SHARE_ROLES)
@require_POST
def send(request: ActorRequest) -> HttpResponse:
    """JSON view that receives an item of a phone's queue; the answer is done, or refused with the reason."""
    actor, at = request.actor, now()
    key = request.POST.get("key", "")
    try:
        item = _item(request, actor, at)
    except Refused as refused:
        before = case_detail.find_sent_item(actor.person_id, key)
        return JsonResponse(_done_json(before) if before else _refused_json(request, refused, actor, at))
    return JsonResponse(_done_json(item))


def _item(request: HttpRequest, actor: Actor, at: datetime) -> SentItem:
    name, taken_at = request.POST.get("action", ""), _parse_time(request.POST.get("taken_at", ""))
    if request.POST.get("owner") != owner_of(actor.person_id, actor.post_id):
        raise NotAllowed(
            _("这条记录属于另一位人员或另一个岗位，请用原来的账号和岗位发送。"), code="other_owner"
        )
    if name not in SENDABLE_ACTIONS or Action(name) not in OFFLINE_ACTIONS:
        raise Invalid(_("这一项不能离线办理，请联网后在诉求中办理。"), code="unknown_item")
    case = case_detail.get_case_detail(request.POST.get("number", ""), actor)
    sent = perform(request.POST, request.FILES, Action(name), case, actor, at, taken_at)
    if sent.item is None:
        raise Refused(sent.message, code=sent.code)
    return sent.item


def _parse_time(text: str) -> datetime:
    try:
        taken_at: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        taken_at = None
    if taken_at is None or taken_at.tzinfo is None:
        raise Invalid(_("这条记录没有时间，请回到诉求重新填写。"), code="no_time")
    return taken_at


def _done_json(item: SentItem) -> dict[str, Any]:
    return {"state": "sent", "sent_at": item.sent_at.isoformat()}


def _refused_json(request: HttpRequest, refused: Refused, actor: Actor, at: datetime) -> dict[str, Any]:
    since = _changes_since(request.POST, actor, at)
    return {"state": "refused", "code": refused.code, "words": refused.message, "since": since}


def _changes_since(fields: Mapping[str, Any], actor: Actor, at: datetime) -> list[str]:
    """Changes that others have made to the case since the phone loaded it; empty where the post may not see them."""
    version, number = str(fields.get("version", "")), str(fields.get("number", ""))
    case = case_list.visible_to(actor).filter(number=number.replace("\0", "")).first()
    if case is None or not version.isascii() or not version.isdigit():
        return []
    events = [event for event in case_detail.history_of(case) if event.seq > int(version)]
    steps = timeline.case_timeline(case, events, actor, at)[:MOST_CHANGES_LISTED]
    return [f"{_absolute_time(step.at)} {step.who} {step.what}" for step in reversed(steps)]


def _absolute_time(at: datetime) -> str:
    """Absolute time, 11月26日 21:01: still right when it is read later."""
    wall = local(at)
    return _("%(month)s月%(day)s日 %(clock)s") % {
        "month": wall.month,
        "day": wall.day,
        "clock": f"{wall:%H:%M}",
    }


@for_roles(SHARE_ROLES)
@require_GET
def token(request: ActorRequest) -> HttpResponse:
    """JSON view of a fresh CSRF token and the owner key: an item of another person must not be sent."""
    actor = request.actor
    return JsonResponse({"token": get_token(request), "owner": owner_of(actor.person_id, actor.post_id)})


@for_roles(SHARE_ROLES)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Page of the queue of this phone: waiting, sent and refused items; the phone fills it in."""
    return render(request, "field/field_queue.html", {"title": _("待发送记录"), "words": field_words()})
