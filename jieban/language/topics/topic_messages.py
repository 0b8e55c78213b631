"""Messages for hot topics, and the reader of their tables."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jieban.base.sheets import BadFile, Cell, open_table
from jieban.base.text.cleaning import clean, clean_line, parse_datetime
from jieban.base.translation import gettext as _

LONGEST_TEXT = 20_000  # characters of a message that are used; fewer than a cell can hold
LONGEST_SUBJECT = 200
MOST_MESSAGES = 50_000
MOST_VOTES = 1_000_000_000  # a larger number is a typing error
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "key": ("留言编号", "单号"),
    "person": ("留言用户", "诉求人"),
    "subject": ("留言主题", "主题"),
    "at": ("留言时间", "受理时间"),
    "text": ("留言详情", "内容"),
    "against": ("反对数",),
    "likes": ("点赞数",),
    "place": ("社区",),
}
_REQUIRED = ("key", "subject", "text")


@dataclass(frozen=True, slots=True)
class TopicMessage:
    """Message: `key` is its number, `place` the registered place of its case where there is one, `kind` its category
    from the first level down, where a person has confirmed one.

    `likes` and `against` count who else agreed and who did not; `at` is None when it is unknown.
    """

    key: str
    subject: str
    text: str
    at: datetime | None = None
    person: str = ""
    likes: int = 0
    against: int = 0
    place: str = ""
    kind: tuple[str, ...] = ()


def read_messages(path: Path) -> list[TopicMessage]:
    """Reads the messages of a .xlsx or .csv table, each number once, in the order of their numbers.

    The columns are those of a message table (留言编号 … 点赞数) or of `export-cases`. Lines without a word are left
    out; an unreadable time becomes None. Raises BadFile with a Chinese sentence.
    """
    try:
        with open_table(path) as table:
            positions = _positions(table.columns)
            found: dict[str, TopicMessage] = {}
            for line, cells in table.rows():
                message = _message(line, {name: cells[at] for name, at in positions.items()})
                if message is not None:
                    found.setdefault(message.key, message)
                if len(found) > MOST_MESSAGES:
                    raise BadFile(
                        _("留言超过 %(most)s 条，请按时间分成几个文件分别分析。") % {"most": MOST_MESSAGES}
                    )
    except FileNotFoundError:
        raise BadFile(_("找不到文件 %(path)s。请核对路径。") % {"path": path}) from None
    except OSError as error:
        raise BadFile(
            _("文件读不了：%(reason)s。请核对路径和权限。") % {"reason": error.strerror or error}
        ) from None
    return sorted_by_number(found.values())


def sorted_by_number(messages: Iterable[TopicMessage]) -> list[TopicMessage]:
    """Sorts by number, shorter numbers first, so that the result does not depend on the order of a table."""
    return sorted(messages, key=lambda message: (len(message.key), message.key))


def _positions(columns: Sequence[str]) -> dict[str, int]:
    found = {
        name: columns.index(title)
        for name, titles in _FIELDS.items()
        for title in titles[::-1]
        if title in columns
    }
    if missing := [_FIELDS[name][0] for name in _REQUIRED if name not in found]:
        raise BadFile(_("表格缺少这些列：%(columns)s。请补上列名后重试。") % {"columns": "、".join(missing)})
    return found


def _message(line: int, cells: Mapping[str, Cell]) -> TopicMessage | None:
    subject, text = _line(cells["subject"])[:LONGEST_SUBJECT], clean(_text(cells["text"])[: 2 * LONGEST_TEXT])
    if not subject and not text:
        return None
    return TopicMessage(
        key=_line(cells["key"]) or _("第%(line)s行") % {"line": line},
        subject=subject or clean_line(text)[:40],
        text=text[:LONGEST_TEXT],
        at=_datetime_of(cells.get("at")),
        person=_line(cells.get("person")),
        likes=_count(cells.get("likes")),
        against=_count(cells.get("against")),
        place=_line(cells.get("place")),
    )


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _line(cell: Cell) -> str:
    return clean_line(_text(cell))


def _datetime_of(cell: Cell) -> datetime | None:
    if cell is None or isinstance(cell, bool):
        return None
    try:
        return parse_datetime(cell)
    except ValueError:
        return None


def _count(cell: Cell) -> int:
    try:
        number = float(_text(cell))
    except ValueError:
        return 0
    return int(min(max(number, 0), MOST_VOTES)) if math.isfinite(number) else 0
