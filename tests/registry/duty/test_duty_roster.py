"""The duty roster: shifts over midnight, gaps, conflicts refused, and hand-over notes that stay as they were read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connections

from jieban.base.clock import SHANGHAI
from jieban.base.errors import Invalid, NotAllowed, Refused, WrongState
from jieban.registry.duty import duty_roster
from jieban.registry.models import Duty, DutyRole, HandOver, Person, ShiftKind
from jieban.registry.roles import Role
from tests.cases.scene import FROM, Scene, make_actor, make_scene

SATURDAY = date(2026, 11, 28)


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.fixture
def scene(db: None) -> Scene:
    return with_shifts()


def with_shifts() -> Scene:
    scene = make_scene()
    make_actor(scene, "dispatcher2", Role.DISPATCHER, "HOT")
    ShiftKind.objects.get_or_create(
        name="白班", defaults={"starts": time(8), "ends": time(20), "valid_from": FROM}
    )
    ShiftKind.objects.get_or_create(
        name="夜班", defaults={"starts": time(20), "ends": time(8), "valid_from": FROM}
    )
    return scene


def put(
    scene: Scene, who: str, shift: str, on: date = SATURDAY, role: str = "dispatcher", unit: str = "HOT",
    by: str = "admin", **values: str,
) -> Duty:  # fmt: skip
    return duty_roster.assign(
        scene.unit(unit), role=role, shift_id=ShiftKind.objects.get(name=shift).pk, on=on,
        person_id=scene.actor(who).person_id or 0, actor=scene.actor(by), **values,
    )  # fmt: skip


def names(moment: datetime, role: str = "dispatcher") -> list[str]:
    return [row.person.username for row in duty_roster.on_duty(moment, role=role)]


def test_a_night_shift_ends_in_the_morning_and_the_minute_of_the_hand_over_is_the_next_ones(
    scene: Scene,
) -> None:
    put(scene, "dispatcher", "夜班")
    put(scene, "dispatcher2", "白班", SATURDAY + timedelta(days=1))
    assert names(at(28, 19, 59, 59)) == []
    assert names(at(28, 20)) == names(at(28, 23, 59, 59)) == names(at(29, 0)) == ["dispatcher"]
    assert names(at(29, 3)) == names(at(29, 7, 59, 59)) == ["dispatcher"]
    assert names(at(29, 8)) == ["dispatcher2"]
    assert names(at(29, 20)) == []


def test_who_is_suspended_is_not_on_duty(scene: Scene) -> None:
    put(scene, "dispatcher", "夜班")
    Person.objects.filter(username="dispatcher").update(is_active=False)
    assert names(at(28, 22)) == []
    assert duty_roster.RosterGap(DutyRole.DISPATCHER, at(28, 0), at(29, 0)) in duty_roster.gaps(
        scene.unit("HOT"), SATURDAY, 1
    )


def test_gaps_are_from_the_end_of_one_shift_to_the_next(scene: Scene) -> None:
    for day in (27, 28, 29):
        put(scene, "dispatcher", "白班", date(2026, 11, day))
    put(scene, "dispatcher2", "夜班", date(2026, 11, 27))
    found = [gap for gap in duty_roster.gaps(scene.unit("HOT"), SATURDAY, 2) if gap.role == "dispatcher"]
    assert found == [
        duty_roster.RosterGap(DutyRole.DISPATCHER, at(28, 20), at(29, 8)),
        duty_roster.RosterGap(DutyRole.DISPATCHER, at(29, 20), at(30, 0)),
    ]
    assert {gap.role for gap in duty_roster.gaps(scene.unit("HOT"), SATURDAY)} == {
        "operator",
        "dispatcher",
        "leader",
    }
    assert {gap.role for gap in duty_roster.gaps(scene.unit("D1"), SATURDAY)} == {"staff"}


def test_the_same_person_twice_is_refused_with_a_sentence(scene: Scene) -> None:
    first = put(scene, "dispatcher", "夜班")
    assert put(scene, "dispatcher", "夜班") == first  # pressed twice
    ShiftKind.objects.create(name="全天", starts=time(8), ends=time(8), valid_from=FROM)
    with pytest.raises(Invalid) as refused:
        put(scene, "dispatcher", "全天", SATURDAY)
    assert (
        "人员dispatcher 11月28日已排“值班派单”（单位HOT 夜班），同一时间不能排两次" in refused.value.message
    )
    put(scene, "dispatcher", "白班")  # ends when the night begins
    assert Duty.objects.count() == 2


@pytest.mark.parametrize(
    ("who", "role", "unit"),
    [("operator", "dispatcher", "HOT"), ("department", "operator", "HOT"), ("department2", "staff", "D1")],
)
def test_only_who_holds_a_fitting_post_is_put_on_duty(scene: Scene, who: str, role: str, unit: str) -> None:
    with pytest.raises(Invalid) as refused:
        put(scene, who, "白班", role=role, unit=unit)
    assert set(refused.value.fields) == {"person"}


def test_leaders_and_the_streets_centre_are_put_on_duty(scene: Scene) -> None:
    put(scene, "leader", "夜班", role="leader")
    put(scene, "street", "夜班", role="staff", unit="S")
    assert [row.person.username for row in duty_roster.leaders(at(29, 3))] == ["leader"]
    (row,) = duty_roster.answering_for(scene.unit("C").pk, at(29, 3))  # a community has the street's
    assert row.person.username == "street"


def test_a_private_number_is_not_taken(scene: Scene) -> None:
    with pytest.raises(Invalid) as refused:
        put(scene, "dispatcher", "夜班", phone="139 1234 5678")
    assert "不登记个人手机号" in refused.value.message
    assert put(scene, "dispatcher", "夜班", phone="12345 转 8").phone == "12345 转 8"


def test_who_may_change_which_roster(scene: Scene) -> None:
    may = {
        unit: {a.role.value for a in scene.anybody if duty_roster.may_edit(a, scene.unit(unit))}
        for unit in ("HOT", "S", "D1")
    }
    assert may == {"HOT": {"dispatcher", "admin"}, "S": {"street", "admin"}, "D1": {"admin"}}
    for by in ("operator", "street", "leader", "department"):
        with pytest.raises(NotAllowed):
            put(scene, "dispatcher", "夜班", by=by)
        with pytest.raises(NotAllowed):
            duty_roster.copy_week(scene.unit("HOT"), date(2026, 11, 23), actor=scene.actor(by))


def test_a_shift_that_has_begun_stays(scene: Scene) -> None:
    row = put(scene, "dispatcher", "夜班")
    with pytest.raises(WrongState):
        duty_roster.take_off(row.pk, actor=scene.actor("admin"), at=at(28, 20))
    with pytest.raises(NotAllowed):
        duty_roster.take_off(row.pk, actor=scene.actor("operator"), at=at(28, 19))
    duty_roster.take_off(row.pk, actor=scene.actor("dispatcher"), at=at(28, 19))
    assert not Duty.objects.exists()


def test_the_week_before_is_copied_but_for_conflicts(scene: Scene) -> None:
    monday = date(2026, 11, 23)
    put(scene, "dispatcher", "夜班", monday)
    put(scene, "dispatcher2", "夜班", monday + timedelta(days=6))
    ShiftKind.objects.create(name="全天", starts=time(8), ends=time(8), valid_from=FROM)
    put(scene, "dispatcher", "全天", monday + timedelta(days=7))
    next_week = monday + timedelta(days=7)
    done, refused = duty_roster.copy_week(scene.unit("HOT"), next_week, actor=scene.actor("admin"))
    assert done == 1 and len(refused) == 1 and "同一时间不能排两次" in refused[0]
    again = duty_roster.copy_week(scene.unit("HOT"), next_week, actor=scene.actor("admin"))
    assert again == (done, refused) and Duty.objects.count() == 4


@pytest.fixture
def handed(scene: Scene) -> HandOver:
    """The night of 28 November, with a note; the day after it belongs to the second dispatcher."""
    night = put(scene, "dispatcher", "夜班")
    put(scene, "dispatcher2", "白班", SATURDAY + timedelta(days=1))
    return duty_roster.hand_over(
        night.pk,
        actor=scene.actor("dispatcher"),
        at=at(29, 7, 30),
        open_matters="一件漏水待派",
        cases=["SJ1", "SJ1"],
    )


def test_a_note_is_read_by_the_next_shift_and_then_fixed(scene: Scene, handed: HandOver) -> None:
    writer, reader = scene.actor("dispatcher"), scene.actor("dispatcher2")
    assert duty_roster.unread(reader, at(29, 6, 59)) == [] == duty_roster.unread(writer, at(29, 7, 30))
    assert duty_roster.unread(reader, at(29, 7, 0)) == [handed] == duty_roster.unread(reader, at(29, 8))
    changed = duty_roster.hand_over(
        handed.duty_id, actor=writer, at=at(29, 7, 50), open_matters="已派，待签收"
    )
    assert (changed.pk, changed.cases) == (handed.pk, [])
    for other in ("operator", "admin", "dispatcher"):
        with pytest.raises(NotAllowed):
            duty_roster.confirm(handed.pk, actor=scene.actor(other), at=at(29, 8))
    read = duty_roster.confirm(handed.pk, actor=reader, at=at(29, 8, 2))
    assert (read.confirmed_by_id, read.confirmed_at) == (reader.person_id, at(29, 8, 2))
    assert duty_roster.confirm(handed.pk, actor=reader, at=at(29, 8, 3)).confirmed_at == at(29, 8, 2)
    assert duty_roster.unread(reader, at(29, 8, 5)) == []
    with pytest.raises(WrongState):
        duty_roster.hand_over(handed.duty_id, actor=writer, at=at(29, 8, 5), open_matters="改一改")


def test_only_who_was_there_writes_and_not_for_ever(scene: Scene, handed: HandOver) -> None:
    with pytest.raises(NotAllowed):
        duty_roster.hand_over(
            handed.duty_id, actor=scene.actor("dispatcher2"), at=at(29, 8), open_matters="无"
        )
    with pytest.raises(NotAllowed):
        duty_roster.hand_over(
            handed.duty_id, actor=scene.actor("dispatcher"), at=at(29, 20), open_matters="无"
        )
    with pytest.raises(Invalid):
        duty_roster.hand_over(handed.duty_id, actor=scene.actor("dispatcher"), at=at(29, 8), open_matters=" ")


def test_put_on_duty_twice_at_once_there_is_one_duty(transactional_db: None) -> None:
    scene = with_shifts()
    ShiftKind.objects.create(name="全天", starts=time(8), ends=time(8), valid_from=FROM)

    def run(shift: str) -> object:
        try:
            return put(scene, "dispatcher", shift)
        except Refused as refused:
            return type(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(run, ["夜班", "全天", "夜班", "全天"]))
    assert Duty.objects.count() == 1
    assert answers.count(Invalid) == 2
