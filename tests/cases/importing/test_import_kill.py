"""Imports that are killed, repeated, and run beside each other: real processes on a database of their own."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jieban.base.sheets import open_table, write_table
from tests.cases.programs import ROOT, command, own_database

REAL = ROOT.parent / "shared" / "data" / "messages_4326.xlsx"
INVENTED_ROWS = 800
PROGRESS = re.compile(r"新建 (\d+) 件")


@pytest.fixture
def database() -> Iterator[str]:
    with own_database("jieban_import") as url:
        yield url


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("import") / "messages.csv"
    rows = [[n, "U1", f"路灯 {n}", "2026-03-02 10:00:00", f"第 {n} 号灯杆不亮"] for n in range(INVENTED_ROWS)]
    write_table(path, ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"], rows)  # type: ignore[arg-type]
    return path


def result(process: "subprocess.Popen[str]") -> dict[str, object]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return dict(json.loads(out))


def kill_when_created(process: "subprocess.Popen[str]", count: int) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        told = PROGRESS.search(line)
        if told and int(told[1]) >= count:
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait(30) == -signal.SIGKILL


def figures(url: str) -> dict[str, int]:
    """What is in the database: cases, different references, and what belongs to each case."""
    queries = {
        "cases": "SELECT count(*) FROM cases_case",
        "references": "SELECT count(DISTINCT source_ref) FROM cases_case",
        "numbers": "SELECT count(DISTINCT number) FROM cases_case",
        "texts": "SELECT count(*) FROM cases_casetext",
        "events": "SELECT count(*) FROM cases_caseevent",
        "messages": "SELECT count(*) FROM channels_message",
    }
    with psycopg.connect(url) as connection:
        return {name: connection.execute(query).fetchone()[0] for name, query in queries.items()}  # type: ignore[index]


def each(count: int) -> dict[str, int]:
    return dict.fromkeys(("cases", "references", "numbers", "texts", "events", "messages"), count)


def check_kill_and_repeat(url: str, path: Path) -> None:
    with open_table(path) as table:
        rows = sum(1 for _ in table.rows())
    kill_when_created(command(url, "import-cases", str(path), "--json"), rows // 2)
    half = figures(url)["cases"]
    assert rows // 2 <= half < rows
    again = result(command(url, "import-cases", str(path), "--json"))
    assert again == {
        "read": rows, "created": rows - half, "already_there": half, "rejected": 0, "rejects_file": None,
    }  # fmt: skip
    assert figures(url) == each(rows)
    third = result(command(url, "import-cases", str(path), "--json"))
    assert (third["created"], third["already_there"], third["rejected"]) == (0, rows, 0)
    assert figures(url) == each(rows)
    assert json.loads(command(url, "verify-history", "--json").communicate(timeout=120)[0])["ok"] is True


def test_a_killed_import_is_repeated_and_each_case_is_there_once(database: str, invented: Path) -> None:
    check_kill_and_repeat(database, invented)


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/messages_4326.xlsx is not there")
def test_4326_real_messages_survive_a_kill_each_once(database: str) -> None:
    check_kill_and_repeat(database, REAL)


def test_two_imports_at_once_make_each_case_once(database: str, invented: Path) -> None:
    both = [command(database, "import-cases", str(invented), "--json") for _ in range(2)]
    found = [result(process) for process in both]
    assert [one["read"] for one in found] == [INVENTED_ROWS] * 2
    assert sum(int(str(one["created"])) for one in found) == INVENTED_ROWS
    assert sum(int(str(one["already_there"])) for one in found) == INVENTED_ROWS
    assert [one["rejected"] for one in found] == [0, 0]
    assert figures(database) == each(INVENTED_ROWS)
