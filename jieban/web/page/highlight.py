"""Highlighting of words in a text: words that were searched for, and words that a remark is about."""

import re
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from jieban.base.text.search_tokens import TOKEN_RUN, query_tokens
from jieban.base.text.simplified import to_simplified
from jieban.cases.checks.result_remarks import Remark
from jieban.language.text.sentences import sentences

CONTEXT_BEFORE, SNIPPET_LENGTH = 16, 70  # characters of a snippet before its first hit, and in all


def find_hits(text: str, query: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the search words in a text, without overlap; split into the same tokens as the search."""
    spans: list[tuple[int, int]] = []
    lowered = to_simplified(text).lower()
    # lower() can turn one character into two, which would shift the positions behind it.
    if len(lowered) != len(text):
        lowered = to_simplified(text)
    for token in query_tokens(query):
        word, ascii_beginning = token.rstrip("*"), token.isascii()
        at = lowered.find(word)
        while at >= 0:
            if not ascii_beginning or not _inside_word(lowered, at):
                spans.append((at, at + len(word)))
            at = lowered.find(word, at + 1)
    return _merge_spans(spans)


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


def highlight(text: str, query: str) -> SafeString:
    """The text as HTML with the search words in <mark>."""
    return highlight_spans(text, find_hits(text, query))


def highlight_words(text: str, words: Iterable[str]) -> SafeString:
    """The text as HTML with these words in <mark>, also where the text has them in traditional characters."""
    return highlight_spans(text, _merge_spans(_word_spans(text, words)))


def spellings_in_text(text: str, words: Iterable[str]) -> list[str]:
    """These words as the text spells them, perhaps in traditional characters; each once."""
    return sorted({text[start:end] for start, end in _word_spans(text, words)})


def _word_spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    plain = to_simplified(text)  # converted character by character, so positions stay the same
    return [match.span() for word in words for match in re.finditer(re.escape(to_simplified(word)), plain)]


def highlight_spans(text: str, spans: list[tuple[int, int]]) -> SafeString:
    """The text as HTML with these spans in <mark>; the spans are in order and do not overlap."""
    parts, at = [], 0
    for start, end in spans:
        parts += [escape(text[at:start]), format_html("<mark>{}</mark>", text[start:end])]
        at = end
    return mark_safe("".join([*parts, escape(text[at:])]))  # noqa: S308 - each part is escaped


def highlight_remarks(text: str, remarks: list[Remark]) -> SafeString:
    """A result as HTML with the words of all remarks in <mark>; remarks about the whole text mark nothing."""
    return highlight_spans(
        text, _merge_spans([(one.start, one.end) for one in remarks if _has_excerpt(text, one)])
    )


def remark_excerpt(text: str, remark: Remark) -> str:
    """The sentence that a remark is about, with the words marked; empty when it is about no particular words."""
    if not _has_excerpt(text, remark):
        return ""
    start, end = max(0, remark.start - CONTEXT_BEFORE), remark.end + CONTEXT_BEFORE
    for sentence in sentences(text):
        if sentence.start <= remark.start < sentence.end:
            start, end = max(start, sentence.start), min(end, max(sentence.end, remark.end))
    excerpt = highlight_spans(text[start:end], [(remark.start - start, min(remark.end, len(text)) - start)])
    return format_html("{}{}{}", "…" if start else "", excerpt, "…" if end < len(text.rstrip()) else "")


def _has_excerpt(text: str, remark: Remark) -> bool:
    covers_all = remark.start == 0 and remark.end >= len(text.rstrip())
    return remark.start < remark.end and remark.start < len(text) and not (covers_all and not remark.blocks)


def snippet(text: str, query: str) -> str:
    """The part of a long text around its first search hit; empty without a hit."""
    flat = " ".join(text.split())
    hits = find_hits(flat, query) if TOKEN_RUN.search(query.lower()) else []
    if not hits:
        return ""
    start = max(0, hits[0][0] - CONTEXT_BEFORE)
    end = start + SNIPPET_LENGTH
    return f"{'…' if start else ''}{flat[start:end]}{'…' if end < len(flat) else ''}"
