"""Generator of docs/actions.md, from the cards and the table of transitions. Pure."""

from collections.abc import Iterable

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import ActionCard
from jieban.cases.flow.transitions import RECEIVERS, transitions_of
from jieban.registry.roles import Role

HEAD = """# Actions

Written by `python -m jieban action-table` from the cards in `jieban/cases/flow/cards` and the table in
`jieban/cases/flow/transitions.py`; do not edit by hand. What each action means is in the [glossary](glossary.md).

A field in brackets may be left out. "Requester" and "company": whether the requester of the case finds the action
in its timeline, and whether the requester and a property company read what was written with it. "Messages": the
codes of the messages that the action may send.

| Chinese | Action | By | Asks for | Requester | Company | Messages |
|---|---|---|---|---|---|---|
"""


def action_table(cards: Iterable[ActionCard]) -> str:
    """The document, in Markdown."""
    return HEAD + "".join(f"| {' | '.join(_cells(card))} |\n" for card in cards)


def _cells(card: ActionCard) -> list[str]:
    roles = {role for move in transitions_of(card.action) for role in move.by}
    if card.action == Action.RECEIVE:
        roles = {role for by in RECEIVERS.values() for role in by}
    sees = "sees, reads" if card.requester_reads else "sees" if card.requester_sees else ""
    return [
        str(card.action.label),
        f"`{card.action.value}`",
        ", ".join(role.value for role in Role if role in roles),
        ", ".join(field.name if field.required else f"[{field.name}]" for field in card.fields),
        sees,
        "reads" if card.company_reads else "",
        ", ".join(card.notifies),
    ]
