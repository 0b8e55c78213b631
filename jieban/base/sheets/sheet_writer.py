"""Writer for .xlsx and .csv: streamed, atomic, and no cell can act as a formula."""

import csv
import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from jieban.base.clock import local
from jieban.base.sheets.shared_strings import LONGEST_CELL
from jieban.base.sheets.sheet_table import MOST_ROWS, BadFile, Cell

_STARTS_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EXACT_INTEGER = 10**15  # beyond it Excel rounds, so such numbers (identity cards) are written as text
_YEAR_EXCEL_BEGINS = 1900


def escape_formula(text: str) -> str:
    """Escapes a text that a spreadsheet would take for a formula, by an apostrophe before it."""
    return f"'{text}" if _STARTS_FORMULA.match(text) else text


def write_table(path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Writes the table in the format of the file name, .csv or .xlsx, and returns the number of rows.

    The file appears under its name when it is complete; texts are escaped, numbers stay numbers, datetimes are
    written in local time. Raises BadFile for another ending, and for values that .xlsx cannot hold; ValueError for
    a row that does not have a cell for each column.
    """
    path = Path(path)
    write = {".csv": _write_csv, ".xlsx": _write_xlsx}.get(path.suffix.lower())
    if write is None:
        raise BadFile(_("只能导出 .xlsx 或 .csv 文件，请改文件名的后缀。"))
    with _atomic_file(path) as unfinished:
        return write(unfinished, columns, _checked_rows(len(columns), rows))


def _checked_rows(width: int, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise ValueError(f"row {number} has {len(row)} cells for {width} columns")
        yield row


@contextmanager
def _atomic_file(path: Path) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(prefix=".unfinished-", suffix=path.suffix, dir=path.parent)
    os.close(descriptor)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb+") as handle:
            os.fsync(handle.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _text(text: str) -> str:
    return escape_formula(_UNWRITABLE.sub("", text))


def _write_csv(path: Path, columns: Sequence[str], rows: Iterator[Sequence[Cell]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        # Every text is quoted, so that a ";" in it separates nothing where Excel separates by ";".
        writer = csv.writer(handle, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow([_text(name) for name in columns])
        for row in rows:
            writer.writerow([_csv_value(cell) for cell in row])
            count += 1
    return count


def _csv_value(cell: Cell) -> str | int | float | None:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return f"{_to_naive_local(cell):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return _text(cell)
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell


def _to_naive_local(at: datetime) -> datetime:
    return (local(at) if at.tzinfo else at).replace(tzinfo=None)


def _write_xlsx(path: Path, columns: Sequence[str], rows: Iterator[Sequence[Cell]]) -> int:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    import xlsxwriter  # takes as long to load as half of a start

    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet()
    formats: dict[type, Any] = {datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
               date: book.add_format({"num_format": "yyyy-mm-dd"})}  # fmt: skip
    count = 0
    try:
        for position, name in enumerate(columns):
            sheet.write_string(0, position, _text(name))
        for row in rows:
            count += 1
            if count >= MOST_ROWS:
                raise BadFile(_(".xlsx 最多 %(most)s 行数据。请改用 .csv 导出。") % {"most": MOST_ROWS - 1})
            for position, cell in enumerate(row):
                _write_cell(sheet, formats, count, position, cell)
    finally:  # also frees its temporary files when the rows end with an error
        book.close()
    return count


def _write_cell(sheet: Any, formats: dict[type, Any], row: int, position: int, cell: Cell) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, position, cell)
    elif isinstance(cell, date) and cell.year < _YEAR_EXCEL_BEGINS:
        sheet.write_string(row, position, str(_csv_value(cell)))
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, position, _to_naive_local(cell), formats[datetime])
    elif isinstance(cell, date):
        sheet.write_datetime(row, position, cell, formats[date])
    elif isinstance(cell, int) and abs(cell) >= _EXACT_INTEGER:
        sheet.write_string(row, position, str(cell))
    elif isinstance(cell, int | float) and math.isfinite(cell):
        sheet.write_number(row, position, cell)
    elif isinstance(cell, str) and cell:
        _write_text_cell(sheet, row, position, _text(cell))


def _write_text_cell(sheet: Any, row: int, position: int, text: str) -> None:
    if len(text) > LONGEST_CELL:
        raise BadFile(
            _("第 %(row)s 行有文字超过 %(longest_cell)s 字，.xlsx 放不下。请改用 .csv 导出。")
            % {"row": row + 1, "longest_cell": LONGEST_CELL}
        )
    sheet.write_string(row, position, text)
