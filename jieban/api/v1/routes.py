"""Routes under /api/v1. Each reads through queries, calls one action, and answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Header, NinjaAPI, Query, Schema
from ninja.security import HttpBearer
from pydantic import Field

from jieban.api.v1 import (
    action_calls,
    body_builder,
    error_answers,
    request_bodies,
    serializers,
    telephone_events,
)
from jieban.api.v1.api_access import TokenRequest, for_roles
from jieban.api.v1.body_reader import parse_body, request_body_schema
from jieban.base.clock import now
from jieban.base.downloads import file_response
from jieban.base.errors import Invalid, NotFound
from jieban.cases import actions
from jieban.cases.actions import Concern
from jieban.cases.flow import transitions
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.cards.card import ActionCard
from jieban.cases.flow.states import CaseKind
from jieban.cases.lists import attachment_reads, case_detail, case_list, contact_reads
from jieban.cases.lists.case_list import CaseFilter
from jieban.registry.identity import tokens
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Place, Unit
from jieban.registry.roles import EVERY_ROLE, Right, roles_with

LONGEST_KEY = 100  # characters


class Token(HttpBearer):
    """Authentication by `Authorization: Bearer TOKEN`; the request then acts for the token's person in its post."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        return tokens.actor_for(token, now())


class Error(Schema):
    """What every refusal looks like."""

    code: str
    message: str
    fields: dict[str, str]


api = NinjaAPI(
    title="接办 Jieban",
    version="1",
    description="接诉即办平台的接口。时间带时区；单位、分类、地点用代码，案件用单号。",
    docs_url=None,
    openapi_url="/openapi.json",
    auth=Token(),
    urls_namespace="api",
)
error_answers.register_error_handlers(api)
api.add_router("/calls", telephone_events.router)
REFUSALS: dict[int, type[Schema]] = dict.fromkeys((401, 403, 404, 409, 422), Error)


@api.post(
    "/cases",
    response={200: dict, 201: dict, **REFUSALS},
    openapi_extra=request_body_schema(request_bodies.NewCaseBody),
)
@for_roles(transitions.RECEIVING_ROLES)
def create(
    request: TokenRequest,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=LONGEST_KEY)] = "",
) -> JsonResponse:
    """受理一件诉求。同一个幂等键重发得到同一件；同一个键换了内容则拒绝。"""
    actor = request.auth
    if not idempotency_key.strip() or "\0" in idempotency_key:
        raise Invalid(_("请带上 Idempotency-Key 头，每件诉求一个。"), fields={"Idempotency-Key": _("必填")})
    body = parse_body(request, request_bodies.NewCaseBody)
    received = actions.receive(_concern(body, actor, idempotency_key.strip()), actor=actor, at=now())
    return JsonResponse(serializers.received_case(received.case), status=201 if received.created else 200)


def _concern(body: request_bodies.NewCaseBody, actor: Actor, key: str) -> Concern:
    sent = body.model_dump(exclude={"requester", "address_text", "place", "category", "complained_about"})
    return Concern(
        **sent,
        name=body.requester.name,
        phone=body.requester.phone,
        address=body.address_text,
        place_id=action_calls.id_for_code(Place, body.place, "place"),
        category_id=action_calls.id_for_code(Category, body.category, "category"),
        complained_about_id=action_calls.id_for_code(Unit, body.complained_about, "complained_about"),
        source=f"token:{actor.person_id}",
        source_ref=key,
    )


class CaseListQuery(Schema):
    """The filters of the list."""

    state: request_bodies.ShortText = ""
    kind: CaseKind | None = None
    unit: request_bodies.ShortText = ""
    street: request_bodies.ShortText = ""
    category: request_bodies.ShortText = ""
    received_from: request_bodies.AwareInstant | None = None
    received_to: request_bodies.AwareInstant | None = None
    overdue: bool = False
    q: request_bodies.ShortText = ""
    next: Annotated[str, Field(max_length=200)] = ""
    size: Annotated[int, Field(ge=1, le=case_list.MOST_ON_PAGE)] = case_list.PAGE_SIZE

    def chosen(self, at: datetime) -> CaseFilter:
        named = self.model_dump(exclude={"overdue", "next", "size", "kind"})
        return CaseFilter(**named, kind=self.kind or "", overdue_at=at if self.overdue else None)


@api.get("/cases", response={200: dict, **REFUSALS})
@for_roles(roles_with(Right.CASES))
def cases(request: TokenRequest, wanted: Query[CaseListQuery]) -> JsonResponse:
    """能看到的案件，新的在前。next 非空时，带上它取下一页。"""
    at = now()
    page = case_list.list_cases(request.auth, wanted.chosen(at), after=wanted.next, size=wanted.size)
    return JsonResponse({"cases": [serializers.case_row(case, at) for case in page.cases], "next": page.next})


@api.get("/cases/{number}", response={200: dict, **REFUSALS})
@for_roles(roles_with(Right.CASES))
def case(request: TokenRequest, number: request_bodies.ShortText) -> JsonResponse:
    """一件案件，以及现在可以办理的事项。"""
    actor = request.auth
    return JsonResponse(serializers.case_detail(case_detail.get_case_detail(number, actor), actor, now()))


@api.get("/cases/{number}/events", response={200: dict, **REFUSALS})
@for_roles(roles_with(Right.CASES))
def events(request: TokenRequest, number: request_bodies.ShortText) -> JsonResponse:
    """案件的全过程，按先后。"""
    actor = request.auth
    found = case_detail.get_case_detail(number, actor)
    return JsonResponse({"events": serializers.events_json(case_detail.history_of(found), found, actor)})


@api.get("/cases/{number}/attachments", response={200: dict, **REFUSALS})
@for_roles(roles_with(Right.CASES))
def attachments(request: TokenRequest, number: request_bodies.ShortText) -> JsonResponse:
    """案件的附件，按先后。erased 为真的已清除，不能再取。"""
    actor = request.auth
    rows = attachment_reads.attachments_of(case_detail.get_case_detail(number, actor), actor)
    return JsonResponse({"attachments": [serializers.attachment_json(row) for row in rows]})


@api.get("/cases/{number}/attachments/{pk}", response={200: bytes, **REFUSALS})
@for_roles(roles_with(Right.CASES))
def attachment(request: TokenRequest, number: request_bodies.ShortText, pk: int) -> HttpResponse:
    """一个附件的内容。"""
    actor = request.auth
    document = attachment_reads.attachment_of(case_detail.get_case_detail(number, actor), pk, actor)
    return file_response(document.content, document.media_type, document.name, harmless=False)


@api.post(
    "/cases/{number}/contact",
    response={200: dict, **REFUSALS},
    openapi_extra=request_body_schema(request_bodies.ReasonBody),
)
@for_roles(roles_with(Right.CASES))
def contact(request: TokenRequest, number: request_bodies.ShortText) -> JsonResponse:
    """诉求人的姓名、电话和地址。须写明理由，查看记录在案。"""
    actor = request.auth
    found = case_detail.get_case(number, actor)
    contact_data = contact_reads.reveal_contact(
        found, actor, reason=parse_body(request, request_bodies.ReasonBody).reason, at=now()
    )
    return JsonResponse(
        {
            "name": contact_data.name,
            "phone": contact_data.phone,
            "address": contact_data.address,
            "preferred_contact": contact_data.preferred_contact,
        }
    )


def _action_endpoint(card: ActionCard, body: type[request_bodies.Body]) -> Callable[..., JsonResponse]:
    def act(request: TokenRequest, number: request_bodies.ShortText) -> JsonResponse:
        actor, at = request.auth, now()
        found = case_detail.get_case(number, actor)
        actions.admit(found, card.action, actor=actor, at=at)
        action_calls.perform(card, found, parse_body(request, body), actor=actor, at=at)
        return JsonResponse(_status_after_action(found.number, actor))

    act.__doc__ = f"{card.action.label}。"
    return act


def _status_after_action(number: str, actor: Actor) -> serializers.Json:
    """State and limits after the action; only the number when the case is now out of the post's sight."""
    try:
        return serializers.case_status(case_detail.get_case(number, actor))
    except NotFound:
        return {"number": number}


def add_action(to: NinjaAPI, card: ActionCard, body: type[request_bodies.Body]) -> None:
    """Adds the route of an action, for the roles that may ever take it."""
    roles = [role for role in EVERY_ROLE if transitions.may_ever(card.action, role)]
    to.post(
        f"/cases/{{number}}/actions/{card.action.value}",
        response={200: dict, **REFUSALS},
        operation_id=card.action.value,
        openapi_extra=request_body_schema(body),
    )(for_roles(roles)(_action_endpoint(card, body)))


for _do, _body in body_builder.BODIES.items():
    add_action(api, CARDS[_do], _body)
