"""New rules, limits, rows and calendars: what they would do to cases, counted by hand, and what they leave alone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from jieban.base.errors import Invalid, WrongState
from jieban.cases import actions
from jieban.cases.clocks import deadlines
from jieban.cases.configuration import impact, rule_changes
from jieban.cases.configuration.impact import CalendarImpact, DueDateImpact, RoutingChange
from jieban.cases.configuration.rule_changes import NewLimit, NewRule
from jieban.cases.flow.rule_scope import DIMENSIONS, RuleScope
from jieban.cases.models import Case, DeadlineRule, Limit
from jieban.cases.routing import closing_units
from jieban.registry.administration import directory_changes, unit_changes
from jieban.registry.changing.config_changes import ChangeContext
from jieban.registry.models import ConfigChange, DirectoryRow, Place
from jieban.worktime.models import CalendarYear
from tests.cases.scene import AT, Scene, dispatched, handling, make_case
from tests.registry.administration.directory_rows import make_row, proposed
from tests.worktime.notices import NOTICE

TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


def step(scene: Scene, seen: str) -> ChangeContext:
    return ChangeContext(scene.actor("admin"), AT, "区政府通知", seen)


def new_rule(**more: Any) -> NewRule:
    values = {
        "grade": "general", "kind": "", "clock": "finish", "basis": "days", "amount": 3, "cut_off": None,
        "source": "区办〔2026〕8号", "begins": TOMORROW, **more,
    }  # fmt: skip
    scope = RuleScope(**{name: values.pop(name) for name in DIMENSIONS if name in values})
    return NewRule(scope=scope, **values)


def rule_step(scene: Scene, new: NewRule) -> ChangeContext:
    return step(scene, rule_changes.mark_of_rules(new.scope, new.clock))


def add(scene: Scene, **more: Any) -> DeadlineRule:
    new = new_rule(**more)
    return rule_changes.add_rule(new, step=rule_step(scene, new))


def limit(scene: Scene, name: str, value: int, begins: date = TOMORROW) -> Limit:
    return rule_changes.add_limit(
        NewLimit(name, value, "区办〔2026〕8号", begins), step=step(scene, rule_changes.mark_of_limits(name))
    )


def test_new_rule_holds_from_its_day_and_leaves_cases_that_came_before(scene: Scene) -> None:
    before = make_case(scene)
    old = DeadlineRule.objects.get(grade="general", clock="finish")
    row = add(scene)
    old.refresh_from_db()
    assert (old.valid_to, row.valid_from, row.valid_to) == (TOMORROW, TOMORROW, None)
    assert deadlines.rule_on("finish", RuleScope("general", "appeal"), TODAY) == old
    after = make_case(scene, at=AT + timedelta(days=1))
    # Of the day before: 24:00 of the same day; from the 3rd on: the end of the third day after it.
    assert before.finish_due_at == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert after.finish_due_at == datetime(2026, 3, 6, 16, tzinfo=UTC)
    before.refresh_from_db()
    assert before.finish_due_at == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_effect_of_a_rule_is_counted_on_the_last_thirty_days(scene: Scene) -> None:
    # By the rule of 24:00 with its cut-off at 18:00 (Beijing) the limits are, hour by hour of receipt:
    for hour in (8, 9, 17):  # 24:00 of the day: by 12 hours earlier, 20:00 and 21:00; of 17:00 later, 05:00
        make_case(scene, at=datetime(2026, 2, 26, hour - 8, tzinfo=UTC))
    make_case(
        scene, at=datetime(2026, 2, 26, 11, tzinfo=UTC)
    )  # 19:00: 24:00 of the next day; now 07:00 of it
    make_case(scene, at=datetime(2026, 2, 26, 4, tzinfo=UTC))  # 12:00: 24:00, and 24:00
    make_case(scene, at=datetime(2026, 1, 30, 1, tzinfo=UTC))  # 31 days ago
    make_case(scene, at=AT - timedelta(hours=1), grade="complex")
    new = new_rule(basis="hours", amount=12)
    found = impact.rule_impact(new, step=rule_step(scene, new))
    assert found == DueDateImpact(weighed=5, earlier=3, later=1, bounded=False)
    assert found.same == 1
    assert DeadlineRule.objects.filter(grade="general", clock="finish").count() == 1
    assert not ConfigChange.objects.exists()


def test_kind_with_a_rule_of_its_own_is_not_shifted_by_the_general_one(scene: Scene) -> None:
    make_case(scene, at=AT - timedelta(days=2), grade="complex")
    make_case(
        scene, at=AT - timedelta(days=2), grade="complex", kind="enterprise", by="enterprise", channel="web"
    )
    new = new_rule(grade="complex", amount=1)
    assert impact.rule_impact(new, step=rule_step(scene, new)) == DueDateImpact(2, 1, 0, False)
    own = new_rule(grade="complex", kind="enterprise", basis="workdays", amount=1)
    assert impact.rule_impact(own, step=rule_step(scene, own)) == DueDateImpact(1, 1, 0, False)


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"begins": TODAY}, "begins", "最早从 2026年3月3日 起"),
        ({"begins": date(2020, 1, 1)}, "begins", "过去的日子不能改"),
        ({"amount": 0}, "amount", "1 至 365"),
        ({"amount": 366}, "amount", "1 至 365"),
        ({"basis": "hours", "amount": 8_761}, "amount", "1 至 8760"),
    ],
)
def test_rule_that_does_not_fit_is_refused(
    scene: Scene, more: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        add(scene, **more)
    assert set(refused.value.fields) == {field}


def test_rule_as_it_is_is_refused(scene: Scene) -> None:
    old = DeadlineRule.objects.get(grade="general", clock="finish")
    with pytest.raises(Invalid, match="与现行规定相同"):
        add(scene, basis="same_day", amount=0, cut_off=time(18), source=old.source)


def test_rule_to_come_is_withdrawn_and_the_one_before_goes_on(scene: Scene) -> None:
    row = add(scene)
    with pytest.raises(Invalid, match="先撤回它"):
        add(scene, amount=4)
    rule_changes.withdraw_rule(row.pk, step=rule_step(scene, new_rule()))
    assert DeadlineRule.objects.get(grade="general", clock="finish").valid_to is None
    add(scene, amount=4)
    assert list(ConfigChange.objects.order_by("id").values_list("what", flat=True)) == [
        "定新时限", "撤回未生效的时限", "定新时限",
    ]  # fmt: skip


def test_rule_in_force_is_not_withdrawn(scene: Scene) -> None:
    old = DeadlineRule.objects.get(grade="general", clock="finish")
    with pytest.raises(WrongState, match="已经生效"):
        rule_changes.withdraw_rule(old.pk, step=rule_step(scene, new_rule()))


def test_second_of_two_who_set_a_rule_is_told(scene: Scene) -> None:
    seen = rule_step(scene, new_rule())
    rule_changes.add_rule(new_rule(), step=seen)
    with pytest.raises(WrongState, match="人员admin刚刚修改了"):
        rule_changes.add_rule(new_rule(begins=date(2026, 5, 1)), step=seen)


def test_new_limit_leaves_cases_that_came_before(scene: Scene) -> None:
    before = make_case(scene)
    limit(scene, "sign_hours", 4)
    later = AT + timedelta(days=1)
    for case, at, hours in ((before, later, 2), (make_case(scene, at=later), later, 4)):
        from_dispatch = _sign_due(scene, case, at)
        assert from_dispatch == at + timedelta(hours=hours)


def _sign_due(scene: Scene, case: Case, at: datetime) -> datetime | None:
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit("D1").pk)
    return case.assignments.get().sign_due_at


@pytest.mark.parametrize(("name", "value"), [("sign_hours", 0), ("child_share", 101), ("attempts", 9_000)])
def test_limit_that_does_not_fit_is_refused(scene: Scene, name: str, value: int) -> None:
    with pytest.raises(Invalid) as refused:
        limit(scene, name, value)
    assert set(refused.value.fields) == {"value"}


def test_limit_to_come_is_withdrawn(scene: Scene) -> None:
    row = limit(scene, "attempts", 5)
    seen = rule_changes.mark_of_limits("attempts")
    rule_changes.withdraw_limit(row.pk, step=step(scene, seen))
    assert list(Limit.objects.filter(name="attempts").values_list("value", "valid_to")) == [(3, None)]
    with pytest.raises(WrongState):
        rule_changes.withdraw_limit(
            Limit.objects.get(name="attempts").pk, step=step(scene, rule_changes.mark_of_limits("attempts"))
        )


def test_effect_of_a_row_names_the_waiting_cases_whose_proposal_changes(scene: Scene) -> None:
    street = Place.objects.get(level="street")
    make_row(scene, "R1")
    waits = [
        make_case(scene, category_id=scene.category.pk),
        make_case(scene, category_id=scene.category.pk, place_id=street.pk),
    ]
    make_case(scene)  # without a category the directory says nothing
    dispatched(scene, category_id=scene.category.pk)  # is with its unit already
    new = proposed(scene)
    found = impact.directory_impact(new, step=step(scene, directory_changes.version_tag_of(scene.category)))
    assert found == [
        RoutingChange(waits[0].number, "城乡建设 / 安全隐患", "", "单位D1", "单位D2"),
        RoutingChange(waits[1].number, "城乡建设 / 安全隐患", "老山街道", "单位D1", "单位D2"),
    ]
    assert DirectoryRow.objects.get().valid_to is None
    assert not ConfigChange.objects.exists()


def test_effect_of_a_row_for_one_street_names_its_cases_only(scene: Scene) -> None:
    street = Place.objects.get(level="street")
    make_row(scene, "R1")
    make_case(scene, category_id=scene.category.pk)
    inside = make_case(scene, category_id=scene.category.pk, place_id=street.pk)
    new = proposed(scene, place=street, place_level="street", lead=None, co_handlers=[])
    found = impact.directory_impact(new, step=step(scene, directory_changes.version_tag_of(scene.category)))
    assert [(one.number, one.before, one.after) for one in found] == [(inside.number, "单位D1", "单位S")]


def test_effect_of_ending_a_row_falls_back_to_the_next(scene: Scene) -> None:
    make_row(scene, "R1")
    row = make_row(scene, "R0", duty="照明", lead=scene.unit("D2"))
    case = make_case(scene, category_id=scene.category.pk)
    found = impact.directory_end_impact(
        row, TOMORROW, step=step(scene, directory_changes.version_tag_of(scene.category))
    )
    assert [(one.number, one.before, one.after) for one in found] == [(case.number, "单位D2", "单位D1")]


def test_unit_that_leads_open_cases_is_not_closed(scene: Scene) -> None:
    handling(scene)
    dispatched(scene)
    unit = scene.unit("D1")
    with pytest.raises(Invalid, match="还主办 2 件未办结的诉求"):
        closing_units.close_unit(unit.pk, TOMORROW, step=step(scene, unit_changes.version_tag_of(unit)))
    idle = scene.unit("D2")
    closing_units.close_unit(idle.pk, TOMORROW, step=step(scene, unit_changes.version_tag_of(idle)))
    idle.refresh_from_db()
    assert idle.closed_on == TOMORROW


def test_effect_of_a_calendar_counts_the_limits_that_become_certain(scene: Scene) -> None:
    certain, other = make_case(scene), make_case(scene)
    Case.objects.filter(pk=certain.pk).update(
        provisional=True, finish_due_at=datetime(2031, 1, 8, 16, tzinfo=UTC)
    )
    Case.objects.filter(pk=other.pk).update(
        provisional=True, finish_due_at=datetime(2032, 1, 8, 16, tzinfo=UTC)
    )
    found = impact.calendar_impact(NOTICE, step=step(scene, ""))
    assert isinstance(found, CalendarImpact)
    assert (found.announced.rows, found.announced.years, found.certain) == (5, [2031], 1)
    assert not CalendarYear.objects.filter(year=2031).exists()
    assert not ConfigChange.objects.exists()


def test_calendar_is_taken_over_and_written_into_the_log(scene: Scene) -> None:
    rule_changes.announce_calendar(NOTICE, step=step(scene, ""), name="2031.csv")
    assert CalendarYear.objects.get(year=2031).source == "2031.csv"
    assert ConfigChange.objects.get().key == "2031"
