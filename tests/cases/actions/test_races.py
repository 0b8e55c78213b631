"""Sixteen callers at once, half of them the one, half the other: as if they had come one after another.

Losers are told that the case moved on; nobody meets a deadlock or an error of the database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.flow.states import LED_STATES
from jieban.cases.history.case_ledger import CASES
from jieban.cases.lists import case_detail
from jieban.cases.models import Assignment, Case, CaseEvent
from jieban.registry.ledger.chain import NO_HASH, event_hash
from tests.cases.scene import (
    AT,
    Scene,
    closed,
    dispatched,
    handling,
    leader_of,
    make_case,
    make_scene,
    reported,
    visited,
    visited_back,
)

CALLERS = 16
ROUNDS = 3
LATER = AT + timedelta(days=9)
Call = Callable[[], object]
Make = Callable[[Scene], Case]
Act = Callable[[Scene, Case], object]
TOLD = (WrongState, Invalid, NotAllowed)
MATTERS = [Matter("楼道灯坏了"), Matter("井盖松动")]
ANSWERS = {"reached": True, "contacted": "yes", "solved": "yes", "satisfied": "yes"}


def at_once(calls: list[Call]) -> list[list[type]]:
    """Each call by its share of the callers; the kinds of answer that they got, NoneType for a success."""
    barrier = Barrier(CALLERS)
    answers: list[list[type]] = [[] for _ in calls]

    def run(number: int) -> None:
        which = number % len(calls)
        try:
            barrier.wait()
            calls[which]()
            answers[which].append(type(None))
        except Exception as error:
            answers[which].append(type(error))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def check_history(*cases: Case) -> None:
    """One serial order: gapless, each state where the last one ended, hashes as computed, one lead or none."""
    for case in Case.objects.filter(pk__in=[case.pk for case in cases]):
        head, state = NO_HASH, ""
        events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
        for seq, event in enumerate(events, 1):
            assert (event.seq, event.before) == (seq, state)
            assert bytes(event.hash) == event_hash(CASES, event, head)
            head, state = bytes(event.hash), event.after
        assert (bytes(case.last_hash), case.event_count, case.state) == (head, len(events), state)
        leads = Assignment.objects.filter(case=case, relation="lead", ended_at=None).count()
        assert leads == (1 if case.state in LED_STATES else 0)


def act(name: str, by: str, **values: Any) -> Act:
    """An action by a post of the scene; a value that is a function is asked for with the scene."""

    def call(scene: Scene, case: Case) -> object:
        given = {key: value(scene) if callable(value) else value for key, value in values.items()}
        at = given.pop("at", AT)
        return getattr(actions, name)(case.pk, actor=scene.actor(by), at=at, **given)

    return call


def unit(code: str) -> Callable[[Scene], int]:
    return lambda scene: scene.unit(code).pk


def disputed(scene: Scene) -> Case:
    case = handling(scene)
    return actions.dispute(
        case.pk, actor=leader_of(scene, "D1"), at=AT, reason="不属本单位职责", proposed_id=scene.unit("D2").pk
    )


def asked(scene: Scene) -> Case:
    case = visited(scene)
    return actions.request_extension(
        case.pk, actor=leader_of(scene, "D1"), at=AT, new_due_at=LATER, reason="等待配件"
    )


def helped(scene: Scene) -> Case:
    case = make_case(scene)
    units = {"lead_id": scene.unit("D1").pk, "co_handler_ids": [scene.unit("D2").pk]}
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, **units)  # type: ignore[arg-type]
    actions.sign(case.pk, actor=leader_of(scene, "D1"), at=AT)
    for kind in ("needs", "opinion"):
        actions.record_visit(
            case.pk, actor=leader_of(scene, "D1"), at=AT, kinds=[kind], way="phone", said="尽快"
        )
    return Case.objects.get(pk=case.pk)


def consult(scene: Scene) -> Case:
    return make_case(scene, nature="consult")


def own(scene: Scene) -> Case:
    return dispatched(scene, by="resident", channel="web")


def street_led(scene: Scene) -> Case:
    return handling(scene, lead="S")


def declined(scene: Scene) -> Case:
    case = make_case(scene)
    return DECLINE(scene, case)  # type: ignore[return-value]


SIGN = act("sign", "department")
DISPATCH_1 = act("dispatch", "dispatcher", lead_id=unit("D1"))
DISPATCH_2 = act("dispatch", "dispatcher", lead_id=unit("D2"))
DECLINE = act("decline", "dispatcher", reason="outside", told="请向有关部门反映")
SPLIT = act("split", "dispatcher", matters=MATTERS)
ANSWER = act("answer_now", "operator", text="工作日九点至五点办理")
HAND_OVER = act("hand_over", "operator", service="119", called_at=AT, said="已告知地址")
WITHDRAW = act("withdraw", "operator")
DISPUTE = act("dispute", "department", reason="不属本单位职责")
REPORT = act("report_result", "department", text="已修好")
EXTEND = act("request_extension", "department", new_due_at=LATER, reason="等待配件")
ACCOUNT = act(
    "put_on_account", "department", reason_code="plan", plan="列入计划", responsible="张三",
    review_on=(AT + timedelta(days=30)).date(),
)  # fmt: skip
GRANT, REFUSE = act("grant", "supervisor"), act("refuse", "supervisor", text="不同意")
CLOSE = act("close", "supervisor")
SEND_BACK = act("send_back", "supervisor", reason="没有解决")
VISIT_BACK = act("visit_back", "caller", **ANSWERS)
REOPEN = act("reopen", "supervisor", text="又坏了")
UPHOLD = act("settle", "dispatcher", outcome="uphold", text="属本单位职责")
REASSIGN = act("settle", "supervisor", outcome="reassign", text="改派", lead_id=unit("D2"))
CO_REPORT = act("co_report", "department2", text="已配合")
ARRIVE_DOWN = act("hand_down", "street", unit_id=unit("C"))
ERASE = act("erase", "admin", ground="保存期满")
NOTE = act("add_note", "supervisor", text="已电话了解")


@dataclass(frozen=True)
class Race:
    """What two kinds of callers do to a case at once, and how many of each may succeed."""

    name: str
    make: Make
    acts: tuple[Act, ...]
    may: frozenset[tuple[int, ...]]


def race(name: str, make: Make, *acts: Act, may: set[tuple[int, ...]]) -> Race:
    return Race(name, make, acts, frozenset(may))


ONE = {(1,)}
EITHER = {(1, 0), (0, 1)}
HALF = CALLERS // 2
RACES = [
    race("sign", dispatched, SIGN, may=ONE),
    race("sign or withdraw", dispatched, SIGN, WITHDRAW, may={(1, 1), (0, 1)}),
    race("sign or dispute", dispatched, SIGN, DISPUTE, may={(1, 1)}),
    race("sign or split", dispatched, SIGN, SPLIT, may=EITHER),
    race("dispatch to two", make_case, DISPATCH_1, DISPATCH_2, may=EITHER),
    race("dispatch or decline", make_case, DISPATCH_1, DECLINE, may=EITHER),
    race("dispatch or split", make_case, DISPATCH_1, SPLIT, may={(1, 0), (0, 1), (1, 1)}),
    race("dispatch or hand over", make_case, DISPATCH_1, HAND_OVER, may=EITHER),
    race("answer or dispatch", consult, ANSWER, DISPATCH_1, may=EITHER),
    race("withdraw by requester or operator", own, WITHDRAW, act("withdraw", "resident"), may=EITHER),
    race("dispute", handling, DISPUTE, may=ONE),
    race("uphold or reassign", disputed, UPHOLD, REASSIGN, may=EITHER),
    race("report or ask for time", visited, REPORT, EXTEND, may=EITHER),
    race("ask for time or for the account", visited, EXTEND, ACCOUNT, may=EITHER),
    race("grant or refuse", asked, GRANT, REFUSE, may=EITHER),
    race("grant or report", asked, GRANT, REPORT, may={(1, 0), (1, 1)}),
    race("co-report or report", helped, CO_REPORT, REPORT, may={(1, 0), (1, 1)}),
    race("hand down", street_led, ARRIVE_DOWN, may=ONE),
    race("close or send back", visited_back, CLOSE, SEND_BACK, may=EITHER),
    race("visit back or close", reported, VISIT_BACK, CLOSE, may={(1, 0), (1, 1)}),
    race("visit back or send back", reported, VISIT_BACK, SEND_BACK, may={(1, 1), (0, 1)}),
    race("reopen", closed, REOPEN, may=ONE),
    race("reopen or erase", closed, REOPEN, ERASE, may={(1, n) for n in range(HALF + 1)}),
    race(
        "reopen what was declined", declined, REOPEN, act("reopen", "operator", text="有新情况"), may=EITHER
    ),
    race("notes beside a report", visited, REPORT, NOTE, may={(1, HALF)}),
]


@pytest.fixture
def scene(transactional_db: None) -> Iterator[Scene]:
    yield make_scene()


@pytest.mark.parametrize("this", RACES, ids=lambda this: this.name)
def test_a_race_ends_as_if_one_had_come_after_the_other(scene: Scene, this: Race) -> None:
    for _round in range(ROUNDS):
        case = this.make(scene)
        calls: list[Call] = [lambda one=one, case=case: one(scene, case) for one in this.acts]  # type: ignore[misc]
        answers = at_once(calls)
        told = {kind for kinds in answers for kind in kinds} - {type(None)}
        assert told <= set(TOLD), told
        assert tuple(kinds.count(type(None)) for kinds in answers) in this.may
        check_history(case)


def winners(answers: list[list[type]]) -> tuple[int, ...]:
    told = {kind for kinds in answers for kind in kinds} - {type(None)}
    assert told <= set(TOLD), told
    return tuple(kinds.count(type(None)) for kinds in answers)


def merge(scene: Scene, case: Case, primary: Case) -> Call:
    return lambda: actions.merge(case.pk, actor=scene.actor("dispatcher"), at=AT, primary_id=primary.pk)


def test_two_cases_merged_into_each_other_end_with_one_primary(scene: Scene) -> None:
    for _round in range(ROUNDS):
        one, other = handling(scene), handling(scene)
        assert sum(winners(at_once([merge(scene, one, other), merge(scene, other, one)]))) == 1
        check_history(one, other)


def test_a_merge_and_the_withdrawal_of_its_primary_leave_nobody_behind(scene: Scene) -> None:
    for _round in range(ROUNDS):
        case, primary = handling(scene), handling(scene)
        withdraw: Call = lambda primary=primary: WITHDRAW(scene, primary)  # type: ignore[misc]  # noqa: E731
        merged, withdrawn = winners(at_once([merge(scene, case, primary), withdraw]))
        assert (merged in {0, 1}, withdrawn) == (True, 1)
        assert Case.objects.get(pk=case.pk).state == "handling"
        check_history(case, primary)


def test_an_unmerge_and_the_withdrawal_of_the_primary_set_the_case_free_once(scene: Scene) -> None:
    for _round in range(ROUNDS):
        case, primary = make_case(scene), handling(scene)
        merge(scene, case, primary)()
        unmerge: Call = lambda case=case: act("unmerge", "dispatcher")(scene, case)  # type: ignore[misc]  # noqa: E731
        withdraw: Call = lambda primary=primary: WITHDRAW(scene, primary)  # type: ignore[misc]  # noqa: E731
        winners(at_once([unmerge, withdraw]))
        assert Case.objects.get(pk=case.pk).state == "received"
        assert CaseEvent.objects.filter(case=case, action="unmerge").count() == 1
        check_history(case, primary)


def test_no_primary_is_closed_while_somebody_merged_waits(scene: Scene) -> None:
    for _round in range(ROUNDS):
        case, primary = handling(scene), visited_back(scene)
        close: Call = lambda primary=primary: CLOSE(scene, primary)  # type: ignore[misc]  # noqa: E731
        merged, ended = winners(at_once([merge(scene, case, primary), close]))
        assert (merged, ended) in {(1, 0), (0, 1)}
        check_history(case, primary)


def test_a_warning_is_given_once_however_many_look(scene: Scene) -> None:
    for _round in range(ROUNDS):
        case = handling(scene)
        given: list[int] = []
        at_once([lambda case=case, given=given: given.append(len(actions.warn(case.pk, at=LATER)))])  # type: ignore[misc]
        warned = CaseEvent.objects.filter(case=case, action="warn").count()
        assert sum(given) == warned == len(Case.objects.get(pk=case.pk).warned)
        check_history(case)


def test_pages_are_read_while_cases_move(scene: Scene) -> None:
    cases = [dispatched(scene) for _ in range(CALLERS)]

    def look() -> None:
        for case in cases:
            case_detail.get_case_detail(case.number, scene.actor("dispatcher"))

    signing = iter(cases)
    answers = at_once([lambda: SIGN(scene, next(signing)), look])
    assert winners(answers) == (HALF, HALF)
    check_history(*cases)
