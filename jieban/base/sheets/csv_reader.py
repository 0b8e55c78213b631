"""Reader for .csv: detects encoding and separator, keeps quoted line breaks, holds one row in memory."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.utils.translation import gettext as _

from jieban.base.sheets.sheet_table import MOST_ROWS, BadFile, Row, Table, table_of

LONGEST_CELL = 1_000_000  # characters
LONGEST_ROW = 8_000_000
_BLOCK = 1_000_000


@contextmanager
def read(handle: IO[bytes], most_bytes: int) -> Iterator[Table]:
    """The table in the open .csv file. Raises BadFile."""
    encoding = _encoding(handle, most_bytes)
    handle.seek(0)
    text = io.TextIOWrapper(handle, encoding, newline="")
    try:
        yield table_of("csv", _lines(text))
    finally:
        text.detach()


def _encoding(handle: IO[bytes], most_bytes: int) -> str:
    """Encoding: UTF-8, with or without BOM, or GB 18030. Reads the whole file once, so that no row fails later."""
    possible = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")}
    size = 0
    while block := handle.read(_BLOCK):
        size += len(block)
        if size > most_bytes:
            raise BadFile(_("文件超过 %(most)s MB。请分成几个文件导入。") % {"most": most_bytes // 1_000_000})
        if b"\x00" in block:
            raise BadFile(_("文件里有空字符（NUL），不是正常的表格。请另存为“CSV UTF-8”或 .xlsx 后再导入。"))
        _feed_decoders(possible, block)
    _feed_decoders(possible, b"", final=True)
    return next(iter(possible))


def _feed_decoders(
    possible: dict[str, codecs.IncrementalDecoder], block: bytes, *, final: bool = False
) -> None:
    for name in list(possible):
        try:
            possible[name].decode(block, final)
        except UnicodeDecodeError:
            del possible[name]
    if not possible:
        raise BadFile(_("无法识别文件的字符编码。请另存为“CSV UTF-8”或 .xlsx 后再导入。"))


class _BoundedLines:
    """Physical lines, with a limit on the total size of one row."""

    def __init__(self, text: IO[str]) -> None:
        self.text = text
        self.left = LONGEST_ROW

    def __iter__(self) -> "_BoundedLines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(self.left + 1)
        if not line:
            raise StopIteration
        self.left -= len(line)
        if self.left < 0:
            raise csv.Error("row larger than field limit")
        return line


def _lines(text: IO[str]) -> Iterator[Row]:
    separator = _separator(text)
    csv.field_size_limit(LONGEST_CELL)
    source = _BoundedLines(text)
    records = csv.reader(source, delimiter=separator, strict=True)
    number = 0  # of the row, as Excel counts: a cell with line breaks is still in one row
    while True:
        number += 1
        source.left = LONGEST_ROW
        try:
            record = next(records, None)
        except csv.Error as error:
            raise BadFile(_error_message(number, str(error))) from None
        if record is None:
            return
        if number > MOST_ROWS:
            raise BadFile(_("表格超过 %(most_rows)s 行。请分成几个文件导入。") % {"most_rows": MOST_ROWS})
        yield number, [cell or None for cell in record]


def _error_message(number: int, error: str) -> str:
    if "field limit" in error:
        return _(
            "第 %(number)s 行的单元格太长（最多 %(longest_cell)s 字），可能是引号不成对。请检查该行。"
        ) % {"number": number, "longest_cell": LONGEST_CELL}
    return _("第 %(number)s 行的引号不成对。请检查该行，或另存为 .xlsx 后再导入。") % {"number": number}


def _separator(text: IO[str]) -> str:
    """Separator: comma, semicolon or tab, whichever is most frequent outside quotes in the header line."""
    start = text.read(_BLOCK)
    text.seek(0)
    outside = "".join(start.split('"')[::2]) if '"' in start else start
    heading = next((line for line in outside.splitlines() if line.strip()), "")
    return max(",;\t", key=heading.count)
