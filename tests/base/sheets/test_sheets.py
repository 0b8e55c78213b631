import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.base.clock import SHANGHAI
from jieban.base.errors import Invalid
from jieban.base.sheets import BadFile, Cell, escape_formula, open_table, write_table
from jieban.base.sheets.excel_dates import NumberFormat, cell_value, number_format_of
from jieban.base.sheets.shared_strings import SharedStrings
from jieban.base.text.cleaning import clean, parse_datetime
from tests.base import hostile

REPOSITORY = Path(__file__).parents[3]
SAMPLES = REPOSITORY / "data" / "samples"
REAL = REPOSITORY.parent / "shared" / "data"
MESSAGE_COLUMNS = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"]
Read = tuple[list[str], list[tuple[int, list[Cell]]]]


def read(path: Path) -> Read:
    with open_table(path) as table:
        return table.columns, list(table.rows())


def read_bytes(content: bytes, folder: Path, name: str = "table") -> Read:
    path = folder / name
    path.write_bytes(content)
    return read(path)


def cells_of(content: bytes, folder: Path) -> list[Cell]:
    """The cells of the only row."""
    [(_, cells)] = read_bytes(content, folder)[1]
    return cells


@pytest.mark.parametrize("case", hostile.REFUSED)
def test_open_table_refuses_with_a_sentence(case: str, tmp_path: Path) -> None:
    name, make, sentence = hostile.REFUSED[case]
    with pytest.raises(BadFile) as refused:
        read_bytes(make(), tmp_path, name)
    assert refused.value.message == sentence
    assert isinstance(refused.value, Invalid) and refused.value.code == "bad_file"


def test_open_table_leaves_no_file_open_after_a_refusal(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name, make, _ in list(hostile.REFUSED.values())[-10:]:
        with pytest.raises(BadFile):
            read_bytes(make(), tmp_path, name)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 1500), st.integers(0, 1500))
def test_open_table_of_a_damaged_workbook_gives_rows_or_bad_file(dirt: bytes, at: int, cut: int) -> None:
    sound = hostile.xlsx(strings=hostile.strings("<si><t>甲</t></si>"), styles=hostile.styles("yyyy"))
    with tempfile.TemporaryDirectory() as folder:
        try:
            read_bytes(sound[:at] + dirt + sound[at + cut :], Path(folder))
        except BadFile as refused:
            assert refused.message.endswith("。")


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(alphabet="a\"'\n\r,;\t<停车 ", max_size=60).map(str.encode))
)
def test_open_table_of_any_bytes_gives_rows_or_bad_file(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            read_bytes(content, Path(folder))
        except BadFile as refused:
            assert refused.message.endswith("。")


def test_rows_before_the_damage_are_given_and_the_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(hostile.breaks_after(5000))
    numbers = []
    with pytest.raises(BadFile) as refused, open_table(path) as table:
        numbers.extend(number for number, _ in table.rows())
    assert numbers == list(range(2, 5002))
    assert refused.value.message == "工作表从第 5002 行附近起已损坏。请用 Excel 另存为新文件再导入。"


def test_size_limit_is_the_callers_to_set(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号\n".encode() + b"1\n" * 2_000_000)
    with pytest.raises(BadFile) as refused, open_table(path, most_bytes=3_000_000):
        pass
    assert refused.value.message == "文件超过 3 MB。请分成几个文件导入。"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A2"><f>1+1</f><v>2</v></c>', 2),
        ('<c r="A2" t="str"><f>HYPERLINK("http://x")</f><v>链接</v></c>', "链接"),
        ('<c r="A2"><f>WEBSERVICE("http://127.0.0.1:9/")</f></c>', None),
        ('<c r="A2" t="str"><f>cmd|x!A1</f><v></v></c>', None),
        ('<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', None),
        ('<c r="A2" t="inlineStr"><is><t>=cmd|\' /C calc\'!A1</t></is></c>', "=cmd|' /C calc'!A1"),
        ('<c r="A2" t="b"><v>1</v></c>', True),
        ('<c r="A2" t="b"><v>0</v></c>', False),
        ('<c r="A2"><v>188006</v></c>', 188006),
        ('<c r="A2"><v>1.88006E+5</v></c>', 188006),
        ('<c r="A2"><v>39.9127</v></c>', 39.9127),
        ('<c r="A2"><v>-5</v></c>', -5),
        ('<c r="A2" s="99"><v>7</v></c>', 7),
        ('<c r="A2" t="d"><v>2019-02-28T11:25:05</v></c>', datetime(2019, 2, 28, 11, 25, 5, tzinfo=SHANGHAI)),
        ('<c r="A2" s="1"><v>43524.475752314815</v></c>', datetime(2019, 2, 28, 11, 25, 5, tzinfo=SHANGHAI)),
        ('<c r="A2" s="2"><v>43524</v></c>', date(2019, 2, 28)),
        ('<c r="A2" s="2"><v>43524.5</v></c>', datetime(2019, 2, 28, 12, tzinfo=SHANGHAI)),
        ('<c r="A2" s="3"><v>0.34375</v></c>', "08:15:00"),
        ('<c r="A2" t="s"><v>0</v></c>', "富文本"),
        ('<c r="A2" t="s"><v>1</v></c>', "一行\n两行_x"),
        ('<c r="A2" t="str"><v>a_x0000_b_xD800_</v></c>', "a_x0000_b_xD800_"),
        ('<c r="A2" t="str"><v>a<x>不读</x>b</v></c>', "a不读b"),
        ('<x:c xmlns:x="m" r="A2"><x:v>3</x:v></x:c>', 3),
        ('<c><v>4</v></c>', 4),
    ],
)  # fmt: skip
def test_cell_of_a_workbook_is_read_as_shown(cell: str, value: Cell, tmp_path: Path) -> None:
    texts = (
        "<si><r><t>富</t></r><r><t>文本</t></r><rPh><t>ふ</t></rPh></si>"
        "<si><t>一行_x000A_两行_x005F_x</t></si>"
    )
    content = hostile.xlsx(
        f'{hostile.HEADING}<row r="2">{cell}<c r="B2"><v>9</v></c></row>',
        strings=hostile.strings(texts),
        styles=hostile.styles(
            "yyyy\\-mm\\-dd\\ hh:mm:ss", "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;", "h:mm"
        ),
    )
    found = cells_of(content, tmp_path)
    assert found == [value, 9]
    assert type(found[0]) is type(value)


def test_workbook_of_1904_counts_from_there(tmp_path: Path) -> None:
    content = hostile.xlsx(
        hostile.HEADING + '<row r="2"><c r="A2" s="1"><v>42062</v></c></row>',
        workbook=hostile.workbook('date1904="1"'),
        styles=hostile.styles("yyyy-mm-dd"),
    )
    assert cells_of(content, tmp_path) == [date(2019, 2, 28), None]


def test_workbook_with_embedded_workbook_is_read_without_opening_it(tmp_path: Path) -> None:
    content = hostile.with_part("xl/embeddings/book.xlsx", hostile.bomb(hostile.SHEET))
    assert cells_of(content, tmp_path) == [1, "停车难"]


def test_workbook_gives_its_first_visible_sheet_and_the_numbers_excel_shows(tmp_path: Path) -> None:
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{hostile.OFFICE}/worksheet" Target="/xl/worksheets/sheet{i}.xml"/>'
        for i in (1, 2)
    )
    content = hostile.parts(
        '<row r="3"><c r="B3" t="str"><v>隐藏</v></c></row>',
        workbook=hostile.workbook(
            sheets='<sheet name="一" state="hidden" r:id="rId1"/><sheet name="二" r:id="rId2"/>'
        ),
        relations=f"<Relationships>{relations}</Relationships>",
    )
    content["xl/worksheets/sheet2.xml"] = hostile.sheet(
        '<row r="3"><c r="A3" t="str"><v> 编 号\u3000</v></c><c r="C3"/></row><row r="4"/>'
        '<row r="5"><c r="A5"><v>1</v></c></row><row><c><v>2</v></c></row>'
        '<row r="1048576"><c><v>3</v></c></row>'
    )
    assert read_bytes(hostile.packed(content), tmp_path) == (["编 号"], [(5, [1]), (6, [2]), (1048576, [3])])


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("General", NumberFormat.NUMBER),
        ("0.00", NumberFormat.NUMBER),
        ("[h]:mm:ss", NumberFormat.NUMBER),
        ("@", NumberFormat.NUMBER),
        ('0"天"', NumberFormat.NUMBER),
        ("[Red]0;[Blue]-0", NumberFormat.NUMBER),
        ("0.00E+00", NumberFormat.NUMBER),
        ('0 "days"', NumberFormat.NUMBER),
        ("\\d0", NumberFormat.NUMBER),
        ("_d0", NumberFormat.NUMBER),
        ("yyyy/m/d", NumberFormat.DATE),
        ("[$-804]yyyy&m", NumberFormat.DATE),
        ("m/d", NumberFormat.DATE),
        ("mmmm", NumberFormat.DATE),
        ("yyyy-mm-dd hh:mm:ss", NumberFormat.DATETIME),
        ("m/d/yy h:mm AM/PM", NumberFormat.DATETIME),
        ("h:mm", NumberFormat.TIME),
        ("mm:ss", NumberFormat.TIME),
        ("h:mm AM/PM", NumberFormat.TIME),
    ],
)
def test_number_format_shows_a_moment(code: str, shows: NumberFormat) -> None:
    assert number_format_of(176, code) is shows


def test_built_in_formats_show_moments() -> None:
    found = [number_format_of(number, None) for number in (0, 14, 22, 20, 31, 57, 46, 49)]
    assert found == [
        NumberFormat.NUMBER,
        NumberFormat.DATE,
        NumberFormat.DATETIME,
        NumberFormat.TIME,
        NumberFormat.DATE,
        NumberFormat.DATE,
        NumberFormat.NUMBER,
        NumberFormat.NUMBER,
    ]


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (1, date(1900, 1, 1)), (59, date(1900, 2, 28)), (60, 60), (61, date(1900, 3, 1)), (0, 0), (-1, -1),
        (2_958_465, date(9999, 12, 31)), (2_958_466, 2_958_466),
    ],
)  # fmt: skip
def test_serial_number_means_a_day_of_excels_calendar(serial: float, day: object) -> None:
    assert cell_value(serial, NumberFormat.DATE, since_1904=False) == day


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_is_read_whatever_wrote_it(encoding: str, separator: str, line_end: str, tmp_path: Path) -> None:
    lines = ['"编号"|主题|"内容，;,说明"', "", '007|"停车""难"""|"第一行{n}第二行;,"', "||", "8|㐂𠮷|"]
    text = line_end.join(lines).replace("|", separator).replace("{n}", line_end) + line_end
    columns, rows = read_bytes(text.encode(encoding), tmp_path)
    assert columns == ["编号", "主题", "内容，;,说明"]
    assert rows == [(3, ["007", '停车"难"', f"第一行{line_end}第二行;,"]), (5, ["8", "㐂𠮷", None])]


def test_csv_under_the_name_of_a_workbook_and_the_reverse_are_read(tmp_path: Path) -> None:
    assert read_bytes("编号\n1\n".encode(), tmp_path, "a.xlsx") == (["编号"], [(2, ["1"])])
    assert read_bytes(hostile.xlsx(), tmp_path, "a.csv")[1] == [(2, [1, "停车难"])]


def test_shared_strings_beyond_the_budget_come_back_from_the_file() -> None:
    texts = SharedStrings()
    written = [f"{i}停车" * 4000 for i in range(1500)]
    for text in written:
        texts.add(text)
    assert texts._spilled is not None
    assert [texts[i] for i in range(len(written))] == written
    for index in (-1, len(written), 10**9):
        with pytest.raises(IndexError):
            texts[index]
    texts.close()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+86", "'+86"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"),
        ("\r\n", "'\r\n"), ("\n=1", "'\n=1"), ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"),
        ("＠a", "'＠a"),
        ("  =1", "'  =1"), ("\u3000=1", "'\u3000=1"), ("停车=难", "停车=难"), ("'=1", "'=1"), ("", ""),
        ("a-b", "a-b"),
    ],
)  # fmt: skip
def test_harmless_is_never_a_formula(text: str, written: str) -> None:
    assert escape_formula(text) == written
    assert escape_formula(written) == written


CELLS: list[Cell] = [
    "停车难，\n第二行;\t\"引号\"", 5, -5, 39.9127, True, None, date(2019, 2, 28),
    datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC), "=cmd()", "＝1", "00123", 110107199001011234, "<b>&amp;",
    "_x000A_", float("nan"), date(1800, 1, 1), "\x00\x07坏\ud800\uffff",
]  # fmt: skip


def test_written_workbook_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    columns = [*(f"列{i}" for i in range(len(CELLS) - 1)), "=恶意"]
    assert write_table(path, columns, [CELLS, CELLS]) == 2
    found, rows = read(path)
    assert found == [*columns[:-1], "'=恶意"]
    assert [number for number, _ in rows] == [2, 3]
    assert rows[0][1] == [
        *CELLS[:7], datetime(2019, 2, 28, 11, 25, 5, tzinfo=SHANGHAI), "'=cmd()", "'＝1", "00123",
        "110107199001011234", "<b>&amp;", "_x000A_", None, "1800-01-01", "坏",
    ]  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read(hostile.SHEET)


def test_written_csv_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    columns = [f"列{i}" for i in range(len(CELLS))]
    assert write_table(path, columns, [CELLS]) == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read(path)[1] == [
        (2, [
            CELLS[0], "5", "-5", "39.9127", "TRUE", None, "2019-02-28", "2019-02-28 11:25:05", "'=cmd()",
            "'＝1", "00123", "110107199001011234", "<b>&amp;", "_x000A_", None, "1800-01-01", "坏",
        ]),
    ]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.integers(-(10**14), 10**14)), min_size=1, max_size=5))
def test_any_text_is_read_back_from_both_without_a_formula(rows: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for ending in (".csv", ".xlsx"):
            path = Path(folder) / f"a{ending}"
            write_table(path, ["文字", "数"], rows)
            found = read(path)[1]
            assert [int(str(cells[1])) for _, cells in found] == [number for _, number in rows]
            assert all(
                escape_formula(str(cells[0])) == cells[0] for _, cells in found if cells[0] is not None
            )


def test_write_table_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    def failing() -> Iterator[list[Cell]]:
        yield ["一"]
        raise RuntimeError("the database went away")

    for name in ("a.csv", "a.xlsx"):
        (tmp_path / name).write_text("the file of yesterday")
        with pytest.raises(RuntimeError):
            write_table(tmp_path / name, ["列"], failing())
        with pytest.raises(ValueError, match="row 1 has 2 cells for 1 columns"):
            write_table(tmp_path / name, ["列"], [["一", "二"]])
        assert (tmp_path / name).read_text() == "the file of yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.xlsx"]


def test_write_table_refuses_what_the_format_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        write_table(tmp_path / "a.ods", ["列"], [])
    assert refused.value.message == "只能导出 .xlsx 或 .csv 文件，请改文件名的后缀。"
    with pytest.raises(BadFile) as refused:
        write_table(tmp_path / "a.xlsx", ["列"], [["长" * 32_768]])
    assert refused.value.message == "第 2 行有文字超过 32767 字，.xlsx 放不下。请改用 .csv 导出。"
    with pytest.raises(BadFile) as refused:
        write_table(tmp_path / "a.xlsx", ["列"], ([None] for _ in range(1_048_576)))
    assert refused.value.message == ".xlsx 最多 1048575 行数据。请改用 .csv 导出。"
    assert write_table(tmp_path / "a.csv", ["列"], [["长" * 32_768]]) == 1


MEASURE = """
import re, sys
from jieban.base.sheets import open_table, write_table
rows = ([i, f"诉求{i}", i / 7, "古城街道", f"停车{i % 999}", i % 7, True, None, f"内容{i}" * 9, i]
        for i in range({n}))
if sys.argv[1] == "write":
    count = write_table(sys.argv[2], [f"列{i}" for i in range(10)], rows)
else:
    with open_table(sys.argv[2]) as table:
        count = sum(1 for _ in table.rows())
# Not ru_maxrss: a child inherits the figure of the process that started it.
print(count, int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def measured(act: str, path: Path, rows: int = 0) -> tuple[int, int]:
    """Rows, and the most megabytes that a process of its own held."""
    program = MEASURE.replace("{n}", str(rows))
    done = subprocess.run(
        [sys.executable, "-c", program, act, str(path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    count, megabytes = done.stdout.split()
    return int(count), int(megabytes)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_memory_does_not_grow_with_the_rows(name: str, tmp_path: Path) -> None:
    """At a tenth of the rows a million has, a tenth of calamine's gigabyte would show."""
    path = tmp_path / name
    for act in ("write", "read"):
        count, megabytes = measured(act, path, 100_000)
        assert count == 100_000
        assert megabytes < 80


def test_memory_is_bounded_with_very_many_shared_strings(tmp_path: Path) -> None:
    """Half a million different strings: 200 MB as Python texts, so most of them go to the temporary file."""
    rows = hostile.HEADING + '<row r="2"><c r="A2" t="s"><v>499999</v></c></row>'
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in hostile.parts(rows).items():
            archive.writestr(name, text)
        with archive.open(hostile.STRINGS, "w") as part:
            part.write(b"<sst>")
            for number in range(500_000):
                part.write(f"<si><t>{number}{'车' * 150}</t></si>".encode())
            part.write(b"</sst>")
    count, megabytes = measured("read", path)
    assert count == 1
    assert megabytes < 200


def test_samples_are_read_and_the_two_message_files_agree() -> None:
    columns, from_csv = read(SAMPLES / "messages.csv")
    assert columns == MESSAGE_COLUMNS
    assert len(from_csv) == 30
    assert read(SAMPLES / "messages.xlsx")[0] == MESSAGE_COLUMNS
    from_xlsx = read(SAMPLES / "messages.xlsx")[1]
    for (line, a), (other, b) in zip(from_csv, from_xlsx, strict=True):
        assert line == other
        assert parse_datetime(a[3]) == parse_datetime(b[3])
        assert [clean(str(cell)) for cell in [*a[:3], *a[4:]]] == [
            clean(str(cell)) for cell in [*b[:3], *b[4:]]
        ]
    assert {type(cells[3]) for _, cells in from_xlsx} == {str, datetime}


def test_sample_of_cases_has_numbers_that_cannot_be_dialled() -> None:
    columns, rows = read(SAMPLES / "cases.csv")
    assert (
        " ".join(columns) == "来源编号 受理时间 类型 渠道 主题 内容 诉求人 电话 地址 纬度 经度 性质 分类代码"
    )
    assert len(rows) == 20
    assert all(str(cells[7] or "10000000000")[:4] in ("1000", "1001") for _, cells in rows)
    assert {cells[2] for _, cells in rows} == {"诉求", "企业诉求", "巡查案件"}
    assert all(parse_datetime(cells[1]).year == 2026 for _, cells in rows)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real messages (../shared/data) are not here")
def test_real_messages_are_read_to_the_last() -> None:
    columns, rows = read(REAL / "messages_4326.xlsx")
    assert columns == MESSAGE_COLUMNS
    assert [number for number, _ in rows] == list(range(2, 4328))
    assert len({cells[0] for _, cells in rows}) == 4326
    assert all(2010 <= parse_datetime(cells[3]).year <= 2020 for _, cells in rows)
    assert sum(isinstance(cells[3], datetime) for _, cells in rows) == 129
    assert all(clean(str(cells[4])) for _, cells in rows)
