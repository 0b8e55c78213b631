"""The API: a case created once, listed, read and moved; every refusal in the same shape."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.api.v1.body_builder import BODIES
from jieban.cases import actions
from jieban.cases.flow.action import Action
from jieban.cases.models import AccessLog, Case, CaseEvent
from jieban.registry.models import ApiToken, Holding, Person
from tests.api.programs import BODY, Program, program
from tests.base.hostile_files import picture
from tests.cases.scene import AT, Scene, dispatched, handling, make_case, reported

# What no person asks for: the case's birth has an address of its own, the rest is done by the clock.
NOT_ASKED = {Action.RECEIVE, Action.WARN, Action.RECOMPUTE_DUE}


def test_a_case_is_created_once_however_often_it_is_sent(scene: Scene) -> None:
    sender = program(scene, "operator")
    first, again = sender.create("key-1"), sender.create("key-1")
    case = Case.objects.get()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["number"] == case.number
    assert first.json()["state"] == "received"
    assert first.json()["finish_due_at"].endswith("+08:00")


def test_the_same_key_for_something_else_is_refused(scene: Scene) -> None:
    sender = program(scene, "operator")
    sender.create("key-1")
    answer = sender.create("key-1", text="另一件事")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert Case.objects.count() == 1


def test_keys_of_different_programs_do_not_meet(scene: Scene) -> None:
    program(scene, "operator").create("key-1")
    assert program(scene, "resident").create("key-1").status_code == 201
    assert Case.objects.count() == 2


def test_without_a_key_the_sender_is_told(scene: Scene) -> None:
    answer = program(scene, "operator").post("/cases", BODY)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["Idempotency-Key"])


def test_attachments_are_listed_and_fetched_by_those_who_see_the_case(scene: Scene) -> None:
    case = handling(scene)
    row = actions.attach(case.pk, actor=scene.actor("department"), at=AT, content=picture())
    listed = program(scene, "department").get(f"/cases/{case.number}/attachments").json()["attachments"]
    assert [(one["id"], one["kind"], one["erased"]) for one in listed] == [(row.pk, "photo", False)]
    answer = program(scene, "department").get(f"/cases/{case.number}/attachments/{row.pk}")
    assert answer.content.startswith(b"\xff\xd8") and len(answer.content) == listed[0]["size"]
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    for other, status in (("department2", 404), ("admin", 404)):
        assert program(scene, other).get(f"/cases/{case.number}/attachments/{row.pk}").status_code == status
    assert (
        program(scene, "department").get(f"/cases/{case.number}/attachments/{row.pk + 1}").status_code == 404
    )


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer jb_unknown", "Basic abc", "Bearer " + "x" * 9000])
def test_without_a_good_token_nothing_is_told(db: None, header: str | None) -> None:
    headers = {"authorization": header} if header else {}
    for path in ("/cases", "/cases/SJ20260302-00001-7", "/cases/SJ20260302-00001-7/events"):
        answer = Client().get(f"/api/v1{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends_with_post_account_and_itself(scene: Scene) -> None:
    reader = program(scene, "dispatcher")
    person = Person.objects.get(pk=scene.actor("dispatcher").person_id)
    assert reader.get("/cases").status_code == 200

    Holding.objects.filter(person=person).update(valid_to="2020-01-01")
    assert (reader.get("/cases").status_code, reader.get("/cases").json()["code"]) == (403, "post_ended")
    Holding.objects.filter(person=person).update(valid_to=None)

    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert reader.get("/cases").status_code == 403
    Person.objects.filter(pk=person.pk).update(is_active=True)

    ApiToken.objects.filter(person=person).update(revoked_at=AT)
    assert reader.get("/cases").status_code == 401


def test_tokens_are_kept_as_digests_only(scene: Scene) -> None:
    token = program(scene, "dispatcher").headers["authorization"].split()[1]
    kept = ApiToken.objects.get()
    assert token.encode() not in bytes(kept.digest)
    assert len(bytes(kept.digest)) == 32


def test_posts_that_do_not_receive_are_refused(scene: Scene) -> None:
    for name in ("dispatcher", "department", "caller", "auditor", "admin"):
        assert program(scene, name).create("key-1").status_code == 403
    assert Case.objects.count() == 0


def test_the_case_is_read_without_whoever_asked(scene: Scene) -> None:
    case = handling(scene)
    answer = program(scene, "department").get(f"/cases/{case.number}")
    read = answer.json()
    assert answer.status_code == 200
    assert read["text"].startswith("楼道灯坏了")
    assert read["requester"] == {"name": "王**", "phone": "100****4567"}
    assert "record_visit" in read["actions"] and "dispatch" not in read["actions"]
    assert "王建国" not in answer.content.decode() and "10001234567" not in answer.content.decode()
    assert program(scene, "department2").get(f"/cases/{case.number}").status_code == 404


def test_who_asked_is_told_for_a_reason_that_is_kept(scene: Scene) -> None:
    case = handling(scene)
    reader = program(scene, "department")
    assert reader.post(f"/cases/{case.number}/contact", {}).status_code == 422
    assert reader.post(f"/cases/{case.number}/contact", {"reason": " "}).status_code == 422
    assert AccessLog.objects.count() == 0
    answer = reader.post(f"/cases/{case.number}/contact", {"reason": "约上门时间"})
    assert answer.json()["phone"] == "10001234567"
    assert AccessLog.objects.get().reason == "约上门时间"
    assert (
        program(scene, "leader").post(f"/cases/{case.number}/contact", {"reason": "看看"}).status_code == 403
    )


def test_events_tell_each_reader_what_is_theirs(scene: Scene) -> None:
    case = make_case(scene, by="resident", channel="web")
    actions.dispatch(
        case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk, note="加急"
    )
    actions.add_note(case.pk, actor=scene.actor("department"), at=AT, text="此人多次来电")

    def read(name: str) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = (
            program(scene, name).get(f"/cases/{case.number}/events").json()["events"]
        )
        return rows

    inside = read("department")
    assert [row["action"] for row in inside] == ["receive", "dispatch", "add_note"]
    assert [row["seq"] for row in inside] == [1, 2, 3]
    assert inside[2]["texts"] == {"note": "此人多次来电"}
    assert inside[0]["person"] is None and inside[1]["person"] == "人员dispatcher"

    own = read("resident")
    assert [(row["action"], row["texts"], row["person"]) for row in own] == [
        ("receive", {}, None), ("dispatch", {}, None),
    ]  # fmt: skip
    assert [row["texts"] for row in read("auditor")] == [{}, {}, {}]


def test_every_action_that_people_take_has_its_address() -> None:
    assert set(BODIES) == set(Action) - NOT_ASKED
    described = Client().get("/api/v1/openapi.json").json()
    named = {path.rsplit("/", 1)[-1] for path in described["paths"] if "/actions/" in path}
    assert named == {do.value for do in BODIES}
    for path, methods in described["paths"].items():
        for method in methods.values():
            assert method["security"], path


def test_a_case_goes_from_first_word_to_closed(scene: Scene) -> None:
    number = program(scene, "operator").create("key-1").json()["number"]
    department, desk = program(scene, "department"), program(scene, "dispatcher")
    assert desk.act(number, "dispatch", lead="D1").json()["state"] == "dispatched"
    assert department.act(number, "sign").json()["state"] == "handling"
    for kind in ("needs", "opinion"):
        assert (
            department.act(number, "record_visit", kinds=[kind], way="phone", said="尽快").status_code == 200
        )
    assert department.act(number, "report_result", text="已修好").json()["state"] == "reported"
    answers = {"contacted": "yes", "solved": "yes", "satisfied": "yes"}
    called = program(scene, "caller").act(number, "visit_back", reached=True, **answers)
    assert called.json()["visited_back_at"] is not None
    assert program(scene, "supervisor").act(number, "close").json()["state"] == "closed"


def test_refusals_say_which_kind_they_are(scene: Scene) -> None:
    case = dispatched(scene)
    before = CaseEvent.objects.count()
    tried = {
        program(scene, "resident").act(case.number, "sign").status_code: 404,
        program(scene, "operator").act(case.number, "dispatch").status_code: 403,
        program(scene, "dispatcher").act(case.number, "dispatch").status_code: 409,
        program(scene, "department").act(case.number, "dispute").status_code: 422,
    }
    assert list(tried) == list(tried.values())
    assert program(scene, "dispatcher").act(case.number, "nonsense").status_code == 404
    assert program(scene, "department").act(case.number, "dispute", reason="", more=1).json()["fields"] == {
        "more": "没有这个字段"
    }
    assert CaseEvent.objects.count() == before


def test_codes_that_are_not_there_are_named(scene: Scene) -> None:
    case = make_case(scene)
    desk = program(scene, "dispatcher")
    assert list(desk.act(case.number, "dispatch", lead="X9").json()["fields"]) == ["lead"]
    assert list(desk.act(case.number, "merge", primary="SJ1").json()["fields"]) == ["primary"]
    assert list(desk.act(case.number, "reclassify", category="X").json()["fields"]) == ["category"]
    assert list(program(scene, "operator").create("k", place="X").json()["fields"]) == ["place"]


def test_what_leaves_the_posts_sight_is_told_as_done(scene: Scene) -> None:
    case = reported(scene)
    answer = program(scene, "caller").act(case.number, "send_back", reason="灯还是不亮")
    assert (answer.status_code, answer.json()) == (200, {"number": case.number})


def test_the_list_is_narrowed_by_its_filters(scene: Scene) -> None:
    old, led, fresh = make_case(scene, at=AT - timedelta(days=30)), handling(scene), make_case(scene)
    reader = program(scene, "dispatcher")

    def numbers(**query: str) -> list[str]:
        answer = reader.get("/cases", **query)
        assert answer.status_code == 200, answer.content.decode()
        return [case["number"] for case in answer.json()["cases"]]

    assert numbers() == [fresh.number, led.number, old.number]
    assert numbers(state="handling") == [led.number]
    assert numbers(unit="D1") == [led.number]
    assert numbers(received_to="2026-03-01T00:00:00+08:00") == [old.number]
    assert numbers(received_from="2026-03-01T00:00:00+08:00", state="received") == [fresh.number]
    assert numbers(overdue="true", received_to="2026-03-01T00:00:00+08:00") == [old.number]
    assert numbers(q="楼道灯") == [fresh.number, led.number, old.number]
    assert numbers(q="没有这样的事") == []
    assert numbers(street="110107002") == []


def test_pages_hold_each_case_once_while_others_arrive(scene: Scene) -> None:
    there = {make_case(scene, at=AT + timedelta(minutes=i // 3)).number for i in range(25)}
    reader, seen, key = program(scene, "dispatcher"), [], ""
    while True:
        page = reader.get("/cases", size=7, **({"next": key} if key else {})).json()
        seen += [case["number"] for case in page["cases"]]
        make_case(scene, at=AT + timedelta(days=1))
        key = page["next"]
        if not key:
            break
    assert len(seen) == len(set(seen)) == 25
    assert set(seen) == there


@pytest.mark.parametrize("name", ["dispatcher", "street", "department", "resident", "caller"])
def test_lists_take_as_many_queries_for_thirty_rows_as_for_one(scene: Scene, name: str) -> None:
    place = scene.units["S"].place
    reader = program(scene, name)

    def one_more() -> None:
        if name == "resident":
            make_case(scene, by="resident", channel="web")
        else:
            reported(scene, place_id=place.pk if place else None)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert reader.get("/cases").json()["cases"]
        return len(seen)

    one_more()
    first = queries()
    for _ in range(29):
        one_more()
    assert queries() == first


def test_case_and_events_take_a_fixed_number_of_queries(scene: Scene) -> None:
    case = handling(scene)
    reader = program(scene, "department")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            reader.get(f"/cases/{case.number}")
            reader.get(f"/cases/{case.number}/events")
        return len(seen)

    actions.add_note(case.pk, actor=scene.actor("department"), at=AT, text="已联系")
    first = queries()
    for _ in range(29):
        actions.add_note(case.pk, actor=scene.actor("department"), at=AT, text="已联系")
    assert queries() == first


def test_a_program_of_nobody_cannot_be_made(scene: Scene) -> None:
    with pytest.raises(Exception, match="没有用户"):
        Program(__import__("jieban.registry.identity.tokens", fromlist=["create"]).create("nobody", AT))
