"""Time limits and other limits: past, present and future; a new one from a day on, with a preview."""

from dataclasses import asdict
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.errors import NotFound
from jieban.cases.clocks.deadlines import rulebook
from jieban.cases.configuration import impact, rule_changes
from jieban.cases.configuration.rule_changes import NewLimit, NewRule, describe_rule, describe_scope
from jieban.cases.flow.rule_scope import DIMENSIONS, Basis, RuleScope
from jieban.cases.models import DeadlineRule, Limit
from jieban.registry.changing.config_changes import ChangeContext, format_day
from jieban.registry.models import Dated
from jieban.registry.roles import Role
from jieban.web.admin.weighed_forms import (
    ReasonForm,
    change_page,
    preview_and_change_page,
    set_hidden_values,
)
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.fields import radio_field
from jieban.web.page.fields import time_field as clock_field
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import (
    Effect,
    PageTable,
    TableCell,
    TableSection,
    day_text,
)

ONE_DAY = timedelta(days=1)
UNCHANGED_NOTICE = gettext_lazy(
    "已受理的诉求不变：每件诉求始终按受理当天的规定办理，所以新规定最早从明天起用。"
)


@for_roles({Role.ADMIN})
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """View of every rule and limit by name, with its source, and past and future versions."""
    on, book = local_date(now()), rulebook()
    ordered = sorted(book.rules, key=lambda row: (row.clock, row.grade, row.kind, row.valid_from))
    limits = sorted(
        book.limits, key=lambda row: (list(Limit.Name).index(Limit.Name(row.name)), row.valid_from)
    )
    context = {
        "title": _("时限与限额"),
        "table": _rule_table(ordered, on),
        "sections": [TableSection(_("限额"), _limit_table(limits, on), _("次数、小时、天数、百分比"))],
        "lead": UNCHANGED_NOTICE,
        "new_url": reverse("admin-rule-new"),
        "new_label": _("定新时限"),
    }
    return render(request, "admin/admin_table.html", context)


def _rule_table(rows: list[DeadlineRule], on: date) -> PageTable:
    cells = [
        [
            TableCell(describe_scope(row), row.source, first=True),
            TableCell(describe_rule(row)),
            TableCell(day_text(row.valid_from)),
            TableCell(day_text(row.valid_to)),
            validity_cell(row, on),
            _action_cell(row, on, "rule", f"?{urlencode(asdict(RuleScope.of(row)) | {'clock': row.clock})}"),
        ]
        for row in rows
    ]
    columns = [_("时限"), _("规定"), _("生效日"), _("失效日"), _("效力"), _("办理")]
    return PageTable(
        columns, cells, _("时限规则"), _("还没有时限规则"), _("没有规则就不能受理诉求，请定新时限。")
    )


def _limit_table(rows: list[Limit], on: date) -> PageTable:
    cells = [
        [
            TableCell(row.get_name_display(), row.source, first=True),
            TableCell(str(row.value)),
            TableCell(day_text(row.valid_from)),
            TableCell(day_text(row.valid_to)),
            validity_cell(row, on),
            _action_cell(row, on, "limit", f"?name={row.name}"),
        ]
        for _name, named in groupby(rows, lambda row: row.name)
        for row in named
    ]
    columns = [_("限额"), _("数值"), _("生效日"), _("失效日"), _("效力"), _("办理")]
    return PageTable(columns, cells, _("限额"), _("还没有限额"), _("请定新数值。"))


def validity_cell(row: Dated, on: date) -> TableCell:
    """State of a version: past, in force, or future."""
    if row.valid_from > on:
        return TableCell(_("将生效"), tone="blue")
    if row.valid_to is not None and row.valid_to <= on:
        return TableCell(_("已失效"), tone="grey")
    return TableCell(_("现行"), tone="green")


def _action_cell(row: DeadlineRule | Limit, on: date, what: str, query: str) -> TableCell:
    if row.valid_from > on:
        return TableCell(_("撤回"), url=reverse(f"admin-{what}-withdraw", args=[row.pk]))
    if row.valid_to is None:
        return TableCell(_("定新数"), url=reverse(f"admin-{what}-new") + query)
    return TableCell()


def _dimension_field(name: str) -> forms.ChoiceField:
    """Field for one dimension of a rule's scope, by the rule's column: one of all values, or one or any."""
    column = rule_changes.dimension_column(name)
    if not column.blank:
        return radio_field(column.verbose_name, column.flatchoices)
    return forms.ChoiceField(
        label=column.verbose_name,
        choices=[("", gettext_lazy("各类")), *column.flatchoices],
        required=False,
        help_text=gettext_lazy("为某一类单独定的，先于“各类”"),
    )


class RuleForm(ReasonForm):
    """Form of a rule from a day on."""

    clock = radio_field(gettext_lazy("哪一项时限"), DeadlineRule.Clock.choices)
    basis = radio_field(gettext_lazy("怎么算"), Basis.choices)
    amount = forms.IntegerField(
        label=gettext_lazy("数"), min_value=0, max_value=8_760, initial=0,
        help_text=gettext_lazy("小时数或天数；选“当日 24:00”时填 0"),
    )  # fmt: skip
    cut_off = clock_field(
        gettext_lazy("当日分界"),
        required=False,
        help_text=gettext_lazy("选“当日 24:00”时，几点后受理的算次日"),
    )
    begins = day_field(gettext_lazy("从哪天受理的起"))
    source = forms.CharField(label=gettext_lazy("依据（文件和条款）"), max_length=300)

    def new(self) -> NewRule:
        sent = self.wanted()
        same_day = sent["basis"] == Basis.SAME_DAY
        sent["scope"] = RuleScope(**{name: sent.pop(name) for name in DIMENSIONS})
        sent["amount"] = 0 if same_day else sent["amount"]
        sent["cut_off"] = sent["cut_off"] if same_day else None
        return NewRule(**sent)


_FIRST, *_OTHERS = DIMENSIONS
RuleForm.base_fields = {
    _FIRST: _dimension_field(_FIRST),
    "clock": RuleForm.base_fields["clock"],
    **{name: _dimension_field(name) for name in _OTHERS},
    **RuleForm.base_fields,
}


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new_rule(request: ActorRequest) -> HttpResponse:
    """View: a new time limit for cases received from a day on."""
    form = RuleForm(request.POST if request.method == "POST" else None, initial=_rule_initial(request))
    if form.is_bound and form.is_valid():
        _set_page_fingerprint(form, rule_changes.mark_of_rules(form.new().scope, form.cleaned_data["clock"]))
    return preview_and_change_page(
        request,
        form,
        lambda step, **_sent: preview_rule(form.new(), step),
        lambda step, **_sent: rule_changes.add_rule(form.new(), step=step),
        back=reverse("admin-rules"),
        done=_("新时限已定，到时自动使用。"),
        title=_("定新时限"),
        lead=UNCHANGED_NOTICE,
        full_fields=("source",),
    )


def _set_page_fingerprint(form: ReasonForm, current: str) -> None:
    """Sets the fingerprint at the first preview when the page had none, because the scope was chosen on it."""
    if not form.data.get("seen"):
        set_hidden_values(form, seen=current)


def _rule_initial(request: HttpRequest) -> dict[str, Any]:
    scope = {name: request.GET.get(name, "") for name in (*DIMENSIONS, "clock")}
    found = [
        row for row in rulebook().rules if all(getattr(row, name) == value for name, value in scope.items())
    ]
    last = max(found, key=lambda row: row.valid_from, default=None)
    known = {name: getattr(last, name) for name in ("basis", "amount", "cut_off", "source")} if last else {}
    seen = {"seen": rule_changes.mark_of_rules(RuleScope.of(last), last.clock)} if last else {}
    return scope | known | seen | {"begins": local_date(now()) + ONE_DAY}


def preview_rule(new: NewRule, step: ChangeContext) -> Effect:
    """Preview: 近 30 天收到的 412 件若按新规则，14 件的时限会提前."""
    shifts = impact.rule_impact(new, step=step)
    counts = {
        "weighed": shifts.weighed,
        "earlier": shifts.earlier,
        "later": shifts.later,
        "same": shifts.same,
    }
    recent = (
        _(
            "近 30 天收到的 %(weighed)d 件同级诉求若按新规定："
            "%(earlier)d 件的时限会提前，%(later)d 件会推后，%(same)d 件不变。"
        )
        % counts
    )
    none = _("近 30 天没有收到这一级的诉求，无从比较。")
    sentences = [
        _("自 %(day)s 起受理的，%(scope)s时限为%(rule)s。")
        % {"day": format_day(new.begins), "scope": f"“{describe_scope(new)}”", "rule": describe_rule(new)},
        _("此前受理的诉求，时限不变，共 0 件受影响。"),
        recent if shifts.weighed else none,
    ]
    more = _("件数很多，只比较了最新的 %d 件。") % shifts.weighed if shifts.bounded else ""
    return Effect(sentences, None, more)


class LimitForm(ReasonForm):
    """Form of a limit's number from a day on."""

    name = forms.ChoiceField(label=gettext_lazy("限额"), choices=[("", ""), *Limit.Name.choices])
    value = forms.IntegerField(label=gettext_lazy("数值"), min_value=1, max_value=8_760)
    begins = day_field(gettext_lazy("从哪天起"))
    source = forms.CharField(label=gettext_lazy("依据（文件和条款）"), max_length=300)


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new_limit(request: ActorRequest) -> HttpResponse:
    """View: a new number of a limit from a day on."""
    form = LimitForm(request.POST if request.method == "POST" else None, initial=_limit_initial(request))
    if form.is_bound and form.is_valid():
        _set_page_fingerprint(form, rule_changes.mark_of_limits(form.cleaned_data["name"]))
    return preview_and_change_page(
        request,
        form,
        lambda step, **sent: preview_limit(NewLimit(**sent), step),
        lambda step, **sent: rule_changes.add_limit(NewLimit(**sent), step=step),
        back=reverse("admin-rules"),
        done=_("新数值已定，到时自动使用。"),
        title=_("定新数值"),
        lead=UNCHANGED_NOTICE,
        full_fields=("source",),
    )


def _limit_initial(request: HttpRequest) -> dict[str, Any]:
    name = request.GET.get("name", "")
    begins = {"begins": local_date(now()) + ONE_DAY}
    found = [row for row in rulebook().limits if row.name == name]
    if not found:
        return begins
    last = max(found, key=lambda row: row.valid_from)
    return begins | {
        "name": name, "value": last.value, "source": last.source, "seen": rule_changes.mark_of_limits(name),
    }  # fmt: skip


def preview_limit(new: NewLimit, step: ChangeContext) -> Effect:
    """Preview: the old and the new number, and for which cases it applies."""
    old = next(
        (row for row in rulebook().limits if row.name == new.name and _in_force(row, new.begins)), None
    )
    count = impact.limit_impact(new, step=step)
    words = {
        "name": Limit.Name(new.name).label,
        "old": old.value if old else "—",
        "new": new.value,
        "day": format_day(new.begins),
    }
    if new.name == Limit.Name.UNMASK_HOUR:
        sentence = _(
            "自 %(day)s 起，一人一小时内查看联系方式超过 %(new)s 次即预警（此前为 %(old)s 次）；已有的预警不变。"
        )
        return Effect([sentence % words])
    more = _("%d 件以上") if count > impact.MOST_COMPARED else _("%d 件")
    return Effect(
        [
            _("自 %(day)s 起受理的，“%(name)s”由 %(old)s 变为 %(new)s。") % words,
            _("此前受理的诉求仍按 %(old)s，共 0 件受影响。") % words,
            _("照近 30 天的受理量，一个月约有%s会适用新数。") % (more % min(count, impact.MOST_COMPARED)),
        ]
    )


def _in_force(row: Limit, on: date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def withdraw_rule(request: ActorRequest, pk: int) -> HttpResponse:
    """View: withdraws a rule that is not valid yet."""
    row = DeadlineRule.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("没有这条规定，它可能刚刚被撤回。"))
    seen = rule_changes.mark_of_rules(RuleScope.of(row), row.clock)
    facts = [
        Fact(_("时限"), describe_scope(row)),
        Fact(_("规定"), describe_rule(row)),
        Fact(_("生效日"), day_text(row.valid_from)),
    ]
    return _withdraw(request, seen, facts, lambda step: rule_changes.withdraw_rule(pk, step=step))


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def withdraw_limit(request: ActorRequest, pk: int) -> HttpResponse:
    """View: withdraws a limit that is not valid yet."""
    row = Limit.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("没有这条规定，它可能刚刚被撤回。"))
    facts = [
        Fact(_("限额"), row.get_name_display()),
        Fact(_("数值"), str(row.value)),
        Fact(_("生效日"), day_text(row.valid_from)),
    ]
    seen = rule_changes.mark_of_limits(row.name)
    return _withdraw(request, seen, facts, lambda step: rule_changes.withdraw_limit(pk, step=step))


def _withdraw(request: ActorRequest, seen: str, facts: list[Fact], do: Any) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None, initial={"seen": seen})
    return change_page(
        request, form, do, back=reverse("admin-rules"), done=_("已撤回。"), beside=facts,
        title=_("撤回尚未生效的规定"), lead=_("它还没有用于任何诉求；撤回后，现行的规定继续有效。"), button=_("撤回"),
    )  # fmt: skip
