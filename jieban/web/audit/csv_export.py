"""CSV export of a list, up to a number of rows that the page states; no cell can act as a formula."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.http import HttpResponse
from django.utils.translation import gettext as _

from jieban.base.clock import local_date, now
from jieban.base.sheets.sheet_writer import write_table

MOST_EXPORTED = 5_000


def csv_response(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """The rows as a CSV download."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        write_table(path, columns, rows)
        answer = HttpResponse(path.read_bytes(), content_type="text/csv; charset=utf-8")
    saved_as = f"jieban-{name}-{local_date(now()).isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{saved_as}"'
    return answer


def export_notice() -> str:
    return _("导出的是按上面条件查到的内容，最新的 %d 条为限；要更早的，请把日期范围改小。") % MOST_EXPORTED
