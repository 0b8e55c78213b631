"""Call scripts: the text that operators read to every caller, its versions, and a new one."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.registry.administration import call_script
from jieban.registry.administration.call_script import LONGEST
from jieban.registry.models import CallScript
from jieban.registry.roles import Role
from jieban.web.admin.weighed_forms import ReasonForm, change_page
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.tables import PageTable, TableCell


@for_roles({Role.ADMIN})
@require_GET
def script_list(request: HttpRequest) -> HttpResponse:
    """View of the versions, the current one first."""
    context = {
        "title": _("通话用语"),
        "table": _table(call_script.wordings()),
        "lead": _("受理员登记来电时，“念给来电人”一栏显示现用的一条。以前的各条保留备查。"),
        "new_url": reverse("admin-script-new"),
        "new_label": _("改用语"),
    }
    return render(request, "admin/admin_table.html", context)


def _table(rows: list[CallScript]) -> PageTable:
    cells = [
        [
            TableCell(row.text, first=True),
            TableCell(at=row.at),
            TableCell(row.person.name if row.person else _("平台初始设置")),
            TableCell(_("以前的"), tone="grey") if number else TableCell(_("现用"), tone="green"),
        ]
        for number, row in enumerate(rows)
    ]
    columns = [_("念给来电人的话"), _("自"), _("修改人"), _("效力")]
    return PageTable(columns, cells, _("通话用语"), _("还没有通话用语"), _("请写一条，受理员照着念。"))


class ScriptForm(ReasonForm):
    """Form of a call script."""

    text = forms.CharField(
        label=gettext_lazy("念给来电人的话"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("照口语写，受理员原样念。保存后立即使用。"),
    )


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new_script(request: ActorRequest) -> HttpResponse:
    """View: a new call script, valid from now on."""
    initial = {"text": call_script.current(), "seen": call_script.version_tag_of()}
    form = ScriptForm(request.POST if request.method == "POST" else None, initial=initial)
    return change_page(
        request, form, call_script.reword, back=reverse("admin-script"), done=_("已改，受理员现在就照它念。"),
        title=_("改通话用语"), lead=_("受理员登记来电时，右侧“念给来电人”显示这段话。诉求不变。"),
        full_fields=("text",),
    )  # fmt: skip
