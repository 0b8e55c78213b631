"""Page models of the tables on the administrator's and auditor's pages; on a phone each row becomes a card."""

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
    """A cell: text, a time, or a badge with its tone; with a link where there is more to see."""

    text: Label = ""
    note: Label = ""
    url: str = ""
    tone: str = ""
    at: datetime | None = None
    first: bool = False

    @property
    def css(self) -> str:
        """The CSS classes of the cell; a date must not break across lines."""
        if self.first:
            return "cell-wide cell-first"
        return "cell-soft nowrap" if DAY_PATTERN.fullmatch(str(self.text)) else "cell-soft"


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: columns, rows, and the sentence shown when there are no rows."""

    columns: Sequence[Label]
    rows: Sequence[Sequence[TableCell]]
    caption: Label = ""
    empty: Label = ""
    hint: Label = ""

    def lines(self) -> list[list[tuple[Label, TableCell]]]:
        """The rows as pairs of column and cell, because a card shows the column before each cell."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class TableSection:
    """A table under a heading, with a link to an action where there is one."""

    title: Label
    table: PageTable
    note: Label = ""


@dataclass(frozen=True, slots=True)
class ActionLink:
    """A link to another page, and what can be done there."""

    label: Label
    url: str
    note: Label = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a change, in sentences; affected cases by number, category and street, without their text."""

    sentences: Sequence[str]
    table: PageTable | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The query of a list page: its filters and its place in the list, read from the URL."""

    address: str
    sent: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> "ListQuery":
        values = ((name, str(value).replace("\0", "")) for name, value in request.GET.items())
        sent = {name: value for name, value in values if value}
        return cls(request.path, sent)

    @property
    def after(self) -> str:
        return self.sent.get("after", "")

    @property
    def filters(self) -> dict[str, str]:
        return {name: value for name, value in self.sent.items() if name != "after"}

    def context(self, following: str) -> dict[str, Any]:
        """Template context: the URLs of the first and next page, and of the list without filters."""
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
    """A date as tables show it, 2026-12-01; a dash where there is none."""
    return on.isoformat() if on else "—"


def join_texts(parts: Iterable[object]) -> str:
    return "、".join(str(part) for part in parts)
