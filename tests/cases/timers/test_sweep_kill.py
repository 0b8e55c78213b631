"""Sweeps that run beside each other and are killed anywhere: every warning exactly once."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jieban.base.sheets import write_table
from tests.cases.programs import command, own_database, script
from tests.platforms import wait_until

CASES = 60
# Received now and never touched: in ten days each limit of each case is half over, nearly over and over.
SWEEP = """
from datetime import timedelta
from jieban.base.clock import now
from jieban.cases.timers.sweep import sweep
sweep(now() + timedelta(days=10))
"""
EACH = sorted([clock, level] for clock in ("contact", "finish") for level in ("half", "fifths", "overdue"))
ALL = CASES * len(EACH)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "messages.csv"
    rows: list[Any] = [[n, "U1", f"路灯 {n}", "2026-03-02 10:00:00", f"{n} 号灯杆不亮"] for n in range(CASES)]
    write_table(path, ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"], rows)
    with own_database("jieban_sweep") as url:
        assert command(url, "import-cases", str(path)).wait(60) == 0
        yield url


def given(url: str) -> dict[int, list[list[str]]]:
    """The warnings in the history of each case: clock and level."""
    found: dict[int, list[list[str]]] = {}
    with psycopg.connect(url) as connection:
        for case, body in connection.execute(
            "SELECT case_id, body FROM cases_caseevent WHERE action = 'warn' ORDER BY id"
        ):
            facts = json.loads(body)["facts"]
            found.setdefault(case, []).append([facts["clock"], facts["level"]])
    return found


def count(url: str) -> int:
    return sum(map(len, given(url).values()))


def test_sweeps_side_by_side_and_killed_give_every_warning_once(database: str) -> None:
    first, second = script(database, SWEEP), script(database, SWEEP)
    for victim, share in ((first, 0.2), (second, 0.5)):
        wait_until(lambda share=share: count(database) >= ALL * share, 60)  # type: ignore[misc]
        victim.kill()
        victim.communicate(timeout=30)
    assert count(database) < ALL, "both were killed too late to prove anything"

    again: list[subprocess.Popen[str]] = [script(database, SWEEP) for _ in range(3)]
    for process in again:
        _out, told = process.communicate(timeout=120)
        assert process.returncode == 0, told

    assert [sorted(warnings) for warnings in given(database).values()] == [EACH] * CASES
    with psycopg.connect(database) as connection:
        open_checks = connection.execute("SELECT count(*) FROM cases_case WHERE next_check_at IS NOT NULL")
        messages = connection.execute("SELECT count(*) FROM channels_message WHERE template LIKE 'warn.%'")
        assert (open_checks.fetchone(), messages.fetchone()) == ((0,), (ALL,))
    assert json.loads(command(database, "verify-history", "--json").communicate(timeout=120)[0])["ok"] is True
