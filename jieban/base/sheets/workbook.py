"""Reader for .xlsx: the parts of the container, then the first visible sheet as a stream of rows."""

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.utils.translation import gettext_lazy

from jieban.base.sheets import shared_strings
from jieban.base.sheets import xlsx_archive as container
from jieban.base.sheets.excel_dates import NumberFormat, number_format_of
from jieban.base.sheets.sheet_table import BadFile, Table, table_of
from jieban.base.sheets.worksheet import WorksheetParser

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_NO_SHEET = gettext_lazy("工作簿里没有可读取的工作表。请把数据放在第一个工作表里，另存为 .xlsx 后再导入。")


@contextmanager
def read(handle: IO[bytes], most_bytes: int) -> Iterator[Table]:
    """The table in the first visible sheet of the open .xlsx file. Raises BadFile."""
    texts = shared_strings.SharedStrings()
    try:
        with container.open_container(handle, most_bytes) as archive:
            parts = _WorkbookParts(archive)
            if parts.strings:
                shared_strings.read(container.blocks(archive, parts.strings, most_bytes), texts)
            sheet = WorksheetParser(texts, _formats(archive, parts.styles), since_1904=parts.since_1904)
            yield table_of("xlsx", sheet.rows(container.blocks(archive, parts.sheet, most_bytes)))
    finally:
        texts.close()


class _WorkbookParts:
    """Paths of the workbook's parts. `strings` and `styles` are empty when it has none."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.since_1904 = False
        self._names = set(archive.namelist())
        sheets: list[dict[str, str]] = []
        for name, attributes in container.elements(archive, _WORKBOOK):
            if name == "sheet":
                sheets.append(attributes)
            elif name == "workbookPr":
                self.since_1904 = attributes.get("date1904", "0") in ("1", "true", "on")
        self._relations = container.elements(archive, _RELATIONS) if _RELATIONS in self._names else []
        self.strings = self._of_type("sharedStrings")
        self.styles = self._of_type("styles")
        self.sheet = self._first_sheet(sheets)

    def _of_type(self, kind: str, ids: set[str] | None = None) -> str:
        for _, relation in self._relations:
            wanted = ids is None or relation.get("Id") in ids
            if wanted and relation.get("Type", "").endswith(f"/{kind}"):
                path = posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
                if path in self._names and relation.get("TargetMode") != "External":
                    return path
        return ""

    def _first_sheet(self, sheets: list[dict[str, str]]) -> str:
        visible = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"]
        for sheet in [*visible, *sheets][:1000]:
            ids = {value for key, value in sheet.items() if key.endswith(":id")}
            if path := self._of_type("worksheet", ids):
                return path
        raise BadFile(str(_NO_SHEET))


def _formats(archive: zipfile.ZipFile, part: str) -> list[NumberFormat]:
    """Number format of each cell style of the workbook."""
    if not part:
        return []
    codes: dict[str, str] = {}
    formats: list[NumberFormat] = []
    in_cell_formats = False
    for name, attributes in container.elements(archive, part):
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and in_cell_formats:
            number = attributes.get("numFmtId", "0")
            formats.append(number_format_of(int(number) if number.isdecimal() else 0, codes.get(number)))
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            in_cell_formats = name == "cellXfs"
    return formats
