"""Endpoint for calls reported by the telephone system (来电弹屏), with its own secret and its own allowed addresses."""

import hmac
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router
from ninja.security import HttpBearer
from pydantic import StringConstraints

from jieban.api.v1 import request_bodies
from jieban.api.v1.body_reader import parse_body, request_body_schema
from jieban.base.client_address import client_address
from jieban.base.clock import now
from jieban.base.errors import Invalid, NotAllowed
from jieban.cases.reception import telephone
from jieban.registry.identity.tokens import NotSignedIn

Digits = Annotated[str, StringConstraints(max_length=30, pattern=r"^[0-9+() -]*$")]


class Secret(HttpBearer):
    """Authentication of the telephone system: `Authorization: Bearer SECRET`, from one of its addresses."""

    def authenticate(self, request: HttpRequest, token: str) -> Literal[True]:
        known = settings.TELEPHONE_SECRET
        if not known or not hmac.compare_digest(token.encode(), known.encode()):
            raise NotSignedIn(_("话务系统的令牌无效。请核对 JIEBAN_TELEPHONE_SECRET。"))
        forwarded = request.headers.get("X-Forwarded-For", "")
        address = client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES)
        if address not in settings.TELEPHONE_ADDRESSES:
            raise NotAllowed(_("这个地址不能发送来电事件。请核对 JIEBAN_TELEPHONE_ADDRESSES。"))
        return True


class CallEvent(request_bodies.Body):
    """What happened to a call. `operator` is a username; without it `extension` says whose call it is."""

    call_id: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
    event: Literal["ringing", "answered", "ended"]
    number: Digits = ""
    operator: request_bodies.ShortText = ""
    extension: request_bodies.ShortText = ""
    at: request_bodies.AwareInstant


router = Router(auth=Secret())


@router.post("", response={204: None}, openapi_extra=request_body_schema(CallEvent))
def tell(request: HttpRequest) -> HttpResponse:
    """话务系统告知来电：振铃、接通、挂断。可以迟到、重发或次序颠倒；同一 call_id 为一通电话。"""
    sent: CallEvent = parse_body(request, CallEvent)
    operator = sent.operator or settings.TELEPHONE_EXTENSIONS.get(sent.extension, "")
    if not operator:
        raise Invalid(_("请写明接听的受理员，或已登记的分机号。"), fields={"operator": _("必填")})
    telephone.record_event(sent.call_id, sent.event, sent.number, operator, sent.at, at=now())
    return HttpResponse(status=204)
