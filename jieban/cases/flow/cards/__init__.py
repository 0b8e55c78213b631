"""Action cards: each action is declared once; forms, bodies, timeline, rights and documents follow. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import (
    dispatch_cards,
    ending_cards,
    extension_cards,
    handling_cards,
    intake_cards,
    publication_cards,
    supervision_cards,
    timer_cards,
)
from jieban.cases.flow.cards.card import ActionCard


def index_cards(cards: Iterable[ActionCard]) -> dict[str, ActionCard]:
    """The cards by action. Raises RuntimeError when an action has none or two, or one reads what it does not see."""
    found: dict[str, ActionCard] = {}
    for card in cards:
        if card.action in found:
            raise RuntimeError(f"{card.action} has two cards")
        if card.requester_reads and not card.requester_sees:
            raise RuntimeError(f"requesters read what was written with {card.action}, but do not see it")
        found[card.action] = card
    missing = [action.value for action in Action if action not in found]
    if missing:
        raise RuntimeError(f"actions without a card: {', '.join(missing)}")
    return found


# By the action, or by its value as an event has it.
CARDS: Final[Mapping[str, ActionCard]] = index_cards(
    (
        *intake_cards.CARDS,
        *dispatch_cards.CARDS,
        *handling_cards.CARDS,
        *extension_cards.CARDS,
        *ending_cards.CARDS,
        *supervision_cards.CARDS,
        *publication_cards.CARDS,
        *timer_cards.CARDS,
    )
)
