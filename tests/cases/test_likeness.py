"""Like cases: why they are like, who may know, and that a place alone makes nothing alike."""

from datetime import timedelta

from jieban.cases import actions
from jieban.cases.likeness import WITHIN, like
from jieban.registry.models import Place
from tests.cases.scene import AT, Scene, make_case


def place(level: str) -> int:
    return Place.objects.get(level=level).pk


def test_the_same_caller_is_found_anywhere_within_a_month(scene: Scene) -> None:
    first = make_case(scene, at=AT - timedelta(days=20), text="井盖松动")
    make_case(scene, at=AT - WITHIN - timedelta(days=1), text="井盖松动")
    make_case(scene, phone="10009999999", text="井盖松动")
    case = make_case(scene, text="暖气不热")
    assert [(found.case.pk, found.why) for found in like(case, scene.actor("dispatcher"))] == [
        (first.pk, "同一来电人")
    ]


def test_the_same_words_or_category_in_the_street(scene: Scene) -> None:
    street = place("street")
    shared = {"place_id": street, "category_id": scene.category.pk}
    near = make_case(scene, phone="10001111111", place_id=street, text="路边井盖松动很危险")
    same = make_case(scene, phone="10002222222", text="夜里施工", **shared)
    make_case(scene, phone="10003333333", place_id=street, text="暖气不热")
    make_case(scene, phone="10004444444", text="路边井盖松动")  # nobody knows where
    case = make_case(scene, phone="10005555555", text="井盖松动", **shared)
    found = {each.case.pk: each.why for each in like(case, scene.actor("dispatcher"))}
    assert found == {near.pk: "说法相近", same.pk: "同类"}


def test_the_name_of_the_place_makes_nothing_alike(scene: Scene) -> None:
    street = Place.objects.get(level="street")
    make_case(scene, phone="10001111111", place_id=street.pk, text=f"{street.name}没有路灯")
    case = make_case(scene, phone="10002222222", place_id=street.pk, text=f"{street.name}暖气不热")
    assert like(case, scene.actor("dispatcher")) == []


def test_who_called_is_not_told_to_those_who_handle(scene: Scene) -> None:
    unit = scene.unit("D1").pk
    made = [make_case(scene, text=text) for text in ("井盖松动", "暖气不热")]
    for case in made:
        actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=unit)
    assert like(made[0], scene.actor("department")) == []
    assert [found.case.pk for found in like(made[0], scene.actor("dispatcher"))] == [made[1].pk]
    assert like(made[0], scene.actor("auditor")) == []
