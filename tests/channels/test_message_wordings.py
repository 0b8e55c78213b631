"""A text message is worded by the row that holds on the day on which it is queued."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jieban.base.clock import SHANGHAI
from jieban.base.errors import Invalid, NotFound, WrongState
from jieban.cases.flow import messages
from jieban.channels import outbox, phone_codes, sms, wording_changes
from jieban.channels.message_types import Recipient
from jieban.channels.models import Message, MessageWording
from jieban.channels.wording_changes import NewWording, add_wording, withdraw_wording
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


@pytest.fixture
def lines(settings: Any, tmp_path: Path) -> Any:
    """The texts that the file gateway has written so far."""
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return lambda: [json.loads(line)["text"] for line in path.read_text().splitlines()]


def step(scene: Scene, code: str = "closed", recipient: str = "requester") -> ChangeContext:
    seen = wording_changes.version_tag_of(code, recipient)
    return ChangeContext(scene.actor("admin"), AT, "按区里统一口径", seen)


def add(scene: Scene, **more: Any) -> MessageWording:
    values = {
        "code": "closed", "recipient": "requester", "text": TEXT, "source": "区办〔2026〕9号", "begins": TOMORROW,
        **more,
    }  # fmt: skip
    return add_wording(NewWording(**values), step=step(scene, values["code"], values["recipient"]))


def queue(at: Any, recipient: Recipient = Recipient.REQUESTER) -> int:
    note = outbox.OutgoingMessage(messages.CLOSED, "SJ1", phone=PHONE, recipient=recipient)
    outbox.queue_all([note], at=at)
    return Message.objects.latest("id").pk


def test_a_new_wording_holds_for_what_is_queued_from_its_day_on(scene: Scene, lines: Any) -> None:
    row = add(scene)
    midnight = datetime(2026, 3, 3, tzinfo=SHANGHAI)
    for at in (AT, midnight - timedelta(seconds=1), midnight, NEXT_DAY + timedelta(days=400)):
        sms.send(queue(at), at)
    assert lines() == [OLD, OLD, NEW, NEW]
    before = MessageWording.objects.get(code="closed", recipient="requester", valid_to=TOMORROW)
    assert (row.valid_from, row.valid_to, before.valid_from) == (TOMORROW, None, date(2019, 1, 1))


def test_other_texts_of_the_type_stay_as_they_are(scene: Scene, lines: Any) -> None:
    add(scene)
    sms.send(queue(NEXT_DAY, Recipient.FOLLOWER), NEXT_DAY)
    assert lines() == ["【接办】您来电反映的事项（SJ1）已结案。如仍有问题，请拨打12345。"]


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
    add(scene, code="code", text="您的验证码是{验证码}。")
    phone_codes.send_code(PHONE, network="192.0.2.1", at=NEXT_DAY)
    sms.send(Message.objects.latest("id").pk, NEXT_DAY)
    (text,) = lines()
    phone_codes.verify_code(PHONE, text[6:12], network="192.0.2.1", at=NEXT_DAY)
    assert text == f"您的验证码是{text[6:12]}。"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"text": "{姓名}您好，{单号}已结案"}, "这种短信里不能用{姓名}，只能用{单号}。"),
        ({"code": "code", "text": "验证码{验证码}，单号{单号}"}, "这种短信里不能用{单号}，只能用{验证码}。"),
        ({"code": "code", "text": "请查收验证码"}, "短信里缺少{验证码}，收到的人没法用。"),
        ({"text": "｛单号｝已结案"}, "花括号只用来写{单号}，请用半角，前后成对。"),
        ({"text": "{单号已结案"}, "花括号只用来写{单号}，请用半角，前后成对。"),
        ({"text": " "}, "短信内容只能是一行文字，前后没有空格，也没有网页标签。"),
        ({"text": "已\n结案"}, "短信内容只能是一行文字，前后没有空格，也没有网页标签。"),
        ({"text": "好" * 201}, "请填写短信内容，最多 200 字。"),
        ({"begins": date(2026, 3, 2)}, "最早从 2026年3月3日 起，过去的日子不能改。"),
        (
            {"text": messages.CLOSED.texts[Recipient.REQUESTER], "source": "平台初始设置，由区里按需要调整"},
            "与现行用语相同，不必修改。",
        ),
    ],
)
def test_a_wording_that_does_not_fit_is_refused(scene: Scene, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(scene, **more)
    assert refused.value.message == sentence and refused.value.fields
    assert MessageWording.objects.count() == 9 and not ConfigChange.objects.exists()


@pytest.mark.parametrize(
    "more", [{"code": "nothing"}, {"recipient": "staff"}, {"code": "received", "recipient": "follower"}]
)
def test_there_is_no_wording_of_what_is_never_sent(scene: Scene, more: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        add(scene, **more)


def test_a_change_is_written_down_and_one_at_a_time_is_to_come(scene: Scene, lines: Any) -> None:
    seen = step(scene)
    row = add(scene)
    logged = ConfigChange.objects.get(area="message")
    assert (logged.key, logged.label) == ("closed.requester", "已结案（提出人）")
    assert (logged.before["内容"], logged.after["内容"]) == (messages.CLOSED.texts[Recipient.REQUESTER], TEXT)
    with pytest.raises(Invalid, match="请先撤回它"):
        add(scene, text="【接办】{单号}已结案。")
    with pytest.raises(WrongState, match="刚刚修改了"):
        add_wording(NewWording("closed", "requester", "好", "区办", TOMORROW), step=seen)
    withdraw_wording(row.pk, step=step(scene))
    sms.send(queue(NEXT_DAY), NEXT_DAY)
    assert lines() == [OLD]
    assert MessageWording.objects.get(code="closed", recipient="requester").valid_to is None


def test_what_holds_already_is_not_withdrawn(scene: Scene) -> None:
    row = MessageWording.objects.get(code="closed", recipient="requester")
    with pytest.raises(WrongState, match="已经生效"):
        withdraw_wording(row.pk, step=step(scene))
    assert MessageWording.objects.filter(pk=row.pk).exists()


def test_the_log_names_what_residents_hear_not_what_the_unit_reads(scene: Scene) -> None:
    add(scene, code="dispatched", recipient="follower")
    assert ConfigChange.objects.get(area="message").label == "已派单（关注人）"
