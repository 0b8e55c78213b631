"""Words that were sought, marked where they stand."""

import re
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from jieban.base.words import PIECE, query_tokens

BEFORE, AROUND = 16, 70  # characters of a snippet before its first hit, and in all


def hits(text: str, sought: str) -> list[tuple[int, int]]:
    """Where the words of a search stand in a text, from and to, without overlap; by the same pieces as the search."""
    found: list[tuple[int, int]] = []
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that becomes two when lowered would shift what follows
        lowered = text
    for token in query_tokens(sought):
        piece, ascii_beginning = token.rstrip("*"), token.isascii()
        at = lowered.find(piece)
        while at >= 0:
            if not ascii_beginning or not _inside_word(lowered, at):
                found.append((at, at + len(piece)))
            at = lowered.find(piece, at + 1)
    return _joined(found)


def _inside_word(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isascii() and text[at - 1].isalnum()


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def marked(text: str, sought: str) -> SafeString:
    """The text as HTML with the sought words in <mark>."""
    return _html(text, hits(text, sought))


def marked_words(text: str, words: Iterable[str]) -> SafeString:
    """The text as HTML with these very words in <mark>, wherever they stand."""
    return _html(
        text, _joined([match.span() for word in words for match in re.finditer(re.escape(word), text)])
    )


def _html(text: str, spans: list[tuple[int, int]]) -> SafeString:
    parts, at = [], 0
    for start, end in spans:
        parts += [escape(text[at:start]), format_html("<mark>{}</mark>", text[start:end])]
        at = end
    return mark_safe("".join([*parts, escape(text[at:])]))  # noqa: S308 - each part is escaped


def snippet(text: str, sought: str) -> str:
    """The part of a long text around its first hit; empty when nothing of the search stands in it."""
    flat = " ".join(text.split())
    found = hits(flat, sought) if PIECE.search(sought.lower()) else []
    if not found:
        return ""
    start = max(0, found[0][0] - BEFORE)
    end = start + AROUND
    return f"{'…' if start else ''}{flat[start:end]}{'…' if end < len(flat) else ''}"
