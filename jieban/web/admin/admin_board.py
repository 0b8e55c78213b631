"""Administrator's home page: tasks, recent changes, and links to everything that can be configured."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jieban.base.clock import local_date, now
from jieban.registry.administration import admin_lists
from jieban.registry.district.directory import gaps
from jieban.registry.roles import Role
from jieban.web.audit.config_log_views import change_table
from jieban.web.management.commands.check import StartupCheck, run_checks
from jieban.web.page.access import for_roles
from jieban.web.page.tables import ActionLink
from jieban.worktime.calendar_gaps import calendar_gaps

MOST_LISTED = 8  # sentences shown of one check
PART_LABELS = {
    "database": gettext_lazy("数据库"),
    "migrations": gettext_lazy("数据库结构"),
    "calendar": gettext_lazy("日历"),
    "directory": gettext_lazy("派单目录与责任单位"),
    "keys": gettext_lazy("密钥"),
    "disk": gettext_lazy("磁盘"),
    "settings": gettext_lazy("设置"),
}


@dataclass(frozen=True, slots=True)
class StartupCheckRow:
    """Result of one startup check, and what to do."""

    label: str
    ok: bool
    sentences: tuple[str, ...]
    more: str = ""


@for_roles({Role.ADMIN})
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """View of the administrator's home page: links to all settings, and the latest changes."""
    at = now()
    changes = admin_lists.changes({}).rows[:10]
    waiting = len(calendar_gaps(local_date(at))) + len(gaps(local_date(at)))
    line = _("有 %d 项配置要办，见“检查”。") % waiting if waiting else _("日历、派单目录和责任单位都齐全。")
    context = {
        "now": at,
        "title": _("管理"),
        "first_line": line,
        "doors": _action_links(),
        "table": change_table(changes, _("最近的变更")),
    }
    return render(request, "admin/admin_board.html", context)


def _action_links() -> list[ActionLink]:
    return [
        ActionLink(_("人员"), reverse("admin-people"), _("账号、任职、密码、令牌")),
        ActionLink(_("岗位"), reverse("admin-posts"), _("谁在什么岗位，哪些岗位没有人")),
        ActionLink(_("单位"), reverse("admin-units"), _("名称、上下级、撤销")),
        ActionLink(_("派单目录"), reverse("admin-directory"), _("什么事项在哪里由谁主办，改派前先看影响")),
        ActionLink(_("时限与限额"), reverse("admin-rules"), _("从哪天起用哪个数，依据是什么")),
        ActionLink(_("回访时间"), reverse("admin-calling"), _("工作日和休息日几点到几点打回访电话")),
        ActionLink(_("班次"), reverse("admin-shifts"), _("值班表有哪些班次，几点到几点")),
        ActionLink(_("日历"), reverse("admin-calendar"), _("哪些年份的放假安排已录入")),
        ActionLink(_("分类"), reverse("admin-categories"), _("三级分类、难易和照片要求，更换前先看影响")),
        ActionLink(_("通话用语"), reverse("admin-script"), _("受理员念给来电人的话")),
        ActionLink(
            _("短信用语"), reverse("admin-messages"), _("给诉求人的短信怎么写，中文和英文，从哪天起用")
        ),
        ActionLink(_("检查"), reverse("admin-checks"), _("还缺什么，怎么补")),
        ActionLink(_("变更记录"), reverse("admin-changes"), _("谁在什么时候把什么改成什么")),
    ]


@for_roles({Role.ADMIN})
@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """View of the startup checks, as `python -m jieban check` runs them."""
    found = [_startup_check_row(finding) for finding in run_checks()]
    wrong = sum(not one.ok for one in found)
    context = {
        "title": _("检查"),
        "first_line": _("%d 个方面要办，做法写在下面。") % wrong if wrong else _("各方面都正常。"),
        "findings": sorted(found, key=lambda one: one.ok),
    }
    return render(request, "admin/admin_board.html", context)


def _startup_check_row(finding: StartupCheck) -> StartupCheckRow:
    """A finding as a row; the gaps of the directory as separate sentences."""
    label = str(PART_LABELS.get(finding.part, finding.part))
    if finding.part != "directory" or finding.ok:
        return StartupCheckRow(label, finding.ok, (finding.zh,))
    sentences = gaps(local_date(now())).sentences()
    more = (
        _("另有 %d 项，办完以上各项后再看。") % (len(sentences) - MOST_LISTED)
        if len(sentences) > MOST_LISTED
        else ""
    )
    return StartupCheckRow(label, False, tuple(sentences[:MOST_LISTED]), more)
