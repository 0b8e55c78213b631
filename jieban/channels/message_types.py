"""Message types: the app that sends a kind of message declares it once; it is looked up by its code.

An app declares its types in a module that its AppConfig imports, so that all are there before anything is sent.
Raises ValueError at the start where a declaration is wrong.
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
# {单号}, as whoever words a text message writes it.
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
BRACES = frozenset("{}｛｝")


class Language(LabelledEnum):
    """The language of a text message, by the code that the settings know it under."""

    CHINESE = "zh-hans", _("中文")
    ENGLISH = "en", _("英文")


class Recipient(LabelledEnum):
    """Whom a message is for."""

    STAFF = "staff", _("工作人员")
    REQUESTER = "requester", _("提出人")
    FOLLOWER = "follower", _("关注人")  # who follows what somebody else has requested


Wordings = Mapping[Language, str]


def bilingual(chinese: str, english: str) -> Wordings:
    """A text in both languages."""
    return MappingProxyType({Language.CHINESE: chinese, Language.ENGLISH: english})


@dataclass(frozen=True, slots=True, eq=False)
class MessageType:
    """A kind of message: its sentence in the inbox, and its text messages as they are worded without a dated row.

    A text is there in Chinese at least; whoever reads another language gets that where this one is missing.
    """

    code: str
    recipients: frozenset[Recipient]
    sentence: str | Promise
    tone: str = "grey"
    texts: Mapping[Recipient, Wordings] = field(default_factory=lambda: MappingProxyType({}))
    placeholders: tuple[str, ...] = (ABOUT,)
    required: tuple[str, ...] = ()  # without these a text says nothing
    label: str | Promise = ""  # what its text messages are about, where the sentence says it to staff

    def language_for(self, recipient: Recipient, wanted: Language) -> Language:
        """The language in which they get it: the wanted one, or Chinese."""
        return wanted if wanted in self.texts[recipient] else Language.CHINESE

    def unknown_placeholders(self, text: str) -> list[str]:
        """Those in the text that nothing fills, in its order."""
        return [name for name in PLACEHOLDER.findall(text) if name not in self.placeholders]

    def missing_placeholders(self, text: str) -> list[str]:
        """Those that the text must have and has not."""
        return [name for name in self.required if name not in PLACEHOLDER.findall(text)]


def has_stray_brace(text: str) -> bool:
    """Whether a brace in the text belongs to no placeholder, or is a full-width one."""
    return not BRACES.isdisjoint(PLACEHOLDER.sub("", text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in the place of its placeholders."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


_types: dict[str, MessageType] = {}


def register(kind: MessageType) -> MessageType:
    """Declares a type. Raises ValueError where its code is taken or too long, or a text can't be filled."""
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
    """The type with this code; None for one that no app declares (any more)."""
    return _types.get(code)


def registered() -> list[MessageType]:
    """All types, in the order in which they were declared."""
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
