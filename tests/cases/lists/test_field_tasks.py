"""What is due for a unit: by its own limit, then by urgency, or by the way on foot."""

from copy import copy
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.cases import actions
from jieban.cases.lists.field_tasks import TaskClock, by_distance, open_assignments, tasks
from jieban.cases.models import Assignment, Case
from tests.cases.scene import AT, Scene, dispatched, handling, make_case, reported, visited


def numbers(scene: Scene, name: str) -> list[str]:
    return [task.case.number for task in tasks(scene.actor(name))]


def test_each_part_runs_by_its_own_limit(scene: Scene) -> None:
    case = dispatched(scene, lead="S", grade="complex")
    task = tasks(scene.actor("street"))[0]
    assert (task.clock, task.due) == (TaskClock.SIGN, AT + timedelta(hours=2))
    case = actions.sign(case.pk, actor=scene.actor("street"), at=AT)
    assert tasks(scene.actor("street"))[0].clock == TaskClock.CONTACT
    due = AT + timedelta(hours=5)
    actions.hand_down(case.pk, actor=scene.actor("street"), at=AT, unit_id=scene.unit("C").pk, due_at=due)
    child = tasks(scene.actor("community"))[0]
    assert (child.clock, child.due) == (TaskClock.SHARE, due)
    actions.record_visit(
        case.pk, actor=scene.actor("community"), at=AT, kinds=["needs"], way="phone", said="灯不亮"
    )
    task = tasks(scene.actor("street"))[0]
    assert (task.clock, task.due) == (TaskClock.FINISH, case.finish_due_at)


def test_the_earlier_limit_comes_first_and_at_the_same_the_more_urgent(scene: Scene) -> None:
    later = handling(scene, grade="complex")
    first = visited(scene)
    danger = visited(scene)
    actions.mark_urgent(danger.pk, actor=scene.actor("operator"), at=AT, urgency="life", text="裸露电线")
    soon = handling(scene, grade="simple")
    assert numbers(scene, "department") == [soon.number, danger.number, first.number, later.number]


def test_what_is_done_or_of_another_unit_is_not_due(scene: Scene) -> None:
    reported(scene)
    handling(scene, lead="D2")
    case = make_case(scene)
    actions.dispatch(
        case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D2").pk,
        co_handler_ids=[scene.unit("D1").pk],
    )  # fmt: skip
    actions.sign(case.pk, actor=scene.actor("department2"), at=AT)
    assert numbers(scene, "department") == [case.number]
    actions.co_report(case.pk, actor=scene.actor("department"), at=AT, text="已查")
    assert numbers(scene, "department") == []


def test_a_unit_complained_about_sees_nothing_of_it(scene: Scene) -> None:
    case = handling(scene)
    Case.objects.filter(pk=case.pk).update(complained_about=scene.unit("D1"))
    assert numbers(scene, "department") == []


def test_the_nearest_comes_first_and_what_has_no_point_last(scene: Scene) -> None:
    far, near, none = handling(scene), handling(scene), handling(scene)
    Case.objects.filter(pk=far.pk).update(lat=39.92, long=116.20)
    Case.objects.filter(pk=near.pk).update(lat=39.9036, long=116.20)
    Case.objects.filter(pk=none.pk).update(lat=None, long=None)
    found = by_distance(tasks(scene.actor("department")), 39.90, 116.20)
    assert [task.case.number for task in found] == [near.number, far.number, none.number]
    # 0.0036 degrees of latitude are 400 metres; with the detour 520, at 75 metres a minute 7 minutes.
    assert found[0].metres == pytest.approx(400.3, abs=0.5)
    assert [task.minutes for task in found] == [7, 39, None]


def test_thirty_tasks_take_as_many_queries_as_one_and_walk_the_index_of_the_unit(scene: Scene) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            tasks(scene.actor("department"))
        return len(seen)

    handling(scene)
    assert queries() == 7
    for _ in range(29):
        dispatched(scene)
    assert queries() == 7
    case = Case.objects.latest("pk")  # other units' parts that have ended, as a real table is full of
    ended = [
        Assignment(case=case, unit=scene.unit("D2"), relation="lead", assigned_at=AT, ended_at=AT)
    ] * 2000
    Assignment.objects.bulk_create([copy(row) for row in ended])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_assignment, cases_case")
    plan = open_assignments(scene.actor("department")).explain()
    assert "assignment_active" in plan and "Seq Scan on cases_assignment" not in plan, plan
