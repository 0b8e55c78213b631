"""Loader for a holiday notice from a file, atomic.

The file has the columns day, is_workday, name, notice, and a row for each day that differs from the normal week.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.base.sheets import Cell, open_table
from jieban.base.text.cleaning import clean_line, parse_datetime
from jieban.worktime.calendar import load_calendar
from jieban.worktime.models import CalendarDay, CalendarYear

COLUMNS = ("day", "is_workday", "name", "notice")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_BYTES = 2_000_000
MOST_REPORTED = 20  # bad cells; with more it is probably the wrong file

_WORKING = {
    **dict.fromkeys(("1", "true", "是", "班", "上班"), True),
    **dict.fromkeys(("0", "false", "否", "休", "休息", "放假"), False),
}
# Days off in every year, whatever the notice arranges around them (全国年节及纪念日放假办法, article 2): a file
# that has them is the complete notice of the year; one without is about single days.
_FIXED_HOLIDAYS = ((1, 1), (5, 1), (10, 1))


class BadCalendar(Invalid):
    """Error: a calendar file has invalid rows; `fields` says which cells, and why."""

    code = "bad_calendar"


@dataclass(frozen=True)
class ChangedDay:
    """Changed day: a day of a known year whose kind the file changed."""

    day: date
    is_workday: bool
    name: str


@dataclass(frozen=True)
class AnnounceResult:
    """Result of a load: number of rows, the years that became known, and the changed days."""

    rows: int
    years: list[int]
    changed: list[ChangedDay]
    withdrawn: list[date]


@transaction.atomic
def announce(path: Path) -> AnnounceResult:
    """Loads the days of the file. Raises BadCalendar or BadFile, and then nothing is changed.

    A year's complete notice, loaded again after a correction, deletes the days of that year which had the same
    notice number and are no longer in the file.
    """
    days = read_days(path)
    before = load_calendar()
    years = _whole_years(days)
    withdrawn = _withdraw(days, years)
    CalendarDay.objects.bulk_create(
        days,
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["is_workday", "name", "notice"],
    )
    for year in years:
        notice = next(row.notice for row in days if row.day == date(year, 1, 1))
        CalendarYear.objects.update_or_create(
            year=year, defaults={"notice": notice, "source": path.name[:200]}
        )
    now = load_calendar()
    touched = sorted({row.day for row in days} | set(withdrawn))
    changed = [
        ChangedDay(day, now.is_workday(day), now.name(day))
        for day in touched
        if before.known(day.year) and now.is_workday(day) != before.is_workday(day)
    ]
    return AnnounceResult(len(days), years, changed, withdrawn)


def read_days(path: Path) -> list[CalendarDay]:
    """Parses the rows of the file, unsaved. Raises BadFile, or BadCalendar with each bad cell by line and column."""
    if not path.is_file():
        raise BadCalendar(_("没有文件 %(path)s，请检查路径。") % {"path": path})
    days: list[CalendarDay] = []
    lines: dict[date, int] = {}
    wrong: dict[str, str] = {}
    with open_table(path, most_bytes=MOST_BYTES) as table:
        places = _column_indexes(table.columns)
        for line, cells in table.rows():
            values = _parse_row(line, [cells[place] for place in places], wrong)
            row = CalendarDay(**values) if len(values) == len(COLUMNS) else None
            if row and row.day in lines:
                wrong[_cell_label(line, "day")] = _("与第%(line)d行日期重复") % {"line": lines[row.day]}
            elif row:
                lines[row.day] = line
                days.append(row)
            if len(wrong) >= MOST_REPORTED:
                break
    if wrong:
        report = "\n".join(f"{place}：{reason}。" for place, reason in wrong.items())
        raise BadCalendar(_("日历没有导入，请改正后重新导入：") + "\n" + report, fields=wrong)
    return days


def _column_indexes(columns: list[str]) -> list[int]:
    lacking = [name for name in COLUMNS if name not in columns]
    if lacking:
        raise BadCalendar(
            _("缺少列 %(names)s。第一行应为 day,is_workday,name,notice。") % {"names": "、".join(lacking)},
            fields=dict.fromkeys(lacking, _("缺少该列")),
        )
    return [columns.index(name) for name in COLUMNS]


def _parse_row(line: int, cells: list[Cell], wrong: dict[str, str]) -> dict[str, date | bool | str]:
    """Parses the cells of a row; errors are added to `wrong`, and those cells left out."""
    readers: tuple[Callable[[Cell], date | bool | str], ...] = (
        _read_day,
        _read_kind,
        lambda cell: _read_text(cell, 40),
        lambda cell: _read_text(cell, 100),
    )
    values = {}
    for column, read, cell in zip(COLUMNS, readers, cells, strict=True):
        try:
            values[column] = read(cell)
        except ValueError as error:
            wrong[_cell_label(line, column)] = str(error)
    return values


def _cell_label(line: int, column: str) -> str:
    return _("第%(line)d行 %(column)s 列") % {"line": line, "column": column}


def _read_day(cell: Cell) -> date:
    excerpt = {"shown": str(cell or "")[:40]}
    try:
        found = parse_datetime(cell)
    except ValueError:
        raise ValueError(_("“%(shown)s”不是日期，请写成 2027-01-01 这样的格式") % excerpt) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR or (found.hour, found.minute, found.second) != (0, 0, 0):
        raise ValueError(_("“%(shown)s”不是 2000 至 2100 年间的日期") % excerpt)
    return found.date()


def _read_kind(cell: Cell) -> bool:
    text = clean_line(str(cell if cell is not None else "")).lower().removesuffix(".0")
    if text not in _WORKING:
        raise ValueError(_("“%(shown)s”应为 1（上班）或 0（放假）") % {"shown": text[:40]})
    return _WORKING[text]


def _read_text(cell: Cell, most: int) -> str:
    text = clean_line(str(cell if cell is not None else ""))
    if not 0 < len(text) <= most:
        raise ValueError(_("不能为空，且不超过 %(most)d 个字") % {"most": most})
    return text


def _whole_years(days: list[CalendarDay]) -> list[int]:
    off = {row.day for row in days if not row.is_workday}
    return sorted(
        year
        for year in {day.year for day in off}
        if all(date(year, month, day) in off for month, day in _FIXED_HOLIDAYS)
    )


def _withdraw(days: list[CalendarDay], years: list[int]) -> list[date]:
    stale = CalendarDay.objects.filter(day__year__in=years, notice__in={row.notice for row in days}).exclude(
        day__in=[row.day for row in days]
    )
    withdrawn = sorted(stale.values_list("day", flat=True))
    stale.delete()
    return withdrawn
