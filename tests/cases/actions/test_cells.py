"""Every cell of (kind, state, action, role) through the public action: allowed, or refused for the right reason."""

import inspect
from datetime import timedelta

import pytest

from jieban.base.errors import NotAllowed, Refused
from jieban.cases import actions
from jieban.cases.actions import Concern
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import CaseKind, State
from jieban.registry.identity.posts import SYSTEM
from jieban.registry.roles import Role
from tests.cases.cells import (
    FIRST,
    LATER,
    OPEN,
    OTHERS,
    REACHABLE,
    ROWS,
    UNREACHABLE,
    VALUES,
    Stage,
    after,
    head,
    make_strangers,
    outcome,
    reach,
    undone,
    visit,
)
from tests.cases.scene import AT, Scene

# Only a timer does these; they take no actor at all.
TIMED = {
    Action.WARN: {"received", "dispatched", "handling", "on_account", "reported"},
    Action.RECOMPUTE_DUE: set(OPEN),
}
RECEIVERS = {
    "appeal": "resident operator system",
    "enterprise": "enterprise operator system",
    "patrol": "patrol community street operator system",
}


def try_all(stage: Stage, names: list[str]) -> list[str]:
    """The cells that do not come out as the book says."""
    wrong: list[str] = []
    for do in VALUES:
        states, first = FIRST.get(do, (set(), visit))
        with undone():
            if stage.state in states and (stage.kind != "patrol" or do != Action.VISIT_BACK):
                first(stage)
            before = head(stage)
            for name in names:
                expected = stage.expected(do.value, name)
                if expected in State.values:
                    with undone():
                        came = outcome(stage, do, name)
                else:
                    came = outcome(stage, do, name)
                if came != expected:
                    wrong.append(f"{do} by {name}: {came}, not {expected}")
            assert wrong or head(stage) == before
    return wrong


@pytest.mark.parametrize(("kind", "state"), REACHABLE)
def test_every_cell_comes_out_as_the_book_says(scene: Scene, kind: str, state: str) -> None:
    make_strangers(scene)
    with undone():
        names = [*Role.values, *OTHERS]
        assert try_all(reach(scene, kind, state, "street"), names) == []
    with undone():
        assert try_all(reach(scene, kind, state, "department"), ["street", "department"]) == []


@pytest.mark.parametrize(("kind", "state"), REACHABLE)
def test_timers_act_only_where_a_clock_runs(scene: Scene, kind: str, state: str) -> None:
    make_strangers(scene)
    stage = reach(scene, kind, state, "street")
    with undone():
        given = actions.warn(stage.pk, at=AT + timedelta(days=400))
        assert bool(given) == (state in TIMED[Action.WARN])
    with undone():
        if state in TIMED[Action.RECOMPUTE_DUE]:
            actions.recompute_due(stage.pk, at=LATER)
            assert after(stage, Action.RECOMPUTE_DUE, SYSTEM) == state
        else:
            with pytest.raises(Refused) as refusal:
                actions.recompute_due(stage.pk, at=LATER)
            assert refusal.value.code == "wrong_state"


@pytest.mark.parametrize("kind", CaseKind.values)
def test_only_its_receivers_bring_in_a_kind(scene: Scene, kind: str) -> None:
    scene.actors["system"] = SYSTEM
    concern = Concern(kind=kind, channel="web", text="楼道灯坏了")
    for role in Role.values:
        if role in RECEIVERS[kind].split():
            received = actions.receive(concern, actor=scene.actor(role), at=AT)
            assert (received.created, received.case.state) == (True, "received")
        else:
            with pytest.raises(NotAllowed):
                actions.receive(concern, actor=scene.actor(role), at=AT)


def test_the_cells_are_all_there_are() -> None:
    assert set(VALUES) | set(TIMED) | {Action.RECEIVE} == set(Action)
    assert {row.action for row in ROWS} == {do.value for do in VALUES}
    for do in TIMED:
        assert "actor" not in inspect.signature(getattr(actions, do.value)).parameters
    assert len(REACHABLE) == len(CaseKind) * len(State) - len(UNREACHABLE)


def test_no_move_leads_to_the_unreachable() -> None:
    for kind, state in UNREACHABLE:
        assert [row.action for row in ROWS if kind in row.kinds and row.to == state] == []
