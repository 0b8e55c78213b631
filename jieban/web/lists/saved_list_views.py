"""Actions on the list of cases: saving a view of it, and exporting it."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jieban.base.clock import local, now
from jieban.base.errors import Invalid
from jieban.cases.lists import case_export, export_log, saved_views
from jieban.registry.identity import attempts
from jieban.registry.identity.attempts import RateLimit
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Right, roles_with
from jieban.web.lists import case_list_views
from jieban.web.page import list_columns
from jieban.web.page.access import ActorRequest, for_roles, person_id_of

EXPORT_ALLOWANCE = RateLimit("export", 30, timedelta(hours=1))
MOST_ROWS = 20_000
READERS = roles_with(Right.SAVED_VIEWS)
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@for_roles(READERS)
@require_POST
def save_view(request: ActorRequest) -> HttpResponse:
    """Action view: saves the list's query under a name."""
    query = _list_query(request)
    saved_views.save_view(
        person_id_of(request), request.POST.get("name", ""), query, first="first" in request.POST, at=now()
    )
    return redirect(f"{reverse('cases')}?{query}")


@for_roles(READERS)
@require_POST
def drop_view(request: ActorRequest, pk: int) -> HttpResponse:
    """Action view: deletes a saved view."""
    saved_views.delete_view(person_id_of(request), pk)
    return redirect("cases")


@for_roles(READERS)
@require_POST
def export(request: ActorRequest) -> HttpResponse:
    """Export view: the list as a table, with its filters and columns, all pages up to a limit."""
    actor, at, query = request.actor, now(), _list_query(request)
    kind = request.POST.get("format", "xlsx")
    if kind not in CONTENT_TYPES:
        raise Invalid(_("请选择 Excel 或 CSV。"))
    attempts.record_attempt(EXPORT_ALLOWANCE, str(actor.person_id), at)
    return _table(actor, query, kind, at)


def _table(actor: Actor, query: str, kind: str, at: datetime) -> HttpResponse:
    params = QueryDict(query)
    chosen = case_list_views.chosen(params, actor, at)
    headings = list_columns.exported(list_columns.requested_columns(params.get("cols", "").split(",")))
    with tempfile.TemporaryDirectory(prefix="jieban-export-") as folder:
        path = Path(folder) / f"cases.{kind}"
        rows = case_export.export_file(path, actor=actor, chosen=chosen, headings=headings, most=MOST_ROWS)
        export_log.log_export(actor, query, rows, at)
        handle = path.open("rb")  # an open file can be read after its name is deleted
    name = f"{_('诉求')}-{local(at):%Y%m%d-%H%M}.{kind}"
    answer = FileResponse(handle, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])
    answer["Cache-Control"] = "no-store"
    return answer  # type: ignore[return-value]


def _list_query(request: HttpRequest) -> str:
    """The query of the list's page; unknown parameters are dropped."""
    sent = parse_qsl(request.POST.get("query", "").replace("\0", "")[: saved_views.LONGEST_QUERY * 2])
    known = case_list_views.KNOWN_PARAMETERS
    return urlencode([(name, value) for name, value in sent if name in known and value])
