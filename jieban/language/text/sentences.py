"""Sentence splitter, with positions; used for matters, summaries and the reply check."""

import re
from dataclasses import dataclass

_END = re.compile(r"[。！？!?；;\n]+[”’」』）)]?")


@dataclass(frozen=True, slots=True)
class Piece:
    """Span of a text, from `start` up to `end` in characters, without surrounding spaces."""

    text: str
    start: int
    end: int


def piece_of(text: str, start: int, end: int) -> Piece:
    """The span between two positions, without surrounding spaces."""
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    stripped = part.strip()
    return Piece(stripped, start + left, start + left + len(stripped))


def sentences(text: str) -> list[Piece]:
    """Splits a text into sentences, in order, without empty ones. 。！？； and line breaks end one."""
    found, start = [], 0
    for match in _END.finditer(text):
        found.append(piece_of(text, start, match.end()))
        start = match.end()
    found.append(piece_of(text, start, len(text)))
    return [piece for piece in found if any(map(str.isalnum, piece.text))]
