"""Registry of message types: the app that sends a kind of message declares it once; lookup by code.

An app declares its types in a module that its AppConfig imports, so that all exist before anything is sent. A wrong
declaration raises ValueError at start-up.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jieban.base.labelled import LabelledEnum

LONGEST_CODE = 40
ABOUT = "单号"
CODE = "验证码"
# {单号}, as an author of wordings writes it.
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
BRACES = frozenset("{}｛｝")


class Language(LabelledEnum):
    """The language of a text message, by the code that the settings know it under."""

    CHINESE = "zh-hans", _("中文")
    ENGLISH = "en", _("英文")


class Recipient(LabelledEnum):
    """Group of people that a message is for."""

    STAFF = "staff", _("工作人员")
    REQUESTER = "requester", _("提出人")
    FOLLOWER = "follower", _("关注人")  # follows somebody else's case


Wordings = Mapping[Language, str]


def bilingual(chinese: str, english: str) -> Wordings:
    """A text in both languages."""
    return MappingProxyType({Language.CHINESE: chinese, Language.ENGLISH: english})


@dataclass(frozen=True, slots=True, eq=False)
class MessageType:
    """Type of message: its sentence in the inbox, and the default texts of its text messages.

    Each text is there in Chinese at least: the fallback for other languages.
    """

    code: str
    recipients: frozenset[Recipient]
    sentence: str | Promise
    tone: str = "grey"
    texts: Mapping[Recipient, Wordings] = field(default_factory=lambda: MappingProxyType({}))
    placeholders: tuple[str, ...] = (ABOUT,)
    required: tuple[str, ...] = ()  # placeholders that each text must have
    label: str | Promise = ""  # label of its text messages, if the sentence is for staff

    def language_for(self, recipient: Recipient, wanted: Language) -> Language:
        """The language in which they get it: the wanted one, or Chinese."""
        return wanted if wanted in self.texts[recipient] else Language.CHINESE

    def unknown_placeholders(self, text: str) -> list[str]:
        """Placeholders of the text that have no value, in their order."""
        return [name for name in PLACEHOLDER.findall(text) if name not in self.placeholders]

    def missing_placeholders(self, text: str) -> list[str]:
        """Required placeholders that the text does not have."""
        return [name for name in self.required if name not in PLACEHOLDER.findall(text)]


def has_stray_brace(text: str) -> bool:
    """Whether a brace in the text belongs to no placeholder, or is full-width."""
    return not BRACES.isdisjoint(PLACEHOLDER.sub("", text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replaces the placeholders of the text by the values."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


_types: dict[str, MessageType] = {}


def register(kind: MessageType) -> MessageType:
    """Registers a type. Raises ValueError for a known or too long code, or a text with wrong placeholders."""
    if kind.code in _types or not 0 < len(kind.code) <= LONGEST_CODE:
        raise ValueError(f"message {kind.code!r}: the code is declared before, empty or too long")
    if not kind.recipients.issuperset(kind.texts):
        raise ValueError(f"message {kind.code!r}: a text for somebody whom it is not for")
    if any(Language.CHINESE not in wordings for wordings in kind.texts.values()):
        raise ValueError(f"message {kind.code!r}: a text is missing in Chinese")
    for text in (text for wordings in kind.texts.values() for text in wordings.values()):
        if kind.unknown_placeholders(text) or kind.missing_placeholders(text) or has_stray_brace(text):
            raise ValueError(f"message {kind.code!r}: wrong placeholders in {text!r}")
    _types[kind.code] = kind
    return kind


def find(code: str) -> MessageType | None:
    """The type with this code; None if no app declares it (any more)."""
    return _types.get(code)


def registered() -> list[MessageType]:
    """All types, in the order of their declaration."""
    return list(_types.values())


PHONE_CODE = register(
    MessageType(
        "code",
        frozenset({Recipient.REQUESTER}),
        _("验证码"),
        texts={
            Recipient.REQUESTER: bilingual(
                "【接办】验证码{验证码}，10分钟内有效。工作人员不会向您索要，请勿告诉他人。",
                "[Jieban] Your code is {验证码}, valid for 10 minutes. Staff will never ask you for it. "
                "Do not share it.",
            )
        },
        placeholders=(CODE,),
        required=(CODE,),
    )
)
