"""The queue: who sees what, filters in the address, pages, and as many queries for thirty rows as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.cases.models import Case
from tests.cases.scene import AT, Scene, dispatched, handling, make_case, reported
from tests.web.signed_in import at_desk


def subjects(scene: Scene, name: str, address: str = "/cases/?all=1") -> list[str]:
    page = at_desk(scene, name).get(address)
    assert page.status_code == 200
    return [case.number for case in page.context["cases"]]


def test_each_post_sees_its_own_cases(scene: Scene) -> None:
    place = scene.units["S"].place
    assert place is not None
    here = make_case(scene, place_id=place.pk)
    led = handling(scene, lead="D1")
    elsewhere = handling(scene, lead="D2")
    own = make_case(scene, by="resident", channel="web")

    everything = [case.number for case in (own, elsewhere, led, here)]
    assert subjects(scene, "dispatcher") == everything
    assert subjects(scene, "street") == [here.number]
    assert subjects(scene, "department") == [led.number]
    assert subjects(scene, "department2") == [elsewhere.number]
    assert subjects(scene, "resident") == [own.number]
    assert subjects(scene, "property") == []
    assert subjects(scene, "admin") == []


def test_without_a_filter_the_open_cases_are_shown(scene: Scene) -> None:
    waiting, done = make_case(scene), make_case(scene, by="resident", channel="web")
    Case.objects.filter(pk=done.pk).update(state="withdrawn")
    assert subjects(scene, "dispatcher", "/cases/") == [waiting.number]
    assert subjects(scene, "resident", "/cases/") == []


def test_filters_narrow_the_list_by_what_the_address_says(scene: Scene) -> None:
    fresh, led = make_case(scene), handling(scene)
    old = make_case(scene, at=AT - timedelta(days=40))
    assert subjects(scene, "dispatcher", "/cases/?state=received") == [fresh.number, old.number]
    assert subjects(scene, "dispatcher", "/cases/?unit=D1") == [led.number]
    assert subjects(scene, "dispatcher", "/cases/?received_to=2026-02-01") == [old.number]
    assert subjects(scene, "dispatcher", "/cases/?received_from=2026-03-02&state=handling") == [led.number]
    assert subjects(scene, "dispatcher", f"/cases/?q={fresh.number}") == [fresh.number]


def test_words_are_found_in_what_was_said(scene: Scene) -> None:
    lamp = make_case(scene)
    make_case(scene, text="小区门口的窨井盖破损，请尽快更换。")
    assert subjects(scene, "dispatcher", "/cases/?q=楼道灯") == [lamp.number]
    assert subjects(scene, "dispatcher", "/cases/?q=没有这样的事") == []


def test_the_auditor_does_not_find_by_words(scene: Scene) -> None:
    case = make_case(scene)
    page = at_desk(scene, "auditor").get("/cases/?all=1").content.decode()
    assert case.number in page and "楼道灯" not in page
    assert subjects(scene, "auditor", "/cases/?q=楼道灯") == []
    assert subjects(scene, "auditor", f"/cases/?q={case.number}") == [case.number]


@pytest.mark.parametrize(
    "address", ["?state=nonsense", "?received_from=32/13/9", "?unit=%00", "?q=%00%00", "?street=x&overdue=on"]
)
def test_a_filter_that_does_not_fit_is_named_and_breaks_nothing(scene: Scene, address: str) -> None:
    make_case(scene)
    assert at_desk(scene, "dispatcher").get(f"/cases/{address}").status_code == 200


def test_a_broken_page_mark_says_what_to_do(scene: Scene) -> None:
    answer = at_desk(scene, "dispatcher").get("/cases/?after=nonsense")
    assert answer.status_code == 422
    assert "请回到第一页" in answer.content.decode()


def test_pages_follow_each_other_without_gap_or_repeat(scene: Scene) -> None:
    numbers = [make_case(scene, at=AT + timedelta(minutes=i // 2)).number for i in range(60)]
    desk = at_desk(scene, "dispatcher")
    first = desk.get("/cases/")
    second = desk.get(first.context["next_url"])
    seen = [case.number for page in (first, second) for case in page.context["cases"]]
    assert seen == numbers[::-1]
    assert second.context["next_url"] == ""


def test_tabs_count_what_waits(scene: Scene) -> None:
    make_case(scene)
    dispatched(scene)
    dispatched(scene)
    labels = [tab.label for tab in at_desk(scene, "dispatcher").get("/cases/").context["tabs"]]
    assert labels == [
        "未办结 3", "已超时限 3", "待派单 1", "待签收 2", "办理中 0", "已报结 0", "挂账 0", "全部",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["dispatcher", "street", "department", "resident", "caller"])
def test_the_list_takes_as_many_queries_for_thirty_rows_as_for_one(scene: Scene, name: str) -> None:
    place = scene.units["S"].place
    desk, address = at_desk(scene, name), "/visit-backs/" if name == "caller" else "/cases/"

    def one_more() -> None:
        if name == "resident":
            make_case(scene, by="resident", channel="web")
        elif name == "caller":
            reported(scene)
        else:
            handling(scene, place_id=place.pk if place else None)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page = desk.get(address)
        assert page.context["offers" if name == "caller" else "cases"]
        return len(seen)

    one_more()
    first = queries()
    for _ in range(29):
        one_more()
    assert queries() == first
