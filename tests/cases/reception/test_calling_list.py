"""The calling list: who is left alone for now and why; a case is on one telephone only."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.errors import Invalid, WrongState
from jieban.cases import actions
from jieban.cases.history.case_ledger import CASES
from jieban.cases.models import CallLease, Case, VisitBack
from jieban.cases.reception import calling_list
from jieban.registry.ledger import verification
from jieban.registry.ledger.canonical import canonical_columns
from jieban.registry.roles import Role
from tests.cases.scene import AT, Scene, make_actor, make_scene, reported

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def unanswered(scene: Scene, case: Case, *hours: float) -> None:
    for later in hours:
        actions.visit_back(case.pk, actor=scene.actor("caller"), at=AT + later * HOUR, reached=False)


def whys(scene: Scene, hours: float) -> list[str]:
    found = calling_list.calling_list(scene.actor("caller"), AT + hours * HOUR)
    return [offer.why for offer in [*found.now, *found.later]]


def test_not_again_within_two_hours_nor_at_the_same_hour_of_day(scene: Scene) -> None:
    case = reported(scene)
    unanswered(scene, case, 0)  # 10:00
    assert whys(scene, 1.9) == ["刚才无人接听"]
    assert whys(scene, 5) == [""]  # 15:00
    assert whys(scene, 24.5) == ["这个钟点打过，无人接听"]  # 10:30 the next day
    assert whys(scene, 25) == [""]
    offer = calling_list.calling_list(scene.actor("caller"), AT + 24.5 * HOUR).later[0]
    assert (offer.number, offer.last_at, offer.from_at) == (2, AT, AT + 25 * HOUR)


def test_calls_of_an_earlier_round_do_not_count(scene: Scene) -> None:
    case = reported(scene)
    unanswered(scene, case, 0)
    actions.send_back(case.pk, actor=scene.actor("supervisor"), at=AT + HOUR, reason="照片看不清")
    actions.report_result(case.pk, actor=scene.actor("department"), at=AT + HOUR, text="已重新处理")
    assert whys(scene, 1.1) == [""]


def test_a_wish_is_kept(scene: Scene) -> None:
    reported(scene, preferred_contact="晚上7点后")
    offer = calling_list.calling_list(scene.actor("caller"), AT).later[0]
    assert (offer.why, offer.from_at) == ("诉求人希望：晚上7点后", AT + 9 * HOUR)
    assert whys(scene, 9) == [""]
    late = AT + 11 * HOUR  # 21:00: after the district's hours, within those asked for
    taken = calling_list.take_next_case(scene.actor("caller"), late)
    assert taken is not None


def test_the_second_caller_gets_the_next_case(scene: Scene) -> None:
    first, second = reported(scene), reported(scene, at=AT + MINUTE)
    one, two = scene.actor("caller"), make_actor(scene, "caller2", Role.CALLER, "HOT")
    at = AT + HOUR
    assert calling_list.take_next_case(one, at) == first
    assert calling_list.take_next_case(two, at) == second
    with pytest.raises(WrongState, match="人员caller正在打这一件"):
        calling_list.take_case(first, two, at)
    assert calling_list.take_next_case(make_actor(scene, "caller3", Role.CALLER, "HOT"), at) is None
    # After a quarter of an hour what was not recorded is free again.
    calling_list.take_case(first, two, at + 15 * MINUTE)
    assert calling_list.holds_lease(first, two) and not calling_list.holds_lease(first, one)


def test_who_takes_another_case_lets_go_of_the_first(scene: Scene) -> None:
    first, second = reported(scene), reported(scene, at=AT + MINUTE)
    one, two = scene.actor("caller"), make_actor(scene, "caller2", Role.CALLER, "HOT")
    calling_list.take_case(first, one, AT + HOUR)
    calling_list.take_case(second, one, AT + HOUR)
    calling_list.take_case(first, two, AT + HOUR)
    assert dict(CallLease.objects.values_list("case", "person")) == {
        second.pk: one.person_id, first.pk: two.person_id,
    }  # fmt: skip


def test_outside_of_the_hours_a_reason_is_asked_for(scene: Scene) -> None:
    case = reported(scene)
    night = AT + 12 * HOUR  # 22:00
    caller = scene.actor("caller")
    assert calling_list.take_next_case(caller, night) is None
    with pytest.raises(Invalid):
        calling_list.take_case(case, caller, night)
    calling_list.take_case(case, caller, night, reason="诉求人要求下班后回电")
    calling_list.take_case(case, caller, night + MINUTE)  # the page again, without the reason
    assert calling_list.off_hours_reason(case, caller) == "诉求人要求下班后回电"


def test_a_recording_is_kept_with_the_call_and_verifies(scene: Scene) -> None:
    case, old = reported(scene), reported(scene)
    caller = scene.actor("caller")
    actions.visit_back(old.pk, actor=caller, at=AT, reached=False)
    actions.visit_back(case.pk, actor=caller, at=AT, reached=False, recording=" R-20260302-017 ")
    row = VisitBack.objects.get(case=case)
    event = case.events.get(action="visit_back")
    assert row.recording == event.facts["recording"] == "R-20260302-017"
    assert VisitBack.objects.get(case=old).recording is None
    assert verification.verify_history().faults == []
    VisitBack.objects.filter(pk=row.pk).update(recording="R-2")
    assert [fault.entity for fault in verification.verify_history().faults] == [case.number]


def test_a_recording_that_is_too_long_is_refused(scene: Scene) -> None:
    with pytest.raises(Invalid, match="录音编号太长"):
        actions.visit_back(
            reported(scene).pk, actor=scene.actor("caller"), at=AT, reached=False, recording="1" * 61
        )


def test_the_digest_of_a_row_without_recording_is_what_it_was(scene: Scene) -> None:
    """Rows from before the column was there still verify."""
    case = reported(scene)
    actions.visit_back(case.pk, actor=scene.actor("caller"), at=AT, reached=False)
    row = VisitBack.objects.get()
    assert "recording" not in canonical_columns(row, CASES.later[VisitBack])


def test_the_list_asks_the_database_as_often_for_thirty_as_for_one(scene: Scene) -> None:
    counts = []
    for more in (1, 29):
        for _ in range(more):
            unanswered(scene, reported(scene), 0)
        with CaptureQueriesContext(connection) as asked:
            calling_list.calling_list(scene.actor("caller"), AT + 5 * HOUR)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_sixteen_callers_at_once_get_sixteen_cases() -> None:
    scene = make_scene()
    cases = [reported(scene, at=AT + number * MINUTE) for number in range(12)]
    callers = [make_actor(scene, f"c{number}", Role.CALLER, "HOT") for number in range(16)]
    barrier, got = Barrier(16), []

    def run(number: int) -> None:
        try:
            barrier.wait()
            got.append(calling_list.take_next_case(callers[number], AT + HOUR))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [case.pk for case in got if case is not None]
    assert sorted(taken) == sorted(case.pk for case in cases)
    assert got.count(None) == 4
