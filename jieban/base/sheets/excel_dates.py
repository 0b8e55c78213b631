"""Conversion of Excel's dates: numbers that are dates only by their number format."""

import re
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from jieban.base.clock import SHANGHAI
from jieban.base.text.cleaning import EXCEL_LAST_SERIAL

DAY_MS = 86_400_000


class NumberFormat(Enum):
    """Kind of number format: date, time, or plain number."""

    NUMBER = 0
    DATE = 1
    DATETIME = 2
    TIME = 3


# ECMA-376 part 1, 18.8.30, with the formats that Chinese editions of Excel add (27 to 36, 50 to 58).
_BUILT_IN = {
    **dict.fromkeys([14, 15, 16, 17, *range(27, 32), 36, 50, 51, 52, 53, 54, 57, 58], NumberFormat.DATE),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 34, 35, 55, 56], NumberFormat.TIME),
    22: NumberFormat.DATETIME,
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


def number_format_of(format_id: int, code: str | None) -> NumberFormat:
    """Kind of a format: by `code` for the workbook's own formats, by id (code None) for the built-in ones."""
    if code is None:
        return _BUILT_IN.get(format_id, NumberFormat.NUMBER)
    code = code[:255].split(";")[0].lower()
    if _ELAPSED.search(code):
        return NumberFormat.NUMBER
    code = _LITERAL.sub("", code).replace("general", "").replace("am/pm", "h").replace("a/p", "h")
    has_time = "h" in code or "s" in code
    has_date = "y" in code or "d" in code or ("m" in code and not has_time)
    if has_date and has_time:
        return NumberFormat.DATETIME
    if has_date:
        return NumberFormat.DATE
    return NumberFormat.TIME if has_time else NumberFormat.NUMBER


def cell_value(number: float, shows: NumberFormat, *, since_1904: bool) -> datetime | date | str | float:
    """Value of the cell: a datetime in Asia/Shanghai, a date, or a time of day as text.

    Numbers that are no day in Excel's calendar (negative, the 29 February 1900 that never was) stay numbers.
    """
    if shows is NumberFormat.TIME and 0 <= number < 1:
        seconds = round(number * 86_400) % 86_400
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    serial = number + 1462 if since_1904 else number
    if not 1 <= serial < EXCEL_LAST_SERIAL + 1 or 60 <= serial < 61:
        return number
    start = datetime(1899, 12, 30 if serial > 60 else 31, tzinfo=UTC)
    on_the_wall = start + timedelta(milliseconds=round(serial * DAY_MS))
    if shows is NumberFormat.DATE and serial == int(serial):
        return on_the_wall.date()
    return on_the_wall.replace(tzinfo=SHANGHAI)
