"""Seals over the history, and whether they are still valid."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jieban.base.clock import local, now
from jieban.cases.integrity import audit_search
from jieban.cases.integrity.audit_search import CheckedSeal
from jieban.registry.ledger.seals import unsealed_count
from jieban.registry.models import Seal
from jieban.registry.roles import Role
from jieban.web.audit.csv_export import MOST_EXPORTED, csv_response, export_notice
from jieban.web.page.access import for_roles
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import (
    ActionLink,
    ListQuery,
    PageTable,
    TableCell,
    day_text,
)

LEVELS = {Seal.Level.DAY: gettext_lazy("每日"), Seal.Level.INTERIM: gettext_lazy("每十分钟")}


def _columns() -> list[str]:
    return [
        _("日期"), _("级别"), _("封存时间"), _("记录数"), _("起"), _("止"), _("根"), _("签名"), _("库外文件"),
    ]  # fmt: skip


@for_roles({Role.AUDITOR})
@require_GET
def seal_list(request: HttpRequest) -> HttpResponse:
    """View of the seals, the newest first, each with its signature and its file."""
    query = ListQuery.of(request)
    if "export" in query.sent:
        seals, _more = audit_search.checked_seals(size=MOST_EXPORTED)
        return csv_response("seals", _columns(), map(_csv_row, seals))
    seals, following = audit_search.checked_seals(after=query.after)
    unsealed = unsealed_count()
    context = {
        "now": now(),
        "title": _("封存"),
        "table": _table(seals),
        "export_url": query.with_export(),
        "lead": _("还有 %d 条记录未封存，每十分钟封存一次；点开一份可核对其中全部记录。") % unsealed
        + export_notice(),
    }
    return render(request, "admin/admin_table.html", context | query.context(following))


def _csv_row(one: CheckedSeal) -> list[str]:
    seal = one.seal
    return [
        day_text(seal.day),
        str(LEVELS[Seal.Level(seal.level)]),
        f"{local(seal.made_at):%Y-%m-%d %H:%M:%S}",
        str(seal.count),
        str(seal.first_id),
        str(seal.last_id),
        bytes(seal.root).hex(),
        _signature_text(one),
        _file_text(one),
    ]


def _signature_text(one: CheckedSeal) -> str:
    return _("有效") if one.signed else _("无效")


def _file_text(one: CheckedSeal) -> str:
    return _("在") if one.outside else _("不在或不同")


def _table(found: list[CheckedSeal]) -> PageTable:
    cells = [
        [
            TableCell(_title(one.seal), url=reverse("audit-seal", args=[one.seal.pk]), first=True),
            TableCell(str(one.seal.count)),
            TableCell(at=one.seal.made_at),
            TableCell(bytes(one.seal.root).hex()[:16]),
            TableCell(_signature_text(one), tone="green" if one.signed else "red"),
            TableCell(_file_text(one), tone="green" if one.outside else "amber"),
        ]
        for one in found
    ]
    columns = [_("封存"), _("记录数"), _("时间"), _("根"), _("签名"), _("库外文件")]
    return PageTable(
        columns, cells, _("封存"), _("还没有封存"), _("有办理记录后，每十分钟封存一次，每日再封存一次。")
    )


def _title(seal: Seal) -> str:
    return f"{day_text(seal.day)} {LEVELS[Seal.Level(seal.level)]}"


@for_roles({Role.AUDITOR})
@require_GET
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """View of one seal, whose events are counted and hashed again."""
    found, same, count = audit_search.checked_seal(pk)
    line = (
        _("现在的 %d 条记录与封存时一致。")
        if same
        else _("现在有 %d 条记录，与封存时不一致。请保留现场并通知运维。")
    )
    return render(request, "admin/admin_record.html", _context(found, same, line % count))


def _context(found: CheckedSeal, same: bool, first_line: str) -> dict[str, Any]:
    one = found.seal
    return {
        "title": _title(one),
        "first_line": first_line,
        "state": ActionLink(_("一致") if same else _("不一致"), "", tone="green" if same else "red"),
        "facts": [
            Fact(_("记录数"), str(one.count)),
            Fact(_("编号"), f"{one.first_id} – {one.last_id}"),
            Fact(_("签名"), _signature_text(found), one.key_id),
            Fact(_("库外文件"), _file_text(found)),
            Fact(_("根"), bytes(one.root).hex(), wide=True),
        ],
        "waiting": _("审计只查看，不改动。"),
        "back": reverse("audit-seals"),
        "back_label": _("封存"),
    }
