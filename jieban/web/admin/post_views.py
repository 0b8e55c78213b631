"""Posts: list, holders, new posts and closed ones."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.registry.administration import accounts, admin_lists
from jieban.registry.models import Post
from jieban.registry.roles import Role
from jieban.web.admin.holding_lists import (
    STAFF_ROLE_CHOICES,
    StaffFilter,
    filter_values,
    holdings_table,
    unit_choices,
)
from jieban.web.admin.weighed_forms import ReasonForm, change_page
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.fields import select_field
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import (
    ActionLink,
    ListQuery,
    PageTable,
    TableCell,
    TableSection,
    day_text,
    join_texts,
)


class PostFilter(StaffFilter):
    """Filter form of the posts."""

    q = forms.CharField(label=gettext_lazy("岗位名称或代码"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=[
            ("", gettext_lazy("现有")),
            ("empty", gettext_lazy("没有人在岗")),
            ("closed", gettext_lazy("已撤销或未启用")),
        ],
        required=False,
    )


@for_roles({Role.ADMIN})
@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """View of the posts by code, with today's holders."""
    query, on = ListQuery.of(request), local_date(now())
    filters = PostFilter(query.filters, on)
    page = admin_lists.posts(filter_values(filters), on, query.after)
    context = {
        "title": _("岗位"),
        "filters": filters,
        "table": _table(page.rows),
        "new_url": reverse("admin-post-new"),
        "new_label": _("设立岗位"),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _holders_cell(post: Post) -> TableCell:
    holders = post.holders  # type: ignore[attr-defined]
    return TableCell(join_texts(one.person.name for one in holders)) if holders else _vacant_cell()


def _table(posts: list[Post]) -> PageTable:
    rows = [
        [
            TableCell(post.name, post.code, reverse("admin-post", args=[post.code]), first=True),
            TableCell(post.unit.name if post.unit else _("不属于单位")),
            TableCell(Role(post.role).label),
            _holders_cell(post),
        ]
        for post in posts
    ]
    columns = [_("岗位"), _("单位"), _("角色"), _("在岗")]
    return PageTable(columns, rows, _("岗位"), _("没有符合条件的岗位"), _("可减少条件再查，或设立新的岗位。"))


def _vacant_cell() -> TableCell:
    return TableCell(_("没有人在岗"), tone="amber")


@for_roles({Role.ADMIN})
@require_GET
def post(request: HttpRequest, code: str) -> HttpResponse:
    """View of one post: who held it from when to when."""
    found, on = admin_lists.post(code), local_date(now())
    table = holdings_table(
        admin_lists.holders_of(found), on, _("人员"),
        lambda one: TableCell(one.person.name, one.person.username, _person_url(one.person.username), first=True),
        _("还没有人担任过"), _("在人员页面安排任职。"),
    )  # fmt: skip
    context = _context(found, on) | {"sections": [TableSection(_("任职"), table)]}
    return render(request, "admin/admin_record.html", context)


def _person_url(username: str) -> str:
    return reverse("admin-person", args=[username])


def _context(post: Post, on: date) -> dict[str, Any]:
    closed = post.closed_on is not None and post.closed_on <= on
    line = _("%s 起不再存在。") % day_text(post.closed_on) if post.closed_on else _("在用，没有期限。")
    return {
        "title": post.name,
        "first_line": line,
        "facts": [
            Fact(_("代码"), post.code),
            Fact(_("单位"), post.unit.name if post.unit else "—"),
            Fact(_("角色"), str(Role(post.role).label)),
            Fact(_("启用日"), day_text(post.opened_on)),
        ],
        "doors": [] if closed else [ActionLink(_("撤销岗位"), reverse("admin-post-close", args=[post.code]))],
        "waiting": _("岗位已撤销，没有可以办理的事项。"),
        "back": reverse("admin-posts"),
        "back_label": _("岗位"),
    }


class NewPostForm(ReasonForm):
    """Form of a new post in a unit."""

    unit_id = select_field(gettext_lazy("单位"))
    role = forms.ChoiceField(label=gettext_lazy("角色"), choices=[("", ""), *STAFF_ROLE_CHOICES])
    name = forms.CharField(label=gettext_lazy("岗位名称"), max_length=60)
    code = forms.CharField(
        label=gettext_lazy("代码"),
        max_length=40,
        help_text=gettext_lazy("不能与已有代码相同，如 P-STREET-03"),
    )
    opened_on = day_field(gettext_lazy("启用日"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_id"].choices = [("", ""), *unit_choices(local_date(now()), key="pk")[1:]]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        return super().wanted() | {"unit_id": int(self.cleaned_data["unit_id"])}


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new_post(request: ActorRequest) -> HttpResponse:
    """View: opens a post."""
    form = NewPostForm(
        request.POST if request.method == "POST" else None, initial={"opened_on": local_date(now())}
    )
    texts = {"title": _("设立岗位"), "lead": _("岗位决定能看什么、办什么；设立后在人员页面安排任职。")}
    return change_page(
        request, form, accounts.open_post, back=reverse("admin-posts"), done=_("岗位已设立。"), **texts
    )


class ClosePostForm(ReasonForm):
    """Form for the day from which a post is closed."""

    closed_on = day_field(gettext_lazy("撤销日"), help_text=gettext_lazy("从这一天起不再存在"))


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def close_post(request: ActorRequest, code: str) -> HttpResponse:
    """View: closes a post from a day on."""
    found = admin_lists.post(code)
    initial = {"seen": accounts.version_tag_of_post(found), "closed_on": local_date(now())}
    form = ClosePostForm(request.POST if request.method == "POST" else None, initial=initial)
    return change_page(
        request,
        form,
        lambda **sent: accounts.close_post(found.pk, **sent),
        back=reverse("admin-post", args=[code]),
        done=_("已登记撤销。"),
        title=_("撤销岗位：%s") % found.name,
        lead=_("从撤销日起，担任这个岗位的人不能再以它办理。"),
        button=_("撤销岗位"),
    )
