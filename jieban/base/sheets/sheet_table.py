"""Table model: a header line, and rows with the line number that Excel shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.base.text.cleaning import clean_line

# Datetimes are aware; a sheet shows local time in China.
Cell = str | int | float | bool | datetime | date | None
Row = tuple[int, Sequence[Cell]]

MOST_COLUMNS = 200
MOST_ROWS = 1_048_576  # Excel's own limit, the line of column names included
MOST_BYTES = 400_000_000  # of a .csv, or of an .xlsx once inflated


class BadFile(Invalid):
    """Error: the file cannot be read as a table, or must not be."""

    code = "bad_file"


@dataclass
class Table:
    """Open table. `rows` yields every line that is not empty, once, with as many cells as there are columns."""

    kind: str
    columns: list[str]
    _rows: Iterator[tuple[int, list[Cell]]]

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yields line number and cells. Raises BadFile at the line where the file turns out to be broken."""
        return self._rows


def table_of(kind: str, lines: Iterator[Row]) -> Table:
    """Builds the table from its lines, the first of which is the header. Raises BadFile."""
    filled = (line for line in lines if any(cell is not None for cell in line[1]))
    first = next(filled, None)
    if first is None:
        raise BadFile(_("文件里没有内容。请确认选对了文件，第一行应为列名，下面每行一条。"))
    columns = _columns(first[1])
    second = next(filled, None)
    if second is None:
        raise BadFile(_("表格只有列名，没有数据行。请填写数据后再导入。"))
    return Table(kind, columns, _rows(second, filled, len(columns)))


def _columns(cells: Sequence[Cell]) -> list[str]:
    names = ["" if cell is None else clean_line(str(cell)) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise BadFile(
            _("表格有 %(count)s 列，最多可以有 %(most_columns)s 列。请只保留需要导入的列，另存后再导入。")
            % {"count": len(names), "most_columns": MOST_COLUMNS}
        )
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name:
            raise BadFile(
                _("第 %(position)s 列没有列名。请在第一行为每一列写上列名。") % {"position": position}
            )
        if name in seen:
            raise BadFile(_("列名“%(name)s”出现了不止一次。请改成不同的列名后再导入。") % {"name": name[:40]})
        seen.add(name)
    return names


def _rows(first: Row, others: Iterator[Row], width: int) -> Iterator[tuple[int, list[Cell]]]:
    yield first[0], _fit_row(first, width)
    for line in others:
        yield line[0], _fit_row(line, width)


def _fit_row(line: Row, width: int) -> list[Cell]:
    number, cells = line
    if any(cell is not None for cell in cells[width:]):
        raise BadFile(
            _(
                "第 %(number)s 行的内容超出了列名的范围（列名只有 %(width)s 列）。请检查该行的分隔符或多余的单元格。"
            )
            % {"number": number, "width": width}
        )
    return [*cells[:width], *[None] * (width - len(cells))]
