"""The catalogue of the English texts fits the sources, and what is compiled fits the catalogue."""

import re

import pytest
from babel.messages.catalog import Message

from tests.texts import catalog
from tests.texts.sources import CHINESE

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]")
ENTRIES = [message for message in catalog.catalog() if message.id]


def test_the_catalog_holds_what_the_sources_look_up_and_no_more() -> None:
    kept = catalog.catalog()
    assert catalog.po_bytes(catalog.updated(kept)) == catalog.PO.read_bytes(), "run: make messages"


def test_the_compiled_catalog_is_that_of_the_written_one() -> None:
    assert catalog.mo_bytes(catalog.catalog()) == catalog.MO.read_bytes(), "run: make messages"


def test_every_text_has_english() -> None:
    assert [
        message.id for message in ENTRIES if not message.string or CHINESE.search(str(message.string))
    ] == []


def placeholders_differ(message: Message) -> bool:
    """Whether the English names other values; those without a name must also stand in the same order."""
    chinese, english = (PLACEHOLDER.findall(str(text)) for text in (message.id, message.string))
    named = all("(" in found for found in chinese)
    return set(chinese) != set(english) if named else chinese != english


def test_english_has_the_placeholders_of_the_chinese() -> None:
    assert [message.id for message in ENTRIES if placeholders_differ(message)] == []


def test_english_can_stand_in_an_attribute_and_in_any_font() -> None:
    """What a template looks up isn't escaped, and fonts for Chinese draw “ and ” two columns wide."""
    assert [message.id for message in ENTRIES if set(str(message.string)) & set('<>&"“”')] == []


@pytest.mark.parametrize(
    ("chinese", "english"),
    [("%(a)s 前", "by %(b)s"), ("%d 天", "%s days"), ("%s第%d步", "step %d of %s"), ("共 %d 步", "steps")],
)
def test_other_placeholders_are_found(chinese: str, english: str) -> None:
    assert placeholders_differ(Message(chinese, english))
