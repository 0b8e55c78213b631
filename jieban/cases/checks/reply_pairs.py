"""Reader of messages with their replies from a table, for the evaluation of the reply check."""

from pathlib import Path

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.base.sheets import open_table
from jieban.language.similarity.relevance_evaluation import Pair

COLUMNS = ("留言主题", "留言详情", "答复意见")


def read_pairs(path: Path) -> tuple[list[Pair], int]:
    """Subject, message and reply of each row, and the number of rows skipped without a message or reply.

    Raises BadFile for an unreadable file, Invalid for missing columns.
    """
    if not path.is_file():
        raise Invalid(_("没有这个文件：%s。请核对路径。") % path)
    pairs: list[Pair] = []
    left_out = 0
    with open_table(path) as table:
        missing = [name for name in COLUMNS if name not in table.columns]
        if missing:
            raise Invalid(_("表格缺少这些列：%s。第一行应为列名。") % "、".join(missing))
        places = [table.columns.index(name) for name in COLUMNS]
        for _number, cells in table.rows():
            subject, message, reply = (_text(cells[place]) for place in places)
            if reply and (subject or message):
                pairs.append((subject, message, reply))
            else:
                left_out += 1
    return pairs, left_out


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
