"""The queues of the desks: what is in each, what comes first, and that each takes one query."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.cases import actions
from jieban.cases.lists.queues import QUEUES_BY_ROLE, Queue, counts, queue_cases
from jieban.registry.roles import Role
from tests.cases.scene import AT, Scene, dispatched, handling, make_case, reported, visited_back

HOUR = timedelta(hours=1)


def numbers(scene: Scene, name: str, queue: Queue, at: object = AT) -> list[str]:
    return [case.number for case in queue_cases(scene.actor(name), queue, at)]  # type: ignore[arg-type]


def test_danger_comes_first_then_whoever_waits_longest(scene: Scene) -> None:
    late, early = make_case(scene, at=AT + HOUR), make_case(scene)
    urgent, danger = (
        make_case(scene, urgency="urgent", at=AT + HOUR),
        make_case(scene, urgency="life", at=AT + HOUR),
    )
    handling(scene)
    assert numbers(scene, "dispatcher", Queue.DISPATCH) == [
        danger.number, urgent.number, early.number, late.number,
    ]  # fmt: skip


def test_a_unit_finds_what_it_must_sign_handle_answer_and_come_to(scene: Scene) -> None:
    to_sign, in_hand = dispatched(scene, lead="D1"), handling(scene, lead="D1")
    handling(scene, lead="D2")
    shared = make_case(scene)
    actions.dispatch(
        shared.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D2").pk,
        co_handler_ids=[scene.unit("D1").pk],
    )  # fmt: skip
    assert numbers(scene, "department", Queue.SHARES) == []  # nobody has signed yet
    actions.sign(shared.pk, actor=scene.actor("department2"), at=AT)
    called = handling(scene, lead="S")
    actions.whistle(
        called.pk, actor=scene.actor("street"), at=AT, kind="joint", unit_ids=[scene.unit("D1").pk],
        place="路口", meet_at=AT + HOUR,
    )  # fmt: skip
    found = {queue: numbers(scene, "department", queue) for queue in QUEUES_BY_ROLE[Role.DEPARTMENT]}
    assert found == {
        Queue.SIGN: [to_sign.number],
        Queue.HANDLE: [in_hand.number],
        Queue.SHARES: [shared.number],
        Queue.WHISTLES: [called.number],
    }
    actions.arrive(called.pk, actor=scene.actor("department"), at=AT + HOUR, place="路口")
    assert numbers(scene, "department", Queue.WHISTLES) == []


def test_the_supervisor_finds_what_only_a_supervisor_moves(scene: Scene) -> None:
    asked = handling(scene)
    actions.request_extension(
        asked.pk, actor=scene.actor("department"), at=AT, new_due_at=AT + timedelta(days=4), reason="等待配件"
    )
    disputed = dispatched(scene)
    actions.dispute(disputed.pk, actor=scene.actor("department"), at=AT, reason="不属本单位")
    done = visited_back(scene)
    reported(scene)
    late = handling(scene)
    found = {queue: numbers(scene, "supervisor", queue) for queue in QUEUES_BY_ROLE[Role.SUPERVISOR]}
    assert found[Queue.REQUESTS] == [asked.number]
    assert found[Queue.DISPUTES] == [disputed.number] == numbers(scene, "dispatcher", Queue.DISPUTES)
    assert found[Queue.CLOSE] == [done.number]
    assert found[Queue.OVERDUE] == []
    assert late.number in numbers(scene, "supervisor", Queue.OVERDUE, AT + timedelta(days=30))


def test_a_desk_has_only_its_own_queues(scene: Scene) -> None:
    with pytest.raises(KeyError):
        queue_cases(scene.actor("department"), Queue.CLOSE, AT)
    assert counts(scene.actor("resident"), AT) == {}


@pytest.mark.parametrize("name", ["dispatcher", "supervisor", "department", "street", "property"])
def test_queues_take_a_query_each(scene: Scene, name: str) -> None:
    for _ in range(3):
        handling(scene)
        make_case(scene)
    actor = scene.actor(name)
    for queue in QUEUES_BY_ROLE[actor.role]:
        with CaptureQueriesContext(connection) as caught:
            rows = queue_cases(actor, queue, AT)
            [row.street and row.lead and row.category for row in rows]
        assert len(caught) == 1
    with CaptureQueriesContext(connection) as caught:
        found = counts(actor, AT)
    assert len(caught) == len(found) == len(QUEUES_BY_ROLE[actor.role])
    assert found == {queue: len(queue_cases(actor, queue, AT)) for queue in found}
