"""Every warning exactly once, and a cost that follows what is due."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from jieban.cases import actions
from jieban.cases.models import Case, CaseEvent
from jieban.cases.timers import sweep
from tests.cases.scene import AT, Scene, dispatched, handling, make_case, reported, visited


def warned(case: Case) -> list[str]:
    return [
        f"{event.facts['clock']}.{event.facts['level']}"
        for event in CaseEvent.objects.filter(case=case, action="warn").order_by("seq")
    ]


def test_every_warning_comes_once_in_its_time(scene: Scene) -> None:
    case = handling(scene, grade="complex")  # Monday 10:00: contact Tuesday 10:00, finish Saturday 24:00
    assert sweep.sweep(AT + timedelta(hours=11)) == 0
    assert sweep.sweep(AT + timedelta(hours=12)) == 1
    assert sweep.sweep(AT + timedelta(hours=12)) == 0
    sweep.sweep(AT + timedelta(days=30))
    assert warned(case) == [
        "contact.half", "contact.fifths", "contact.overdue", "finish.half", "finish.fifths", "finish.overdue",
        "visit_back.due",
    ]  # fmt: skip
    assert sweep.sweep(AT + timedelta(days=60)) == 0


def test_a_case_that_nobody_signed_is_visited_back_once_it_is_signed(scene: Scene) -> None:
    case = dispatched(scene)  # Monday 10:00: finish Monday 24:00
    late = AT + timedelta(days=2)
    sweep.sweep(late)
    assert Case.objects.get(pk=case.pk).visit_back_due_at is None

    actions.sign(case.pk, actor=scene.actor("department"), at=late)
    sweep.sweep(late)

    assert Case.objects.get(pk=case.pk).visit_back_due_at == case.finish_due_at


def test_a_contact_made_in_time_is_not_warned_of(scene: Scene) -> None:
    case = handling(scene, grade="complex")
    actions.record_visit(
        case.pk, actor=scene.actor("department"), at=AT, kinds=["needs"], way="phone", said="尽快"
    )
    sweep.sweep(AT + timedelta(hours=30))
    assert warned(case) == []


def test_an_extension_is_warned_of_anew(scene: Scene) -> None:
    case = handling(scene)
    due = case.finish_due_at
    assert due is not None
    sweep.sweep(due)
    actions.request_extension(
        case.pk, actor=scene.actor("department"), at=due, new_due_at=due + timedelta(days=2), reason="等材料"
    )
    actions.grant(case.pk, actor=scene.actor("supervisor"), at=due)
    before = warned(case).count("finish.overdue")
    sweep.sweep(due + timedelta(days=3))
    assert (before, warned(case).count("finish.overdue")) == (1, 2)


def test_review_of_a_case_on_account_escalates_when_late(scene: Scene) -> None:
    case = handling(scene)
    actions.put_on_account(
        case.pk, actor=scene.actor("supervisor"), at=AT, reason_code="plan", plan="明年改造", responsible="王主任",
        review_on=(AT + timedelta(days=10)).date(),
    )  # fmt: skip
    sweep.sweep(AT + timedelta(days=12))
    case.refresh_from_db()
    assert (warned(case), case.level) == (["review.due", "review.overdue"], 1)


def test_a_case_looked_at_too_early_is_put_back_to_its_time(scene: Scene) -> None:
    case = handling(scene, grade="complex")
    right = Case.objects.get(pk=case.pk).next_check_at
    Case.objects.filter(pk=case.pk).update(next_check_at=AT)
    assert sweep.sweep(AT + timedelta(minutes=1)) == 0
    assert Case.objects.get(pk=case.pk).next_check_at == right


def test_a_case_that_cannot_be_warned_of_holds_up_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, *others = (handling(scene, grade="complex") for _ in range(4))
    give = actions.warn

    def fails_once_in_four(case_id: int, *, at: datetime) -> object:
        if case_id == stuck.pk:
            raise RuntimeError("broken")
        return give(case_id, at=at)

    monkeypatch.setattr(actions, "warn", fails_once_in_four)
    with pytest.raises(ExceptionGroup) as told:
        sweep.sweep(AT + timedelta(hours=12), batch=2)
    assert told.value.exceptions[0].__notes__ == [f"case {stuck.pk}"]
    assert [warned(case) for case in (stuck, *others)] == [[], *[["contact.half"]] * 3]


DAY = timedelta(days=1)


def answered(scene: Scene, **answers: str) -> Case:
    case = reported(scene)
    given = {"contacted": "yes", "solved": "yes", "satisfied": "yes", **answers}
    return actions.visit_back(case.pk, actor=scene.actor("caller"), at=AT, reached=True, **given)  # type: ignore[arg-type]


def state_of(case: Case) -> str:
    return str(Case.objects.values_list("state", flat=True).get(pk=case.pk))


def test_a_case_closes_of_itself_a_day_after_the_visit_back(scene: Scene) -> None:
    case = answered(scene, satisfied="no")
    sweep.sweep(AT + DAY - timedelta(seconds=1))
    assert state_of(case) == "reported"
    sweep.sweep(AT + DAY)
    assert state_of(case) == "closed"
    last = CaseEvent.objects.filter(case=case).latest("seq")
    assert (last.action, last.role, last.person_id) == ("close", "system", None)


@pytest.mark.parametrize("solved", ["no", "partly"])
def test_a_case_not_solved_waits_for_a_person(scene: Scene, solved: str) -> None:
    case = answered(scene, solved=solved)
    sweep.sweep(AT + 9 * DAY)
    assert (state_of(case), warned(case)) == ("reported", ["auto_close.due"])


def test_a_case_with_others_merged_into_it_waits_until_they_are_asked(scene: Scene) -> None:
    case, other = visited(scene), make_case(scene)
    actions.merge(other.pk, actor=scene.actor("dispatcher"), at=AT, primary_id=case.pk)
    actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text="已更换灯具并通电")
    actions.visit_back(
        case.pk,
        actor=scene.actor("caller"),
        at=AT,
        reached=True,
        contacted="yes",
        solved="yes",
        satisfied="yes",
    )
    sweep.sweep(AT + DAY)
    assert state_of(case) == "reported"


def test_after_sending_back_the_day_begins_anew(scene: Scene) -> None:
    case = answered(scene)
    actions.send_back(case.pk, actor=scene.actor("supervisor"), at=AT + DAY / 2, reason="仍不亮")
    department = scene.actor("department")
    for kind in ("needs", "opinion"):
        actions.record_visit(
            case.pk, actor=department, at=AT + DAY / 2, kinds=[kind], way="in_person", said="尽快"
        )
    actions.report_result(case.pk, actor=department, at=AT + DAY / 2, text="已重新接线")
    actions.visit_back(
        case.pk, actor=scene.actor("caller"), at=AT + DAY / 2, reached=True, contacted="yes", solved="yes",
        satisfied="yes",
    )  # fmt: skip
    sweep.sweep(AT + DAY)
    assert state_of(case) == "reported"
    sweep.sweep(AT + 1.5 * DAY)
    assert state_of(case) == "closed"


def test_the_sweep_walks_the_partial_index(scene: Scene) -> None:
    make_case(scene)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT next_check_at, id FROM cases_case WHERE next_check_at <= now()"
            " ORDER BY next_check_at, id LIMIT 500"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "case_next_check" in plan
