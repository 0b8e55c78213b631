"""Accounts and their posts: search, details, and changes with a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.errors import NotFound
from jieban.registry.administration import accounts, admin_lists
from jieban.registry.identity.posts import post_in_force
from jieban.registry.models import Holding, Person, Post, holds
from jieban.registry.roles import STAFF_ROLES, Role
from jieban.web.admin.holding_lists import ANY_OPTION, StaffFilter, filter_values, holdings_table
from jieban.web.admin.weighed_forms import ReasonForm, change_page, form_page, try_change
from jieban.web.page import choices
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.choices import SearchableLabel
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.fields import select_field
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import (
    ActionLink,
    ListQuery,
    PageTable,
    TableCell,
    TableSection,
    join_texts,
)


class PeopleFilter(StaffFilter):
    """Filter form of the accounts."""

    q = forms.CharField(label=gettext_lazy("姓名或用户名的开头"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=[ANY_OPTION, ("active", gettext_lazy("启用")), ("suspended", gettext_lazy("停用"))],
        required=False,
    )


@for_roles({Role.ADMIN})
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """View of the accounts by user name, with the posts they hold today."""
    query, on = ListQuery.of(request), local_date(now())
    filters = PeopleFilter(query.filters, on)
    page = admin_lists.people(filter_values(filters), on, query.after)
    context = {
        "title": _("人员"),
        "filters": filters,
        "table": _people_table(page.rows),
        "new_url": reverse("admin-person-new"),
        "new_label": _("开立账号"),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _people_table(people: list[Person]) -> PageTable:
    rows = [
        [
            TableCell(
                person.name, person.username, reverse("admin-person", args=[person.username]), first=True
            ),
            TableCell(join_texts(post_label(one.post) for one in person.held) or _("没有岗位")),  # type: ignore[attr-defined]
            TableCell(join_texts(sorted({str(Role(one.post.role).label) for one in person.held}))),  # type: ignore[attr-defined]
            _state(person),
        ]
        for person in people
    ]
    return PageTable(
        [_("姓名"), _("岗位"), _("角色"), _("状态")],
        rows,
        _("人员"),
        _("没有符合条件的人员"),
        _("可减少条件，或只写姓氏再查。"),
    )


def _state(person: Person) -> TableCell:
    return TableCell(_("启用"), tone="green") if person.is_active else TableCell(_("停用"), tone="red")


def post_label(post: Post) -> str:
    return f"{post.unit.short_name or post.unit.name} {post.name}" if post.unit else post.name


@for_roles({Role.ADMIN})
@require_GET
def person(request: ActorRequest, username: str) -> HttpResponse:
    """View of one account: past, current and future holdings, tokens, and actions."""
    actor, at = request.actor, now()
    found = admin_lists.person(username)
    holdings = admin_lists.holdings_of(found)
    context = {
        "now": at,
        "title": found.name,
        "state": ActionLink(*_state_words(found)),
        "first_line": _first_line(found, holdings, local_date(at)),
        "facts": [Fact(_("用户名"), found.username)],
        "sections": [_holdings_section(found, holdings, at), _token_section(found, at)],
        "doors": _action_links(found) if found.pk != actor.person_id else [],
        "waiting": _("自己的账号和任职由另一位系统管理员办理。"),
        "back": reverse("admin-people"),
        "back_label": _("人员"),
    }
    return render(request, "admin/admin_record.html", context)


def _state_words(person: Person) -> tuple[str, str, str, str]:
    return (_("启用"), "", "", "green") if person.is_active else (_("停用"), "", "", "red")


def _first_line(person: Person, holdings: list[Holding], on: date) -> str:
    if not person.is_active:
        return _("账号已停用：不能登录，已登录的会话和令牌都已失效。")
    names = [post_label(one.post) for one in holdings if holds(one, on)]
    return _("现任：%s。") % join_texts(names) if names else _("现在没有岗位，登录后不能办理任何事项。")


def _holdings_section(person: Person, holdings: list[Holding], at: datetime) -> TableSection:
    on = local_date(at)
    address = reverse("admin-person-act", args=[person.username, "end"])

    def ending(one: Holding) -> TableCell:
        lasts = one.valid_to is None or one.valid_to > on
        return TableCell(_("结束任职"), url=f"{address}?holding={one.pk}") if lasts else TableCell()

    table = holdings_table(
        holdings, on, _("岗位"),
        lambda one: TableCell(post_label(one.post), str(Role(one.post.role).label), first=True),
        _("还没有任职"), _("安排岗位后，此人才能办理事项。"), ending,
    )  # fmt: skip
    return TableSection(_("任职"), table, _("只结束，不改写；过去的任职一直保留"))


def _token_section(person: Person, at: datetime) -> TableSection:
    address = reverse("admin-person-act", args=[person.username, "revoke"])
    rows = [
        [
            TableCell(f"#{token.pk}", post_label(token.post), first=True),
            TableCell(at=token.created_at),
            TableCell(_("已停用"), tone="grey") if token.revoked_at else TableCell(_("有效"), tone="green"),
            TableCell() if token.revoked_at else TableCell(_("停用令牌"), url=f"{address}?token={token.pk}"),
        ]
        for token in admin_lists.tokens_of(person)
    ]
    columns = [_("令牌"), _("生成"), _("状态"), _("办理")]
    hint = _("令牌用命令 create-token 生成，只在生成时显示一次。")
    return TableSection(_("程序令牌"), PageTable(columns, rows, _("程序令牌"), _("没有令牌"), hint))


def _action_links(person: Person) -> list[ActionLink]:
    names = ["give", "password", "suspend" if person.is_active else "restore"]
    return [
        ActionLink(
            ACCOUNT_ACTIONS[name].label,
            reverse("admin-person-act", args=[person.username, name]),
            ACCOUNT_ACTIONS[name].note,
        )
        for name in names
    ]


class NewPersonForm(ReasonForm):
    """Form of a new account."""

    username = forms.CharField(
        label=gettext_lazy("用户名"), max_length=60, help_text=gettext_lazy("小写字母和数字，如 zhoumin")
    )
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new_person(request: ActorRequest) -> HttpResponse:
    """View: opens an account; its first password is shown once."""
    actor = request.actor
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    status, made = try_change(form, actor, accounts.create) if request.method == "POST" else (0, None)
    if made is None:
        lead = _("开立后显示一次初始密码；账号还没有岗位，请接着安排任职。")
        back = reverse("admin-people")
        return form_page(
            request, form, status, title=_("开立账号"), lead=lead, back=back, button=_("开立账号")
        )
    return _show_password_once(request, made.person, made.password, _("账号已开立"))


def _show_password_once(request: HttpRequest, person: Person, password: str, title: str) -> HttpResponse:
    context = {
        "title": title,
        "lead": _("%(name)s（%(username)s）的密码：") % {"name": person.name, "username": person.username},
        "password": password,
        "back": reverse("admin-person", args=[person.username]),
    }
    return render(request, "admin/password.html", context)


class GivePostForm(ReasonForm):
    """Form for giving somebody a post from a day on."""

    post_id = select_field(gettext_lazy("岗位"))
    begins = day_field(gettext_lazy("第一天"))
    ends = day_field(gettext_lazy("最后一天"), required=False, help_text=gettext_lazy("不填表示没有期限"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Post.objects.filter(post_in_force(local_date(now())), role__in=sorted(STAFF_ROLES))
        self.fields["post_id"].choices = [choices.EMPTY_OPTION] + [  # type: ignore[attr-defined]
            (str(post.pk), SearchableLabel.of(f"{post_label(post)}（{Role(post.role).label}）", post.code))
            for post in rows.select_related("unit").order_by("code")
        ]

    def wanted(self) -> dict[str, Any]:
        return super().wanted() | {"post_id": int(self.cleaned_data["post_id"])}


class EndHoldingForm(ReasonForm):
    """Form for the last day of a holding."""

    holding_id = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    last = day_field(gettext_lazy("任职的最后一天"), help_text=gettext_lazy("填昨天表示现在就结束"))


class RevokeTokenForm(ReasonForm):
    """Form for revoking a token."""

    token_id = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)


@dataclass(frozen=True, slots=True)
class AccountAction:
    """An action on an account."""

    label: str | Promise
    form: type[ReasonForm]
    do: Callable[..., Any]
    note: str | Promise
    done: str | Promise


ACCOUNT_ACTIONS: dict[str, AccountAction] = {
    "give": AccountAction(
        gettext_lazy("安排任职"), GivePostForm, accounts.give_post,
        gettext_lazy("从某一天起担任一个岗位"), gettext_lazy("已安排任职。"),
    ),
    "end": AccountAction(
        gettext_lazy("结束任职"), EndHoldingForm, accounts.end_holding,
        gettext_lazy("到最后一天为止，之后不能再以这个岗位办理；记录保留。"), gettext_lazy("已登记任职结束。"),
    ),
    "suspend": AccountAction(
        gettext_lazy("停用账号"), ReasonForm, accounts.suspend,
        gettext_lazy("立即不能登录，已登录的会话和令牌立即失效。"), gettext_lazy("账号已停用。"),
    ),
    "restore": AccountAction(
        gettext_lazy("恢复账号"), ReasonForm, accounts.restore,
        gettext_lazy("恢复后可用原密码登录，岗位仍按任职。"), gettext_lazy("账号已恢复。"),
    ),
    "password": AccountAction(
        gettext_lazy("重设密码"), ReasonForm, accounts.reset_password,
        gettext_lazy("新密码显示一次；用原密码登录的会话立即失效。"), gettext_lazy("密码已重设"),
    ),
    "revoke": AccountAction(
        gettext_lazy("停用令牌"), RevokeTokenForm, accounts.revoke_token,
        gettext_lazy("使用这个令牌的程序立即不能再提交。"), gettext_lazy("令牌已停用。"),
    ),
}  # fmt: skip


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def account_action(request: ActorRequest, username: str, name: str) -> HttpResponse:
    """View of an action on an account, by a form with a reason."""
    actor = request.actor
    found, wanted = admin_lists.person(username), ACCOUNT_ACTIONS.get(name)
    if wanted is None:
        raise NotFound(_("没有这一项，请回到人员页面。"))
    initial = _initial(request, found)
    form = wanted.form(request.POST if request.method == "POST" else None, initial=initial)
    back = reverse("admin-person", args=[username])
    texts = {"title": f"{wanted.label}：{found.name}", "lead": str(wanted.note), "button": str(wanted.label)}
    if name == "password" and request.method == "POST":
        status, password = try_change(form, actor, lambda step: accounts.reset_password(found.pk, step=step))
        if not status:
            return _show_password_once(request, found, password, str(wanted.done))
        return form_page(request, form, status, back=back, **texts)
    return change_page(request, form, _bind_person(wanted, found), back=back, done=str(wanted.done), **texts)


def _bind_person(wanted: AccountAction, person: Person) -> Callable[..., Any]:
    return lambda **sent: wanted.do(person.pk, **sent)


def _initial(request: HttpRequest, person: Person) -> dict[str, Any]:
    on = local_date(now())
    return {
        "seen": accounts.version_tag_of(person),
        "begins": on,
        "last": on,
        "holding_id": request.GET.get("holding", ""),
        "token_id": request.GET.get("token", ""),
    }
