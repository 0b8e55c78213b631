"""The pages of the roster, of the hand-over and of messages; the mark of duty on the desk; who is refused."""

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import SHANGHAI, local_date, now
from jieban.cases.demo import demo_duty
from jieban.channels import inbox
from jieban.channels.models import Message
from jieban.registry.duty import duty_roster
from jieban.registry.loaders.registry_loader import load
from jieban.registry.models import Duty, DutyRole, HandOver, ShiftKind
from jieban.registry.roles import Role
from jieban.web.office.duty_views import gap_words
from tests.cases.scene import AT, FROM, Scene, dispatched, make_actor, make_case
from tests.web.signed_in import at_desk


@pytest.fixture(autouse=True)
def shifts(db: None) -> None:
    ShiftKind.objects.get_or_create(
        name="全天", defaults={"starts": time(0), "ends": time(0), "valid_from": FROM}
    )


def put(
    scene: Scene, who: str, role: str = "dispatcher", unit: str = "HOT", days: int = 0, shift: str = "全天"
) -> Duty:
    return duty_roster.assign(
        scene.unit(unit), role=role, shift_id=ShiftKind.objects.get(name=shift).pk,
        on=local_date(now()) + timedelta(days=days), person_id=scene.actor(who).person_id or 0,
        phone="12345 转 8", actor=scene.actor("admin"),
    )  # fmt: skip


def sent(scene: Scene, who: str = "dispatcher", **values: str) -> dict[str, str]:
    return {
        "unit": "HOT", "role": "dispatcher", "on": (local_date(now()) + timedelta(days=1)).isoformat(),
        "shift": str(ShiftKind.objects.get(name="全天").pk), "person": str(scene.actor(who).person_id),
        "phone": "12345 转 8", **values,
    }  # fmt: skip


def test_the_page_says_who_is_there_now_how_to_reach_them_and_where_nobody_is(scene: Scene) -> None:
    put(scene, "dispatcher")
    page = at_desk(scene, "operator").get("/duty/").content.decode()
    for words in ("人员dispatcher", "12345 转 8", "值班领导：", "无人值班"):
        assert words in page
    assert "排班</a>" not in page and "撤下" not in page
    empty = at_desk(scene, "operator").get("/duty/?unit=D1").content.decode()
    assert "现在无人值班" in empty


def test_a_gap_in_words() -> None:
    at = lambda day, hour: datetime(2026, 11, day, hour, tzinfo=SHANGHAI)  # noqa: E731
    night = duty_roster.RosterGap(DutyRole.LEADER, at(28, 20), at(29, 8))
    assert gap_words(night) == "值班领导：11月28日 20:00 至次日 08:00 无人值班"
    assert gap_words(duty_roster.RosterGap(DutyRole.STAFF, at(27, 8), at(30, 0))).endswith(
        "08:00 至11月29日 24:00 无人值班"
    )


def test_the_dispatcher_puts_people_on_duty_and_takes_them_off(scene: Scene) -> None:
    desk = at_desk(scene, "dispatcher")
    assert desk.get("/duty/new/?unit=HOT").status_code == 200
    for _ in range(2):  # pressed twice
        assert desk.post("/duty/new/", sent(scene)).status_code == 302
    row = Duty.objects.get()
    refused = desk.post("/duty/new/", sent(scene, role="dispatcher", phone="13912345678"))
    assert refused.status_code == 422 and "不登记个人手机号" in refused.content.decode()
    assert desk.post(f"/duty/{row.pk}/take-off/", {"unit": "HOT"}).status_code == 302
    assert not Duty.objects.exists()


def test_the_same_person_twice_is_told_at_the_form(scene: Scene) -> None:
    put(scene, "dispatcher", days=1)
    day_shift = str(ShiftKind.objects.get(name="白班").pk)
    page = at_desk(scene, "dispatcher").post("/duty/new/", sent(scene, shift=day_shift))
    assert page.status_code == 422 and "同一时间不能排两次" in page.content.decode()


def test_last_week_is_copied(scene: Scene) -> None:
    put(scene, "dispatcher", days=-7)
    desk = at_desk(scene, "dispatcher")
    page = desk.post("/duty/copy/", {"unit": "HOT", "week": local_date(now()).isoformat()}, follow=True)
    assert "已照上周排好 1 班" in page.content.decode()
    assert [row.person_id for row in duty_roster.on_duty(now())] == [scene.actor("dispatcher").person_id]


@pytest.mark.parametrize(
    ("name", "unit"),
    [("operator", "HOT"), ("street", "HOT"), ("dispatcher", "S"), ("department", "D1"), ("leader", "HOT")],
)  # fmt: skip
def test_others_change_no_roster(scene: Scene, name: str, unit: str) -> None:
    row = put(scene, "dispatcher", days=1) if unit == "HOT" else put(scene, "street", "staff", "S", days=1)
    desk = at_desk(scene, name)
    assert desk.get(f"/duty/new/?unit={unit}").status_code == 403
    assert desk.post("/duty/new/", sent(scene, unit=unit)).status_code == 403
    assert desk.post("/duty/copy/", {"unit": unit}).status_code == 403
    if name != "department":
        assert desk.post(f"/duty/{row.pk}/take-off/", {"unit": unit}).status_code == 403
    assert Duty.objects.count() == 1


@pytest.mark.parametrize("name", ["resident", "enterprise", "property", "community", "auditor"])
def test_others_see_no_roster(scene: Scene, name: str) -> None:
    for address in ("/duty/", "/duty/new/", "/duty/hand-over/"):
        assert at_desk(scene, name).get(address).status_code == 403


@pytest.mark.parametrize("query", ["week=nonsense", "week=9999-12-31", "week=0001-01-01"])
def test_a_week_that_is_none_says_what_to_do(scene: Scene, query: str) -> None:
    assert at_desk(scene, "operator").get(f"/duty/?{query}").status_code in {200, 422}


def test_a_unit_that_has_no_roster_is_not_there(scene: Scene) -> None:
    for code in ("C", "nothing", "%00"):
        assert at_desk(scene, "operator").get(f"/duty/?unit={code}").status_code == 404


def test_a_hand_over_is_written_read_on_the_desk_and_confirmed(scene: Scene) -> None:
    make_actor(scene, "dispatcher2", Role.DISPATCHER, "HOT")
    case = make_case(scene, at=now())
    yesterday = put(scene, "dispatcher2", days=-1)
    today = put(scene, "dispatcher")
    change = now() - timedelta(minutes=1)
    Duty.objects.filter(pk=yesterday.pk).update(ends_at=change)
    Duty.objects.filter(pk=today.pk).update(starts_at=change, ends_at=change + timedelta(hours=12))
    writer, reader = at_desk(scene, "dispatcher2"), at_desk(scene, "dispatcher")
    note = {"duty": str(yesterday.pk), "open_matters": "一件没有派", "watch": "", "cases": case.number}
    wrong = writer.post("/duty/hand-over/", note | {"cases": "SJ999"})
    assert wrong.status_code == 422 and "没有这些单号" in wrong.content.decode()
    assert writer.post("/duty/hand-over/", note | {"open_matters": ""}).status_code == 422
    for _ in range(2):
        assert writer.post("/duty/hand-over/", note).status_code == 302
    row = HandOver.objects.get()
    assert "一件没有派" in reader.get("/desk/").content.decode()
    assert "等您签收" in reader.get("/duty/hand-over/").content.decode()
    confirm = f"/duty/hand-over/{row.pk}/confirm/"
    assert at_desk(scene, "operator").post(confirm).status_code == 403
    assert reader.post(confirm).status_code == 302
    assert "一件没有派" not in reader.get("/desk/").content.decode()
    assert "签收" in writer.get("/duty/hand-over/").content.decode()
    assert writer.post("/duty/hand-over/", note).status_code == 422  # no longer a shift to choose


def test_the_desk_says_who_is_on_duty_and_marks_what_came_at_night(scene: Scene) -> None:
    put(scene, "dispatcher")
    at_night = datetime(2026, 3, 5, 3, tzinfo=SHANGHAI)
    make_case(scene, at=at_night)
    page = at_desk(scene, "dispatcher").get("/desk/")
    assert "值班：人员dispatcher（值班派单），至 00:00" in page.content.decode()
    assert ["值班</span>" in row for row in page.context["rows"]] == [True]
    make_case(scene, at=AT)
    rows = at_desk(scene, "dispatcher").get("/desk/").context["rows"]
    assert sorted("值班</span>" in row for row in rows) == [False, True]


def test_messages_are_read_once_and_lead_to_the_case(scene: Scene) -> None:
    case = dispatched(scene, at=now())
    desk = at_desk(scene, "department")
    page = desk.get("/messages/").content.decode()
    assert case.subject in page and "派来一件，请签收" in page and '<span class="unread">1</span>' in page
    row = Message.objects.get(template="dispatched", unit=scene.unit("D1"))
    assert desk.post(f"/messages/{row.pk}/read/")["Location"] == f"/cases/{case.number}/"
    row.refresh_from_db()
    first = row.read_at
    desk.post(f"/messages/{row.pk}/read/")
    row.refresh_from_db()
    assert first is not None and row.read_at == first
    assert 'class="unread"' not in desk.get("/messages/").content.decode()


def test_messages_of_others_are_neither_shown_nor_marked(scene: Scene) -> None:
    dispatched(scene, at=now())
    row = Message.objects.get(template="dispatched", unit=scene.unit("D1"))
    other = at_desk(scene, "department2")
    assert "派来一件" not in other.get("/messages/").content.decode()
    assert other.post(f"/messages/{row.pk}/read/").status_code == 404
    other.post("/messages/read/", {"newest": str(row.pk)})
    row.refresh_from_db()
    assert row.read_at is None


def test_all_on_the_page_are_marked_but_not_what_came_since(scene: Scene) -> None:
    dispatched(scene, at=now())
    first = Message.objects.get(template="dispatched", unit=scene.unit("D1"))
    dispatched(scene, at=now())
    at_desk(scene, "department").post("/messages/read/", {"newest": str(first.pk)})
    actor = scene.actor("department")
    assert inbox.unread_count(actor.person_id, actor.unit_ids) == 1


def test_the_count_of_unread_is_one_query_by_index_and_stops_at_a_hundred(scene: Scene) -> None:
    actor = scene.actor("department")
    rows = [
        Message(template="remind", about="SJ1", unit_id=actor.unit_id, queued_at=now()) for _ in range(150)
    ]
    Message.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as caught:
        assert inbox.unread_count(actor.person_id, actor.unit_ids) == 100
    assert len(caught) == 1
    assert "99+" in at_desk(scene, "department").get("/messages/").content.decode()


def test_pages_take_as_many_queries_for_many_rows_as_for_one(scene: Scene) -> None:
    desk = at_desk(scene, "dispatcher")

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(address).status_code == 200
        return len(caught)

    put(scene, "dispatcher")
    make_case(scene, at=AT)
    unit = scene.unit("HOT").pk
    Message.objects.create(template="remind", about="SJ1", unit_id=unit, queued_at=now())
    addresses = ("/duty/", "/messages/", "/duty/hand-over/")
    first = [count(address) for address in addresses]
    for days in range(1, 7):
        put(scene, "dispatcher", days=days)
    for number in range(30):
        Message.objects.create(template="remind", about=f"SJ{number}", unit_id=unit, queued_at=now())
    assert [count(address) for address in addresses] == first


def test_the_demonstration_has_a_roster_with_one_gap_loaded_once(db: None) -> None:
    load(Path(settings.BASE_DIR) / "data" / "district", AT)
    count = demo_duty.load(AT)
    assert demo_duty.load(AT) == count > 100
    unit = duty_roster.rosters(local_date(AT))[0]
    gaps = duty_roster.gaps(unit, local_date(AT) - timedelta(days=6), 19)
    assert [gap.role for gap in gaps] == ["leader"]
    assert HandOver.objects.count() == 1
