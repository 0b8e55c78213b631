"""The documents keep up with the code: every state, action and setting is told, no path in them is gone."""

import re
from pathlib import Path

import pytest

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.cards.card_table import action_table
from jieban.cases.flow.states import CaseKind, State

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:jieban|tests|data|deploy|bench|docs)/[\w./-]+)`")
SETTING = re.compile(r"\"(JIEBAN_[A-Z_]+|DATABASE_URL)\"")


@pytest.mark.parametrize(
    "entry", [*State, *Action, *CaseKind], ids=lambda entry: f"{type(entry).__name__}.{entry}"
)
def test_the_glossary_has_every_state_action_and_kind(entry: State | Action | CaseKind) -> None:
    assert f"| {entry.label} | `{entry.value}` |" in GLOSSARY


def test_the_table_of_actions_is_what_the_cards_say() -> None:
    written = (ROOT / "docs" / "actions.md").read_text()
    assert written == action_table(CARDS.values()), "write it anew: python -m jieban action-table"


def test_operations_tells_every_setting() -> None:
    sources = [path.read_text() for path in (ROOT / "jieban").rglob("*.py")]
    used = {name for source in sources for name in SETTING.findall(source)}
    assert {name for name in used if f"`{name}`" not in OPERATIONS} == set()


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_no_path_in_a_document_is_gone(document: Path) -> None:
    text = document.read_text()
    links = [link for link in LINK.findall(text) if "://" not in link]
    gone = [link for link in links if not (document.parent / link).exists()]
    gone += [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    assert gone == []


def test_every_decision_says_whether_it_holds() -> None:
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        assert re.match(r"\d{4}-", path.name), path.name
        for part in ("**Status:**", "**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in path.read_text(), f"{path.name} has no {part}"
