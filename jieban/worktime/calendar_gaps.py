"""Check for gaps in the calendar, as warnings for the operator."""

from datetime import date

from django.utils.translation import gettext as _

from jieban.worktime.calendar import load_calendar


def calendar_gaps(today: date) -> list[str]:
    """Warnings, with what to do, for this and for next year if the holidays are not known."""
    calendar = load_calendar()
    return [
        _(
            "%(year)d年的放假安排尚未录入，工作日暂按周一至周五计算。国务院办公厅公布后（一般在上年11月），"
            "请运行 python -m jieban load-calendar 文件.csv 录入。"
        )
        % {"year": year}
        for year in (today.year, today.year + 1)
        if not calendar.known(year)
    ]
