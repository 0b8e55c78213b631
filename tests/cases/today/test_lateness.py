"""Why a case stands where it stands: each reason by hand, then from cases brought there by actions."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.errors import WrongState
from jieban.cases import actions
from jieban.cases.flow.enums import Relation
from jieban.cases.models import Case, Order
from jieban.cases.today.lateness import (
    CaseFacts,
    Lateness,
    LateReason,
    LateRow,
    OpenPart,
    Watch,
    counts,
    facts_of,
    reason_sentence,
    watched_cases,
    why_late,
)
from tests.cases.scene import (
    AT,
    Scene,
    dispatched,
    handling,
    leader_of,
    make_case,
    reported,
    visited,
)

HOUR = timedelta(hours=1)
LEAD = OpenPart(Relation.LEAD, 7, "城管委", AT, signed_at=AT + HOUR)
HELPER = OpenPart(Relation.CO_HANDLER, 8, "住建委", AT + HOUR)
CHILD = OpenPart(Relation.CHILD, 9, "社区", AT + 2 * HOUR)
WORKED = {"state": "handling", "received_at": AT, "started_at": AT + HOUR, "worked_at": AT + 3 * HOUR}
MET = WORKED | {"needs_met": True}


def facts(parts: tuple[OpenPart, ...] = (LEAD,), **values: object) -> CaseFacts:
    return CaseFacts(**{"state": "handling", "received_at": AT, "parts": parts, **values})  # type: ignore[arg-type]


CASES: list[tuple[CaseFacts, Lateness]] = [
    (CaseFacts("received", AT), Lateness(LateReason.NOT_DISPATCHED, AT)),
    (
        facts(disputed_at=AT + 2 * HOUR, pending_request=("extension", AT)),
        Lateness(LateReason.DISPUTED, AT + 2 * HOUR, 7, ("城管委",)),
    ),
    (
        facts((OpenPart(Relation.LEAD, 7, "城管委", AT),), state="dispatched"),
        Lateness(LateReason.NOT_SIGNED, AT, 7, ("城管委",)),
    ),
    (
        facts((LEAD, OpenPart(Relation.NEXT_LEAD, 8, "住建委", AT + 3 * HOUR)), **WORKED),
        Lateness(LateReason.NOT_SIGNED, AT + 3 * HOUR, 8, ("住建委",)),
    ),
    (
        facts(pending_request=("extension", AT + HOUR), **MET),
        Lateness(LateReason.EXTENSION, AT + HOUR, 7, ("城管委",)),
    ),
    (
        facts(pending_request=("account", AT + HOUR), **MET),
        Lateness(LateReason.ACCOUNT, AT + HOUR, 7, ("城管委",)),
    ),
    (facts(state="on_account"), Lateness(LateReason.REVIEW, None, 7, ("城管委",))),
    (facts(), Lateness(LateReason.NO_RECORD, AT + HOUR, 7, ("城管委",))),
    (
        facts(**MET | {"started_at": AT + 5 * HOUR}),  # sent back after the last record
        Lateness(LateReason.NO_RECORD, AT + 5 * HOUR, 7, ("城管委",)),
    ),
    (facts((LEAD, HELPER), **WORKED), Lateness(LateReason.NO_NEEDS, AT + HOUR, 7, ("城管委",))),
    (facts((LEAD, HELPER, CHILD), **MET), Lateness(LateReason.CO_HANDLERS, AT + HOUR, 8, ("住建委",))),
    (
        facts((LEAD, CHILD), called=((8, "住建委", AT + 4 * HOUR),), **MET),
        Lateness(LateReason.NOT_ARRIVED, AT + 4 * HOUR, 8, ("住建委",)),
    ),
    (facts((LEAD, CHILD), **MET), Lateness(LateReason.CHILD, AT + 2 * HOUR, 9, ("社区",))),
    (facts(**MET), Lateness(LateReason.HANDLING, AT + 3 * HOUR, 7, ("城管委",))),
    (
        facts(kind="patrol", has_requester=False, **WORKED),  # nobody to meet
        Lateness(LateReason.HANDLING, AT + 3 * HOUR, 7, ("城管委",)),
    ),
]


@pytest.mark.parametrize(("known", "why"), CASES)
def test_the_reason_is_the_first_thing_that_must_happen(known: CaseFacts, why: Lateness) -> None:
    assert why_late(known) == why


def test_every_reason_was_tried_and_has_words() -> None:
    assert {why.reason for _known, why in CASES} == set(LateReason)
    for _known, why in CASES:
        assert "%" not in reason_sentence(why, "昨天 10:12")


def reason(case: Case) -> str:
    light = LateRow(*Case.objects.values_list(*LateRow._fields).get(pk=case.pk))
    return why_late(facts_of([light])[case.pk]).reason


def test_a_case_passes_the_reasons_on_its_way(scene: Scene) -> None:
    case, lead = make_case(scene), leader_of(scene, "D1")
    assert reason(case) == LateReason.NOT_DISPATCHED
    units = {"lead_id": scene.unit("D1").pk, "co_handler_ids": [scene.unit("D2").pk]}
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, **units)  # type: ignore[arg-type]
    assert reason(case) == LateReason.NOT_SIGNED
    actions.sign(case.pk, actor=lead, at=AT)
    assert reason(case) == LateReason.NO_RECORD
    actions.add_note(case.pk, actor=scene.actor("supervisor"), at=AT, text="请抓紧")
    assert reason(case) == LateReason.NO_RECORD  # what others wrote is no work of the unit
    actions.add_note(case.pk, actor=lead, at=AT, text="已联系电工")
    assert reason(case) == LateReason.NO_NEEDS
    for kind in ("needs", "opinion"):
        actions.record_visit(case.pk, actor=lead, at=AT, kinds=[kind], way="phone", said="尽快")
    assert reason(case) == LateReason.CO_HANDLERS
    actions.co_report(case.pk, actor=leader_of(scene, "D2"), at=AT, text="已配合")
    assert reason(case) == LateReason.HANDLING
    actions.request_extension(case.pk, actor=lead, at=AT, new_due_at=AT + 99 * HOUR, reason="等配件")
    assert reason(case) == LateReason.EXTENSION
    actions.refuse(case.pk, actor=scene.actor("supervisor"), at=AT, text="尽快办")
    actions.report_result(case.pk, actor=lead, at=AT, text="已修好")
    actions.send_back(case.pk, actor=scene.actor("supervisor"), at=AT + HOUR, reason="照片不清")
    assert reason(case) == LateReason.NO_RECORD


def test_a_dispute_waits_for_its_settlement(scene: Scene) -> None:
    case = handling(scene)
    actions.dispute(case.pk, actor=leader_of(scene, "D1"), at=AT, reason="非本单位职责", proposed_id=None)
    assert reason(case) == LateReason.DISPUTED


def test_a_whistle_and_a_case_handed_down(scene: Scene) -> None:
    case, street = visited(scene, lead="S"), scene.actor("street")
    actions.hand_down(case.pk, actor=street, at=AT, unit_id=scene.unit("C").pk)
    assert reason(case) == LateReason.CHILD
    actions.whistle(
        case.pk,
        actor=street,
        at=AT,
        kind="joint",
        unit_ids=[scene.unit("D1").pk],
        place="楼下",
        meet_at=AT + HOUR,
    )
    assert reason(case) == LateReason.NOT_ARRIVED
    actions.arrive(case.pk, actor=leader_of(scene, "D1"), at=AT + HOUR, place="楼下")
    assert reason(case) == LateReason.CHILD


LATE = AT + timedelta(days=2)


def test_the_latest_stand_first_and_are_counted_by_reason_and_unit(scene: Scene) -> None:
    supervisor = scene.actor("supervisor")
    newest, oldest = make_case(scene, at=AT + HOUR), dispatched(scene, at=AT - timedelta(days=1))
    signed, other = handling(scene), handling(scene, lead="D2")
    make_case(scene, at=LATE)  # not late
    reported(scene)
    found = watched_cases(supervisor, Watch.OVERDUE, LATE)
    assert [row.case for row in found.rows] == [oldest, newest, signed, other]
    assert found.by_reason == [
        (LateReason.NOT_DISPATCHED, 1),
        (LateReason.NOT_SIGNED, 1),
        (LateReason.NO_RECORD, 2),
    ]
    assert {(name, count) for _pk, name, count in found.by_unit} == {("", 1), ("单位D1", 2), ("单位D2", 1)}
    d1 = scene.unit("D1").pk
    only = watched_cases(supervisor, Watch.OVERDUE, LATE, reason=LateReason.NO_RECORD, unit_id=d1)
    assert ([row.case for row in only.rows], only.total) == ([signed], 1)


def test_each_watch_holds_its_own(scene: Scene) -> None:
    supervisor, lead = scene.actor("supervisor"), leader_of(scene, "D1")
    make_case(scene)  # due at 24:00, 14 hours later
    asked = visited(scene, at=AT)
    actions.request_extension(asked.pk, actor=lead, at=AT, new_due_at=AT + 99 * HOUR, reason="等配件")
    shelved = visited(scene, at=AT)
    plan = {
        "reason_code": "plan",
        "plan": "明年改造",
        "responsible": "李明",
        "review_on": (AT + 48 * HOUR).date(),
    }
    actions.put_on_account(shelved.pk, actor=supervisor, at=AT, **plan)  # type: ignore[arg-type]
    unsolved = reported(scene)
    answers = {"reached": True, "contacted": "yes", "solved": "no", "satisfied": "no"}
    actions.visit_back(unsolved.pk, actor=scene.actor("caller"), at=AT, **answers)  # type: ignore[arg-type]
    Case.objects.filter(pk=asked.pk).update(reopened_count=2)
    assert counts(supervisor, AT + 11 * HOUR) == {
        Watch.OVERDUE: 0, Watch.SOON: 2, Watch.REQUESTS: 1, Watch.REVIEW: 0, Watch.REOPENED: 1, Watch.UNSOLVED: 1,
    }  # fmt: skip
    later = counts(supervisor, AT + 50 * HOUR)
    assert (later[Watch.OVERDUE], later[Watch.REVIEW]) == (2, 1)
    assert [row.why.reason for row in watched_cases(supervisor, Watch.REVIEW, AT + 50 * HOUR).rows] == [
        LateReason.REVIEW
    ]


def test_as_many_queries_for_thirty_as_for_one(scene: Scene) -> None:
    asked = []
    for more in (1, 29):
        for _ in range(more):
            handling(scene)
        with CaptureQueriesContext(connection) as queries:
            watched_cases(scene.actor("supervisor"), Watch.OVERDUE, LATE)
        asked.append(len(queries))
    assert asked[0] == asked[1] == 8


def test_a_case_is_reminded_once_of_two_presses(scene: Scene) -> None:
    case, supervisor = handling(scene), scene.actor("supervisor")
    actions.remind_once(case.pk, actor=supervisor, at=AT, text="请尽快办理")
    with pytest.raises(WrongState, match="10 分钟内已催办过"):
        actions.remind_once(case.pk, actor=supervisor, at=AT + timedelta(minutes=9), text="请尽快办理")
    actions.supervise_once(case.pk, actor=supervisor, at=AT, text="三日内反馈")
    actions.remind_once(case.pk, actor=supervisor, at=AT + timedelta(minutes=10), text="请尽快办理")
    assert sorted(Order.objects.values_list("kind", flat=True)) == ["remind", "remind", "supervise"]
