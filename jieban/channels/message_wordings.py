"""Dated wordings of text messages: the row valid on the day a message is queued, else the declared text."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.channels.message_types import MessageType, Recipient, fill
from jieban.channels.models import MessageWording
from jieban.registry.models import holds_on

Texts = Mapping[tuple[str, str], str]  # by code and recipient


def _on() -> QuerySet[MessageWording, Any]:
    rows = MessageWording.objects.filter(holds_on(Param("day")))
    return rows.order_by("valid_from", "pk").values_list("code", "recipient", "text")


_ON = Prepared(_on)


def texts_on(day: date) -> Texts:
    """All texts valid on a day; one small query."""
    return {(code, recipient): text for code, recipient, text in _ON.rows(day=day)}


def render(kind: MessageType, recipient: Recipient, texts: Texts, values: Mapping[str, str]) -> str:
    """Text of a message of this type for a recipient, with its placeholders filled."""
    return fill(texts.get((kind.code, recipient.value), kind.texts[recipient]), values)
