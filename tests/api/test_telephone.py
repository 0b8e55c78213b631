"""The telephone system tells of calls: late, twice, in any order; the number stays sealed and the operator's own."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from jieban.base import vault
from jieban.base.clock import now
from jieban.cases import calls
from jieban.cases.models import AccessLog, Call, Case
from tests.api.programs import program
from tests.cases.scene import Scene, make_actor, make_case
from tests.web.desks import at_desk

SECRET = "the telephone system's own secret"
NUMBER = "10001234567"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def heard(settings: Any) -> None:
    settings.TELEPHONE_SECRET = SECRET


def tell(event: str, secret: str = SECRET, **more: Any) -> int:
    body = {"call_id": "c1", "event": event, "number": NUMBER, "operator": "operator", **more}
    answer = Client().post(
        "/api/v1/calls", json.dumps(body), content_type="application/json",
        headers={"authorization": f"Bearer {secret}"},
    )  # fmt: skip
    return answer.status_code


def ringing(scene: Scene, name: str = "operator") -> str:
    return at_desk(scene, name).get("/calls/ringing/").content.decode()


def test_call_rings_is_answered_and_ends(scene: Scene) -> None:
    assert ringing(scene).strip() == ""
    assert tell("ringing") == 200
    assert "100****4567" in ringing(scene) and "振铃" in ringing(scene)
    assert tell("answered") == 200
    assert "已接通" in ringing(scene)
    assert tell("ended") == 200
    assert ringing(scene).strip() == ""


def test_page_of_a_call_opens_with_the_caller_and_the_look_is_logged(scene: Scene) -> None:
    make_case(scene, text="楼道灯不亮三天了")
    tell("answered")
    call = Call.objects.get()
    page = at_desk(scene, "operator").get(f"/cases/new/?call={call.pk}")
    assert page.context["form"]["phone"].value() == NUMBER
    assert "楼道灯不亮三天了" in page.content.decode()
    assert AccessLog.objects.count() == 1


def test_length_of_the_call_stays_with_the_case_received_in_it(scene: Scene) -> None:
    at = now()
    tell("answered", at=(at - timedelta(minutes=5)).isoformat())
    sent = {"kind": "appeal", "nature": "help", "urgency": "normal", "text": "灯坏了", "key": "k" * 30}
    desk = at_desk(scene, "operator")
    desk.post("/cases/new/", sent | {"call": Call.objects.get().pk, "phone": NUMBER})
    tell("ended", at=(at - timedelta(minutes=1, seconds=40)).isoformat())
    case = Case.objects.get()
    assert calls.seconds_of(case) == 200
    assert "3 分 20 秒" in desk.get(f"/cases/{case.number}/").content.decode()
    assert ringing(scene).strip() == ""


def test_events_come_in_any_order_and_twice(scene: Scene) -> None:
    at = now() - timedelta(minutes=10)
    for event, minutes in (("ended", 3), ("ringing", 0), ("answered", 1), ("ended", 9), ("ringing", 8)):
        assert tell(event, at=(at + timedelta(minutes=minutes)).isoformat()) == 200
    call = Call.objects.get()
    moments = (call.ringing_at, call.answered_at, call.ended_at)
    assert moments == (at, at + timedelta(minutes=1), at + timedelta(minutes=3))
    assert ringing(scene).strip() == ""  # what has ended does not ring again


def test_number_is_sealed_and_others_do_not_see_the_call(scene: Scene) -> None:
    make_actor(scene, "operator2", scene.actor("operator").role, "HOT")
    tell("ringing")
    call = Call.objects.get()
    assert NUMBER.encode() not in bytes(call.phone)
    assert vault.open_sealed(call.phone, "call") == NUMBER
    assert ringing(scene, "operator2").strip() == ""
    assert at_desk(scene, "operator2").get(f"/cases/new/?call={call.pk}").status_code == 404
    assert NUMBER not in ringing(scene)


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], "中文"])
def test_whoever_has_not_the_secret_is_refused(scene: Scene, secret: str) -> None:
    assert tell("ringing", secret.encode().decode("latin-1")) == 401
    assert not Call.objects.exists()


def test_without_a_secret_nobody_is_heard(scene: Scene, settings: Any) -> None:
    settings.TELEPHONE_SECRET = ""
    assert tell("ringing", "") == 401
    assert program(scene, "operator").post("/calls", {"call_id": "c"}).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"operator": "nobody"}, {"operator": "dispatcher"}, {"event": "sings"}, {"call_id": ""},
        {"call_id": "x" * 81}, {"at": "2199-01-01T00:00:00Z"}, {"at": "gestern"}, {"number": "9" * 31},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(scene: Scene, wrong: dict[str, Any]) -> None:
    assert tell(**{"event": "ringing", **wrong}) == 422
    assert not Call.objects.exists()


def test_calls_that_led_to_nothing_are_forgotten(scene: Scene) -> None:
    tell("ringing")
    assert calls.forget(now() + timedelta(days=91)) == 1
