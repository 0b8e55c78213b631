"""Messages are declared by the app that sends them, and nothing else is sent."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jieban.cases import actions
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.states import CaseKind, State
from jieban.cases.models import Case
from jieban.channels import message_types
from jieban.channels.message_types import Language, MessageType, Recipient, bilingual
from jieban.channels.models import Message
from jieban.channels.outbox import OutgoingMessage
from tests.cases.scene import AT, Scene, closed, handling

ROOT = Path(__file__).parents[2]
# What takes a type of message as its first argument.
TAKES_A_TYPE = {
    "OutgoingMessage", "queue", "notes_to_unit", "notify_requester", "text_requester", "_notes_to_leader", "_offices",
    "_text_messages",
}  # fmt: skip
REQUESTER, FOLLOWER = Recipient.REQUESTER, Recipient.FOLLOWER
CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
# What residents read, to the letter.
TEXTS = {
    ("received", REQUESTER): "【接办】您的诉求已受理，单号SJ1。凭单号和手机号可在网页查询，或拨打12345。",
    ("dispatched", REQUESTER): "【接办】您的诉求（SJ1）已派给承办单位，工作人员会与您联系。",
    ("dispatched", FOLLOWER): "【接办】您来电反映的事项（SJ1）已派给承办单位，正在办理。",
    ("result_reported", REQUESTER): "【接办】您的诉求（SJ1）已有办理结果，请在网页查看并评价，或等候回访。",
    ("result_reported", FOLLOWER): "【接办】您来电反映的事项（SJ1）已有办理结果，可拨打12345了解。",
    ("closed", REQUESTER): "【接办】您的诉求（SJ1）已结案。如仍有问题，可在网页或拨打12345要求重新办理。",
    ("closed", FOLLOWER): "【接办】您来电反映的事项（SJ1）已结案。如仍有问题，请拨打12345。",
    ("supported_closed", FOLLOWER): "【接办】您支持的公开诉求（SJ1）已结案，结果可在网页查看。",
    ("code", REQUESTER): "【接办】验证码042042，10分钟内有效。工作人员不会向您索要，请勿告诉他人。",
}


def first_arguments() -> Iterator[tuple[str, ast.expr]]:
    """Where the product passes a type of message, and what it passes."""
    for path in sorted((ROOT / "jieban").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
                if name in TAKES_A_TYPE:
                    yield f"{path.name}:{node.lineno}", node.args[0]


def declared(name: str) -> bool:
    return isinstance(getattr(messages, name, None), MessageType)


def test_every_message_of_the_product_is_a_declared_one() -> None:
    """By the text of the code: a name of cases.flow.messages, one of its tables, or what the caller handed in."""
    passed = dict(first_arguments())
    named = {
        place: ast.unparse(one).removeprefix("now.message(").removesuffix(")")
        for place, one in passed.items()
    }
    tables = ("messages.WARNINGS[", "messages.UNATTENDED[", "ORDER_MESSAGES[")
    wrong = {
        place: text
        for place, text in named.items()
        if text not in {"kind", "PHONE_CODE"}
        and not text.startswith(tables)
        and not (text.startswith("messages.") and declared(text.removeprefix("messages.")))
    }
    assert wrong == {} and len(named) > 25


@pytest.mark.django_db
def test_what_a_case_sends_on_its_way_is_declared(scene: Scene, settings: Any, tmp_path: Path) -> None:
    settings.SMS_GATEWAY = f"file:{tmp_path / 'sms.jsonl'}"
    actions.remind(handling(scene).pk, actor=scene.actor("supervisor"), at=AT, text="请尽快")
    closed(scene)
    codes = set(Message.objects.values_list("template", flat=True))
    assert {"received", "dispatched", "remind", "result_reported", "closed"} <= codes
    assert {code for code in codes if message_types.find(code) is None} == set()


@pytest.mark.django_db
def test_every_warning_of_a_clock_has_its_message() -> None:
    later = AT + timedelta(days=2)
    keys = set()
    for state in State:
        case = Case(
            state=state, kind=CaseKind.APPEAL, received_at=AT, contact_from_at=AT, contact_due_at=later,
            finish_from_at=AT, finish_due_at=later, review_on=later.date(), visit_back_due_at=later,
        )  # fmt: skip
        keys |= {warning.key for warning in deadlines.all_warnings(case)}
        case.visit_back_due_at, case.visited_back_at = None, later
        keys |= {warning.key for warning in deadlines.all_warnings(case)}
    assert keys == messages.WARNINGS.keys()


def texts_in(language: Language, number: str) -> dict[tuple[str, Recipient], str]:
    values = {"单号": number, "验证码": "042042"}
    return {
        (kind.code, recipient): message_types.fill(wordings[language], values)
        for kind in message_types.registered()
        for recipient, wordings in kind.texts.items()
    }


def test_residents_read_what_they_read_before() -> None:
    assert texts_in(CHINESE, "SJ1") == TEXTS


def test_every_text_is_there_in_english_in_one_text_message() -> None:
    """In the letters of GSM 03.38 a text message has 160; its square brackets count twice."""
    number = "SJ20260302-00001-1"
    for key, text in texts_in(ENGLISH, number).items():
        assert text.startswith("[Jieban] ") and text.isascii() and 70 <= len(text) <= 150, (key, text)
        assert (number in text) == (key[0] != "code")
        assert ("12345" in text) <= ("12345" in TEXTS[key])


def test_what_is_not_declared_is_not_queued() -> None:
    with pytest.raises(ValueError, match="not declared"):
        OutgoingMessage(MessageType("closed", frozenset({REQUESTER}), "已结案"), "SJ1")
    with pytest.raises(ValueError, match="no text for follower"):
        OutgoingMessage(messages.RECEIVED, "SJ1", phone="10001234567", recipient=FOLLOWER)


@pytest.mark.parametrize(
    "kind",
    [
        MessageType("closed", frozenset({REQUESTER}), "已结案"),
        MessageType("x" * 41, frozenset({REQUESTER}), "已结案"),
        MessageType("new", frozenset({REQUESTER}), "新", texts={FOLLOWER: bilingual("新", "New")}),
        MessageType("new", frozenset({REQUESTER}), "新", texts={REQUESTER: bilingual("{姓名}", "New")}),
        MessageType("new", frozenset({REQUESTER}), "新", texts={REQUESTER: bilingual("新", "{name}")}),
        MessageType("new", frozenset({REQUESTER}), "新", texts={REQUESTER: {ENGLISH: "New"}}),
        MessageType("new", frozenset({REQUESTER}), "新", texts={REQUESTER: {CHINESE: "{单号"}}),
        MessageType(
            "new", frozenset({REQUESTER}), "新", texts={REQUESTER: {CHINESE: "新"}}, required=("单号",)
        ),
    ],
)
def test_a_wrong_declaration_stops_the_start(kind: MessageType) -> None:
    before = message_types.registered()
    with pytest.raises(ValueError, match=kind.code):
        message_types.register(kind)
    assert message_types.registered() == before


def test_with_nobody_on_duty_the_sentence_says_so() -> None:
    kind = message_types.find("no_duty.dispatched")
    assert (
        kind and str(kind.sentence) == "派来一件，请签收；该单位此时无人值班，请您处置" and kind.tone == "red"
    )


def test_a_card_names_only_declared_messages() -> None:
    named = {code for card in CARDS.values() for code in card.notifies}
    assert named and {code for code in named if message_types.find(code) is None} == set()
