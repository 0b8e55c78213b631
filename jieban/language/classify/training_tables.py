"""Reader of training tables: messages as the offices export them, or with plain English column names."""

from collections.abc import Iterator
from pathlib import Path

from jieban.base.sheets import BadFile, Cell, open_table
from jieban.base.translation import gettext as _
from jieban.language.classify.classifier_evaluation import LabelledMessage
from jieban.language.text.features import MessageContent

SUBJECTS = ("留言主题", "subject")
TEXTS = ("留言详情", "text")
LABELS = ("一级分类", "category")


def read_labelled(path: Path) -> tuple[list[LabelledMessage], int]:
    """Reads labelled messages; also returns how many rows were left out for want of a category or of words.

    Raises BadFile with a sentence.
    """
    rows = list(_cells(path, (SUBJECTS, TEXTS, LABELS)))
    labelled = [
        LabelledMessage(MessageContent(subject, text), label)
        for subject, text, label in rows
        if label and subject + text
    ]
    if not labelled:
        raise BadFile(_("%(path)s：没有一行既有留言又有分类，无法使用。") % {"path": path})
    return labelled, len(rows) - len(labelled)


def read_unlabelled(path: Path) -> list[MessageContent]:
    """Reads messages without categories, .csv or .xlsx. Raises BadFile with a sentence."""
    return [
        MessageContent(subject, text) for subject, text in _cells(path, (SUBJECTS, TEXTS)) if subject + text
    ]


def _cells(path: Path, wanted: tuple[tuple[str, ...], ...]) -> Iterator[list[str]]:
    try:
        with open_table(path) as table:
            places = [_column_index(path, table.columns, names) for names in wanted]
            for _line, cells in table.rows():
                yield [_cell_text(cells[place]) for place in places]
    except OSError as error:
        raise BadFile(
            _("文件 %(path)s 打不开：%(strerror)s。") % {"path": path, "strerror": error.strerror}
        ) from error
    except BadFile as error:
        if str(path) in error.message:
            raise
        raise BadFile(f"{path}：{error.message}") from error


def _column_index(path: Path, columns: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in columns:
            return columns.index(name)
    raise BadFile(
        _("%(path)s：没有“%(column)s”这一列（也可以叫 %(other)s），请检查第一行的列名。")
        % {"path": path, "column": names[0], "other": names[1]}
    )


def _cell_text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()
