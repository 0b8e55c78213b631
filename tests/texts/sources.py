"""The texts in the sources: which ones gettext looks up, and which Chinese ones it does not.

Python is read by its syntax tree, a template by its tags. Docstrings, comments and what only a sentence in an
exception for programmers says are no interface text.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "jieban"
# A comma or a bracket between two values is no text yet.
HAN = re.compile(r"[\u3400-\u9fff]")
# On an English page that punctuation does not stand either; the quotation marks “” are English too.
CHINESE = re.compile(r"[\u3001-\u301f\u3400-\u9fff\uff01-\uff5e]")
# The functions that look a text up; _ and the others are their usual names in the modules.
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop"}

STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
IN_TEMPLATE = re.compile(rf"\b(?:gettext|_)\({STRING}\)")
# What a template says through gettext, and what nobody reads.
TRANSLATED = re.compile(
    r"\{%-?\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}"
    r"|\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}"
    rf"|\{{%\s*trans(?:late)?\s+{STRING}.*?%\}}|\b_\({STRING}\)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A string of a module and the line on which it begins."""

    line: int
    text: str


def _is_gettext(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in GETTEXT


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


def _strings(root: ast.AST) -> Iterator[Text]:
    for node in ast.walk(root):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Text(node.lineno, node.value)


def looked_up(source: str) -> list[str]:
    """The texts that a module looks up, in its order."""
    calls = [node for node in ast.walk(ast.parse(source)) if _is_gettext(node)]
    calls.sort(key=lambda node: (node.lineno, node.col_offset))  # type: ignore[attr-defined]
    return [text.text for call in calls for text in _strings(call.args[0])]  # type: ignore[attr-defined]


def outside_gettext(source: str) -> list[Text]:
    """The Chinese strings of a module that it does not look up."""
    tree = ast.parse(source)
    left_out = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if _is_gettext(node):
            left_out |= {id(inner) for argument in node.args for inner in ast.walk(argument)}  # type: ignore[attr-defined]
    found = [
        Text(node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out
    ]
    return sorted((text for text in found if HAN.search(text.text)), key=lambda text: text.line)


def looked_up_in_template(source: str) -> list[str]:
    """The texts that a template looks up, in its order."""
    return [ast.literal_eval(found[1]) for found in IN_TEMPLATE.finditer(templatize(source))]


def outside_gettext_in_template(source: str) -> list[str]:
    """The lines of a template with Chinese that it does not look up."""
    left = TRANSLATED.sub(lambda found: "\n" * found[0].count("\n"), source)
    return [line.strip() for line in left.splitlines() if HAN.search(line)]


@cache
def modules() -> list[Path]:
    """The modules of the product; what migrations say is data of a day."""
    return sorted(path for path in PRODUCT.rglob("*.py") if "migrations" not in path.parts)


@cache
def templates() -> list[Path]:
    return sorted(PRODUCT.rglob("templates/**/*.html"))


@cache
def texts_of(path: Path) -> list[str]:
    """What a module or a template looks up."""
    source = path.read_text(encoding="utf-8")
    return looked_up(source) if path.suffix == ".py" else looked_up_in_template(source)
