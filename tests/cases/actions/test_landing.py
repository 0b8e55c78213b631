"""Where a case lands when the offices are closed: at the post on duty, at night, on a holiday, at the hand-over."""

from datetime import date, datetime, time, timedelta

import pytest

from jieban.base.clock import SHANGHAI
from jieban.cases import actions
from jieban.cases.routing import routing
from jieban.channels.models import Message
from jieban.registry.duty import duty_roster
from jieban.registry.models import ShiftKind
from jieban.registry.roles import Role
from tests.cases.scene import FROM, Scene, dispatched, handling, make_actor, make_case, make_scene

WEDNESDAY = date(2026, 3, 4)
THREE = datetime(2026, 3, 5, 3, 0, tzinfo=SHANGHAI)


@pytest.fixture
def scene(db: None) -> Scene:
    scene = make_scene()
    make_actor(scene, "leader2", Role.LEADER, "LEAD")
    ShiftKind.objects.get_or_create(
        name="白班", defaults={"starts": time(8), "ends": time(20), "valid_from": FROM}
    )
    ShiftKind.objects.get_or_create(
        name="夜班", defaults={"starts": time(20), "ends": time(8), "valid_from": FROM}
    )
    put(scene, "leader", "夜班", "leader", "HOT", WEDNESDAY)
    return scene


def put(scene: Scene, who: str, shift: str, role: str, unit: str, on: date) -> None:
    duty_roster.assign(
        scene.unit(unit), role=role, shift_id=ShiftKind.objects.get(name=shift).pk, on=on,
        person_id=scene.actor(who).person_id or 0, actor=scene.actor("admin"),
    )  # fmt: skip


def told(template: str) -> list[str]:
    """Whom the messages of this template went to."""
    rows = Message.objects.filter(template=template).select_related("person", "unit").order_by("id")
    return [row.person.username if row.person else row.unit.code if row.unit else "-" for row in rows]


def at(hour: int, minute: int = 0, day: int = 5, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def test_at_three_in_the_morning_whoever_is_on_duty_is_told_too(scene: Scene) -> None:
    put(scene, "department", "夜班", "staff", "D1", WEDNESDAY)
    dispatched(scene, at=THREE)
    assert told("dispatched") == ["D1", "department"]
    assert told("no_duty.dispatched") == []


def test_with_nobody_on_duty_it_goes_to_the_duty_leader(scene: Scene) -> None:
    dispatched(scene, at=THREE)
    assert told("dispatched") == ["D1"]
    assert told("no_duty.dispatched") == ["leader"]


def test_without_a_duty_leader_it_goes_to_the_hotline(scene: Scene) -> None:
    dispatched(scene, at=THREE + timedelta(days=1))
    assert told("no_duty.dispatched") == ["HOT"]


def test_in_office_hours_the_unit_is_there_itself(scene: Scene) -> None:
    put(scene, "department", "白班", "staff", "D1", WEDNESDAY)
    dispatched(scene, at=at(10, day=4))
    assert told("dispatched") == ["D1"] and told("no_duty.dispatched") == []


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        (at(8, 59), False),
        (at(9), True),
        (at(17, 59), True),
        (at(18), False),
        (at(10, day=7), False),  # Saturday
        (at(10, day=17, month=2), False),  # the Spring Festival, a Tuesday
        (at(10, day=28, month=2), True),  # a Saturday made up for it
        (at(10, day=1, month=10), False),
    ],
)
def test_office_hours_follow_the_calendar(scene: Scene, moment: datetime, open_then: bool) -> None:
    assert routing.office_hours(moment.date()).open_at(moment) is open_then


def test_on_a_holiday_at_noon_the_post_on_duty_is_told(scene: Scene) -> None:
    put(scene, "department", "白班", "staff", "D1", date(2026, 2, 17))
    dispatched(scene, at=at(12, day=17, month=2))
    assert told("dispatched") == ["D1", "department"]


def test_at_the_minute_of_the_hand_over_the_next_one_is_told(scene: Scene) -> None:
    put(scene, "leader2", "白班", "leader", "HOT", date(2026, 3, 5))
    make_case(scene, at=at(7, 59), urgency="life")
    make_case(scene, at=at(8), urgency="life")
    assert told("danger") == ["leader", "leader2"]


def test_over_midnight_the_night_shift_stays_on_duty(scene: Scene) -> None:
    for moment in (at(23, 59, day=4), at(0), at(0, 1)):
        dispatched(scene, at=moment)
    assert told("no_duty.dispatched") == ["leader"] * 3


def test_danger_to_life_is_told_to_the_duty_leader_by_day_too_and_never_to_the_caller(scene: Scene) -> None:
    make_case(scene, at=THREE, urgency="life", by="resident", channel="web")
    assert told("danger") == ["leader"]
    put(scene, "leader2", "白班", "leader", "HOT", date(2026, 3, 5))
    case = make_case(scene, at=at(10))
    actions.mark_urgent(case.pk, actor=scene.actor("operator"), at=at(10), urgency="life", text="冒烟")
    assert told("danger") == ["leader", "leader2"]
    make_case(scene, at=at(10, day=9), urgency="life")  # nobody on duty
    assert told("danger")[2:] == ["HOT", "LEAD"]


def test_a_life_in_danger_is_told_to_the_units_duty_post_at_any_hour(scene: Scene) -> None:
    put(scene, "department", "白班", "staff", "D1", date(2026, 3, 5))
    dispatched(scene, at=at(10), urgency="life")
    assert told("dispatched") == ["D1", "department"]


def test_what_is_handed_down_at_night_lands_at_the_streets_duty_post(scene: Scene) -> None:
    put(scene, "street", "夜班", "staff", "S", WEDNESDAY)
    case = handling(scene, at=at(10, day=4), lead="S")
    community = scene.unit("C").pk
    actions.hand_down(case.pk, actor=scene.actor("street"), at=THREE, unit_id=community)
    assert told("handed_down") == ["C", "street"]


def test_a_district_without_a_roster_tells_the_units_alone(db: None) -> None:
    dispatched(make_scene(), at=THREE)
    assert told("dispatched") == ["D1"]
    assert Message.objects.filter(template__startswith="no_duty").count() == 0


def test_a_reminder_of_a_case_nobody_leads_goes_to_the_hotline(scene: Scene) -> None:
    case = make_case(scene, by="resident", channel="web", at=at(10))
    actions.remind(case.pk, actor=scene.actor("operator"), at=at(11), text="催")
    assert told("remind") == ["HOT"]


def test_what_came_in_at_night_is_marked_for_the_duty_desk(scene: Scene) -> None:
    hours = routing.office_hours(WEDNESDAY)
    night, day = make_case(scene, at=THREE), make_case(scene, at=at(10))
    assert [hours.duty_case(case) for case in (night, day)] == [True, False]
    assert not hours.duty_case(dispatched(scene, at=THREE))
