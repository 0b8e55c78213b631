import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.base.clock import SHANGHAI
from jieban.base.text.cleaning import clean, clean_line, parse_datetime

PIECES = [
    "<", ">", "</", "/>", "b", "p", "br", "script", "style", "<!--", "-->", "&", "amp;", "lt;", "#60;",
    "#x26;",
    "&nbsp", "\u037e", "=", '"', "'", " ", "\u3000", "\n", "\r\n", "\t", "\u200b", "\ufeff", "\x00", "\u202e",
    "\ud800", "\u0301", "\u0316", "\u0338", "温度", "18度", "，", "e", "1", "\U000e0041", "\ue000",
]  # fmt: skip
hostile_texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("温度<18度，水压>0.2", "温度<18度，水压>0.2"),
        ("a<b", "a<b"),
        ("若a<b且b>c，则a<c", "若a<b且b>c，则a<c"),
        ("a<b and c>d", "a<b and c>d"),
        ("联系<张三>或<物业经理>", "联系<张三>或<物业经理>"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("<p>第一段</p><p>第二段</p>", "第一段\n\n第二段"),
        ("第一行<br>第二行<BR />第三行", "第一行\n第二行\n第三行"),
        ("很<b>重要</b>的<span style='color:red'>事</span>", "很重要的事"),
        ("<td>一</td><td>二</td>", "一 二"),
        ('前<img src="x" onerror=alert(1)>后', "前后"),
        ("前<svg/onload=alert(1)>后", "前后"),
        ("前<a href='x'target=y>链接</a>后", "前链接后"),
        ("前<input disabled>后", "前后"),
        ("前<o:p></o:p>后<x-card id=1>", "前后"),
        ("前<script>alert('<b>')</script>后", "前后"),
        ("前<SCRIPT type=x>1</script >后", "前后"),
        ("前<style>p{color:red}</style>后<!-- 注释 <b> -->完", "前后完"),
        ("<!DOCTYPE html><html><body>正文</body></html>", "正文"),
        ("没有结束的<script>也要留下文字", "没有结束的也要留下文字"),
        ("<scr<script></script>ipt>alert(1)", "alert(1)"),
        ("&lt;p&gt;两次&amp;nbsp;转义&lt;/p&gt;", "两次 转义"),
        ("&amp;lt;18度", "<18度"),
        ("网址?a=1&copy=2 &copy; &unknown;", "网址?a=1&copy=2 © &unknown;"),
        ("空&nbsp;格&nbsp没有分号", "空 格 没有分号"),
        ("\n\t\t\t\t\t　　我家\t\t楼下　　停车难。 \n\n\n\n请处理。\n\t", "我家 楼下 停车难。\n\n请处理。"),
        ("一\r\n二\r三\u2028四\x0b五", "一\n二\n三\n四\n五"),
        ("零\u200b宽\u202e反向\ufeff标\x00空\x07铃\ue000私\ud800代", "零宽反向标空铃私代"),
        ("&#0;&#x200b;&#xd800;好", "\ufffd\ufffd好"),
        ("e\u0301", "é"),
        ("“引号”、《书名》；——……", "“引号”、《书名》；——……"),
        ("", ""),
    ],
)
def test_clean_shows_what_people_read(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_clean_line_joins_lines() -> None:
    assert clean_line("<p>古城街道</p>\n\n　停车难\t问题 ") == "古城街道 停车难 问题"


@settings(max_examples=500, deadline=None)
@given(hostile_texts)
def test_clean_twice_is_clean_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    line = clean_line(text)
    assert clean_line(line) == line
    assert "\n" not in line


@settings(max_examples=500, deadline=None)
@given(hostile_texts)
def test_clean_leaves_nothing_invisible(text: str) -> None:
    shown = clean(text)
    assert {unicodedata.category(letter) for letter in shown if letter != "\n"}.isdisjoint(
        ["Cc", "Cf", "Co", "Cs", "Zl", "Zp"]
    )
    assert shown.encode().decode() == shown
    assert unicodedata.is_normalized("NFC", shown)
    assert "  " not in shown and "\n\n\n" not in shown and "\u3000" not in shown


def test_clean_leaves_no_control_or_format_character_of_all_unicode() -> None:
    unwanted = ("Cc", "Cf", "Co", "Cs")
    wild = (letter for letter in map(chr, range(0x110000)) if unicodedata.category(letter) in unwanted)
    assert clean("起" + "".join(wild) + "止") in ("起\n止", "起 \n 止", "起\n\n止", "起 止", "起\n\n 止")


@pytest.mark.parametrize(
    "piece",
    [
        "<", "</", "<b ", "<b a=", '<b a="', "<b a='\" ", "<!--", "<script>", "<script ", "&", "&amp;", "&#",
        "\n ",
        "\u0301\u0316", "a\u0301", "<!DOCTYPE ", "&lt;", " a=1", "<b\n", "　",
    ],
)  # fmt: skip
def test_clean_survives_200_000_characters(piece: str) -> None:
    """Anything quadratic here would run for minutes."""
    for text in (piece * (200_000 // len(piece)), "<" * 100_000 + piece * (100_000 // len(piece))):
        shown = clean(text)
        assert clean(shown) == shown


def test_clean_of_markup_nested_beyond_all_rounds_ends_without_markup() -> None:
    text = "<" * 50 + "b>" * 50
    assert "<" not in clean(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019/2/28 11:25:05", (2019, 2, 28, 11, 25, 5)),
        ("2019/11/7 0:57:15", (2019, 11, 7, 0, 57, 15)),
        ("2019-02-28 11:25:05", (2019, 2, 28, 11, 25, 5)),
        ("2019-02-28 11:25", (2019, 2, 28, 11, 25)),
        ("2019-02-28T11:25:05", (2019, 2, 28, 11, 25, 5)),
        ("2019-02-28T03:25:05Z", (2019, 2, 28, 11, 25, 5)),
        ("2019-02-28T12:25:05+09:00", (2019, 2, 28, 11, 25, 5)),
        ("20190228T112505", (2019, 2, 28, 11, 25, 5)),
        ("2019-02-28", (2019, 2, 28)),
        ("2019/2/28", (2019, 2, 28)),
        ("2019.2.28", (2019, 2, 28)),
        ("20190228", (2019, 2, 28)),
        ("2019年2月28日", (2019, 2, 28)),
        ("2019年2月28日 11时25分5秒", (2019, 2, 28, 11, 25, 5)),
        ("2019年2月28日11:25", (2019, 2, 28, 11, 25)),
        ("　２０１９－０２－２８　１１：２５：０５ ", (2019, 2, 28, 11, 25, 5)),
        (43524, (2019, 2, 28)),
        (43524.5, (2019, 2, 28, 12)),
        (43524.475752314815, (2019, 2, 28, 11, 25, 5)),
        (20190228, (2019, 2, 28)),
        (date(2019, 2, 28), (2019, 2, 28)),
        (datetime(2019, 2, 28, 11, 25, 5), (2019, 2, 28, 11, 25, 5)),  # noqa: DTZ001 -- naive on purpose
        (datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC), (2019, 2, 28, 11, 25, 5)),
    ],
)
def test_parse_datetime_reads_what_offices_write(written: object, meant: tuple[int, ...]) -> None:
    found = parse_datetime(written)
    assert found == datetime(*meant, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]
    assert found.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "昨天", "2019-02-30", "2019-13-01", "2019/2/28 25:00:00", "28/2/2019", "12:00", "2019",
        "abc" * 100,
        None, True, -5, 0, 60, 10**30, float("nan"), float("inf"), b"2019-02-28", [],
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ],
)  # fmt: skip
def test_parse_datetime_refuses_what_is_no_moment(written: object) -> None:
    with pytest.raises(ValueError, match="^“.*”不是能识别的时间，请写成 2019-02-28 11:25:05 这样的格式。$"):
        parse_datetime(written)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.floats(), st.integers(), st.dates(), st.datetimes()))
def test_parse_datetime_gives_an_aware_moment_or_a_value_error(written: object) -> None:
    try:
        assert parse_datetime(written).tzinfo is not None
    except ValueError as error:
        assert "不是能识别的时间" in str(error)
