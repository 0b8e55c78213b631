"""Dispatch directory: search, and changes from a day on, with a preview of their effect."""

from collections import Counter
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.cases.actions.course.dispatching import MAY_LEAD
from jieban.cases.configuration import impact
from jieban.cases.configuration.impact import RoutingChange
from jieban.registry.administration import admin_lists, directory_changes
from jieban.registry.administration.directory_changes import ProposedRow, lead_text, scope_text
from jieban.registry.changing.config_changes import ChangeContext, format_day
from jieban.registry.models import Category, DirectoryRow, Place, Unit
from jieban.registry.roles import Role
from jieban.web.admin.holding_lists import ANY_OPTION, filter_values, unit_choices
from jieban.web.admin.weighed_forms import ReasonForm, preview_and_change_page, set_hidden_values
from jieban.web.page import choices
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.choices import SearchableLabel
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.fields import multi_select_field, select_field
from jieban.web.page.forms import PageForm
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import (
    ActionLink,
    Effect,
    ListQuery,
    PageTable,
    TableCell,
    TableSection,
    day_text,
    join_texts,
)

MOST_SHOWN = 50  # cases in a preview


class DirectoryFilter(PageForm):
    """Filter form of the directory."""

    q = forms.CharField(label=gettext_lazy("分类、职责、依据或条目号"), required=False, max_length=100)
    category = select_field(gettext_lazy("分类"), required=False)
    unit = select_field(gettext_lazy("主办或协办"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("效力"),
        choices=[
            ("", gettext_lazy("现行")),
            ("coming", gettext_lazy("将生效")),
            ("past", gettext_lazy("已失效")),
            ("all", gettext_lazy("全部")),
        ],
        required=False,
    )

    def __init__(self, data: Any, on: date) -> None:
        super().__init__(data)
        self.fields["unit"].choices = unit_choices(on)  # type: ignore[attr-defined]
        self.fields["category"].choices = [ANY_OPTION, *choices.categories(on, level=2, key="code")]  # type: ignore[attr-defined]


@for_roles({Role.ADMIN})
@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    """View of the directory's rows, by code."""
    query, on = ListQuery.of(request), local_date(now())
    filters = DirectoryFilter(query.filters, on)
    page = admin_lists.directory(filter_values(filters), on, query.after)
    context = {
        "title": _("派单目录"),
        "filters": filters,
        "table": _table(page.rows, on),
        "new_url": reverse("admin-directory-new"),
        "new_label": _("新增条目"),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _table(rows: list[DirectoryRow], on: date) -> PageTable:
    cells = [
        [
            TableCell(
                row.category.path, row.code, reverse("admin-directory-row", args=[row.code]), first=True
            ),
            TableCell(scope_text(row)),
            TableCell(lead_text(row)),
            TableCell(join_texts(unit.name for unit in row.co_handlers.all()) or "—"),
            TableCell(row.ground),
            TableCell(day_text(row.valid_from)),
            _validity_cell(row, on),
        ]
        for row in rows
    ]
    columns = [_("分类"), _("地点和职责"), _("主办"), _("协办"), _("依据"), _("生效日"), _("效力")]
    hint = _("可减少条件，或换一个词再查。")
    return PageTable(columns, cells, _("派单目录"), _("没有符合条件的条目"), hint)


def _validity_cell(row: DirectoryRow, on: date) -> TableCell:
    if row.valid_from > on:
        return TableCell(_("将生效"), tone="blue")
    if row.valid_to is not None and row.valid_to <= on:
        return TableCell(_("%s 失效") % day_text(row.valid_to), tone="grey")
    if row.valid_to is not None:
        return TableCell(_("%s 失效") % day_text(row.valid_to), tone="amber")
    return TableCell(_("现行"), tone="green")


@for_roles({Role.ADMIN})
@require_GET
def row(request: HttpRequest, code: str) -> HttpResponse:
    """View of one row, with earlier and later rows of the same scope."""
    found, on = admin_lists.directory_row(code), local_date(now())
    same = directory_changes.scope_rows(_as_proposed(found))
    ended = found.valid_to is not None and found.valid_to <= on
    context = {
        "title": found.category.path,
        "first_line": _("%(lead)s主办，%(day)s起。") % {
            "lead": lead_text(found), "day": format_day(found.valid_from),
        },
        "facts": _facts(found),
        "sections": [TableSection(_("同一事项、地点、职责的各条"), _table(same, on), _("后一条生效，前一条即失效"))],
        "doors": [] if ended else _action_links(found),
        "waiting": _("本条已失效，请在现行的一条上修改。"),
        "back": reverse("admin-directory"),
        "back_label": _("派单目录"),
    }  # fmt: skip
    return render(request, "admin/admin_record.html", context)


def _facts(row: DirectoryRow) -> list[Fact]:
    return [
        Fact(_("条目号"), row.code),
        Fact(_("适用"), scope_text(row)),
        Fact(_("主办"), lead_text(row)),
        Fact(_("协办"), join_texts(unit.name for unit in row.co_handlers.all()) or "—"),
        Fact(_("依据"), row.ground),
        Fact(_("版本"), row.edition),
        Fact(_("生效日"), day_text(row.valid_from)),
        Fact(_("失效日"), day_text(row.valid_to)),
    ]


def _action_links(row: DirectoryRow) -> list[ActionLink]:
    return [
        ActionLink(
            _("从某一天起改派"),
            f"{reverse('admin-directory-new')}?row={row.code}",
            _("新的一条生效，本条即失效；保存前先看影响"),
        ),
        ActionLink(
            _("停用"),
            reverse("admin-directory-end", args=[row.code]),
            _("不再有专门的条目，按上一级条目派单"),
        ),
    ]


def _as_proposed(row: DirectoryRow) -> ProposedRow:
    return ProposedRow(
        row.category, row.place_level, row.place, row.duty, row.lead, list(row.co_handlers.all()), row.ground,
        row.edition, row.valid_from,
    )  # fmt: skip


class RowForm(ReasonForm):
    """Form of a row of the directory from a day on."""

    begins = day_field(gettext_lazy("从哪天起"))
    category = select_field(gettext_lazy("分类"))
    place_level = forms.ChoiceField(
        label=gettext_lazy("地点须知道到哪一级"),
        choices=[(level.value, level.label) for level in Place.Level],
        initial="district",
        help_text=gettext_lazy("由属地街道主办的，至少到街道"),
    )
    place = select_field(
        gettext_lazy("只适用于这个地点"), required=False, help_text=gettext_lazy("不选表示全区")
    )
    duty = forms.CharField(
        label=gettext_lazy("职责"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("同一分类按职责分给不同单位时填写"),
    )
    lead = select_field(gettext_lazy("主办"), required=False, help_text=gettext_lazy("不选表示属地街道"))
    co_handlers = multi_select_field(gettext_lazy("协办"), required=False)
    ground = forms.CharField(label=gettext_lazy("依据"), max_length=300)
    edition = forms.CharField(label=gettext_lazy("版本"), max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on = local_date(now())
        lists_of: dict[str, Any] = {
            "category": [choices.EMPTY_OPTION, *_categories(on)],
            "place": [("", _("全区")), *choices.places(on)],
            "lead": [("", _("属地街道")), *choices.units_by_kind(MAY_LEAD, on)],
            "co_handlers": choices.units_by_kind(Unit.Kind.values, on),
        }
        for name, options in lists_of.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]

    def proposed(self) -> ProposedRow:
        """The row that the fields describe."""
        sent = self.cleaned_data
        units = Unit.objects.in_bulk([int(pk) for pk in [sent["lead"], *sent["co_handlers"]] if pk])
        return ProposedRow(
            Category.objects.get(pk=int(sent["category"])), sent["place_level"],
            Place.objects.filter(pk=int(sent["place"] or 0)).first(), sent["duty"].strip(),
            units.get(int(sent["lead"] or 0)), [units[int(pk)] for pk in sent["co_handlers"]],
            sent["ground"].strip(), sent["edition"].strip(), sent["begins"],
        )  # fmt: skip


def _categories(on: date) -> list[Any]:
    """Categories of all levels, also future ones: a row of a category applies to its subcategories."""
    rows = Category.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on)).order_by("code")
    return [(str(row.pk), SearchableLabel.of(row.path, row.code)) for row in rows]


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest) -> HttpResponse:
    """View: a new row from a day on, which replaces an earlier one where there is one."""
    code = request.GET.get("row", "")
    found = admin_lists.directory_row(code) if code else None
    form = RowForm(request.POST if request.method == "POST" else None, initial=_initial(found))
    if form.is_bound and form.is_valid() and not form.data.get("seen"):
        # A new row is compared with the directory as it is when its category is first sent.
        set_hidden_values(form, seen=directory_changes.version_tag_of(form.proposed().category))
    return preview_and_change_page(
        request,
        form,
        lambda step, **_sent: _preview_change(form.proposed(), step),
        lambda step, **_sent: directory_changes.replace(form.proposed(), step=step),
        back=_back_url(found),
        done=_("已保存，到时自动生效。"),
        title=_("改派") if found else _("新增条目"),
        lead=_("按“分类 × 地点 × 职责”定主办。新的一条从所选日期起生效，原来的一条即到此为止，不改写。"),
        beside=_facts(found) if found else [],
        full_fields=("category", "ground", "co_handlers"),
    )


def _back_url(row: DirectoryRow | None) -> str:
    return reverse("admin-directory-row", args=[row.code]) if row else reverse("admin-directory")


def _initial(row: DirectoryRow | None) -> dict[str, Any]:
    begins = {"begins": local_date(now())}
    if row is None:
        return begins
    return begins | {
        "category": str(row.category_id), "place_level": row.place_level, "place": str(row.place_id or ""),
        "duty": row.duty, "lead": str(row.lead_id or ""), "ground": row.ground, "edition": row.edition,
        "co_handlers": [str(unit.pk) for unit in row.co_handlers.all()],
        "seen": directory_changes.version_tag_of(row.category),
    }  # fmt: skip


def _preview_change(proposed: ProposedRow, step: ChangeContext) -> Effect:
    found = impact.directory_impact(proposed, step=step)
    begins = _("自 %s 起生效；在此之前仍按现行条目。") % format_day(proposed.begins)
    return rerouted_effect(begins, found)


def rerouted_effect(begins: str, found: list[RoutingChange]) -> Effect:
    """Preview: 现有 14 件待派单的诉求，主办建议将由 A 改为 B; lists the cases by number, without their text."""
    nobody = _("（目录未列）")
    pairs = Counter((one.before or nobody, one.after or nobody) for one in found)
    sentences = [
        _("现有 %(count)d 件待派单的诉求，主办建议将由 %(before)s 改为 %(after)s。")
        % {"count": count, "before": before, "after": after}
        for (before, after), count in pairs.most_common()
    ]
    sentences = sentences or [_("现有待派单的诉求中，没有主办建议会因此改变的。")]
    rows = [
        [TableCell(one.number, first=True), TableCell(one.category), TableCell(one.street or _("地点待核实")),
         TableCell(one.before or nobody), TableCell(one.after or nobody)]
        for one in found[:MOST_SHOWN]
    ]  # fmt: skip
    columns = [_("单号"), _("分类"), _("街道"), _("原建议"), _("新建议")]
    table = PageTable(columns, rows, _("主办建议会改变的诉求")) if rows else None
    more = _("只列出前 %d 件。") % MOST_SHOWN if len(found) > MOST_SHOWN else ""
    return Effect([begins, *sentences, _("已派单的诉求不变。")], table, more)


class EndRowForm(ReasonForm):
    """Form for the day from which a row is no longer valid."""

    ends_on = day_field(gettext_lazy("从哪天起停用"))


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def end(request: ActorRequest, code: str) -> HttpResponse:
    """View: ends a row from a day on, without a successor."""
    found = admin_lists.directory_row(code)
    initial = {"seen": directory_changes.version_tag_of(found.category), "ends_on": local_date(now())}
    form = EndRowForm(request.POST if request.method == "POST" else None, initial=initial)
    return preview_and_change_page(
        request,
        form,
        lambda step, ends_on: _preview_end(found, ends_on, step),
        lambda step, ends_on: directory_changes.end(found, ends_on, step=step),
        back=_back_url(found),
        done=_("已登记停用。"),
        title=_("停用条目：%s") % found.category.path,
        beside=_facts(found),
    )


def _preview_end(row: DirectoryRow, ends_on: date, step: ChangeContext) -> Effect:
    found = impact.directory_end_impact(row, ends_on, step=step)
    return rerouted_effect(_("自 %s 起，本条不再用于派单。") % format_day(ends_on), found)
