"""Like cases: why they are like, who may know, that a place alone makes nothing alike, and how they are found."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.cases import actions
from jieban.cases.models import Case, Fingerprint
from jieban.cases.suggestions.similar_cases import WINDOW, UnsavedConcern, similar_cases
from jieban.registry.models import Place
from tests.cases.scene import AT, Scene, make_case

LONG = "小区东门外的烧烤店每天半夜还在露天烤肉，油烟直接灌进三楼以上住户家里，开不了窗，孩子咳嗽了一个星期"


def place(level: str) -> int:
    return Place.objects.get(level=level).pk


def found(case: Case | UnsavedConcern, scene: Scene, name: str = "dispatcher") -> dict[int, str]:
    return {each.case.pk: each.why for each in similar_cases(case, scene.actor(name))}


def test_the_same_caller_is_found_anywhere_within_a_month(scene: Scene) -> None:
    first = make_case(scene, at=AT - timedelta(days=20), text="井盖松动")
    make_case(scene, at=AT - WINDOW - timedelta(days=1), text="井盖松动")
    make_case(scene, phone="10009999999", text="井盖松动")
    case = make_case(scene, text="暖气不热")
    assert found(case, scene) == {first.pk: "同一来电人；相隔 20 天"}


def test_a_caller_who_comes_again_tells_something_new_or_not(scene: Scene) -> None:
    make_case(scene, at=AT - timedelta(days=2), text=LONG)
    same = make_case(scene, at=AT - timedelta(days=1), text=f"{LONG}，还是没人管")
    (why,) = found(same, scene).values()
    assert why.split("；") == [
        "同一来电人，没有说新情况",
        "内容基本相同，都提到“小区东门外的烧烤店每天半”、“油烟直接灌进三楼以上住户”、“孩子咳嗽了一个星期”",
        "相隔 1 天",
    ]
    more = make_case(scene, text=f"{LONG}。昨晚他们还把煤气罐搬到消防通道上，跟劝说的邻居动了手，民警来过")
    (why, *_others) = found(more, scene).values()
    assert why.startswith("同一来电人，说了新情况：“昨晚他们还把煤气罐搬到消”")


def test_the_same_words_or_category_in_the_street(scene: Scene) -> None:
    street = place("street")
    shared = {"place_id": street, "category_id": scene.category.pk}
    near = make_case(scene, phone="10001111111", place_id=street, text="路边井盖松动很危险")
    same = make_case(scene, phone="10002222222", text="夜里施工", **shared)
    make_case(scene, phone="10003333333", place_id=street, text="暖气不热")
    make_case(scene, phone="10004444444", text="路边井盖松动")  # nobody knows where
    case = make_case(scene, phone="10005555555", text="井盖松动", **shared)
    assert found(case, scene) == {near.pk: "说法相近，都提到“井盖松动”；同一天", same.pk: "同类；同一天"}


def test_nearly_the_same_words_are_found_in_any_street_and_behind_many_newer_cases(scene: Scene) -> None:
    first = make_case(
        scene, at=AT - timedelta(days=9), phone="10001111111", text=LONG, place_id=place("street")
    )
    for number in range(3):
        make_case(scene, phone=f"1000333333{number}", text="楼道灯不亮")
    other = "，".join(reversed(LONG.split("，"))).replace("露天", "露添").replace("三楼", "二楼")
    case = make_case(scene, phone="10005555555", text=other)
    (why,) = found(case, scene).values()
    assert set(found(case, scene)) == {first.pk}
    assert why.startswith("内容基本相同，都提到“") and why.endswith("；相隔 9 天")


def test_points_on_the_map_tell_how_far_apart(scene: Scene) -> None:
    street, category = place("street"), scene.category.pk
    make_case(
        scene,
        phone="10001111111",
        text="井盖松动",
        place_id=street,
        category_id=category,
        lat=39.91,
        long=116.22,
    )
    typed = UnsavedConcern("井盖松动", AT, category, Place.objects.get(pk=street), lat=39.911, long=116.22)
    (alike,) = similar_cases(typed, scene.actor("operator"))
    assert (alike.metres, alike.days) == (110, 0)
    assert (
        alike.reasons == ("说法相近，都提到“井盖松动”", "同类", "相距约 110 米", "同一天")
        or alike.reasons[2] == "相距约 110 米"
    )


def test_the_name_of_the_place_makes_nothing_alike(scene: Scene) -> None:
    street = Place.objects.get(level="street")
    make_case(scene, phone="10001111111", place_id=street.pk, text=f"{street.name}没有路灯")
    case = make_case(scene, phone="10002222222", place_id=street.pk, text=f"{street.name}暖气不热")
    assert found(case, scene) == {}


def test_who_called_is_not_told_to_those_who_handle(scene: Scene) -> None:
    unit = scene.unit("D1").pk
    made = [make_case(scene, text=text) for text in ("井盖松动", "暖气不热")]
    for case in made:
        actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=unit)
    assert found(made[0], scene, "department") == {}
    assert set(found(made[0], scene)) == {made[1].pk}
    assert found(made[0], scene, "auditor") == {}


def test_nearly_the_same_words_are_not_told_to_who_may_not_see_the_case(scene: Scene) -> None:
    case, other = (make_case(scene, phone=f"1000111111{number}", text=LONG) for number in (1, 2))
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk)
    assert found(case, scene, "department") == {}
    actions.dispatch(other.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk)
    assert set(found(case, scene, "department")) == {other.pk}


def test_numbers_in_the_reasons_are_masked_like_the_subject(scene: Scene) -> None:
    for number in (1, 2):
        case = make_case(scene, phone=f"1000111111{number}", text=f"{LONG}，店主电话13900001234")
    actor = scene.actor("dispatcher")
    assert all("13900001234" not in one.why for one in similar_cases(case, actor))


def test_the_number_of_queries_does_not_follow_the_cases(scene: Scene) -> None:
    def queries() -> int:
        made = make_case(scene, text=LONG, place_id=place("community"))
        case = Case.objects.select_related("place", "street", "community").get(pk=made.pk)
        with CaptureQueriesContext(connection) as asked:
            similar_cases(case, scene.actor("dispatcher"))
        return len(asked)

    make_case(scene, text=LONG, place_id=place("community"))
    few = queries()
    for number in range(20):
        make_case(scene, phone=f"100011122{number:02}", text=LONG, place_id=place("community"))
    assert (few, queries()) == (7, 7)


def test_the_index_is_written_with_the_case_and_for_earlier_ones_by_a_command(scene: Scene) -> None:
    case = make_case(scene, text=LONG)
    written = set(Fingerprint.objects.filter(case=case).values_list("value", "received_on"))
    assert 1 <= len(written) <= 8
    Fingerprint.objects.all().delete()
    for _again in range(2):
        call_command("index_likeness")
        assert set(Fingerprint.objects.filter(case=case).values_list("value", "received_on")) == written


@pytest.mark.parametrize("text", ["？", "😀😀", "好", "a" * 200_000, "<b>。</b>"])
def test_a_case_of_any_text_is_received_and_compared(scene: Scene, text: str) -> None:
    case, again = (make_case(scene, phone=f"1000222222{number}", text=text) for number in (1, 2))
    assert set(found(case, scene)) <= {again.pk}
