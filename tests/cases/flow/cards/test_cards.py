"""Each action is declared once: a card says how its event reads, and none may be missing."""

import pytest

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS, index_cards
from jieban.cases.flow.cards.card import ActionCard, EventFacts
from jieban.cases.flow.cards.card_fields import Text, UnitRef, UnitRefs
from jieban.cases.flow.cards.card_table import action_table
from jieban.cases.flow.enums import VisitWay

EVENT = EventFacts(
    {
        "unit": "S",
        "units": ["D1", "X9"],
        "way": "phone",
        "odd": "nonsense",
        "until": "2026-03-02T10:00:00+08:00",
    },
    {"S": "老山街道", "D1": "城管委"},
    "phone",
    lambda at: f"{at:%d日%H点}",
)


def test_a_sentence_has_the_words_for_what_an_event_holds() -> None:
    assert EVENT.unit("unit") == "老山街道" and EVENT.unit("none") == ""
    assert EVENT.units("units") == "城管委、X9"
    assert EVENT.label("way", VisitWay) == "电话" and EVENT.label("odd", VisitWay) == ""
    assert EVENT.due("until") == "02日10点"


def test_without_a_sentence_the_timeline_has_the_label() -> None:
    plain = ActionCard(action=Action.ADD_NOTE)
    worded = ActionCard(action=Action.ADD_NOTE, sentence=lambda event: f"请{event.unit('unit')}来看")
    assert plain.timeline_sentence(EVENT) == "备注"
    assert worded.timeline_sentence(EVENT) == "请老山街道来看"


def test_a_missing_a_double_and_a_contradictory_card_are_refused() -> None:
    cards = list(CARDS.values())
    with pytest.raises(RuntimeError, match=f"without a card: {cards[-1].action}"):
        index_cards(cards[:-1])
    with pytest.raises(RuntimeError, match="two cards"):
        index_cards([*cards, cards[0]])
    with pytest.raises(RuntimeError, match="do not see it"):
        index_cards([ActionCard(action=Action.WARN, requester_reads=True)])


def test_pages_offer_no_two_actions_at_one_place_or_key() -> None:
    offered = [card.page for card in CARDS.values() if card.page]
    orders, keys = [page.order for page in offered], [page.key for page in offered if page.key]
    assert len(set(orders)) == len(orders) and len(set(keys)) == len(keys)


def test_no_name_of_a_field_is_one_unit_here_and_several_there() -> None:
    fields = [field for card in CARDS.values() for field in card.fields]
    one = {field.name for field in fields if isinstance(field, UnitRef)}
    assert one.isdisjoint(field.name for field in fields if isinstance(field, UnitRefs))


def test_the_table_of_actions_tells_who_and_what() -> None:
    card = ActionCard(
        action=Action.SIGN,
        fields=(Text("text"), Text("note", required=False)),
        requester_sees=True,
        company_reads=True,
        notifies=("a", "b"),
    )
    last = action_table([card]).splitlines()[-1]
    assert last == "| 签收 | `sign` | street, department | text, [note] | sees | reads | a, b |"
