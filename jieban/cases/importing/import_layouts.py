"""Column layouts of the tables that other offices send, and the parser from a row to a concern."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from django.utils.translation import gettext as _

from jieban.base.clock import SHANGHAI, local_date
from jieban.base.errors import Invalid
from jieban.base.sheets import BadFile, Cell
from jieban.base.text.cleaning import clean_line, parse_datetime
from jieban.cases.actions import Concern
from jieban.cases.flow.states import CaseKind, Channel, Nature
from jieban.registry.models import Category, holds_on

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no hotline's records are older: such a year is a slip
LONGEST_REFERENCE = 120
LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of a table: a map from fields of a case to column names. Other columns are ignored."""

    name: str
    columns: Mapping[str, str]  # what it is -> the column's name
    required: tuple[str, ...]

    @property
    def source(self) -> str:
        """Source of the cases of such tables."""
        return f"import:{self.name}"

    def missing(self, columns: Iterable[str]) -> list[str]:
        """The required columns that the table does not have."""
        there = set(columns)
        return [self.columns[field] for field in self.required if self.columns[field] not in there]


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout(
            "messages",
            {
                "source_ref": "留言编号", "name": "留言用户", "subject": "留言主题", "source_at": "留言时间",
                "text": "留言详情",
            },
            ("source_ref", "subject", "source_at", "text"),
        ),
        Layout(
            "cases",
            {
                "source_ref": "来源编号", "source_at": "受理时间", "kind": "类型", "channel": "渠道",
                "subject": "主题", "text": "内容", "name": "诉求人", "phone": "电话", "address": "地址",
                "lat": "纬度", "long": "经度", "nature": "性质", "category": "分类代码",
            },
            ("source_ref", "source_at", "text"),
        ),
    )
}  # fmt: skip


def layout_for(columns: Iterable[str], name: str = "") -> Layout:
    """The layout of this name, or the one whose columns the table has.

    Raises BadFile with the columns that are missing, of the layout that comes nearest.
    """
    if name and name not in LAYOUTS:
        raise BadFile(_("没有名为“%s”的版式。可用的版式：%s。") % (name, "、".join(LAYOUTS)))
    there = set(columns)
    tried = [LAYOUTS[name]] if name else list(LAYOUTS.values())
    nearest = min(tried, key=lambda layout: len(layout.missing(there)) / len(layout.required))
    if missing := nearest.missing(there):
        raise BadFile(
            _("表格不符合版式“%(layout)s”，缺少这些列：%(columns)s。请补上列名，或用 --layout 指定版式。")
            % {"layout": nearest.name, "columns": "、".join(missing)}
        )
    return nearest


@dataclass
class ConcernReader:
    """Parser from rows to concerns, with a cache of categories."""

    layout: Layout
    positions: dict[str, int]
    at: datetime  # the moment of the import
    categories: dict[str, int]

    def concern(self, cells: list[Cell]) -> Concern:
        """Parses a row. Raises Invalid whose `fields` name what cannot be parsed.

        The number in the row is the case's reference at its source. A row without a number gets a digest of its
        content as reference, so that the same table read again makes no second case.
        """
        cell = partial(self._cell, cells)
        reference = self._reference(cell("source_ref"))
        subject, text, name = _text(cell("subject")), _text(cell("text")), _text(cell("name"))
        phone, address, written_at = (
            _text(cell("phone")),
            _text(cell("address")),
            self._when(cell("source_at")),
        )
        if not reference:
            content = repr((subject, text, name, phone, address, written_at))
            reference = f"sha256:{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
        lat, long = (_coordinate(field, cell(field)) for field in ("lat", "long"))
        channel = clean_line(_text(cell("channel")))
        return Concern(
            kind=_choice_of("kind", cell("kind"), _kinds(), CaseKind.APPEAL),
            channel=Channel.IMPORT,
            text=text,
            subject=subject,
            name=name,
            phone=phone,
            address=address,
            lat=lat,
            long=long,
            category_id=self._category(cell("category")),
            nature=_choice_of("nature", cell("nature"), _natures(), Nature.HELP),
            source=self.layout.source,
            source_ref=reference,
            source_at=written_at,
            tags=(channel[:LONGEST_TAG],) if channel else (),
        )

    def _cell(self, cells: list[Cell], field: str) -> Cell:
        position = self.positions.get(field)
        return None if position is None else cells[position]

    def _reference(self, cell: Cell) -> str:
        reference = clean_line(_text(cell))
        if len(reference) > LONGEST_REFERENCE:
            raise _field_error("source_ref", _("编号太长，最多 %d 个字。") % LONGEST_REFERENCE)
        return reference

    def _when(self, cell: Cell) -> datetime | None:
        """To the second: a spreadsheet's own moments are a few microseconds off."""
        if cell is None or not str(cell).strip():
            return None
        try:
            found = parse_datetime(cell)
            found = (found.astimezone(SHANGHAI) + timedelta(milliseconds=500)).replace(microsecond=0)
        except (ValueError, OverflowError) as error:
            raise _field_error("source_at", str(error)) from None
        if not EARLIEST <= found <= self.at + timedelta(days=1):
            raise _field_error("source_at", _("时间早于 1990 年或晚于现在，请核对。"))
        return found

    def _category(self, cell: Cell) -> int | None:
        code = clean_line(_text(cell))
        if not code:
            return None
        if code not in self.categories:
            found = Category.objects.filter(holds_on(local_date(self.at)), code=code).first()
            if found is None:
                raise _field_error("category", _("没有这个分类代码，请核对，或留空由平台分类。"))
            self.categories[code] = found.pk
        return self.categories[code]


def reader(layout: Layout, columns: list[str], at: datetime) -> ConcernReader:
    """Parser for a table with these columns, in any order."""
    positions = {field: columns.index(name) for field, name in layout.columns.items() if name in columns}
    return ConcernReader(layout, positions, at, {})


def _kinds() -> dict[str, str]:
    return {**{str(kind.label): kind.value for kind in CaseKind}, "诉求": CaseKind.APPEAL.value}


def _natures() -> dict[str, str]:
    return {str(nature.label): nature.value for nature in Nature}


def _field_error(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields={field: reason})


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _choice_of(field: str, cell: Cell, choices: Mapping[str, str], default: str) -> str:
    written = clean_line(_text(cell))
    if not written:
        return default
    if written not in choices:
        raise _field_error(field, _("请填写下列之一：%s。") % "、".join(choices))
    return choices[written]


def _coordinate(field: str, cell: Cell) -> float | None:
    if cell is None or not str(cell).strip():
        return None
    try:
        return float(str(cell))
    except ValueError:
        raise _field_error(field, _("经纬度应是数字，例如 39.9127。")) from None
