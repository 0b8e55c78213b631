"""Reading tables of messages, writing the two tables, and the command that needs no database."""

import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from jieban import commandline
from jieban.base.sheets import BadFile, open_table
from jieban.language.topics.topic_finder import find
from jieban.language.topics.topic_messages import read_messages
from jieban.language.topics.topic_tables import (
    MESSAGE_COLUMNS,
    MESSAGES_FILE,
    TOPIC_COLUMNS,
    TOPICS_FILE,
    write_tables,
)

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "data" / "samples"
COLUMNS = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command where no database can be reached."""
    env = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    return subprocess.run(
        [sys.executable, "-m", "jieban", "hot-topics", *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["messages.xlsx", "messages.csv"])
def test_the_samples_are_read(name: str) -> None:
    read = read_messages(SAMPLES / name)
    assert read[0].at is not None
    assert len({message.key for message in read}) == len(read) > 10


def test_odd_rows_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([
            COLUMNS,
            [1, "u1", "井盖丢了", "2026/3/2 8:05:00", "\n\t\t楼前　井盖\n丢了\t", 1, 3],
            [2, "u2", "井盖", "昨天", "没有了", "很多", -4],
            [3, "u3", None, date(2026, 3, 2), "只有内容的一条", None, None],
            [4, "u4", None, None, None, None, None],
            [1, "u5", "又一条", None, "同一编号", 0, 0],
        ])  # fmt: skip
    first, second, third = read_messages(tmp_path / "a.csv")
    assert (first.key, first.text, first.likes, first.against) == ("1", "楼前 井盖\n丢了", 3, 1)
    assert first.at is not None
    assert first.at.isoformat() == "2026-03-02T08:05:00+08:00"
    assert (second.at, second.likes, second.against) == (None, 0, 0)
    assert (third.subject, third.text) == ("只有内容的一条", "只有内容的一条")


def test_both_tables_hold_the_topics_and_their_messages(tmp_path: Path) -> None:
    topics = find(read_messages(SAMPLES / "messages.csv"))
    write_tables(tmp_path / "new" / "folder", topics)
    with open_table(tmp_path / "new" / "folder" / TOPICS_FILE) as table:
        ranked = [cells for _line, cells in table.rows()]
        assert table.columns == TOPIC_COLUMNS
    with open_table(tmp_path / "new" / "folder" / MESSAGES_FILE) as table:
        detailed = [cells for _line, cells in table.rows()]
        assert table.columns == MESSAGE_COLUMNS
    assert [row[2] for row in ranked] == [topic.heat.value for topic in topics]
    assert [str(row[1]) for row in detailed] == [
        message.key for topic in topics for message in topic.messages
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "文件是空的（0 字节）。请重新导出或重新上传。"),
        ("留言编号,留言主题\n1,井盖\n", "表格缺少这些列：留言详情。请补上列名后重试。"),
        ("留言编号,留言主题,留言详情\n", "表格只有列名，没有数据行。请填写数据后再导入。"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_messages(tmp_path / "a.csv")
    assert refused.value.message == said


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="找不到文件"):
        read_messages(tmp_path / "none.xlsx")


def test_the_command_needs_no_database(tmp_path: Path) -> None:
    done = run(
        "--input", str(SAMPLES / "messages.xlsx"), "--out", str(tmp_path / "out"), "--top", "3", "--json"
    )
    topics = json.loads(done.stdout)["topics"]
    assert [topic["rank"] for topic in topics] == [1, 2, 3]
    assert set(topics[0]) == {"rank", "heat", "place", "subject", "from", "to", "message_ids"}
    assert date.fromisoformat(topics[0]["from"]) <= date.fromisoformat(topics[0]["to"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([TOPICS_FILE, MESSAGES_FILE])


def test_the_command_says_in_chinese_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commandline.run(["hot-topics", "--input", str(ROOT / "README.md"), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip() == "表格缺少这些列：留言编号、留言主题、留言详情。请补上列名后重试。"
