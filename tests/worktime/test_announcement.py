from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from jieban.base.sheets import BadFile
from jieban.worktime.announcement import AnnounceResult, BadCalendar, ChangedDay, announce
from jieban.worktime.calendar import load_calendar
from jieban.worktime.models import CalendarDay, CalendarYear

pytestmark = pytest.mark.django_db

# An invented notice for a year that has none yet.
YEAR = """\
day,is_workday,name,notice
2027-01-01,0,元旦,试发〔2026〕1号
2027-02-05,0,春节,试发〔2026〕1号
2027-02-06,1,春节,试发〔2026〕1号
2027-05-01,0,劳动节,试发〔2026〕1号
2027-10-01,0,国庆节,试发〔2026〕1号
2026-12-31,0,元旦,试发〔2026〕1号
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(text: str) -> Path:
        path = tmp_path / "2027.csv"
        path.write_text(text)
        return path

    return file


def stored() -> list[tuple[date, bool]]:
    return list(CalendarDay.objects.values_list("day", "is_workday"))


def test_whole_year_is_known_after_its_file(write: Write) -> None:
    done = announce(write(YEAR))

    assert done == AnnounceResult(6, [2027], [ChangedDay(date(2026, 12, 31), False, "元旦")], [])
    calendar = load_calendar()
    assert calendar.known(2027)
    assert not calendar.is_workday(date(2027, 2, 5))  # a Friday
    assert calendar.is_workday(date(2027, 2, 6))  # a Saturday
    assert not calendar.is_workday(date(2026, 12, 31))
    (year,) = CalendarYear.objects.all()
    assert (year.year, year.notice, year.source) == (2027, "试发〔2026〕1号", "2027.csv")


def test_same_file_twice_changes_nothing(write: Write) -> None:
    announce(write(YEAR))
    before = stored()
    assert announce(write(YEAR)) == AnnounceResult(6, [2027], [], [])
    assert stored() == before


def test_corrected_file_replaces_the_days_of_its_notice(write: Write) -> None:
    announce(write(YEAR))
    CalendarDay.objects.create(day=date(2027, 3, 1), is_workday=False, name="区庆", notice="区发1号")

    done = announce(
        write(YEAR.replace("2027-02-05,0", "2027-02-08,0").replace("2027-02-06,1", "2027-02-06,0"))
    )

    assert done.withdrawn == [date(2027, 2, 5)]
    assert done.changed == [
        ChangedDay(date(2027, 2, 5), True, ""),
        ChangedDay(date(2027, 2, 6), False, "春节"),
        ChangedDay(date(2027, 2, 8), False, "春节"),
    ]
    assert not load_calendar().is_workday(date(2027, 3, 1))


def test_single_days_do_not_make_a_year_known(write: Write) -> None:
    done = announce(write("day,is_workday,name,notice\n2027-03-01,0,区庆,区发1号\n"))
    assert (done.rows, done.years) == (1, [])
    assert not load_calendar().known(2027)
    assert not load_calendar().is_workday(date(2027, 3, 1))


@pytest.mark.parametrize("written", ["2027/3/1", "2027年3月1日", "20270301", "２０２７－０３－０１"])
@pytest.mark.parametrize("kind", ["0", "休", "放假", "False", "否"])
def test_days_and_kinds_as_people_write_them(write: Write, written: str, kind: str) -> None:
    announce(write(f"notice,name,is_workday,day\n区发1号,区庆,{kind},{written}\n"))
    assert stored() == [(date(2027, 3, 1), False)]


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (
            "2027-02-30,0,元旦,1号",
            {"第7行 day 列": "“2027-02-30”不是日期，请写成 2027-01-01 这样的格式"},
        ),
        (",0,元旦,1号", {"第7行 day 列": "“”不是日期，请写成 2027-01-01 这样的格式"}),
        ("1927-01-01,0,元旦,1号", {"第7行 day 列": "“1927-01-01”不是 2000 至 2100 年间的日期"}),
        ("2027-03-01 08:00,0,元旦,1号", {"第7行 day 列": "“2027-03-01 08:00”不是 2000 至 2100 年间的日期"}),
        ("2027-03-01,也许,元旦,1号", {"第7行 is_workday 列": "“也许”应为 1（上班）或 0（放假）"}),
        ("2027-03-01,,元旦,1号", {"第7行 is_workday 列": "“”应为 1（上班）或 0（放假）"}),
        ("2027-03-01,0,,1号", {"第7行 name 列": "不能为空，且不超过 40 个字"}),
        (f"2027-03-01,0,元旦,{'号' * 101}", {"第7行 notice 列": "不能为空，且不超过 100 个字"}),
        ("2027-01-01,0,元旦,1号", {"第7行 day 列": "与第2行日期重复"}),
        (
            "x,y,元旦,",
            {
                "第7行 day 列": "“x”不是日期，请写成 2027-01-01 这样的格式",
                "第7行 is_workday 列": "“y”应为 1（上班）或 0（放假）",
                "第7行 notice 列": "不能为空，且不超过 100 个字",
            },
        ),
    ],
)
def test_bad_row_is_refused_and_nothing_is_loaded(write: Write, row: str, fields: dict[str, str]) -> None:
    text = YEAR.replace("2026-12-31,0,元旦,试发〔2026〕1号", row)
    with pytest.raises(BadCalendar) as raised:
        announce(write(text))
    assert raised.value.fields == fields
    assert raised.value.message.splitlines()[0] == "日历没有导入，请改正后重新导入："
    assert stored() == []


def test_hopeless_file_is_not_read_to_its_end(write: Write) -> None:
    with pytest.raises(BadCalendar) as raised:
        announce(write("day,is_workday,name,notice\n" + "x,0,元旦,1号\n" * 1000))
    assert len(raised.value.fields) == 20


def test_file_without_a_column_is_refused(write: Write) -> None:
    with pytest.raises(BadCalendar, match="缺少列 name、notice"):
        announce(write("day,is_workday\n2027-01-01,0\n"))


def test_file_that_is_not_there_or_no_table_is_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(BadCalendar, match="没有文件"):
        announce(tmp_path / "none.csv")
    with pytest.raises(BadFile):
        announce(write(""))


def test_command_says_what_it_did(write: Write) -> None:
    out = StringIO()
    call_command("load_calendar", str(write(YEAR)), stdout=out)
    assert out.getvalue().splitlines() == [
        "录入 6 天。 / 6 days loaded.",
        "2027年的放假安排已齐全。 / The calendar of 2027 is complete.",
        "2026-12-31（元旦） 改为休息。 / now a day off.",
    ]


def test_day_without_a_source_cannot_be_stored() -> None:
    with pytest.raises(IntegrityError, match="calendar_day_has_source"):
        CalendarDay.objects.create(day=date(2027, 1, 1), is_workday=False, name="元旦", notice="")
