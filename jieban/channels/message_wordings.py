"""Dated wordings of text messages: the row valid on the day a message is queued, else the declared text."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.channels.message_types import Language, MessageType, Recipient, fill
from jieban.channels.models import MessageWording
from jieban.registry.models import holds_on

# In the letters of GSM 03.38 a text message has more room than in others; these count twice among them.
GSM_DOUBLE = frozenset("[]{}^~|\\")
GSM_ROOM, OTHER_ROOM = (160, 153), (70, 67)  # of one alone, of each of several
Texts = Mapping[tuple[str, str, str], str]  # by code, recipient and language


def _on() -> QuerySet[MessageWording, Any]:
    rows = MessageWording.objects.filter(holds_on(Param("day")))
    return rows.order_by("valid_from", "pk").values_list("code", "recipient", "language", "text")


_ON = Prepared(_on)


def texts_on(day: date) -> Texts:
    """All texts valid on a day; one small query."""
    return {(code, recipient, language): text for code, recipient, language, text in _ON.rows(day=day)}


def render(
    kind: MessageType, recipient: Recipient, wanted: Language, texts: Texts, values: Mapping[str, str]
) -> str:
    """Text for a recipient, in the wanted language if it is declared, with its placeholders filled."""
    language = kind.language_for(recipient, wanted)
    return fill(texts.get((kind.code, recipient, language), kind.texts[recipient][language]), values)


def segment_count(text: str) -> int:
    """Number of segments in which networks send a text."""
    plain = text.isascii() and "`" not in text
    alone, each = GSM_ROOM if plain else OTHER_ROOM
    length = len(text) + plain * sum(letter in GSM_DOUBLE for letter in text)
    return 1 if length <= alone else -(-length // each)
