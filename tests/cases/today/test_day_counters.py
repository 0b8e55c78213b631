"""The figures of the day, counted by hand in small scenes."""

from datetime import timedelta

from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.models import Case
from jieban.cases.today import day_counters
from jieban.cases.today.day_counters import DISTRICT, BoardLine
from tests.cases.scene import (
    AT,
    Scene,
    dispatched,
    handling,
    make_case,
    reported,
    visited,
    visited_back,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = AT + 2 * HOUR  # Monday 12:00


def three(figure: day_counters.Figure) -> tuple[int, int | None, int | None]:
    return figure.today, figure.yesterday, figure.week_ago


def test_received_is_compared_at_the_same_time_of_day(scene: Scene) -> None:
    for back in (0 * DAY, DAY, DAY, 7 * DAY):
        make_case(scene, at=AT - back)
    make_case(scene, at=NOON + HOUR)  # later than now
    make_case(scene, at=NOON - DAY + HOUR)  # yesterday, but later in the day
    make_case(scene, at=AT - 11 * HOUR)  # yesterday 23:00
    make_case(scene, at=AT - 2 * DAY)
    assert three(day_counters.received(DISTRICT, NOON)) == (1, 2, 1)


def test_children_of_a_split_concern_are_not_counted_again(scene: Scene) -> None:
    case = make_case(scene)
    actions.split(case.pk, actor=scene.actor("dispatcher"), at=AT, matters=[Matter("灯"), Matter("井盖")])
    assert day_counters.received(DISTRICT, NOON).today == 1


def test_a_street_counts_what_lies_in_it_and_what_it_leads(scene: Scene) -> None:
    community = scene.unit("C").place
    assert community is not None
    make_case(scene, place_id=community.pk)
    make_case(scene)
    dispatched(scene, lead="S")
    handling(scene, lead="S")
    handling(scene, lead="D1")
    reported(scene, lead="S", at=AT - DAY)
    found = {
        figure.name: three(figure) for figure in day_counters.street_figures(scene.actor("street"), NOON)
    }
    assert found == {
        "received": (1, 0, 0), "dispatched": (2, 1, 0), "signed": (1, 1, 0), "reported": (0, 1, 0),
        "fell_due": (0, 0, 0), "late_now": (0, None, None), "solved": (0, 0, 0),
    }  # fmt: skip


def test_what_fell_due_without_a_result(scene: Scene) -> None:
    for lead in ("D1", "S"):
        handling(scene, lead=lead, at=AT - DAY)  # due yesterday at 24:00, which is today at 0:00
    reported(scene, at=AT - DAY)  # in time
    handling(scene, at=AT)  # due tonight
    withdrawn = handling(scene, at=AT - DAY)
    actions.withdraw(withdrawn.pk, actor=scene.actor("operator"), at=AT, reason="不需要了")
    assert three(day_counters.fell_due(DISTRICT, NOON)) == (2, 0, 0)
    assert day_counters.late_now(DISTRICT, NOON).today == 2
    assert day_counters.late_now(day_counters.scope_of(scene.actor("street")), NOON).today == 1
    assert three(day_counters.fell_due(DISTRICT, NOON + DAY)) == (1, 2, 0)


def test_a_late_result_still_fell_due(scene: Scene) -> None:
    case = visited(scene, at=AT - DAY)
    actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text="已修好")
    assert (day_counters.fell_due(DISTRICT, NOON).today, day_counters.late_now(DISTRICT, NOON).today) == (
        1,
        0,
    )


def test_solved_is_of_those_who_answered(scene: Scene) -> None:
    caller = scene.actor("caller")
    visited_back(scene)
    for answer in ("no", "partly", "no_answer"):
        case = reported(scene)
        answers = {"reached": True, "contacted": "yes", "solved": answer, "satisfied": "no_answer"}
        actions.visit_back(case.pk, actor=caller, at=AT, **answers)  # type: ignore[arg-type]
    actions.visit_back(reported(scene).pk, actor=caller, at=AT, reached=False)
    figure = day_counters.solved(DISTRICT, NOON)
    assert (three(figure), figure.of) == ((1, 0, 0), 3)


def test_every_figure_has_its_definition(scene: Scene) -> None:
    found = day_counters.district_figures(NOON) + day_counters.street_figures(scene.actor("street"), NOON)
    assert all(figure.label and figure.definition for figure in found)
    assert {figure.name for figure in found} == set(day_counters.DEFINITIONS)


def test_only_a_second_extension_waits_for_the_leader(scene: Scene) -> None:
    first, second = visited(scene), visited(scene)
    lead = scene.actor("department")
    for case in (first, second):
        actions.request_extension(case.pk, actor=lead, at=AT, new_due_at=AT + 2 * DAY, reason="等配件")
    actions.grant(second.pk, actor=scene.actor("supervisor"), at=AT)
    actions.request_extension(second.pk, actor=lead, at=NOON, new_due_at=AT + 4 * DAY, reason="还缺一件")
    assert [request.case for request in day_counters.requests_to_decide(scene.actor("leader"), NOON)] == [
        second
    ]


def test_danger_to_life_of_the_last_day(scene: Scene) -> None:
    now, before = make_case(scene, urgency="life"), make_case(scene, urgency="life", at=AT - DAY)
    make_case(scene)
    leader = scene.actor("leader")
    assert day_counters.dangerous_cases(leader, AT + HOUR) == [now]
    assert day_counters.dangerous_cases(leader, AT) == [now, before]


def test_what_was_reported_most_and_who_is_late(scene: Scene) -> None:
    community = scene.unit("C").place
    assert community is not None
    where = {"place_id": community.pk, "category_id": scene.category.pk}
    make_case(scene, **where)
    handling(scene, lead="S", at=AT - DAY, **where)
    make_case(scene, at=AT - 8 * DAY, **where)
    make_case(scene)
    leader = scene.actor("leader")
    (row,) = day_counters.most_reported(leader, NOON)
    assert (row["category__path"], row["community__name"], row["count"], row["open"]) == (
        "城乡建设 / 安全隐患", "老山东里北社区", 2, 2,
    )  # fmt: skip
    assert sorted(day_counters.overdue_by_unit(leader, NOON)) == [("", "", 1), ("S", "单位S", 1)]


def test_staff_below_and_whistles_of_a_street(scene: Scene) -> None:
    street = scene.actor("street")
    case = visited(scene, lead="S")
    actions.hand_down(case.pk, actor=street, at=AT, unit_id=scene.unit("C").pk)
    actions.whistle(
        case.pk, actor=street, at=AT, kind="joint", place="楼下", meet_at=NOON,
        unit_ids=[scene.unit("D1").pk, scene.unit("D2").pk],
    )  # fmt: skip
    actions.arrive(case.pk, actor=scene.actor("department"), at=NOON, place="楼下")
    handling(scene, lead="D1")
    people = {(row.name, row.unit): row.open for row in day_counters.staff(street, NOON)}
    assert people == {("人员community", "单位C"): 0, ("人员street", "单位SC"): 1, ("人员patrol", "单位SC"): 0}
    assert [(row.name, row.open, row.late) for row in day_counters.subordinate_units(street, NOON)] == [
        ("单位C", 1, 0), ("单位P", 0, 0),
    ]  # fmt: skip
    assert [row.late for row in day_counters.subordinate_units(street, AT + 3 * DAY)] == [1, 0]
    assert [(call.unit.code, call.arrived_at is not None) for call in day_counters.whistles(street, NOON)] == [
        ("D1", True), ("D2", False),
    ]  # fmt: skip
    Case.objects.filter(pk=case.pk).update(state="reported")
    assert day_counters.whistles(street, NOON) == []


def test_the_board_counts_thirty_days(scene: Scene) -> None:
    make_case(scene, category_id=scene.category.pk)
    make_case(scene, at=AT - 29 * DAY)
    make_case(scene, at=AT - 30 * DAY)
    days = day_counters.by_day(NOON)
    assert (len(days), days[0], days[-1]) == (30, BoardLine("3月2日", 1, 1, 0), BoardLine("2月1日", 1, 1, 1))
    assert day_counters.by_category(NOON) == [BoardLine("城乡建设", 1, 1, 0), BoardLine("未分类", 1, 1, 1)]
    assert day_counters.by_street(NOON) == [BoardLine("地点待核实", 2, 2, 1)]
