"""The seals over the history, and whether they still hold."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jieban.base.clock import local, now
from jieban.cases.integrity import audit_search
from jieban.cases.integrity.audit_search import Sealed
from jieban.cases.models import Seal
from jieban.registry.roles import Role
from jieban.web.audit.csv_export import MOST_EXPORTED, export_notice, sent_as_csv
from jieban.web.page.access import for_roles
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import Asked, Cell, Door, Table, day, only

LEVELS = {Seal.Level.DAY: gettext_lazy("每日"), Seal.Level.INTERIM: gettext_lazy("每十分钟")}
COLUMNS = ("日期", "级别", "封存时间", "记录数", "起", "止", "根", "签名", "库外文件")


@for_roles({Role.AUDITOR})
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The newest seals first, each with its signature and its file."""
    only(request, Role.AUDITOR)
    asked = Asked.of(request)
    if "export" in asked.sent:
        found, _more = audit_search.sealed(size=MOST_EXPORTED)
        return sent_as_csv("seals", COLUMNS, map(_line, found))
    found, following = audit_search.sealed(after=asked.after)
    unsealed = audit_search.unsealed_count()
    context = {
        "now": now(),
        "title": _("封存"),
        "table": _table(found),
        "export_url": asked.with_export(),
        "lead": _("还有 %d 条记录未封存，每十分钟封存一次；点开一份可核对其中全部记录。") % unsealed
        + export_notice(),
    }
    return render(request, "web/admin/table.html", context | asked.context(following))


def _line(one: Sealed) -> list[str]:
    seal = one.seal
    return [
        day(seal.day), str(LEVELS[Seal.Level(seal.level)]), f"{local(seal.made_at):%Y-%m-%d %H:%M:%S}", str(seal.count),
        str(seal.first_id), str(seal.last_id), bytes(seal.root).hex(), _signed(one), _outside(one),
    ]  # fmt: skip


def _signed(one: Sealed) -> str:
    return _("有效") if one.signed else _("无效")


def _outside(one: Sealed) -> str:
    return _("在") if one.outside else _("不在或不同")


def _table(found: list[Sealed]) -> Table:
    cells = [
        [
            Cell(_title(one.seal), url=reverse("audit-seal", args=[one.seal.pk]), first=True),
            Cell(str(one.seal.count)),
            Cell(at=one.seal.made_at),
            Cell(bytes(one.seal.root).hex()[:16]),
            Cell(_signed(one), tone="green" if one.signed else "red"),
            Cell(_outside(one), tone="green" if one.outside else "amber"),
        ]
        for one in found
    ]
    columns = [_("封存"), _("记录数"), _("时间"), _("根"), _("签名"), _("库外文件")]
    return Table(
        columns, cells, _("封存"), _("还没有封存"), _("有办理记录后，每十分钟封存一次，每日再封存一次。")
    )


def _title(seal: Seal) -> str:
    return f"{day(seal.day)} {LEVELS[Seal.Level(seal.level)]}"


@for_roles({Role.AUDITOR})
@require_GET
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """One seal, its events counted and hashed again."""
    only(request, Role.AUDITOR)
    found, same, count = audit_search.seal(pk)
    line = (
        _("现在的 %d 条记录与封存时一致。")
        if same
        else _("现在有 %d 条记录，与封存时不一致。请保留现场并通知运维。")
    )
    return render(request, "web/admin/thing.html", _context(found, same, line % count))


def _context(found: Sealed, same: bool, first_line: str) -> dict[str, Any]:
    one = found.seal
    return {
        "title": _title(one),
        "first_line": first_line,
        "state": Door(_("一致") if same else _("不一致"), "", tone="green" if same else "red"),
        "facts": [
            Fact(_("记录数"), str(one.count)),
            Fact(_("编号"), f"{one.first_id} – {one.last_id}"),
            Fact(_("签名"), _signed(found), one.key_id),
            Fact(_("库外文件"), _outside(found)),
            Fact(_("根"), bytes(one.root).hex(), wide=True),
        ],
        "waiting": _("审计只查看，不改动。"),
        "back": reverse("audit-seals"),
        "back_label": _("封存"),
    }
