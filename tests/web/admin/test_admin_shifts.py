"""The shifts of the roster on the administrator's pages: others from a day on; who is on duty stays as they are."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from jieban.base.clock import local, local_date, now
from jieban.base.errors import Invalid
from jieban.registry.administration.shift_changes import uncovered
from jieban.registry.duty import duty_roster
from jieban.registry.duty.duty_roster import WEEK
from jieban.registry.models import ConfigChange, Duty, ShiftKind
from tests.cases.scene import Scene
from tests.web.admin.forms import errors, seen
from tests.web.signed_in import at_desk

NEW = "/admin/shifts/new/"


@pytest.fixture
def admin(scene: Scene) -> Client:
    return at_desk(scene, "admin")


@pytest.fixture
def night(scene: Scene) -> ShiftKind:
    return ShiftKind.objects.get(name="夜班")


def soon() -> date:
    return local_date(now()) + timedelta(days=3)


def sent(mark: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "夜班", "starts": "21:00", "ends": "08:00", "begins": soon(), "reason": "夏季作息", "seen": mark,
        **more,
    }  # fmt: skip


def saved(client: Client, address: str, values: dict[str, Any]) -> Any:
    page = client.post(address, values)
    return client.post(address, values | {"weighed": page.context["form"]["weighed"].value()})


def on_duty(scene: Scene, shift: ShiftKind, on: date) -> Duty:
    return duty_roster.assign(
        scene.unit("HOT"), role="dispatcher", shift_id=shift.pk, on=on,
        person_id=scene.actor("dispatcher").person_id or 0, actor=scene.actor("dispatcher"),
    )  # fmt: skip


def test_shift_has_other_times_from_a_day_on_and_who_is_on_it_stays(
    scene: Scene, admin: Client, night: ShiftKind
) -> None:
    before, planned = on_duty(scene, night, soon() - timedelta(days=1)), on_duty(scene, night, soon())
    address = f"/admin/shifts/{night.pk}/change/"
    values = sent(seen(admin, address))
    shown = admin.post(address, values).content.decode()
    assert "“夜班 20:00–次日 08:00”改为“夜班 21:00–次日 08:00”" in shown
    assert "自那天起已排的 1 班仍按原来的时间" in shown and "请注意：20:00–21:00 没有班次" in shown
    assert saved(admin, address, values)["Location"] == "/admin/shifts/"
    night.refresh_from_db()
    made = ShiftKind.objects.get(name="夜班", valid_to=None)
    assert (night.starts, night.valid_to, made.starts, made.valid_from) == (
        time(20),
        soon(),
        time(21),
        soon(),
    )
    for row in (before, planned):
        row.refresh_from_db()
        assert (row.shift, local(row.starts_at).hour) == (night, 20)
    with pytest.raises(Invalid, match="这一天没有这个班次"):
        on_duty(scene, night, soon() + timedelta(days=1))
    assert local(on_duty(scene, made, soon() + timedelta(days=1)).starts_at).hour == 21
    assert (ConfigChange.objects.get().area, admin.post(address, values).status_code) == ("shift", 409)


def test_roster_shows_each_day_by_the_shifts_of_its_day(
    scene: Scene, admin: Client, night: ShiftKind
) -> None:
    monday = local_date(now()) + timedelta(days=14 - local_date(now()).weekday())
    begins = monday + timedelta(days=2)
    on_duty(scene, night, begins + timedelta(days=1))
    address = f"/admin/shifts/{night.pk}/change/"
    saved(admin, address, sent(seen(admin, address), begins=begins))
    page = at_desk(scene, "dispatcher").get(f"/duty/?unit=HOT&week={monday}")
    shown = [(line.on, line.shift.starts.hour) for line in page.context["lines"] if line.shift.name == "夜班"]
    days = [(monday + timedelta(days=number), 20 if number < 2 else 21) for number in range(7)]
    # On the day on which somebody is on the earlier one, both stand.
    assert shown == [*days[:3], (begins + timedelta(days=1), 20), *days[3:]]


def test_week_that_is_copied_takes_the_shift_of_the_same_name(
    scene: Scene, admin: Client, night: ShiftKind
) -> None:
    on = soon() - timedelta(days=1)
    on_duty(scene, night, on)
    address = f"/admin/shifts/{night.pk}/change/"
    saved(admin, address, sent(seen(admin, address)))
    monday = on - timedelta(days=on.weekday()) + WEEK
    assert duty_roster.copy_week(scene.unit("HOT"), monday, actor=scene.actor("dispatcher")) == (1, [])
    copied = Duty.objects.latest("starts_at")
    assert (copied.shift.starts, local(copied.starts_at).hour) == (time(21), 21)


def test_new_shift_is_offered_and_one_is_ended(scene: Scene, admin: Client, night: ShiftKind) -> None:
    values = sent(seen(admin, NEW), name="中班", starts="12:00", ends="20:00")
    assert "各班次合起来覆盖全天。" in admin.post(NEW, values).content.decode()
    assert saved(admin, NEW, values).status_code == 302
    words = f"中班 12:00–20:00（自 {soon().month}月{soon().day}日 起）"
    assert words in at_desk(scene, "dispatcher").get("/duty/new/?unit=HOT").content.decode()
    address = f"/admin/shifts/{night.pk}/end/"
    ending = {"ends_on": soon(), "reason": "不设夜班", "seen": seen(admin, address)}
    assert "00:00–08:00、20:00–24:00 没有班次" in admin.post(address, ending).content.decode()
    assert saved(admin, address, ending).status_code == 302
    night.refresh_from_db()
    assert night.valid_to == soon()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "白班"}, "name"),
        ({"begins": date(2026, 1, 1)}, "begins"),
        ({"starts": "20:00"}, "starts"),
        ({"starts": ""}, "starts"),
    ],
)
def test_shift_that_does_not_fit_is_refused(
    admin: Client, night: ShiftKind, more: dict[str, Any], field: str
) -> None:
    address = f"/admin/shifts/{night.pk}/change/"
    answer = admin.post(address, sent(seen(admin, address), **more))
    assert (answer.status_code, list(errors(answer))) == (422, [field])


def test_last_shift_does_not_end(admin: Client, night: ShiftKind) -> None:
    ShiftKind.objects.exclude(pk=night.pk).delete()
    address = f"/admin/shifts/{night.pk}/end/"
    answer = admin.post(address, {"ends_on": soon(), "reason": "x", "seen": seen(admin, address)})
    assert (answer.status_code, list(errors(answer))) == (422, ["ends_on"])
    assert admin.get("/admin/shifts/999999/end/").status_code == 404


def test_hours_without_a_shift() -> None:
    shift = lambda starts, ends: ShiftKind(starts=time(starts), ends=time(ends))  # noqa: E731
    assert uncovered([shift(8, 20), shift(20, 8)]) == []
    assert uncovered([shift(0, 0)]) == []
    assert uncovered([shift(9, 17), shift(16, 23)]) == [(0, 540), (1380, 1440)]
    assert uncovered([]) == [(0, 1440)]
