"""A telephone system tells of calls: late, twice, out of order; only its own secret, only the operator called."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from jieban.base import vault
from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Call, Case
from jieban.cases.reception import telephone
from jieban.registry.roles import Role
from tests.cases.scene import Scene, make_actor, make_case
from tests.web.signed_in import at_desk

SECRET = "telephone-secret-of-32-characters-"
NUMBER = "10001234567"


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    with override_settings(TELEPHONE_SECRET=SECRET, TELEPHONE_EXTENSIONS={"8001": "operator"}):
        yield


def tell(
    event: str, *, call_id: str = "c1", secret: str = SECRET, at: datetime | None = None, **more: Any
) -> Any:
    sent = {
        "call_id": call_id, "event": event, "operator": "operator", "number": NUMBER,
        "at": (at or now()).isoformat(), **more,
    }  # fmt: skip
    sent |= {name.rstrip("_"): sent.pop(name) for name in list(sent) if name.endswith("_")}
    headers = {"Authorization": f"Bearer {secret}"}
    return Client().post("/api/v1/calls", sent, content_type="application/json", headers=headers)


def line(scene: Scene, name: str = "operator") -> Any:
    return at_desk(scene, name).get("/calls/ringing/").json()["call"]


def test_who_rings_is_masked_until_the_call_is_answered(scene: Scene) -> None:
    assert line(scene) is None
    assert tell("ringing").status_code == 204
    rings = line(scene)
    assert (rings["state"], rings["masked"], rings["number"]) == ("ringing", "100****4567", "")
    tell("answered")
    assert (line(scene)["state"], line(scene)["number"]) == ("answered", NUMBER)
    tell("ended")
    assert line(scene) is None


def test_the_number_is_sealed(scene: Scene) -> None:
    tell("ringing")
    kept = bytes(Call.objects.get().number)
    assert NUMBER.encode() not in kept
    assert vault.unseal(kept, "phone") == NUMBER


def test_events_twice_late_and_out_of_order_are_one_call_that_stays_ended(scene: Scene) -> None:
    begun = now() - timedelta(minutes=3)
    for event, minutes in (("ended", 3), ("answered", 1), ("ringing", 0), ("answered", 1), ("ended", 3)):
        assert tell(event, at=begun + timedelta(minutes=minutes)).status_code == 204
    call = Call.objects.get()
    assert call.stage == "ended"
    assert (call.rang_at, call.answered_at, call.ended_at) == (
        begun, begun + timedelta(minutes=1), begun + timedelta(minutes=3),
    )  # fmt: skip
    assert line(scene) is None


def test_a_call_that_is_passed_on_is_the_others(scene: Scene) -> None:
    make_actor(scene, "operator2", Role.OPERATOR, "HOT")
    tell("ringing")
    tell("ringing", operator="operator2")
    assert line(scene) is None
    assert line(scene, "operator2")["state"] == "ringing"
    tell("answered", operator="operator2")
    call = Call.objects.get()
    assert telephone.number_of(call.pk, scene.actor("operator").person_id or 0, now()) == ""
    assert telephone.number_of(call.pk, scene.actor("operator2").person_id or 0, now()) == NUMBER


def test_an_extension_says_whose_call_it_is(scene: Scene) -> None:
    assert tell("ringing", operator="", extension="8001").status_code == 204
    assert line(scene)["state"] == "ringing"
    assert tell("ringing", operator="", extension="9999").status_code == 422


@pytest.mark.parametrize("secret", ["", "x", SECRET[:-1], SECRET + "x", "密" * 40])
def test_a_wrong_secret_is_refused(scene: Scene, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"} if secret.isascii() else {}
    answer = Client().post("/api/v1/calls", {}, content_type="application/json", headers=headers)
    assert answer.status_code == 401
    assert not Call.objects.exists()


def test_without_a_secret_of_the_platforms_own_nobody_is_answered(scene: Scene) -> None:
    with override_settings(TELEPHONE_SECRET=""):
        assert tell("ringing", secret="").status_code == 401
        assert tell("ringing", secret="x").status_code == 401


def test_another_address_is_refused(scene: Scene) -> None:
    with override_settings(TELEPHONE_ADDRESSES=["10.0.0.7"]):
        assert tell("ringing").status_code == 403
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"operator": "nobody"}, {"operator": "dispatcher"}, {"operator": "a\0b"}, {"event_": "held"}, {"call_id": ""},
        {"call_id": "x" * 101}, {"call_id": "中"}, {"number": "abc"}, {"number": "1" * 31}, {"at_": "yesterday"},
        {"at_": "2099-01-01T00:00:00+08:00"}, {"more": 1},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(scene: Scene, wrong: dict[str, Any]) -> None:
    answer = tell("ringing", **wrong)
    assert answer.status_code == 422
    assert answer.json()["fields"] and NUMBER not in answer.content.decode()
    assert not Call.objects.exists()


@pytest.mark.parametrize("name", ["resident", "dispatcher", "caller", "admin"])
def test_only_operators_ask_who_rings(scene: Scene, name: str) -> None:
    tell("ringing")
    assert at_desk(scene, name).get("/calls/ringing/").status_code == 403


def test_the_page_of_an_answered_call_has_the_number_and_the_case_has_its_length(scene: Scene) -> None:
    begun = now() - timedelta(minutes=5)
    earlier = make_case(scene, text="楼道灯不亮")
    tell("answered", at=begun)
    desk = at_desk(scene, "operator")
    page = desk.get(line(scene)["url"])
    form = page.context["form"]
    assert form["phone"].value() == NUMBER and earlier.subject in page.content.decode()
    sent = {
        "key": form["key"].value(), "call": form["call"].value(), "text": "还是不亮", "phone": NUMBER,
        "kind": "appeal", "nature": "help", "urgency": "normal",
    }  # fmt: skip
    desk.post("/cases/new/", sent)
    case = Case.objects.exclude(pk=earlier.pk).get()
    address = f"/cases/{case.number}/"
    assert "<dt>通话</dt>" not in desk.get(address).content.decode()  # it lasts
    tell("ended", at=begun + timedelta(minutes=3, seconds=20))
    assert telephone.duration_of(case) == timedelta(minutes=3, seconds=20)
    assert "<dt>通话</dt><dd>3 分 20 秒" in desk.get(address).content.decode()
    assert "<dt>通话</dt>" not in desk.get(f"/cases/{earlier.number}/").content.decode()


def test_the_number_of_a_call_without_a_case_goes_after_a_day(scene: Scene) -> None:
    tell("ringing", call_id="old")
    Call.objects.update(told_at=now() - timedelta(hours=25))
    tell("ringing", call_id="new")
    assert [bool(call.number) for call in Call.objects.order_by("pk")] == [False, True]


def test_the_number_goes_with_the_personal_data_of_its_case(scene: Scene) -> None:
    tell("answered")
    case = make_case(scene, nature="consult")
    telephone.link_case(Call.objects.get().pk, scene.actor("operator").person_id or 0, case)
    actions.answer_now(case.pk, actor=scene.actor("operator"), at=now(), text="每天八点")
    actions.erase(case.pk, actor=scene.actor("admin"), at=now(), ground="个人信息保护法第四十七条")
    assert not bytes(Call.objects.get().number)
