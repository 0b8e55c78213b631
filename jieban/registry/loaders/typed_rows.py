"""Parser of the registry's files: typed rows, problems, and the difference to the stored rows.

Reasons are whole Chinese sentences; line numbers are those of a spreadsheet, where the header is line 1.
"""

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.db.models.enums import TextChoices
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.base.labelled import LabelledEnum
from jieban.base.sheets import BadFile, open_table
from jieban.base.text.cleaning import clean_line

MOST_PROBLEMS = 50  # reported per file; with more it is probably the wrong file
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,59}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(1900, 3000)

Parse = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class RegistryColumn:
    """Column with its parser. An empty cell means `empty`, unless the column is `required`."""

    name: str
    parse: Parse
    required: bool = True
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem for which a file is refused; without a line or column it concerns the whole file or row."""

    line: int | None
    column: str
    reason: str


class BadSheet(Invalid):
    """Error: some rows of a file cannot be loaded, so none is."""

    code = "bad_sheet"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(_("文件有 %(count)d 处错误。") % {"count": len(problems)})
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)


@dataclass(frozen=True, slots=True)
class RegistryRow:
    """Row of a file. `key` identifies it: one code or several."""

    line: int
    key: Any
    cells: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]


@dataclass
class RegistrySheet:
    """Rows of one file that are being loaded; `today` decides which of several dated names is current."""

    rows: list[RegistryRow]
    today: date
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, row: RegistryRow, column: str, reason: str) -> None:
        self.problems.append(Problem(row.line, column, reason))

    def raise_problems(self) -> None:
        """Raises BadSheet when there are problems."""
        if self.problems:
            raise BadSheet(self.problems)

    def by_key(self) -> dict[Any, RegistryRow]:
        return {row.key: row for row in self.rows}


@dataclass
class Changes:
    """Difference between a file and the registry. `unlisted` rows stay; `removed` ones were in a rewritten history."""

    added: list[RegistryRow] = field(default_factory=list)
    changed: list[tuple[RegistryRow, tuple[str, ...]]] = field(default_factory=list)
    unchanged: int = 0
    unlisted: list[Any] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)

    def to_write(self) -> list[RegistryRow]:
        return [*self.added, *(row for row, _columns in self.changed)]

    def any(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def compare(sheet: RegistrySheet, stored: Mapping[Any, Mapping[str, Any]]) -> Changes:
    """Compares the rows with those stored under the same key; columns that are not stored are not compared."""
    changes = Changes()
    for row in sheet.rows:
        before = stored.get(row.key)
        if before is None:
            changes.added.append(row)
            continue
        differing = tuple(name for name, value in before.items() if row.cells[name] != value)
        if differing:
            changes.changed.append((row, differing))
        else:
            changes.unchanged += 1
    listed = {row.key for row in sheet.rows}
    changes.unlisted = [key for key in stored if key not in listed]
    return changes


def split_histories(changes: Changes, listed: set[Any], part: Callable[[Any], Any]) -> None:
    """Moves rows of a history that the file rewrites from `unlisted` to `removed`.

    A history (the names of a place, the boundaries of a place, a person in a post) is identified by `part` of the
    key; the file has it whole or not at all.
    """
    changes.removed = [key for key in changes.unlisted if part(key) in listed]
    changes.unlisted = [key for key in changes.unlisted if part(key) not in listed]


def read(path: Path, columns: tuple[RegistryColumn, ...], key: tuple[str, ...], today: date) -> RegistrySheet:
    """Reads the file as typed rows. Raises BadSheet with every bad cell and every duplicate key."""
    sheet = RegistrySheet([], today)
    try:
        with open_table(path) as table:
            if table.kind != "csv":
                raise BadFile(_("这不是 CSV 文件。请另存为“CSV UTF-8”后再装载。"))
            _check_header(table.columns, columns)
            for line, cells in table.rows():
                named = {
                    name: str(cell or "").strip() for name, cell in zip(table.columns, cells, strict=True)
                }
                _read_row(sheet, line, named, columns, key)
    except BadFile as error:
        sheet.problems.append(Problem(None, "", error.message))
    _check_keys(sheet, key)
    sheet.raise_problems()
    return sheet


def _check_header(found: list[str], columns: tuple[RegistryColumn, ...]) -> None:
    expected = [column.name for column in columns]
    problems = [
        Problem(1, name, _("缺少这一列。列名应为：%(names)s。") % {"names": ",".join(expected)})
        for name in expected
        if name not in found
    ]
    problems += [
        Problem(1, name, _("不认识这一列。列名应为：%(names)s。") % {"names": ",".join(expected)})
        for name in found
        if name not in expected
    ]
    if problems:
        raise BadSheet(problems)


def _read_row(
    sheet: RegistrySheet,
    line: int,
    named: dict[str, str],
    columns: tuple[RegistryColumn, ...],
    key: tuple[str, ...],
) -> None:
    cells: dict[str, Any] = {}
    before = len(sheet.problems)
    for column in columns:
        try:
            cells[column.name] = _value(column, named[column.name])
        except ValueError as error:
            sheet.problems.append(Problem(line, column.name, str(error)))
    if len(sheet.problems) > before:
        return
    _check_dates(sheet, line, cells)
    parts = tuple(cells[name] for name in key)
    sheet.rows.append(RegistryRow(line, parts[0] if len(parts) == 1 else parts, cells))


def _value(column: RegistryColumn, text: str) -> Any:
    if text:
        return column.parse(text)
    if column.required:
        raise ValueError(_("不能为空。"))
    return column.empty


def _check_dates(sheet: RegistrySheet, line: int, cells: dict[str, Any]) -> None:
    start, end = cells.get("valid_from"), cells.get("valid_to")
    if start and end and end <= start:
        sheet.problems.append(Problem(line, "valid_to", _("失效日必须晚于生效日。")))


def _check_keys(sheet: RegistrySheet, key: tuple[str, ...]) -> None:
    first: dict[Hashable, int] = {}
    for row in sheet.rows:
        line = first.setdefault(row.key, row.line)
        if line != row.line:
            sheet.refuse(row, key[0], _("与第 %(line)d 行重复。") % {"line": line})


def text(most: int, *, empty_is_fine: bool = False) -> Parse:
    """Parser: a text of one line with at most so many characters."""

    def parse(cell: str) -> str:
        cleaned = clean_line(cell)
        if not cleaned and not empty_is_fine:
            raise ValueError(_("不能为空。"))
        if len(cleaned) > most:
            raise ValueError(
                _("太长：%(count)d 字，最多 %(most)d 字。") % {"count": len(cleaned), "most": most}
            )
        return cleaned

    return parse


def code(cell: str) -> str:
    if not _CODE.fullmatch(cell):
        raise ValueError(
            _("“%(value)s”不是代码：只能用字母、数字、点、短横和下划线，最多 40 个。") % {"value": cell[:40]}
        )
    return cell


def username(cell: str) -> str:
    if not _USERNAME.fullmatch(cell):
        raise ValueError(
            _("“%(value)s”不是用户名：只能用字母、数字和 . _ @ -，最多 60 个。") % {"value": cell[:40]}
        )
    return cell


def day(cell: str) -> date:
    try:
        if not _DAY.fullmatch(cell) or int(cell[:4]) not in _YEARS:
            raise ValueError
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError(
            _("“%(value)s”不是日期，请写成 2026-01-31 这样的格式。") % {"value": cell[:40]}
        ) from None


def flag(cell: str) -> bool:
    if cell not in {"0", "1"}:
        raise ValueError(_("“%(value)s”应为 0 或 1。") % {"value": cell[:40]})
    return cell == "1"


def number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(_("“%(value)s”不是数字。") % {"value": cell[:40]})
    return value


def choice(choices: type[TextChoices] | type[LabelledEnum]) -> Parse:
    """Parser: an identifier of the choices; the refusal lists them all with their Chinese terms."""

    def parse(cell: str) -> str:
        if cell not in choices.values:
            known = "、".join(f"{value}（{label}）" for value, label in choices.choices)
            raise ValueError(
                _("“%(value)s”不在可选值之内：%(known)s。") % {"value": cell[:40], "known": known}
            )
        return cell

    return parse


def list_of(parse_part: Parse, *, in_order: bool = False) -> Parse:
    """Parser: parts separated by `;`, none empty or duplicate; sorted unless their order matters."""

    def parse(cell: str) -> tuple[Any, ...]:
        if "；" in cell:
            raise ValueError(_("各项之间请用英文分号“;”。"))
        parts = [part.strip() for part in cell.split(";")]
        if "" in parts:
            raise ValueError(_("分号前后缺少一项。"))
        if len(set(parts)) < len(parts):
            raise ValueError(_("同一项写了两次。"))
        found = [parse_part(part) for part in parts]
        return tuple(found if in_order else sorted(found))

    return parse


def periods_overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the periods of two dated rows overlap."""
    return (other["valid_to"] is None or one["valid_from"] < other["valid_to"]) and (
        one["valid_to"] is None or other["valid_from"] < one["valid_to"]
    )


def end_or_latest(end: date | None) -> date:
    """The end for comparison; no end counts as the latest date."""
    return end or date.max


def check_within(sheet: RegistrySheet, row: RegistryRow, column: str, outer: Mapping[str, Any]) -> None:
    """Refuses a row that begins before, or goes on after, the row on which it depends."""
    if row["valid_from"] < outer["valid_from"]:
        sheet.refuse(row, "valid_from", _begins_before(row, column, outer))
    if end_or_latest(row["valid_to"]) > end_or_latest(outer["valid_to"]):
        sheet.refuse(
            row,
            "valid_to",
            _("%(column)s 所指的“%(name)s”在 %(day)s 已失效，本行须在同日或之前失效，或改指其他。")
            % {"column": column, "name": outer["name"], "day": outer["valid_to"]},
        )


def _begins_before(row: RegistryRow, column: str, outer: Mapping[str, Any]) -> str:
    return _("%(column)s 所指的“%(name)s”在 %(day)s 才生效，本行不能更早。") % {
        "column": column,
        "name": outer["name"],
        "day": outer["valid_from"],
    }


def unknown_code_message(what: str, value: str) -> str:
    """Message for an unknown code: 没有代码为“X”的单位，……."""
    return _("没有代码为“%(value)s”的%(what)s，请核对，或先在相应文件中登记。") % {
        "value": value,
        "what": what,
    }


def upsert(
    model: type[Model], rows: Iterable[Model], fields: list[str], unique: str = "code"
) -> dict[str, int]:
    """Upserts new and changed rows in one statement; returns their ids by `unique`."""
    written = model._default_manager.bulk_create(
        list(rows), update_conflicts=True, unique_fields=[unique], update_fields=fields
    )
    return {getattr(row, unique): row.pk for row in written}


def sync_links(through: Any, owner: str, other: str, wanted: Mapping[int, set[int]]) -> None:
    """Synchronizes the links of these owners with the wanted ones, in three statements at most."""
    pairs = {(one, two) for one, linked in wanted.items() for two in linked}
    rows = through.objects.filter(**{f"{owner}__in": list(wanted)}).values_list("pk", owner, other)
    present = {(one, two): pk for pk, one, two in rows}
    stale = [pk for pair, pk in present.items() if pair not in pairs]
    if stale:
        through.objects.filter(pk__in=stale).delete()
    through.objects.bulk_create(
        [through(**{owner: one, other: two}) for one, two in sorted(pairs - present.keys())]
    )


def topological_layers(rows: list[RegistryRow]) -> list[list[RegistryRow]]:
    """Topological sort into layers: a parent is in an earlier layer than its children. No cycles."""
    left = {row.key: row for row in rows}
    layers = []
    while left:
        layer = [row for row in left.values() if row["parent_code"] not in left]
        layers.append(layer)
        for row in layer:
            del left[row.key]
    return layers
