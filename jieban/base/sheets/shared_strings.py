"""Store of a workbook's shared strings: in memory up to a fixed budget, beyond it in a temporary file."""

import re
import sys
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext as _

from jieban.base.sheets.sheet_table import BadFile
from jieban.base.sheets.xlsx_archive import DAMAGED, DEEPEST_NESTING, local_name, parse, unsafe

KEPT_BYTES = 60_000_000
MOST_STRINGS = 10_000_000
LONGEST_CELL = 32_767  # characters, Excel's own limit

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SharedStrings:
    """List of texts that spills to disk. Close it after use."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._left = KEPT_BYTES
        self._starts = array("Q", [0])
        self._spilled: IO[bytes] | None = None

    def add(self, text: str) -> None:
        if len(self._kept) + len(self._starts) > MOST_STRINGS:
            raise unsafe(_("共享文本过多"))
        self._left -= sys.getsizeof(text) + 8
        if self._left >= 0:
            self._kept.append(text)
            return
        if self._spilled is None:
            self._spilled = tempfile.TemporaryFile()  # noqa: SIM115 -- lives until close()
        self._starts.append(self._starts[-1] + self._spilled.write(text.encode()))

    def __getitem__(self, index: int) -> str:
        if 0 <= index < len(self._kept):
            return self._kept[index]
        index -= len(self._kept)
        if self._spilled is None or not 0 <= index < len(self._starts) - 1:
            raise IndexError
        start, end = self._starts[index], self._starts[index + 1]
        self._spilled.seek(start)
        return self._spilled.read(end - start).decode()

    def close(self) -> None:
        if self._spilled is not None:
            self._spilled.close()


def unescape(text: str) -> str:
    """Decodes Excel's own escapes: _x000A_ is a line break, _x005F_ an underscore."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: _character(match[0], int(match[1], 16)), text)


def _character(escape: str, code: int) -> str:
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        return escape
    return chr(code)


def read(pieces: Iterator[bytes], into: SharedStrings) -> None:
    """Fills `into` from sharedStrings.xml. Raises BadFile."""
    parser = expat.ParserCreate()
    collector = _Collector(into)
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    try:
        for _last in parse(parser, pieces):
            pass
    except expat.ExpatError:
        raise BadFile(str(DAMAGED)) from None


class _Collector:
    """Parser handler that joins the runs of one string; the phonetic part (rPh) is skipped."""

    def __init__(self, into: SharedStrings) -> None:
        self.into = into
        self.depth = 0
        self.parts: list[str] = []
        self.length = 0
        self.reading = False
        self.in_phonetic = False

    def start(self, name: str, _attributes: object) -> None:
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise unsafe(_("XML 结构异常"))
        name = local_name(name)
        if name == "si":
            self.parts, self.length = [], 0
        elif name == "t":
            self.reading = not self.in_phonetic
        elif name == "rPh":
            self.in_phonetic = True

    def end(self, name: str) -> None:
        self.depth -= 1
        name = local_name(name)
        if name == "t":
            self.reading = False
        elif name == "rPh":
            self.in_phonetic = False
        elif name == "si":
            self.into.add(unescape("".join(self.parts)))

    def characters(self, data: str) -> None:
        if not self.reading:
            return
        self.length += len(data)
        if self.length > LONGEST_CELL:
            raise BadFile(
                _("有单元格的文字超过 %(longest_cell)s 字。请缩短后再导入，或另存为 .csv。")
                % {"longest_cell": LONGEST_CELL}
            )
        self.parts.append(data)
