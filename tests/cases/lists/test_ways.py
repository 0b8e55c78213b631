"""A page of a list is put together from several ways: it shows what the post may know of, all of it, in order."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.cases import actions
from jieban.cases.lists import case_list
from jieban.cases.lists.case_list import CaseFilter
from jieban.cases.models import Case
from jieban.registry.models import Place
from tests.cases.scene import AT, Scene, closed, dispatched, handling, make_case, reported


@pytest.fixture
def many(scene: Scene) -> Scene:
    """Cases in the street and elsewhere, led by the street, helped by it, found on patrol, complaining about it."""
    street = Place.objects.get(level="street").pk
    for number in range(3):
        at = AT - timedelta(days=number)
        make_case(scene, at=at, place_id=street)
        handling(scene, at=at, lead="S")
        reported(scene, at=at, lead="D1", place_id=street)
        closed(scene, at=at)
        make_case(scene, at=at, by="patrol", kind="patrol", channel="patrol", place_id=street)
        found = handling(scene, at=at, kind="patrol", channel="patrol", place_id=street)
        actions.report_result(found.pk, actor=scene.actor("department"), at=at, text="已清理")
        dispatched(scene, at=at, place_id=street, complained_about_id=scene.unit("S").pk)
        make_case(scene, at=at, by="resident")
        shared = make_case(scene, at=at)
        actions.dispatch(
            shared.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit("D2").pk,
            co_handler_ids=[scene.unit("S").pk], property_id=scene.unit("P").pk,
        )  # fmt: skip
    return scene


def paged(scene: Scene, name: str, chosen: CaseFilter) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        page = case_list.list_cases(scene.actor(name), chosen, after=after, size=4)
        found += [case.number for case in page.cases]
        after = page.next
        if not after:
            return found


def visible(scene: Scene, name: str) -> list[str]:
    cases = case_list.visible_to(scene.actor(name)).order_by("-received_at", "-pk")
    return [case.number for case in cases]


def test_pages_hold_all_that_each_post_may_know_of_in_the_order_of_receipt(many: Scene) -> None:
    shown = {name: paged(many, name, CaseFilter()) for name in many.actors}
    assert shown == {name: visible(many, name) for name in many.actors}
    seen = {name: len(shown[name]) for name in ("street", "department", "patrol", "property", "resident")}
    assert seen == {"street": 18, "department": 12, "patrol": 6, "property": 3, "resident": 3}


def test_filters_narrow_every_way_alike(many: Scene) -> None:
    for chosen in (
        CaseFilter(state="open"),
        CaseFilter(kind="patrol"),
        CaseFilter(received_to=AT - timedelta(hours=1)),
    ):
        for name in many.actors:
            narrowed = case_list.apply_filter(case_list.visible_to(many.actor(name)), chosen)
            expected = [case.number for case in narrowed.order_by("-received_at", "-pk")]
            assert paged(many, name, chosen) == expected, (name, chosen)


@pytest.mark.parametrize(("first", "few", "following"), [(1, 0, 1), (1, 1_000, 1), (2, 0, 6), (1_000, 0, 1)])
def test_a_word_is_found_whether_it_is_rare_or_common(
    many: Scene, first: int, few: int, following: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_list, "SOUGHT_FIRST", first)
    monkeypatch.setattr(case_list, "SOUGHT_NEXT", following)
    monkeypatch.setattr(case_list, "FEW", few)
    Case.objects.update(subject="路灯")
    rare = make_case(many, at=AT - timedelta(hours=1), text="水管爆裂")
    assert paged(many, "dispatcher", CaseFilter(q="水管")) == [rare.number]
    for name in ("dispatcher", "street", "department", "patrol", "property", "resident"):
        others = [number for number in visible(many, name) if number != rare.number]
        assert paged(many, name, CaseFilter(q="楼道灯坏了")) == others, name
        assert paged(many, name, CaseFilter(q="没有这样的词")) == []


def test_a_common_word_does_not_bring_every_case_that_has_it(many: Scene) -> None:
    with CaptureQueriesContext(connection) as caught:
        assert len(case_list.list_cases(many.actor("dispatcher"), CaseFilter(q="楼道灯"), size=4).cases) == 4
    assert len(caught) == 3  # the newest, those of them with the word, and their rows
