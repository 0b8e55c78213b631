"""Text messages go out at most once, whatever the gateway does."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client

from jieban import settings as sources
from jieban.base.errors import Invalid, TooManyAttempts, WrongState
from jieban.cases import actions
from jieban.cases.flow import messages
from jieban.channels import outbox, phone_codes, sms
from jieban.channels.jobs import deliver
from jieban.channels.models import Message
from jieban.web.management.commands.check import check_settings
from tests.cases.scene import AT, Scene, closed, dispatched, make_case, reported, visited
from tests.channels.gateway import Gateway, gateway
from tests.platforms import free_port
from tests.web.signed_in import at_desk

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=5)
PHONE = "10001234567"


@pytest.fixture
def sender(settings: Any) -> Iterator[Gateway]:
    with gateway() as told:
        settings.SMS_GATEWAY, settings.SMS_SECRET = told.url, "a secret of ours"
        yield told


@pytest.fixture
def lines(settings: Any, tmp_path: Path) -> Any:
    """What the file gateway has written so far."""
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return lambda: [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def queued() -> Message:
    outbox.queue_all([outbox.OutgoingMessage(messages.RECEIVED, "SJ20260302-00001-1", phone=PHONE)], at=AT)
    return Message.objects.get(channel="sms")


def again(row: Message) -> Message:
    row.refresh_from_db()
    return row


def send_all() -> None:
    for pk in Message.objects.filter(channel="sms", delivered_at=None).values_list("pk", flat=True):
        sms.send(pk, AT)


def test_a_message_is_sent_once_with_the_secret_and_then_forgotten(sender: Gateway) -> None:
    row = queued()
    deliver(row.pk)
    deliver(row.pk)
    assert [(letter["id"], letter["to"]) for letter in sender.letters] == [(str(row.pk), PHONE)]
    assert (
        sender.letters[0]["text"].startswith("【接办】") and "SJ20260302-00001-1" in sender.letters[0]["text"]
    )
    assert sender.secrets == ["Bearer a secret of ours"]
    sent = again(row)
    assert sent.delivered_at and bytes(sent.phone) == bytes(sent.text) == b""


def test_number_and_words_stand_nowhere_in_plain(sender: Gateway) -> None:
    row = queued()
    with connection.cursor() as cursor:
        cursor.execute("SELECT channels_message::text FROM channels_message WHERE id = %s", [row.pk])
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        (arguments,) = [args for (args,) in cursor.fetchall()]
    assert PHONE not in stored and PHONE.encode().hex() not in stored and "受理" not in stored
    assert json.loads(arguments) == {"message_id": row.pk}


@pytest.mark.parametrize("status", [503, 429, 302, 401])
def test_a_clear_no_for_now_is_tried_again_and_given_up_in_the_end(sender: Gateway, status: int) -> None:
    row, sender.status = queued(), status
    for _attempt in range(sms.MOST_REFUSALS - 1):
        with pytest.raises(sms.RetryLater):
            sms.send(row.pk, AT)
    assert again(row).failed_at is None
    sms.send(row.pk, AT)
    assert again(row).failed_at == AT
    sms.send(row.pk, AT)
    assert len(sender.letters) == sms.MOST_REFUSALS


def test_a_message_refused_for_good_is_not_tried_again(sender: Gateway) -> None:
    row, sender.status = queued(), 422
    sms.send(row.pk, AT)
    sms.send(row.pk, AT)
    assert len(sender.letters) == 1 and again(row).failed_at == AT


def test_nobody_answers_the_door_is_a_clear_no(settings: Any) -> None:
    settings.SMS_GATEWAY = f"http://127.0.0.1:{free_port()}/"
    row = queued()
    with pytest.raises(sms.RetryLater):
        sms.send(row.pk, AT)
    assert again(row).sending_at is None


@pytest.mark.parametrize("status", [0, 500, 502])
def test_a_doubtful_message_is_never_sent_again_by_itself(
    sender: Gateway, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(sms, "TIMEOUT_SECONDS", 0.2)
    row, sender.status = queued(), status
    sms.send(row.pk, AT)
    sender.status = 200
    sms.send(row.pk, LATER)
    assert len(sender.letters) == 1
    assert list(sms.unsettled(LATER)) == [row] and list(sms.unsettled(AT)) == []


def test_a_gateway_that_does_not_show_its_pinned_certificate_is_sent_nothing(
    sender: Gateway, settings: Any
) -> None:
    settings.SMS_CERTIFICATE = "0" * 64
    row = queued()
    with pytest.raises(sms.RetryLater):
        sms.send(row.pk, AT)
    assert sender.letters == [] and again(row).sending_at is None


@pytest.mark.parametrize(
    ("value", "address"),
    [("ab", "https://a"), ("g" * 64, "https://a"), ("0" * 64, "http://127.0.0.1/"), ("0" * 64, "")],
)
def test_a_bad_certificate_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str, address: str) -> None:
    monkeypatch.setenv("JIEBAN_SMS_CERTIFICATE", value)
    with pytest.raises(ImproperlyConfigured, match="JIEBAN_SMS_CERTIFICATE"):
        sources._certificate("JIEBAN_SMS_CERTIFICATE", address)


def test_a_certificate_is_written_as_openssl_prints_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBAN_SMS_CERTIFICATE", ":".join(["AB"] * 32))
    assert sources._certificate("JIEBAN_SMS_CERTIFICATE", "https://a") == "ab" * 32


def test_a_worker_that_died_in_the_middle_leaves_a_doubt(sender: Gateway) -> None:
    row = queued()
    Message.objects.filter(pk=row.pk).update(sending_at=AT)  # where it was when it died
    deliver(row.pk)
    assert sender.letters == [] and list(sms.unsettled(LATER)) == [row]


def test_a_person_decides_about_a_doubt_once(sender: Gateway, scene: Scene) -> None:
    row = queued()
    Message.objects.filter(pk=row.pk).update(sending_at=AT)
    desk = at_desk(scene, "operator")
    shown = desk.get("/text-messages/").content.decode()
    assert "不知是否发出" in shown and PHONE not in shown
    assert desk.post("/text-messages/", {"message": row.pk, "do": "anew"}).status_code == 302
    sms.send(row.pk, LATER)
    assert len(sender.letters) == 1 and again(row).delivered_at
    assert desk.post("/text-messages/", {"message": row.pk, "do": "anew"}).status_code == 409
    assert desk.post("/text-messages/", {"message": "x", "do": "sent"}).status_code == 404
    assert len(sender.letters) == 1


def test_a_doubt_marked_as_sent_is_not_sent(sender: Gateway, scene: Scene) -> None:
    row = queued()
    Message.objects.filter(pk=row.pk).update(sending_at=AT)
    outbox.resolve_doubtful_sms(row.pk, sent=True, person_id=scene.actor("admin").person_id or 0, at=LATER)
    with pytest.raises(WrongState):
        outbox.resolve_doubtful_sms(
            row.pk, sent=False, person_id=scene.actor("admin").person_id or 0, at=LATER
        )
    sms.send(row.pk, LATER)
    assert sender.letters == [] and bytes(again(row).phone) == b""


def test_other_posts_do_not_see_the_doubts(scene: Scene) -> None:
    for name in ("street", "supervisor", "resident", "auditor"):
        assert at_desk(scene, name).get("/text-messages/").status_code == 403
    assert Client().get("/text-messages/").status_code == 302


def test_the_requester_is_told_of_each_station(scene: Scene, lines: Any) -> None:
    number = closed(scene).number
    send_all()
    assert [line["to"] for line in lines()] == [PHONE] * 4
    for line, said in zip(lines(), ("已受理", "已派给", "已有办理结果", "已结案"), strict=True):
        assert number in line["text"] and said in line["text"] and len(line["text"]) <= 70
        assert "王建国" not in line["text"] and "楼道灯" not in line["text"]


def test_who_called_about_a_running_case_is_told_of_it_too_and_nobody_twice(scene: Scene, lines: Any) -> None:
    case = visited(scene)
    for phone in ("10007654321", "10007654321", PHONE):
        actions.follow_up(case.pk, actor=scene.actor("operator"), at=AT, text="还没有人来", phone=phone)
    actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text="已修好")
    send_all()
    told = [line for line in lines() if "结果" in line["text"]]
    assert sorted(line["to"] for line in told) == [PHONE, "10007654321"]
    assert [("您的诉求" in line["text"], "您来电反映的事项" in line["text"]) for line in told] == [
        (True, False),
        (False, True),
    ]


def test_whose_case_was_merged_is_told_by_their_own_number(scene: Scene, lines: Any) -> None:
    primary = dispatched(scene)
    other = make_case(scene, phone="10001234568")
    actions.merge(other.pk, actor=scene.actor("dispatcher"), at=AT, primary_id=primary.pk)
    for kind in ("needs", "opinion"):
        values = {"kinds": [kind], "way": "phone", "said": "尽快"}
        if kind == "needs":
            actions.sign(primary.pk, actor=scene.actor("department"), at=AT)
        actions.record_visit(primary.pk, actor=scene.actor("department"), at=AT, **values)  # type: ignore[arg-type]
    actions.report_result(primary.pk, actor=scene.actor("department"), at=AT, text="已修好")
    send_all()
    told = [line for line in lines() if "结果" in line["text"]]
    assert [(line["to"], line["text"].count(number)) for line, number in zip(
        told, (primary.number, other.number), strict=True
    )] == [(PHONE, 1), ("10001234568", 1)]  # fmt: skip


@pytest.mark.parametrize(
    "values", [{"channel": "import"}, {"channel": "api"}, {"phone": "010-88001234"}, {"phone": ""}]
)
def test_no_text_message_where_none_belongs(scene: Scene, lines: Any, values: dict[str, str]) -> None:
    reported(scene, **values)
    assert not Message.objects.filter(channel="sms").exists()


def test_without_a_gateway_nothing_is_queued(scene: Scene) -> None:
    closed(scene)
    assert not Message.objects.filter(channel="sms").exists()
    with pytest.raises(Invalid):
        phone_codes.send_code(PHONE, network="192.0.2.1", at=AT)


def code_in(line: dict[str, str]) -> str:
    found = re.search(r"验证码([0-9]{6})", line["text"])
    assert found
    return found[1]


def test_a_code_is_good_once_for_its_number_and_ten_minutes(lines: Any) -> None:
    phone_codes.send_code(PHONE, network="192.0.2.1", at=AT)
    send_all()
    code = code_in(lines()[0])
    for phone, at in (("10001234568", AT), (PHONE, AT + timedelta(minutes=11))):
        with pytest.raises(Invalid):
            phone_codes.verify_code(phone, code, network="192.0.2.1", at=at)
    phone_codes.verify_code(PHONE, code, network="192.0.2.1", at=AT)
    with pytest.raises(Invalid):
        phone_codes.verify_code(PHONE, code, network="192.0.2.1", at=AT)


def test_a_code_bears_five_tries(lines: Any) -> None:
    phone_codes.send_code(PHONE, network="192.0.2.1", at=AT)
    send_all()
    code = code_in(lines()[0])
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _attempt in range(phone_codes.MOST_TRIES):
        with pytest.raises(Invalid):
            phone_codes.verify_code(PHONE, wrong, network="192.0.2.1", at=AT)
    with pytest.raises(Invalid):
        phone_codes.verify_code(PHONE, code, network="192.0.2.1", at=AT)


def test_a_number_gets_twenty_codes_a_day_and_one_a_minute(lines: Any) -> None:
    for minute in range(phone_codes.PER_DAY.most):
        phone_codes.send_code(PHONE, network=f"192.0.2.{minute}", at=AT + timedelta(minutes=2 * minute))
    with pytest.raises(TooManyAttempts):
        phone_codes.send_code(PHONE, network="192.0.2.99", at=AT + timedelta(hours=2))
    phone_codes.send_code("10001234568", network="192.0.2.99", at=AT)
    with pytest.raises(TooManyAttempts):
        phone_codes.send_code("10001234568", network="192.0.2.98", at=AT)


@pytest.mark.parametrize(
    "value",
    ["http://example.cn/", "ftp://x", "https://", "file:relative", "https://user:word@sms.example.cn/"],
)
def test_a_bad_gateway_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("JIEBAN_SMS_GATEWAY", value)
    with pytest.raises(ImproperlyConfigured):
        sources._gateway("JIEBAN_SMS_GATEWAY")


def test_the_check_refuses_a_file_on_a_public_site(settings: Any) -> None:
    settings.HTTPS, settings.CSRF_TRUSTED_ORIGINS = True, ["https://jieban.example.cn"]
    settings.SECOND_FACTOR = "required"
    settings.SMS_GATEWAY = "file:/tmp/sms.jsonl"
    assert not check_settings().ok
    settings.SMS_GATEWAY = "https://sms.example.cn/send"
    assert check_settings().ok
