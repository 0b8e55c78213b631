"""A text message is worded by the row that holds on the day on which it is queued."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jieban.base.clock import SHANGHAI
from jieban.base.errors import Invalid, NotFound, WrongState
from jieban.cases.flow import messages
from jieban.channels import message_wordings, outbox, phone_codes, sms, wording_changes
from jieban.channels.message_types import Language, MessageType, Recipient
from jieban.channels.models import Message, MessageWording
from jieban.channels.wording_changes import NewWording, TextKey, add_wording, withdraw_wording
from jieban.registry.changing.config_changes import ChangeContext
from jieban.registry.models import ConfigChange
from tests.cases.scene import AT, Scene

pytestmark = pytest.mark.django_db
TOMORROW = date(2026, 3, 3)
NEXT_DAY = AT + timedelta(days=1)
PHONE = "10001234567"
TEXT = "【区12345】您的诉求{单号}办结了，请评价。"
OLD = "【接办】您的诉求（SJ1）已结案。如仍有问题，可在网页或拨打12345要求重新办理。"
NEW = "【区12345】您的诉求SJ1办结了，请评价。"
IN_ENGLISH = "[Jieban] Your request SJ1 is closed. If the problem remains, ask to reopen it online or by calling 12345."
CLOSED = TextKey("closed", Recipient.REQUESTER)
CODE = TextKey("code", Recipient.REQUESTER)
ENGLISH = TextKey("closed", Recipient.REQUESTER, Language.ENGLISH)


@pytest.fixture
def lines(settings: Any, tmp_path: Path) -> Any:
    """The texts that the file gateway has written so far."""
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return lambda: [json.loads(line)["text"] for line in path.read_text().splitlines()]


def step(scene: Scene, key: TextKey = CLOSED) -> ChangeContext:
    seen = wording_changes.version_tag_of(key)
    return ChangeContext(scene.actor("admin"), AT, "按区里统一口径", seen)


def add(scene: Scene, **more: Any) -> MessageWording:
    values = {"key": CLOSED, "text": TEXT, "source": "区办〔2026〕9号", "begins": TOMORROW, **more}
    return add_wording(NewWording(**values), step=step(scene, values["key"]))


def queue(at: Any, recipient: Recipient = Recipient.REQUESTER, language: Language = Language.CHINESE) -> int:
    note = outbox.OutgoingMessage(messages.CLOSED, "SJ1", phone=PHONE, recipient=recipient, language=language)
    outbox.queue_all([note], at=at)
    return Message.objects.latest("id").pk


def test_a_new_wording_holds_for_what_is_queued_from_its_day_on(scene: Scene, lines: Any) -> None:
    row = add(scene)
    midnight = datetime(2026, 3, 3, tzinfo=SHANGHAI)
    for at in (AT, midnight - timedelta(seconds=1), midnight, NEXT_DAY + timedelta(days=400)):
        sms.send(queue(at), at)
    assert lines() == [OLD, OLD, NEW, NEW]
    before = MessageWording.objects.get(code="closed", recipient="requester", valid_to=TOMORROW)
    assert before.language == "zh-hans"
    assert (row.valid_from, row.valid_to, before.valid_from) == (TOMORROW, None, date(2019, 1, 1))


def test_other_texts_of_the_type_stay_as_they_are(scene: Scene, lines: Any) -> None:
    add(scene)
    sms.send(queue(NEXT_DAY, Recipient.FOLLOWER), NEXT_DAY)
    assert lines() == ["【接办】您来电反映的事项（SJ1）已结案。如仍有问题，请拨打12345。"]


def test_each_language_is_worded_by_its_own_rows(scene: Scene, lines: Any) -> None:
    add(scene)
    sms.send(queue(NEXT_DAY, language=Language.ENGLISH), NEXT_DAY)
    add(scene, key=ENGLISH, text="[District] Request {单号} is done.")
    for language in Language:
        sms.send(queue(NEXT_DAY, language=language), NEXT_DAY)
    assert lines() == [IN_ENGLISH, NEW, "[District] Request SJ1 is done."]
    keys = ConfigChange.objects.order_by("id").values_list("key", "label")
    assert list(keys) == [
        ("closed.requester.zh-hans", "已结案（提出人，中文）"), ("closed.requester.en", "已结案（提出人，英文）"),
    ]  # fmt: skip


def test_without_a_row_in_english_the_declared_english_text_is_sent(scene: Scene, lines: Any) -> None:
    MessageWording.objects.filter(language="en").delete()
    sms.send(queue(AT, language=Language.ENGLISH), AT)
    assert lines() == [IN_ENGLISH]


def test_a_type_without_english_text_is_sent_in_chinese() -> None:
    kind = MessageType(
        "x",
        frozenset({Recipient.REQUESTER}),
        "新",
        texts={Recipient.REQUESTER: {Language.CHINESE: "新{单号}"}},
    )
    texts = {("x", "requester", "zh-hans"): "换{单号}"}
    for rows, text in (({}, "新SJ1"), (texts, "换SJ1")):
        said = message_wordings.render(kind, Recipient.REQUESTER, Language.ENGLISH, rows, {"单号": "SJ1"})
        assert said == text


def test_what_is_sent_later_or_once_more_says_what_it_said(scene: Scene, lines: Any) -> None:
    add(scene)
    later, doubtful = queue(AT), queue(AT)
    Message.objects.filter(pk=doubtful).update(sending_at=AT)
    outbox.resolve_doubtful_sms(
        doubtful, sent=False, person_id=scene.actor("admin").person_id or 0, at=NEXT_DAY
    )
    for pk in (later, doubtful):
        sms.send(pk, NEXT_DAY)
    assert lines() == [OLD, OLD]


def test_without_a_row_the_declared_text_is_sent(scene: Scene, lines: Any) -> None:
    MessageWording.objects.all().delete()
    sms.send(queue(AT), AT)
    assert lines() == [OLD]
    add(scene)
    sms.send(queue(NEXT_DAY), NEXT_DAY)
    assert lines() == [OLD, NEW]
    assert "要求重新办理" in ConfigChange.objects.get(area="message").before["内容"]


def test_the_code_is_worded_by_its_row(scene: Scene, lines: Any) -> None:
    add(scene, key=CODE, text="您的验证码是{验证码}。")
    phone_codes.send_code(PHONE, network="192.0.2.1", at=NEXT_DAY)
    sms.send(Message.objects.latest("id").pk, NEXT_DAY)
    (text,) = lines()
    phone_codes.verify_code(PHONE, text[6:12], network="192.0.2.1", at=NEXT_DAY)
    assert text == f"您的验证码是{text[6:12]}。"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"text": "{姓名}您好，{单号}已结案"}, "这种短信里不能用{姓名}，只能用{单号}。"),
        ({"key": CODE, "text": "验证码{验证码}，单号{单号}"}, "这种短信里不能用{单号}，只能用{验证码}。"),
        ({"key": CODE, "text": "请查收验证码"}, "短信里缺少{验证码}，收到的人没法用。"),
        ({"text": "｛单号｝已结案"}, "花括号只用来写{单号}，请用半角，前后成对。"),
        ({"text": "{单号已结案"}, "花括号只用来写{单号}，请用半角，前后成对。"),
        ({"text": " "}, "短信内容只能是一行文字，前后没有空格，也没有网页标签。"),
        ({"text": "已\n结案"}, "短信内容只能是一行文字，前后没有空格，也没有网页标签。"),
        ({"text": "好" * 201}, "请填写短信内容，最多 200 字。"),
        ({"begins": date(2026, 3, 2)}, "最早从 2026年3月3日 起，过去的日子不能改。"),
        (
            {
                "text": messages.CLOSED.texts[Recipient.REQUESTER][Language.CHINESE],
                "source": "平台初始设置，由区里按需要调整",
            },
            "与现行用语相同，不必修改。",
        ),
    ],
)
def test_a_wording_that_does_not_fit_is_refused(scene: Scene, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(scene, **more)
    assert refused.value.message == sentence and refused.value.fields
    assert MessageWording.objects.count() == 18 and not ConfigChange.objects.exists()


@pytest.mark.parametrize(
    "key",
    [
        TextKey("nothing", Recipient.REQUESTER),
        TextKey("closed", Recipient.STAFF),
        TextKey("received", Recipient.FOLLOWER),
    ],
)
def test_there_is_no_wording_of_what_is_never_sent(scene: Scene, key: TextKey) -> None:
    with pytest.raises(NotFound):
        add(scene, key=key)


def test_a_change_is_written_down_and_one_at_a_time_is_to_come(scene: Scene, lines: Any) -> None:
    seen = step(scene)
    row = add(scene)
    logged = ConfigChange.objects.get(area="message")
    assert (logged.key, logged.label) == ("closed.requester.zh-hans", "已结案（提出人，中文）")
    declared = messages.CLOSED.texts[Recipient.REQUESTER][Language.CHINESE]
    assert (logged.before["内容"], logged.after["内容"]) == (declared, TEXT)
    with pytest.raises(Invalid, match="请先撤回它"):
        add(scene, text="【接办】{单号}已结案。")
    with pytest.raises(WrongState, match="刚刚修改了"):
        add_wording(NewWording(CLOSED, "好", "区办", TOMORROW), step=seen)
    withdraw_wording(row.pk, step=step(scene))
    sms.send(queue(NEXT_DAY), NEXT_DAY)
    assert lines() == [OLD]
    kept = MessageWording.objects.get(code="closed", recipient="requester", language="zh-hans")
    assert kept.valid_to is None


def test_what_holds_already_is_not_withdrawn(scene: Scene) -> None:
    row = MessageWording.objects.get(code="closed", recipient="requester", language="en")
    with pytest.raises(WrongState, match="已经生效"):
        withdraw_wording(row.pk, step=step(scene, ENGLISH))
    assert MessageWording.objects.filter(pk=row.pk).exists()


def test_the_log_names_what_residents_hear_not_what_the_unit_reads(scene: Scene) -> None:
    add(scene, key=TextKey("dispatched", Recipient.FOLLOWER))
    assert ConfigChange.objects.get(area="message").label == "已派单（关注人，中文）"
