"""Pages and the door agree: in every cell, what a page offers the door takes, and what the door takes a page offers.

Asked of whoever may see the case; who may not has no page of it, and tests/web/test_matrix.py refuses them. What the
door answers to a whole action tests/cases/actions/test_cells.py tries; here it is entered and left at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.urls import resolve, reverse

from jieban.api.v1.body_builder import BODIES
from jieban.base.errors import NotFound, Refused
from jieban.cases import actions
from jieban.cases.access import offers, rules
from jieban.cases.actions.door.transition import transition
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import State
from jieban.cases.flow.transitions import RECEIVING_ROLES, transition_for, transitions_of
from jieban.cases.lists.case_detail import get_case_detail
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import EVERY_ROLE, Role
from jieban.web.case.action_entries import PAGE_ACTIONS
from jieban.web.page.access import roles_of
from jieban.web.public.following_views import REQUESTER_ACTIONS
from tests.cases.cells import (
    LATER,
    OTHERS,
    REACHABLE,
    SHOWABLE,
    SHOWN,
    Stage,
    asks_for_time,
    make_strangers,
    reach,
    report_primary,
    undone,
    visit_back,
    whistle,
)
from tests.cases.scene import AT, Scene, handling, leader_of, make_case

REQUESTERS = frozenset({Role.RESIDENT, Role.ENTERPRISE})


@dataclass(frozen=True)
class Situation:
    """What has happened to a case within its state, and when somebody looks at it."""

    name: str
    states: frozenset[str]
    prepare: Callable[[Stage], None] = lambda stage: None
    at: datetime = LATER


def dispute(stage: Stage) -> None:
    stage.do("dispute", stage.lead, reason="不属本单位职责")


def reassign(stage: Stage) -> None:
    """The first unit leads until the new one signs."""
    dispute(stage)
    stage.do("settle", "dispatcher", outcome="reassign", text="改派", lead_id=stage.id_of("D2"))


def arrive(stage: Stage) -> None:
    if stage.lead == "street":
        whistle(stage)
        stage.do("arrive", "department", place="12号楼前")


WORK = frozenset({"dispatched", "handling"})
SITUATIONS = (
    Situation("as it is", frozenset(State.values)),
    Situation("whistled", frozenset({"handling"}), whistle),
    Situation("arrived", frozenset({"handling"}), arrive),
    Situation("disputed", WORK, dispute),
    Situation("reassigned", WORK, reassign),
    Situation("asks for time", frozenset({"handling"}), asks_for_time),
    Situation("answered", frozenset({"handling"}), lambda s: s.do("co_report", s.helper, text="已配合")),
    Situation("late", frozenset({"handling"}), at=AT + timedelta(days=10)),
    Situation("public", frozenset(SHOWABLE), lambda s: s.do("publish", "dispatcher", **SHOWN)),
    Situation("looked at", frozenset({"reported"}), visit_back),
    Situation("primary reported", frozenset({"merged"}), report_primary),
)
# What the door takes and the page of a case does not offer, and who offers it instead; each is looked for below.
ELSEWHERE: dict[Action, Callable[[Case, Actor], bool]] = {
    Action.SUPPORT: lambda case, actor: True,  # the public page of the case
    Action.MERGE: lambda case, actor: actor.role == Role.OPERATOR,  # the page of the call
    Action.CHECK: lambda case, actor: case.visited_back_at is not None,  # a second look: the API
}
NAMES = [*sorted(EVERY_ROLE), "department2", *OTHERS]


class Left(Exception):
    """The door was entered; nothing was done."""


def door_takes(case: Case, do: Action, actor: Actor, at: datetime) -> bool:
    if transition_for(do, actor.role, case.kind, case.state) is None:  # type: ignore[arg-type]
        return False
    try:
        with undone(), transition(case.pk, do, actor=actor, at=at):
            raise Left
    except Left:
        return True
    except Refused:
        return False


def differences(pk: int, scene: Scene, names: list[str], at: datetime) -> list[str]:
    """Where the page says something else than the door."""
    number = Case.objects.get(pk=pk).number
    wrong = []
    for name in names:
        actor = scene.actor(name)
        try:
            case = get_case_detail(number, actor)
        except NotFound:
            continue
        offered = offers.offered_actions(case, actor, at)
        for do in Action:
            takes = door_takes(case, do, actor, at)
            if do in offered and not takes:
                wrong.append(f"{name} is offered {do}, which the door refuses")
            if takes and do not in offered and not (do in ELSEWHERE and ELSEWHERE[do](case, actor)):
                wrong.append(f"{name} may {do}, which no page offers")
    return wrong


def differences_of(stage: Stage, names: list[str]) -> list[str]:
    found = []
    for situation in SITUATIONS:
        if stage.state in situation.states:
            with undone():
                situation.prepare(stage)
                wrong = differences(stage.pk, stage.scene, names, situation.at)
            found += [f"{situation.name}, led by {stage.lead}: {what}" for what in wrong]
    return found


@pytest.mark.parametrize(("kind", "state"), REACHABLE)
def test_a_page_offers_what_the_door_takes(scene: Scene, kind: str, state: str) -> None:
    """The case lies in the street's area, so that its centre sees it also where the street has no part in it."""
    make_strangers(scene)
    place = scene.unit("S").place
    assert place is not None
    with undone():
        assert differences_of(reach(scene, kind, state, "street", place_id=place.pk), NAMES) == []
    if state in {"dispatched", "handling", "reported"}:
        with undone():
            stage = reach(scene, kind, state, "department", place_id=place.pk)
            assert differences_of(stage, ["street", "department"]) == []


def test_who_takes_a_call_down_joins_it_on_the_page_of_the_call(scene: Scene) -> None:
    make_strangers(scene)
    case, operator = make_case(scene), scene.actor("operator")
    later = AT + timedelta(minutes=31)
    assert door_takes(case, Action.MERGE, operator, LATER - timedelta(minutes=30))
    assert not door_takes(case, Action.MERGE, operator, later)
    assert differences(case.pk, scene, NAMES, AT) == differences(case.pk, scene, NAMES, later) == []


def test_a_street_is_not_offered_what_lies_in_its_area_only(scene: Scene) -> None:
    make_strangers(scene)
    place = scene.unit("S").place
    assert place is not None
    case, street = handling(scene, place_id=place.pk), scene.actor("street")
    found = get_case_detail(case.number, street)
    assert offers.offered_actions(found, street, AT) == []
    assert differences(case.pk, scene, NAMES, AT) == []


def test_who_is_complained_about_is_offered_nothing(scene: Scene) -> None:
    make_strangers(scene)
    case = handling(scene, complained_about_id=scene.unit("LEAD").pk)
    for name in ("supervisor", "leader"):
        found = get_case_detail(case.number, scene.actor(name))
        assert offers.offered_actions(found, scene.actor(name), AT) == []
    assert differences(case.pk, scene, NAMES, AT) == []


def test_who_found_or_handled_it_is_not_offered_the_check(scene: Scene) -> None:
    place = scene.unit("S").place
    assert place is not None
    case = make_case(scene, by="patrol", kind="patrol", channel="patrol", place_id=place.pk)
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk)
    actions.sign(case.pk, actor=leader_of(scene, "D1"), at=AT)
    actions.report_result(case.pk, actor=leader_of(scene, "D1"), at=AT, text="已清理")
    offering = {
        name
        for name in ("street", "patrol", "supervisor")
        if Action.CHECK
        in offers.offered_actions(get_case_detail(case.number, scene.actor(name)), scene.actor(name), AT)
    }
    assert offering == {"street", "supervisor"}


# --- each action has its page


def roles_at(name: str, *arguments: object) -> frozenset[Role]:
    return roles_of(resolve(reverse(name, args=arguments)).func)


def test_each_action_has_a_page_of_whoever_may_do_it(scene: Scene) -> None:
    links = {entry.do for entry in REQUESTER_ACTIONS.values()} | {
        Action.ATTACH
    }  # photographs with a supplement
    for do in set(Action) - {Action.RECEIVE}:
        roles = frozenset[Role]().union(*(move.by for move in transitions_of(do))) - {Role.SYSTEM}
        if roles & REQUESTERS and do != Action.SUPPORT:
            assert do in links
        if roles - REQUESTERS:
            assert do in PAGE_ACTIONS or (
                do == Action.VISIT_BACK and Role.CALLER in roles_at("visit-back", "a")
            )


def test_what_the_page_of_a_case_does_not_offer_is_elsewhere() -> None:
    assert resolve(reverse("public-support", args=[1]))
    assert Role.OPERATOR in roles_at("case-new")
    assert Action.CHECK in BODIES
    assert roles_at("case-new") >= RECEIVING_ROLES - REQUESTERS
    assert resolve(reverse("public-new"))


def test_only_the_clock_does_what_no_page_offers() -> None:
    timed = {do for do in Action if all(move.by == {Role.SYSTEM} for move in transitions_of(do))}
    assert timed == {Action.RECEIVE, Action.WARN, Action.RECOMPUTE_DUE}  # the first is no move of a case
    assert transitions_of(Action.RECEIVE) == ()


def test_who_may_erase_sees_no_case_yet(scene: Scene) -> None:
    """So nobody is offered it by a page; the day an administrator sees one, the cells above hold it."""
    make_case(scene)
    assert not rules.visible(Case.objects.all(), scene.actor("admin")).exists()
