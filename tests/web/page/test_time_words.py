from datetime import UTC, datetime, timedelta

import pytest

from jieban.base.clock import SHANGHAI
from jieban.web.page.time_words import (
    TonedText,
    clock_words,
    duration_words,
    exact_due_words,
    exact_words,
    overdue_words,
    span_words,
    until_words,
    when_words,
)


def at(text: str) -> datetime:
    """A clock time in China as the UTC instant that is stored."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


NOW = at("2026-11-23 13:22")


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-11-23 13:22", "剩不到 1 分钟"),
        ("2026-11-23 13:22:59", "剩不到 1 分钟"),
        ("2026-11-23 13:23", "剩 1 分钟"),
        ("2026-11-23 14:00", "剩 38 分钟"),
        ("2026-11-23 14:00:59", "剩 38 分钟"),
        ("2026-11-23 14:21:59", "剩 59 分钟"),
        ("2026-11-23 14:22", "今天 14:22 前"),
        ("2026-11-23 23:59", "今天 23:59 前"),
        ("2026-11-24 00:00", "今天 24:00 前"),
        ("2026-11-24 00:01", "明天 00:01 前"),
        ("2026-11-24 14:02", "明天 14:02 前"),
        ("2026-11-25 00:00", "明天 24:00 前"),
        ("2026-11-29 00:00", "11月28日 24:00 前"),
        ("2027-01-01 00:00", "12月31日 24:00 前"),
        ("2027-01-03 18:00", "2027年1月3日 18:00 前"),
    ],
)
def test_until_words_say_the_limit_as_people_do(due: str, words: str) -> None:
    assert until_words(at(due), NOW) == words


def test_until_words_count_minutes_across_midnight() -> None:
    assert until_words(at("2026-11-24 00:00"), at("2026-11-23 23:30")) == "剩 30 分钟"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(seconds=1), "刚超时"),
        (timedelta(seconds=59), "刚超时"),
        (timedelta(minutes=1), "已超 1 分钟"),
        (timedelta(minutes=59, seconds=59), "已超 59 分钟"),
        (timedelta(hours=1), "已超 1 小时"),
        (timedelta(hours=3, minutes=50), "已超 3 小时"),
        (timedelta(hours=23, minutes=59), "已超 23 小时"),
        (timedelta(hours=24), "已超 1 天"),
        (timedelta(hours=49), "已超 2 天"),
    ],
)
def test_over_words_round_down_to_the_largest_unit(late: timedelta, words: str) -> None:
    assert overdue_words(late) == words


def test_span_words_never_say_nought() -> None:
    assert span_words(timedelta(seconds=5)) == "1 分钟"


START, DUE = at("2026-11-23 10:00"), at("2026-11-23 20:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 10:00", TonedText("今天 20:00 前", "grey", "bar")),
        ("2026-11-23 14:59", TonedText("今天 20:00 前", "grey", "bar")),
        ("2026-11-23 15:00", TonedText("今天 20:00 前", "amber", "diamond-open")),
        ("2026-11-23 17:59", TonedText("今天 20:00 前", "amber", "diamond-open")),
        ("2026-11-23 18:00", TonedText("今天 20:00 前", "amber", "diamond")),
        ("2026-11-23 19:22", TonedText("剩 38 分钟", "amber", "diamond")),
        ("2026-11-23 20:00", TonedText("剩不到 1 分钟", "amber", "diamond")),
        ("2026-11-23 20:00:01", TonedText("刚超时", "red", "triangle")),
        ("2026-11-23 23:00", TonedText("已超 3 小时", "red", "triangle")),
    ],
)
def test_clock_words_warn_at_half_and_at_four_fifths(now: str, expected: TonedText) -> None:
    assert clock_words(DUE, at(now), start=START) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 19:00", TonedText("今天 20:00 前", "grey", "bar")),
        ("2026-11-23 19:01", TonedText("剩 59 分钟", "amber", "diamond")),
    ],
)
def test_clock_words_without_start_warn_in_the_last_hour(now: str, expected: TonedText) -> None:
    assert clock_words(DUE, at(now)) == expected


def test_clock_words_treat_a_start_after_the_limit_as_unknown() -> None:
    assert clock_words(DUE, at("2026-11-23 12:00"), start=at("2026-11-23 21:00")).tone == "grey"


@pytest.mark.parametrize(
    ("met_at", "expected"),
    [
        ("2026-11-23 20:00", TonedText("按时完成", "green", "disc")),
        ("2026-11-23 22:10", TonedText("超时 2 小时完成", "grey", "bar")),
    ],
)
def test_clock_words_of_a_limit_that_was_met(met_at: str, expected: TonedText) -> None:
    assert clock_words(DUE, at("2026-12-01 09:00"), met_at=at(met_at), paused=True) == expected


def test_clock_words_of_a_paused_limit_do_not_run() -> None:
    assert clock_words(DUE, at("2026-11-30 09:00"), paused=True) == TonedText("时限暂停", "grey", "bar")


def test_clock_words_without_a_limit() -> None:
    assert clock_words(None, NOW) == TonedText("未定时限", "grey", "bar")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23 13:22", "刚刚"),
        ("2026-11-23 13:21:01", "刚刚"),
        ("2026-11-23 13:21", "1 分钟前"),
        ("2026-11-23 13:10", "12 分钟前"),
        ("2026-11-23 12:22", "今天 12:22"),
        ("2026-11-23 00:00", "今天 00:00"),
        ("2026-11-22 09:10", "昨天 09:10"),
        ("2026-11-16 10:20", "11月16日 10:20"),
        ("2025-12-31 23:59", "2025年12月31日 23:59"),
        ("2026-11-23 15:00", "今天 15:00"),
        ("2026-11-24 15:00", "明天 15:00"),
    ],
)
def test_when_words_say_when_something_happened(moment: str, words: str) -> None:
    assert when_words(at(moment), NOW) == words


def test_exact_words_give_the_instant_in_full() -> None:
    assert exact_words(at("2026-11-23 14:02:05")) == "2026年11月23日 星期一 14:02:05"


def test_exact_due_words_give_midnight_as_the_end_of_the_day() -> None:
    assert exact_due_words(at("2026-11-29 00:00")) == "2026年11月28日 星期六 24:00"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 秒"), (59, "59 秒"), (200, "3 分 20 秒"), (3_605, "1 小时 0 分 5 秒")]
)
def test_length_words_say_how_long_something_took(seconds: int, words: str) -> None:
    assert duration_words(timedelta(seconds=seconds)) == words
