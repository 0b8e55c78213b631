"""Lookup of an action's function by its card, for pages and API that have a form or a body."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import Any

from jieban.cases.actions.files.attach import act_with_files
from jieban.cases.flow.cards.card import ActionCard
from jieban.registry.identity.posts import Actor

PACKAGE = "jieban.cases.actions"


def perform(card: ActionCard, case_id: int, *, actor: Actor, at: datetime, **values: Any) -> None:
    """Calls an action's function with the values of its fields; its papers are attached in the same transaction."""
    function = function_of(card)
    if card.takes_papers:
        act_with_files(function, card.action, case_id, actor=actor, at=at, **values)
    else:
        function(case_id, actor=actor, at=at, **values)


def function_of(card: ActionCard) -> Callable[..., object]:
    """The public function named by the card. Raises LookupError when there is none."""
    found = _functions().get(card.function_name)
    if found is None:
        raise LookupError(f"no function does {card.action.value}")
    return found


@cache
def _functions() -> Mapping[str, Callable[..., object]]:
    """Public functions of all action modules, by their unique names."""
    return {name: value for module in modules() for name, value in public_functions(module)}


def modules() -> Iterator[ModuleType]:
    """Imports and yields all modules of actions."""
    package = importlib.import_module(PACKAGE)
    for found in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        yield importlib.import_module(found.name)


def public_functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., object]]]:
    """Public functions that the module defines itself."""
    for name, value in vars(module).items():
        own = getattr(value, "__module__", "") == module.__name__
        if own and callable(value) and not isinstance(value, type) and not name.startswith("_"):
            yield name, value
