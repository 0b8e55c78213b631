"""Streaming parser of a worksheet: neither its XML nor its rows are in memory as a whole."""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.parsers import expat

from django.utils.translation import gettext as _

from jieban.base.clock import SHANGHAI
from jieban.base.sheets.excel_dates import NumberFormat, cell_value
from jieban.base.sheets.shared_strings import LONGEST_CELL, SharedStrings, unescape
from jieban.base.sheets.sheet_table import MOST_ROWS, BadFile, Cell, Row
from jieban.base.sheets.xlsx_archive import DEEPEST_NESTING, parse, unsafe

MOST_SHEET_COLUMNS = 16_384  # Excel's own limit
_NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII)
_LETTERS = re.compile(r"[A-Z]{1,3}")
_EXACT_DIGITS = 15  # a number in Excel holds no more


class WorksheetParser:
    """Parser state: the current row and cell. `rows` yields the rows as they complete."""

    def __init__(self, texts: SharedStrings, formats: list[NumberFormat], *, since_1904: bool) -> None:
        self.texts, self.formats, self.since_1904 = texts, formats, since_1904
        self.ready: list[Row] = []
        self.depth = self.number = 0
        self.cells: list[Cell] = []
        self.in_row = self.in_cell = self.in_phonetic = False
        self.column = -1
        self.kind = "n"
        self.style = 0
        self.parts: list[str] | None = None  # collects text while inside <v> or <t>
        self.value: str | None = None
        self.length = 0
        self.columns: dict[str, int] = {}

    def rows(self, pieces: Iterator[bytes]) -> Iterator[Row]:
        """Yields every row with its number. Raises BadFile with the line at which the sheet is broken."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        failure, finished = None, False
        steps = parse(parser, pieces)
        while not (failure or finished):
            try:
                finished = next(steps, True)
            except expat.ExpatError:
                line = self.number if self.in_row else self.number + 1
                failure = BadFile(
                    _("工作表从第 %(line)s 行附近起已损坏。请用 Excel 另存为新文件再导入。") % {"line": line}
                )
            except BadFile as refused:
                failure = refused
            yield from self.ready
            self.ready.clear()
        if failure:
            raise failure

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise unsafe(_("XML 结构异常"))
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "v" or (name == "t" and not self.in_phonetic):
            if self.in_cell:
                self.parts = []
        elif name == "c":
            self._open_cell(attributes)
        elif name == "row":
            self._open_row(attributes)
        elif name == "rPh":
            self.in_phonetic = True

    def _end(self, name: str) -> None:
        self.depth -= 1
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in ("v", "t"):
            if self.parts is not None:
                self.value = (self.value or "") + "".join(self.parts)
                self.parts = None
        elif name == "c":
            self._close_cell()
        elif name == "row":
            self.in_row = False
            self.ready.append((self.number, self.cells))
        elif name == "rPh":
            self.in_phonetic = False

    def _characters(self, data: str) -> None:
        if self.parts is None:
            return
        self.length += len(data)
        if self.length > LONGEST_CELL:
            raise BadFile(
                _("第 %(number)s 行有单元格的文字超过 %(longest_cell)s 字。请缩短后再导入，或另存为 .csv。")
                % {"number": self.number, "longest_cell": LONGEST_CELL}
            )
        self.parts.append(data)

    def _open_row(self, attributes: dict[str, str]) -> None:
        written = attributes.get("r", "")
        number = int(written) if written.isdecimal() and len(written) < 9 else self.number + 1
        if number <= self.number:
            raise BadFile(
                _("工作表的行号在第 %(number)s 行之后乱了。请用 Excel 另存为新文件再导入。")
                % {"number": self.number}
            )
        if number > MOST_ROWS:
            raise BadFile(_("表格超过 %(most_rows)s 行。请分成几个文件导入。") % {"most_rows": MOST_ROWS})
        self.in_row, self.number, self.cells, self.column = True, number, [], -1

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self.column = self.column + 1 if reference is None else self._column(reference)
        if self.column >= MOST_SHEET_COLUMNS:
            raise BadFile(
                _("第 %(number)s 行超过 %(most_sheet_columns)s 列。请用 Excel 另存为新文件再导入。")
                % {"number": self.number, "most_sheet_columns": MOST_SHEET_COLUMNS}
            )
        self.in_cell, self.value, self.length = True, None, 0
        self.kind = attributes.get("t", "n")
        style = attributes.get("s", "0")
        self.style = int(style) if style.isdecimal() and len(style) < 7 else 0

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self.columns.get(letters)
        if column is None:
            if not _LETTERS.fullmatch(letters):
                raise self._damaged()
            column = -1
            for letter in letters:
                column = (column + 1) * 26 + ord(letter) - 65
            self.columns[letters] = column
        return column

    def _close_cell(self) -> None:
        self.in_cell = False
        if not self.value:  # also a formula that was never computed: its text is never read
            return
        cell = self._cell(self.value)
        missing = self.column - len(self.cells)
        if missing < 0:
            self.cells[self.column] = cell
            return
        if missing:
            self.cells.extend([None] * missing)
        self.cells.append(cell)

    def _cell(self, value: str) -> Cell:
        if self.kind == "s":
            try:
                return self.texts[int(value)] or None
            except (ValueError, IndexError):
                raise self._damaged() from None
        if self.kind in ("str", "inlineStr"):
            return unescape(value)
        if self.kind == "b":
            return value.strip() == "1"
        if self.kind == "e":  # #N/A, #REF!: there is no value
            return None
        if self.kind == "d":
            return self._iso(value)
        return self._number(value.strip())

    def _number(self, value: str) -> Cell:
        if not _NUMBER.fullmatch(value):
            raise self._damaged()
        number = float(value)
        if not abs(number) < 1e300:
            raise self._damaged()
        shows = self.formats[self.style] if self.style < len(self.formats) else NumberFormat.NUMBER
        if shows is not NumberFormat.NUMBER:
            return cell_value(number, shows, since_1904=self.since_1904)
        if number.is_integer() and abs(number) < 10**_EXACT_DIGITS:
            return int(number)
        return number

    def _iso(self, value: str) -> Cell:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise self._damaged() from None
        return found.replace(tzinfo=SHANGHAI) if found.tzinfo is None else found

    def _damaged(self) -> BadFile:
        return BadFile(
            _("第 %(number)s 行有损坏的单元格。请用 Excel 另存为新文件再导入。") % {"number": self.number}
        )
