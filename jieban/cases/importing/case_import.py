"""Idempotent import of cases from the tables of other offices."""

import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local, now
from jieban.base.errors import Refused
from jieban.base.sheets import BadFile, Cell, open_table, write_table
from jieban.cases import actions
from jieban.cases.actions import Concern
from jieban.cases.importing.import_layouts import ConcernReader, Layout, layout_for, reader
from jieban.registry.identity.posts import SYSTEM

BATCH = 200  # rows of one transaction
MOST_BYTES = 2_000_000_000
ROW, COLUMN, REASON = "行号", "列", "原因"

ImportRow = tuple[int, list[Cell]]


@dataclass
class ImportResult:
    """Result of an import: read = created + already_there + rejected."""

    read: int = 0
    created: int = 0
    already_there: int = 0
    rejected: int = 0
    rejects_file: Path | None = None


@dataclass
class _Rejects:
    """Rejected rows, spooled to disk until the whole table is read."""

    columns: list[str]
    spool: TextIO
    count: int = field(default=0)

    def add(self, line: int, column: str, reason: str, cells: Sequence[Cell]) -> None:
        plain_cells = [_plain(cell) for cell in cells]
        self.spool.write(json.dumps([line, column, reason, *plain_cells]) + "\n")
        self.count += 1

    def rows(self) -> Iterator[list[Cell]]:
        self.spool.seek(0)
        for line in self.spool:
            yield json.loads(line)


def import_file(
    path: Path, *, layout: str = "", progress: Callable[[ImportResult], None] | None = None
) -> ImportResult:
    """Imports the rows that are no cases yet, in batches of one transaction each.

    An interrupted run is simply repeated: existing cases are counted as already there. A case is received at the time
    of the import, from which its deadlines run; the row's own number and time are stored as its reference. Rejected
    rows are written to a table next to the file, with line, column and reason.
    Raises BadFile when the file cannot be read as a table of a known layout.
    """
    outcome = ImportResult()
    try:
        with (
            open_table(path, most_bytes=MOST_BYTES) as table,
            tempfile.TemporaryFile("w+", encoding="utf-8") as spool,
        ):
            chosen = layout_for(table.columns, layout)
            rejects = _Rejects(table.columns, spool)
            rows = table.rows()
            while batch := list(islice(rows, BATCH)):
                _import_batch(chosen, batch, outcome, rejects)
                if progress:
                    progress(outcome)
            if rejects.count:
                outcome.rejects_file = _write_rejects(path, rejects)
    except OSError as error:
        raise BadFile(_("文件打不开：%s。请核对路径和权限。") % (error.strerror or error)) from error
    except BadFile as error:
        if not outcome.read:
            raise
        done = _("此前 %d 行已处理，改正后再导入一次即可，不会重复。") % outcome.read
        raise BadFile(f"{error.message}{done}") from error
    return outcome


def _import_batch(layout: Layout, batch: list[ImportRow], outcome: ImportResult, rejects: _Rejects) -> None:
    """Imports one batch under a lock per source, so that concurrent imports cannot deadlock."""
    at = now()
    reading = reader(layout, rejects.columns, at)
    read = [_concern(reading, cells) for _line, cells in batch]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, _key(layout.source)])
        concerns = [concern for concern in read if isinstance(concern, Concern)]
        answers = iter(actions.receive_all(concerns, actor=SYSTEM, at=at))
    for (line, cells), concern in zip(batch, read, strict=True):
        answer = concern if isinstance(concern, Refused) else next(answers)
        outcome.read += 1
        if isinstance(answer, Refused):
            rejects.add(line, *_rejection_reason(answer, reading), cells)
            outcome.rejected += 1
        elif answer.created:
            outcome.created += 1
        else:
            outcome.already_there += 1


def _concern(reading: ConcernReader, cells: list[Cell]) -> Concern | Refused:
    try:
        return reading.concern(cells)
    except Refused as error:
        return error


_LOCK_SPACE = 7_110_108  # key space of the advisory locks of imports


def _key(source: str) -> int:
    return zlib.crc32(source.encode()) & 0x7FFF_FFFF


def _rejection_reason(error: Refused, reading: ConcernReader) -> tuple[str, str]:
    """Column, by its name in the table, and reason of a rejection."""
    if error.code == "key_reused":
        return reading.layout.columns["source_ref"], _(
            "这个编号的案件已经在平台上，但内容与这一行不同。如是新诉求，请换一个编号。"
        )
    for name, reason in error.fields.items():
        return reading.layout.columns.get(name, ""), reason
    return "", error.message


def _write_rejects(path: Path, rejects: _Rejects) -> Path:
    """Writes the table of rejected rows next to the file, or else into the platform's own folder."""
    columns = [ROW, COLUMN, REASON, *(_distinct(name) for name in rejects.columns)]
    name = f"{path.stem}.rejects.csv"
    folder = path.resolve().parent
    if not os.access(folder, os.W_OK):
        folder = settings.VAR / "imports"
    try:
        return _write_to(folder / name, columns, rejects)
    except OSError:
        return _write_to(settings.VAR / "imports" / name, columns, rejects)


def _write_to(path: Path, columns: list[str], rejects: _Rejects) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(path, columns, rejects.rows())
    return path


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return f"{local(cell):%Y-%m-%d %H:%M:%S}"
    return cell.isoformat() if isinstance(cell, date) else cell


def _distinct(name: str) -> str:
    return f"{name}（原表）" if name in {ROW, COLUMN, REASON} else name
