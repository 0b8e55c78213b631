"""Text messages by a gateway, with at-most-once delivery.

A row is marked before the gateway is called. If the process dies then, or gets no response, the mark stays: such a
message is never sent again automatically, but shown to a person, who asks the gateway's operator and decides.
"""

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base import http, vault
from jieban.base.errors import NotFound, WrongState
from jieban.base.masking import normalize_phone
from jieban.channels.models import Message

TIMEOUT_SECONDS = 10
MOST_REFUSALS = 8
DOUBT_AFTER = timedelta(minutes=1)
MOBILE = re.compile(r"1[0-9]{10}")
# Status codes that reject this one message for good.
PERMANENT_ERRORS = frozenset({400, 410, 413, 422})
# Status code of a gateway that accepted nothing; other codes from 500 leave that open.
TEMPORARY_ERRORS = frozenset({503})


class GatewayRejected(Exception):
    """Error: the gateway did not accept the message. `final`: it never will."""

    def __init__(self, final: bool) -> None:
        super().__init__("refused for good" if final else "refused for now")
        self.final = final


class DeliveryUnknown(Exception):
    """Error: the gateway was called, and it is unknown whether it accepted the message."""


class RetryLater(Exception):
    """Error that makes the job retry; it has no contents of the message."""


def configured() -> bool:
    """Whether a gateway is set."""
    return bool(settings.SMS_GATEWAY)


def can_reach(phone: str) -> bool:
    """Whether a text message can be sent to this number: a gateway is set, and it is a mobile number."""
    return configured() and bool(MOBILE.fullmatch(normalize_phone(phone)))


def seal_recipient(phone: str, text: str) -> tuple[bytes, bytes]:
    """Seals number and text for a row."""
    return vault.seal(normalize_phone(phone), "sms.phone"), vault.seal(text, "sms.text")


def send(message_id: int, at: datetime) -> None:
    """Sends the message at most once. Raises RetryLater when the gateway rejected it for now."""
    waiting = Message.objects.filter(pk=message_id, sending_at=None, delivered_at=None, failed_at=None)
    if not waiting.update(sending_at=at):
        return  # sent, given up, or in doubt, which a person resolves
    row = Message.objects.get(pk=message_id)
    to, text = vault.unseal(row.phone, "sms.phone"), vault.unseal(row.text, "sms.text")
    try:
        submit_to_gateway(SmsRequest(str(row.pk), to, text))
    except DeliveryUnknown:
        return
    except GatewayRejected as refused:
        _record_rejection(row, refused.final, at)
        return
    _rows(message_id).update(delivered_at=at, phone=b"", text=b"")


def _record_rejection(row: Message, final: bool, at: datetime) -> None:
    """Removes the mark after a rejection; the message is tried again unless that is final."""
    over = final or row.refusals + 1 >= MOST_REFUSALS
    _rows(row.pk).update(sending_at=None, refusals=F("refusals") + 1, failed_at=at if over else None)
    if not over:
        raise RetryLater


def _rows(message_id: int) -> QuerySet[Message]:
    return Message.objects.filter(pk=message_id)


@dataclass(frozen=True, slots=True)
class SmsRequest:
    """Request to the gateway. By `id` it can detect a repeated message."""

    id: str
    to: str
    text: str


def submit_to_gateway(request: SmsRequest) -> None:
    """Sends the request to the gateway that is set. Raises GatewayRejected or DeliveryUnknown."""
    body = json.dumps({"id": request.id, "to": request.to, "text": request.text}, ensure_ascii=False)
    kind, _colon, rest = settings.SMS_GATEWAY.partition(":")
    if kind == "file":
        _append(rest, body)
    elif kind in {"http", "https"}:
        _post(settings.SMS_GATEWAY, body.encode())
    else:
        raise GatewayRejected(final=False)  # the setting was removed while messages waited


def _append(path: str, line: str) -> None:
    """Appends a line to a file, for trials without a gateway; one write per message."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


def _post(address: str, body: bytes) -> None:
    limits = http.Limits(connect=TIMEOUT_SECONDS, read=TIMEOUT_SECONDS, total=2 * TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if settings.SMS_SECRET:
        headers["Authorization"] = f"Bearer {settings.SMS_SECRET}"
    try:
        endpoint = http.Endpoint.of(address, settings.SMS_CERTIFICATE)
        status = http.Client((endpoint,), limits=limits).status("POST", address, body, headers)
    except http.Failure as failure:
        raise (DeliveryUnknown() if failure.sent else GatewayRejected(final=False)) from None
    if status // 100 == 2:
        return
    if status >= 500 and status not in TEMPORARY_ERRORS:
        raise DeliveryUnknown
    raise GatewayRejected(final=status in PERMANENT_ERRORS)


def unsettled(at: datetime) -> QuerySet[Message]:
    """Messages about which a person must decide: in doubt, or given up; the oldest first."""
    doubtful = Q(sending_at__lte=at - DOUBT_AFTER)
    rows = Message.objects.filter(channel=Message.Channel.SMS, delivered_at=None, settled_by=None)
    return rows.filter(doubtful | Q(failed_at__isnull=False)).order_by("pk")


def settle(message_id: int, *, sent: bool, person_id: int, at: datetime) -> None:
    """Records the decision of a person: sent or not wanted (`sent`), or to be sent again.

    Raises NotFound, and WrongState when somebody has already decided.
    """
    if not Message.objects.filter(pk=message_id, channel=Message.Channel.SMS).exists():
        raise NotFound(_("没有这条短信，请刷新页面。"))
    row = unsettled(at).filter(pk=message_id)
    if sent:
        changed = row.update(delivered_at=at, settled_by=person_id, phone=b"", text=b"")
    else:
        changed = row.update(sending_at=None, failed_at=None, refusals=0)
    if not changed:
        raise WrongState(_("这条短信已经处理过，请刷新页面看最新情况。"))
