"""Each action that people take has one function, which takes what the action's card asks for."""

import inspect
from collections import Counter

import pytest

from jieban.cases.actions import action_functions
from jieban.cases.actions.course import supervise
from jieban.cases.actions.door.transition import CaseChange
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.cards.card import ActionCard
from jieban.cases.flow.transitions import may_ever, transitions_of
from jieban.cases.models import Case
from jieban.registry.identity.posts import SYSTEM
from jieban.registry.roles import EVERY_ROLE
from tests.cases.scene import AT

BY_PEOPLE = [do for do in Action if any(may_ever(do, role) for role in EVERY_ROLE)]


@pytest.mark.parametrize("do", BY_PEOPLE)
def test_the_function_takes_what_the_card_asks_for(do: Action) -> None:
    parameters = inspect.signature(action_functions.function_of(CARDS[do])).parameters.values()
    asked = {name for field in CARDS[do].fields for name in field.arguments}
    assert {one.name for one in parameters} == {"case_id", "actor", "at"} | asked
    may_be_left_out = {name for field in CARDS[do].fields if not field.required for name in field.arguments}
    for one in parameters:
        if one.name in may_be_left_out:
            assert one.default is not inspect.Parameter.empty, one.name


def test_no_two_modules_have_a_function_of_one_name() -> None:
    found = Counter(
        name
        for module in action_functions.modules()
        for name, _function in action_functions.public_functions(module)
    )
    names = {CARDS[do].function_name for do in BY_PEOPLE}
    assert {name: found[name] for name in names} == dict.fromkeys(names, 1)


def test_a_function_is_found_where_it_is_defined_and_nowhere_else() -> None:
    found = dict(action_functions.public_functions(supervise))
    assert found["add_note"] is supervise.add_note
    assert "transition" not in found and "_regrade" not in found and "Order" not in found


def test_a_card_finds_its_function_by_the_action_or_by_the_name_on_it() -> None:
    by_action = ActionCard(action=Action.ESCALATE)
    by_name = ActionCard(action=Action.ESCALATE, function="remind_once")
    assert action_functions.function_of(by_action) is supervise.escalate
    assert action_functions.function_of(by_name) is supervise.remind_once
    with pytest.raises(LookupError):
        action_functions.function_of(ActionCard(action=Action.ESCALATE, function="nobody_wrote_it"))


def test_a_message_that_the_card_does_not_name_is_refused() -> None:
    closing = CaseChange(Case(), Action.CLOSE, SYSTEM, AT, transitions_of(Action.CLOSE)[0])
    assert closing.message(messages.CLOSED) is messages.CLOSED
    with pytest.raises(RuntimeError, match="does not name"):
        closing.message(messages.DISPATCHED)
