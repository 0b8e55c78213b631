"""Documents, docstrings and comments keep up with the code: settings are told, paths and exceptions exist."""

import ast
import builtins
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
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
PATH = re.compile(r"\b(?:[\w-]+/)+[\w.-]+\.(?:py|md)\b")
DOTTED = re.compile(r"\bjieban(?:\.\w+)+")
RAISES = re.compile(r"\bRaises (.+?)(?:\.(?:\s|$)|$)", re.DOTALL)
CLAUSE = re.compile(r"(?:[,;]\s+|\s+)(?:and|or)\s+|[,;]\s+")
EXCEPTION = re.compile(r"(?:an? )?([A-Z]\w*)")
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


def prose_of(source: str) -> Iterator[str]:
    """The docstrings and comments of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


@cache
def top_level_names(path: Path) -> set[str]:
    """Names that a module defines or imports."""
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        else:
            names |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names


def is_there(dotted: str) -> bool:
    """Whether a dotted path is a module of ours, or a name in one."""
    *parents, last = dotted.split(".")
    for parts, name in (([*parents, last], ""), (parents, last)):
        base = ROOT.joinpath(*parts)
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file() and (not name or name in top_level_names(path)):
                return True
    return False


@cache
def exceptions() -> set[str]:
    """The exception classes of Python and of the product, by their bases."""
    known = {name for name, value in vars(builtins).items() if isinstance(value, type)}
    known = {name for name in known if issubclass(getattr(builtins, name), BaseException)}
    bases: dict[str, set[str]] = {}
    for path in (ROOT / "jieban").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {ast.unparse(base).split(".")[-1] for base in node.bases}
    while more := {name for name, of in bases.items() if of & known} - known:
        known |= more
    return known


def names_from_elsewhere(tree: ast.Module) -> set[str]:
    """Names that a module imports from other projects, and their attributes that it uses."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("jieban"):
            names |= {alias.asname or alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            names.add(node.attr)
    return names


def stale_in(source: str) -> Iterator[str]:
    """Paths, modules and exceptions that the prose of a module names and that do not exist."""
    foreign = names_from_elsewhere(ast.parse(source))
    for text in prose_of(source):
        yield from (path for path in PATH.findall(text) if not (ROOT / path).exists())
        yield from (name for name in DOTTED.findall(text) if not is_there(name))
        for sentence in RAISES.findall(text):
            first_words = (EXCEPTION.match(clause) for clause in CLAUSE.split(sentence))
            raised = {found[1] for found in first_words if found}
            yield from sorted(raised - exceptions() - foreign)


def test_prose_in_the_code_names_what_exists() -> None:
    stale = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in sorted((ROOT / "jieban").rglob("*.py"))
        for what in stale_in(path.read_text())
    ]
    assert stale == []


@pytest.mark.parametrize(
    ("prose", "stale"),
    [
        ("see jieban/base/clock.py and docs/sql.md", []),
        ("see base/clock.py", ["base/clock.py"]),
        ("as jieban.base.clock.now and jieban.cases.actions do", []),
        ("as jieban.base.clock.later and jieban.cases.step do", ["jieban.base.clock.later", "jieban.cases.step"]),
        ("Raises NotAllowed (403), Invalid; a ValueError or Failure.", []),
        ("Raises Missing when it is gone, Invalid,\n    or Later. Prose goes on.", ["Later", "Missing"]),
        ("Raises Case for a class that is no exception", ["Case"]),
    ],
)  # fmt: skip
def test_stale_prose_is_found(prose: str, stale: list[str]) -> None:
    assert list(stale_in(f'def f():\n    """{prose}"""\n')) == stale
    comment = " ".join(prose.split())
    assert list(stale_in(f"x = 1  # {comment}\n")) == stale
