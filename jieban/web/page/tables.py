"""Tables of the administrator's and the auditor's pages: rows of cells that become cards on a phone."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise

Label = str | Promise


DAY_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class TableCell:
    """What stands in a cell: words, a moment, a badge with its tone; a link where there is more to see."""

    text: Label = ""
    note: Label = ""
    url: str = ""
    tone: str = ""
    at: datetime | None = None
    first: bool = False

    @property
    def css(self) -> str:
        """The classes of its cell; no line break should part a day."""
        if self.first:
            return "cell-wide cell-first"
        return "cell-soft nowrap" if DAY_PATTERN.fullmatch(str(self.text)) else "cell-soft"


@dataclass(frozen=True, slots=True)
class PageTable:
    """Rows under their columns, and what is said when there are none."""

    columns: Sequence[Label]
    rows: Sequence[Sequence[TableCell]]
    caption: Label = ""
    empty: Label = ""
    hint: Label = ""

    def lines(self) -> list[list[tuple[Label, TableCell]]]:
        """Each cell with its column, which a card shows before it."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class TableSection:
    """A table of a record under its heading; with a link to what may be done there."""

    title: Label
    table: PageTable
    note: Label = ""


@dataclass(frozen=True, slots=True)
class ActionLink:
    """A way to another page, and what is done there."""

    label: Label
    url: str
    note: Label = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do, in sentences; the cases concerned as number, category and street, no text."""

    sentences: Sequence[str]
    table: PageTable | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address of a list asks for."""

    address: str
    sent: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> "ListQuery":
        given = ((name, str(value).replace("\0", "")) for name, value in request.GET.items())
        sent = {name: value for name, value in given if value}
        return cls(request.path, sent)

    @property
    def after(self) -> str:
        return self.sent.get("after", "")

    @property
    def filters(self) -> dict[str, str]:
        return {name: value for name, value in self.sent.items() if name != "after"}

    def context(self, following: str) -> dict[str, Any]:
        """The addresses of the pages around this one."""
        return {
            "filters_used": bool(self.filters),
            "clear_url": self.address,
            "first_url": self._with(self.filters) if self.after else "",
            "next_url": self._with(self.filters | {"after": following}) if following else "",
        }

    def with_export(self) -> str:
        return self._with(self.filters | {"export": "csv"})

    def _with(self, sent: dict[str, str]) -> str:
        return f"{self.address}?{urlencode(sent)}" if sent else self.address


def day_text(on: date | None) -> str:
    """2026-12-01 as tables show it; a dash where there is none."""
    return on.isoformat() if on else "—"


def join_texts(parts: Iterable[object]) -> str:
    return "、".join(str(part) for part in parts)
