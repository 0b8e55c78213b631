"""What a report still needs: the page's list and the action's refusal are the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.checks.readiness import missing_for_report, missing_of, readiness_of
from jieban.cases.models import Case
from tests.base.hostile_files import picture
from tests.cases.scene import AT, Scene, dispatched, handling, leader_of, make_case, visited

PHOTO = picture()


def visit(scene: Scene, case: Case, kind: str) -> None:
    actions.record_visit(
        case.pk, actor=leader_of(scene, "D1"), at=AT, kinds=[kind], way="phone", said="请尽快修"
    )


def test_each_thing_that_is_missing_is_named_until_it_is_there(scene: Scene) -> None:
    scene.category.needs_photo = True
    scene.category.save()
    case = make_case(scene, category_id=scene.category.pk)
    actions.dispatch(
        case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk,
        co_handler_ids=[scene.unit("D2").pk],
    )  # fmt: skip
    case = actions.sign(case.pk, actor=scene.actor("department"), at=AT)
    assert missing_for_report(case) == ["访需求", "访意见", "单位D2的协办回复", "现场照片"]
    visit(scene, case, "needs")
    assert missing_for_report(case) == ["访意见", "单位D2的协办回复", "现场照片"]
    actions.co_report(case.pk, actor=scene.actor("department2"), at=AT, text="已查")
    visit(scene, case, "opinion")
    assert missing_for_report(case) == ["现场照片"]
    actions.attach(case.pk, actor=scene.actor("department"), at=AT, content=PHOTO)
    assert missing_for_report(case) == []


def test_what_waits_for_a_decision_is_missing_too(scene: Scene) -> None:
    case = visited(scene)
    actions.dispute(case.pk, actor=scene.actor("department"), at=AT, reason="不属于本单位")
    assert missing_for_report(case) == ["退单的裁定"]


def test_a_photograph_of_an_earlier_round_does_not_count(scene: Scene) -> None:
    scene.category.needs_photo = True
    scene.category.save()
    case = visited(scene, category_id=scene.category.pk)
    actions.attach(case.pk, actor=scene.actor("department"), at=AT, content=PHOTO)
    actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text="已修好")
    case = actions.send_back(case.pk, actor=scene.actor("supervisor"), at=AT, reason="没有修好")
    assert missing_for_report(case) == ["现场照片"]


def test_the_action_refuses_with_the_same_list(scene: Scene) -> None:
    case = handling(scene)
    with pytest.raises(Invalid) as refused:
        actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text="已修好")
    assert list(refused.value.fields.values()) == missing_for_report(case)


def test_nobody_is_met_for_what_a_patrol_found(scene: Scene) -> None:
    case = make_case(scene, by="patrol", kind="patrol", channel="patrol", name="", phone="")
    assert missing_for_report(case) == []


def test_thirty_cases_take_as_many_queries_as_one(scene: Scene) -> None:
    def queries() -> int:
        cases = list(Case.objects.select_related("category"))
        with CaptureQueriesContext(connection) as seen:
            found = readiness_of(cases)
            assert all(missing_of(case, found[case.pk]) for case in cases)
        return len(seen)

    handling(scene)
    first = queries()
    for _ in range(29):
        dispatched(scene)
    assert queries() == first == 5
