"""Action cards: each action is declared once; forms, API bodies, timeline, rights and documents are derived. Pure."""

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
    """Indexes the cards by action. Raises RuntimeError for a missing, double or contradictory card."""
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


# Keys are actions; their values, as stored in events, are equal to them.
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
