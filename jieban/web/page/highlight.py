"""Words marked where they stand: those that were sought, and those of which a remark speaks."""

import re
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from jieban.base.text.search_tokens import TOKEN_RUN, query_tokens
from jieban.base.text.simplified import to_simplified
from jieban.cases.checks.result_remarks import Remark
from jieban.language.text.sentences import sentences

CONTEXT_BEFORE, SNIPPET_LENGTH = 16, 70  # characters of a snippet before its first hit, and in all


def find_hits(text: str, sought: str) -> list[tuple[int, int]]:
    """Where the words of a search stand in a text, from and to, without overlap; by the same pieces as the search."""
    found: list[tuple[int, int]] = []
    lowered = to_simplified(text).lower()
    if len(lowered) != len(text):  # a letter that becomes two when lowered would shift what follows
        lowered = to_simplified(text)
    for token in query_tokens(sought):
        piece, ascii_beginning = token.rstrip("*"), token.isascii()
        at = lowered.find(piece)
        while at >= 0:
            if not ascii_beginning or not _inside_word(lowered, at):
                found.append((at, at + len(piece)))
            at = lowered.find(piece, at + 1)
    return _merge_spans(found)


def _inside_word(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isascii() and text[at - 1].isalnum()


def _merge_spans(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def highlight(text: str, sought: str) -> SafeString:
    """The text as HTML with the sought words in <mark>."""
    return highlight_spans(text, find_hits(text, sought))


def highlight_words(text: str, words: Iterable[str]) -> SafeString:
    """The text as HTML with these words in <mark>, wherever they stand, also in traditional characters."""
    return highlight_spans(text, _merge_spans(_word_spans(text, words)))


def spellings_in_text(text: str, words: Iterable[str]) -> list[str]:
    """These words as they stand in the text, which may be in traditional characters; each once."""
    return sorted({text[start:end] for start, end in _word_spans(text, words)})


def _word_spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    plain = to_simplified(text)  # sign by sign: what stands there stands at the same place
    return [match.span() for word in words for match in re.finditer(re.escape(to_simplified(word)), plain)]


def highlight_spans(text: str, spans: list[tuple[int, int]]) -> SafeString:
    """The text as HTML with these parts in <mark>, in order and without overlap."""
    parts, at = [], 0
    for start, end in spans:
        parts += [escape(text[at:start]), format_html("<mark>{}</mark>", text[start:end])]
        at = end
    return mark_safe("".join([*parts, escape(text[at:])]))  # noqa: S308 - each part is escaped


def highlight_remarks(text: str, remarks: list[Remark]) -> SafeString:
    """A result as HTML with all of which the remarks speak in <mark>; not what speaks of the whole."""
    return highlight_spans(
        text, _merge_spans([(one.start, one.end) for one in remarks if _has_excerpt(text, one)])
    )


def remark_excerpt(text: str, remark: Remark) -> str:
    """The sentence in which the words of a remark stand, marked; empty where it speaks of no words of the text."""
    if not _has_excerpt(text, remark):
        return ""
    start, end = max(0, remark.start - CONTEXT_BEFORE), remark.end + CONTEXT_BEFORE
    for piece in sentences(text):
        if piece.start <= remark.start < piece.end:
            start, end = max(start, piece.start), min(end, max(piece.end, remark.end))
    shown = highlight_spans(text[start:end], [(remark.start - start, min(remark.end, len(text)) - start)])
    return format_html("{}{}{}", "…" if start else "", shown, "…" if end < len(text.rstrip()) else "")


def _has_excerpt(text: str, remark: Remark) -> bool:
    whole = remark.start == 0 and remark.end >= len(text.rstrip())
    return remark.start < remark.end and remark.start < len(text) and not (whole and not remark.blocks)


def snippet(text: str, sought: str) -> str:
    """The part of a long text around its first hit; empty when nothing of the search stands in it."""
    flat = " ".join(text.split())
    found = find_hits(flat, sought) if TOKEN_RUN.search(sought.lower()) else []
    if not found:
        return ""
    start = max(0, found[0][0] - CONTEXT_BEFORE)
    end = start + SNIPPET_LENGTH
    return f"{'…' if start else ''}{flat[start:end]}{'…' if end < len(flat) else ''}"
