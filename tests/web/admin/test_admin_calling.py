"""The calling hours on the administrator's pages: set from a day on, weighed, taken back; the past stays."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from jieban.base.clock import SHANGHAI, local_date, now
from jieban.cases.models import CallingHours
from jieban.cases.reception import calling_list
from jieban.registry.models import ConfigChange
from tests.cases.scene import Scene, reported
from tests.web.admin.forms import errors, seen
from tests.web.signed_in import at_desk

ADDRESS = "/admin/calling/new/?days=work"
TOMORROW = timedelta(days=1)


@pytest.fixture
def admin(scene: Scene) -> Client:
    return at_desk(scene, "admin")


def sent(client: Client, **more: Any) -> dict[str, Any]:
    return {
        "days": "work", "starts_1": "08:30", "ends_1": "12:00", "starts_2": "13:00", "ends_2": "00:00",
        "begins": local_date(now()) + TOMORROW, "source": "区办〔2026〕8号", "reason": "夏季作息",
        "seen": seen(client, ADDRESS), **more,
    }  # fmt: skip


def saved(client: Client, values: dict[str, Any]) -> Any:
    page = client.post(ADDRESS, values)
    return client.post(ADDRESS, values | {"weighed": page.context["form"]["weighed"].value()})


def workday(first: date) -> date:
    calendar = calling_list.current_schedule().calendar
    return next(day for day in (first + timedelta(days=n) for n in range(20)) if calendar.is_workday(day))


def spans(days: str) -> list[tuple[time, time, date | None]]:
    rows = CallingHours.objects.filter(days=days).order_by("valid_from", "starts")
    return list(rows.values_list("starts", "ends", "valid_to"))


def test_new_hours_are_weighed_and_hold_from_their_day(scene: Scene, admin: Client) -> None:
    reported(scene)
    reported(scene, preferred_contact="晚上7点后")
    values = sent(admin)
    shown = admin.post(ADDRESS, values).content.decode()
    assert (
        "工作日 08:30–12:00、13:00–24:00，共 14.5 小时（此前为 09:00–12:00、14:00–20:00，共 9 小时）" in shown
    )
    assert "现有 2 件诉求等待回访：1 件约了时间，仍按约定打" in shown
    assert CallingHours.objects.filter(days="work").count() == 2

    assert saved(admin, values)["Location"] == "/admin/calling/"
    begins = values["begins"]
    assert spans("work") == [
        (time(9), time(12), begins), (time(14), time(20), begins),
        (time(8, 30), time(12), None), (time(13), time(0), None),
    ]  # fmt: skip
    assert [end for _from, _to, end in spans("rest")] == [None, None]
    at = datetime.combine(workday(begins), time(8, 45), SHANGHAI)
    assert calling_list.current_schedule().open_at(at)
    assert not calling_list.current_schedule().open_at(
        datetime.combine(workday(date(2026, 3, 2)), time(8, 45), SHANGHAI)
    )
    change = ConfigChange.objects.get()
    assert (change.area, change.key, change.before["时间"]) == ("calling", "work", "09:00–12:00、14:00–20:00")


def test_hours_to_come_are_taken_back_and_those_before_go_on(admin: Client) -> None:
    saved(admin, sent(admin))
    assert "将生效" in admin.get("/admin/calling/").content.decode()
    again = admin.post(ADDRESS, sent(admin, ends_1="11:00"))
    assert (again.status_code, list(errors(again))) == (422, ["begins"])
    address = "/admin/calling/work/withdraw/"
    assert admin.post(address, {"reason": "有误", "seen": seen(admin, address)}).status_code == 302
    assert spans("work") == [(time(9), time(12), None), (time(14), time(20), None)]
    assert admin.post(address, {"reason": "有误", "seen": ""}).status_code == 404


def test_days_off_may_be_without_calls_but_not_both_kinds(admin: Client) -> None:
    none = {"starts_1": "", "ends_1": "", "starts_2": "", "ends_2": "", "none": "on"}
    mark = seen(admin, "/admin/calling/new/?days=rest")
    assert saved(admin, sent(admin, **none, days="rest", seen=mark)).status_code == 302
    assert [end for _from, _to, end in spans("rest")] == [local_date(now()) + TOMORROW] * 2
    refused = admin.post(ADDRESS, sent(admin, **none))
    assert (refused.status_code, list(errors(refused))) == (422, ["starts_1"])
    assert "休息日也不打回访电话" in refused.content.decode()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ends_1": "08:30"}, "ends_1"),
        ({"ends_1": "13:30"}, "starts_2"),
        ({"ends_1": ""}, "ends_1"),
        ({"starts_3": "18:00", "ends_3": "19:00"}, "starts_3"),
        ({"none": "on"}, "none"),
        ({"starts_1": "", "ends_1": "", "starts_2": "", "ends_2": ""}, "none"),
        ({"begins": date(2026, 1, 1)}, "begins"),
        (
            {
                "starts_1": "09:00",
                "starts_2": "14:00",
                "ends_2": "20:00",
                "source": "平台初始设置，由区里按年度通知调整",
            },
            "starts_1",
        ),
    ],
)
def test_hours_that_do_not_fit_are_refused(admin: Client, more: dict[str, Any], field: str) -> None:
    answer = admin.post(ADDRESS, sent(admin, **more))
    assert (answer.status_code, list(errors(answer))) == (422, [field])
    assert CallingHours.objects.count() == 4


def test_second_to_set_the_hours_is_told(admin: Client) -> None:
    late = sent(admin)
    saved(admin, sent(admin))
    assert admin.post(ADDRESS, late).status_code == 409


def test_nothing_to_take_back_is_said_to_be_not_there(admin: Client) -> None:
    assert admin.get("/admin/calling/work/withdraw/").status_code == 404
    assert admin.get("/admin/calling/none/withdraw/").status_code == 404
