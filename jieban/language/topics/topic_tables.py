"""Export of topics: two tables for a leader's desk, and JSON for programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jieban.base.sheets import Cell, write_table
from jieban.base.translation import gettext as _
from jieban.language.topics.topic_finder import Topic

TOPICS_FILE, MESSAGES_FILE = "热点问题表.xlsx", "热点问题留言明细表.xlsx"
TOPIC_COLUMNS = [
    "热度排名", "问题ID", "热度指数", "时间范围", "地点/人群", "问题描述", "留言数", "涉及人数", "留言天数", "净支持数",
]  # fmt: skip
MESSAGE_COLUMNS = ["问题ID", "留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "点赞数", "反对数"]


def write_tables(folder: Path, topics: Sequence[Topic]) -> tuple[Path, Path]:
    """Writes two tables into the folder, the topics by rank and the messages of each; returns their paths.

    Raises BadFile, OSError when they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ranked, detailed = folder / TOPICS_FILE, folder / MESSAGES_FILE
    write_table(ranked, TOPIC_COLUMNS, (_topic(topic) for topic in topics))
    write_table(detailed, MESSAGE_COLUMNS, (row for topic in topics for row in _messages(topic)))
    return ranked, detailed


def as_json(topics: Sequence[Topic]) -> dict[str, list[dict[str, Any]]]:
    """JSON of the topics: dates in ISO 8601, numbers of messages as text, by time."""
    return {
        "topics": [
            {
                "rank": topic.rank,
                "heat": topic.heat.value,
                "place": topic.place,
                "subject": topic.subject,
                "from": topic.first_on and topic.first_on.isoformat(),
                "to": topic.last_on and topic.last_on.isoformat(),
                "message_ids": [message.key for message in topic.messages],
            }
            for topic in topics
        ]
    }


def _topic(topic: Topic) -> list[Cell]:
    period = (
        _("%(first_on)s 至 %(last_on)s") % {"first_on": topic.first_on, "last_on": topic.last_on}
        if topic.first_on
        else ""
    )
    heat = topic.heat
    return [
        topic.rank, topic.rank, heat.value, period, topic.place, topic.subject, heat.messages, heat.persons,
        heat.days, heat.supporters,
    ]  # fmt: skip


def _messages(topic: Topic) -> list[list[Cell]]:
    return [
        [
            topic.rank, message.key, message.person, message.subject, message.at, message.text,
            message.likes, message.against,
        ]
        for message in topic.messages
    ]  # fmt: skip
