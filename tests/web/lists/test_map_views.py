"""The map: open cases by spot and by street, only what the post may see, nothing from elsewhere."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.cases.models import Case
from jieban.registry.models import Place, PlaceVersion
from tests.cases.scene import Scene, closed, handling, make_case
from tests.web.signed_in import at_desk

BEIJING = "116.0,39.8,116.4,40.0"
SQUARE = {"type": "Polygon", "coordinates": [[[116.1, 39.9], [116.2, 39.9], [116.2, 40.0], [116.1, 39.9]]]}


def at_point(case: Case, lat: float, long: float) -> Case:
    Case.objects.filter(pk=case.pk).update(lat=lat, long=long)
    return case


def spots(scene: Scene, name: str, **more: str) -> list[dict[str, object]]:
    query = urlencode({"box": BEIJING, "zoom": "12", **more})
    found: list[dict[str, object]] = at_desk(scene, name).get(f"/map/spots/?{query}").json()["spots"]
    return found


def test_cases_close_together_are_one_spot_until_the_map_comes_nearer(scene: Scene) -> None:
    alone = at_point(make_case(scene, at=now(), text="井盖松动"), 39.95, 116.3)
    for lat in (39.9, 39.9005):
        at_point(make_case(scene, at=now()), lat, 116.2)
    at_point(closed(scene), 39.9, 116.2)
    at_point(make_case(scene), 31.2, 121.5)
    many, one = spots(scene, "dispatcher")
    assert (many["count"], many["overdue"], many["at"]) == (2, 0, [39.90025, 116.2])
    assert (one["count"], one["subject"], one["url"]) == (1, "井盖松动", f"/cases/{alone.number}/")
    assert str(one["clock"]).startswith(("联系", "办结"))  # whichever ends first, by the hour
    assert [spot["count"] for spot in spots(scene, "dispatcher", zoom="18")] == [1, 1, 1]


def test_what_is_over_its_limit_is_counted_in_its_spot(scene: Scene) -> None:
    at_point(handling(scene), 39.9, 116.2)
    at_point(make_case(scene, at=now()), 39.9, 116.2)
    assert [(spot["count"], spot["overdue"]) for spot in spots(scene, "dispatcher")] == [(2, 1)]
    assert [spot["count"] for spot in spots(scene, "dispatcher", overdue="on")] == [1]


def test_each_post_sees_its_own_on_the_map(scene: Scene) -> None:
    at_point(handling(scene, lead="D1"), 39.9, 116.2)
    at_point(handling(scene, lead="D2"), 39.95, 116.3)
    assert len(spots(scene, "department")) == 1
    assert len(spots(scene, "leader")) == 2
    assert spots(scene, "auditor")[0]["subject"] == "（内容不显示）"


@pytest.mark.parametrize("query", ["", "box=1,2,3&zoom=3", "box=a,b,c,d&zoom=3", f"box={BEIJING}&zoom=99",
                                   "box=nan,0,1,1&zoom=3", f"box={BEIJING}&zoom=x"])  # fmt: skip
def test_a_place_that_is_none_is_refused(scene: Scene, query: str) -> None:
    assert at_desk(scene, "dispatcher").get(f"/map/spots/?{query}").status_code == 422


@pytest.mark.parametrize("address", ["/map/", "/map/streets/", f"/map/spots/?box={BEIJING}&zoom=3"])
def test_requesters_have_no_map(scene: Scene, address: str) -> None:
    assert at_desk(scene, "resident").get(address).status_code == 403


def test_boundaries_say_that_they_are_a_sketch(scene: Scene) -> None:
    street = Place.objects.get(level="street")
    PlaceVersion.objects.create(
        place=street, name=street.name, boundary=SQUARE, drawn="sketch", source="x", valid_from="2020-01-01"
    )
    told = at_desk(scene, "dispatcher").get("/map/streets/").json()
    assert [feature["properties"] for feature in told["features"]] == [{"name": street.name, "sketch": True}]
    assert told["features"][0]["geometry"] == SQUARE


def test_the_list_beside_the_map_has_the_same_figures(scene: Scene) -> None:
    street = Place.objects.get(level="street")
    make_case(scene, at=now(), place_id=street.pk)
    handling(scene, at=now() - timedelta(days=60), place_id=street.pk)
    page = at_desk(scene, "dispatcher").get("/map/")
    assert [row[:3] for row in page.context["streets"]] == [(street.name, 2, 1)]
    assert page.context["streets"][0][3] == f"/cases/?state=open&street={street.code}"


def test_spots_take_two_queries_whatever_there_is(scene: Scene) -> None:
    desk = at_desk(scene, "dispatcher")

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(f"/map/spots/?box={BEIJING}&zoom=18").status_code == 200
        return len(caught)

    at_point(make_case(scene), 39.9, 116.2)
    first = count()
    for number in range(29):
        at_point(make_case(scene), 39.9 + number / 500, 116.2)
    assert count() == first
