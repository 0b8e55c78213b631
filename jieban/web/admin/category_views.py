"""Category tree: search; new, replaced and ended categories from a day on, with a preview."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.text.cleaning import clean_line
from jieban.cases.configuration import impact
from jieban.cases.configuration.impact import MOST_COMPARED, CategoryImpact
from jieban.registry.administration import admin_lists, category_changes
from jieban.registry.administration.category_changes import LEVELS, NewCategory
from jieban.registry.changing.config_changes import ChangeContext, format_day
from jieban.registry.models import Category
from jieban.registry.roles import Role
from jieban.web.admin.directory_views import EndRowForm, rerouted_effect
from jieban.web.admin.holding_lists import ANY_OPTION, filter_values
from jieban.web.admin.rule_views import validity_cell
from jieban.web.admin.weighed_forms import ReasonForm, preview_and_change_page, set_hidden_values
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.choices import SearchableLabel
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.fields import radio_field, select_field
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
)

ONE_DAY = timedelta(days=1)
UNCHANGED_NOTICE = gettext_lazy(
    "已受理的诉求不变：每件诉求保留受理时的分类。分类不删除，只到某一天为止；新的最早从明天起用。"
)


class CategoryFilter(PageForm):
    """Filter form of the categories."""

    q = forms.CharField(label=gettext_lazy("名称或代码"), required=False, max_length=60)
    grade = forms.ChoiceField(
        label=gettext_lazy("难易"), choices=[ANY_OPTION, *Category.Grade.choices], required=False
    )


@for_roles({Role.ADMIN})
@require_GET
def categories(request: HttpRequest) -> HttpResponse:
    """View of the categories, by code."""
    query = ListQuery.of(request)
    filters = CategoryFilter(query.filters)
    page = admin_lists.categories(filter_values(filters), query.after)
    context: dict[str, Any] = {
        "title": _("分类"),
        "filters": filters,
        "table": _table(page.rows, local_date(now())),
        "lead": _("分类决定难易程度和时限。整体修订的，在 categories.csv 中改好后用 load-registry 装载。"),
        "new_url": reverse("admin-category-new"),
        "new_label": _("新增分类"),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _table(rows: list[Category], on: date) -> PageTable:
    cells = [
        [
            TableCell(row.path, row.code, reverse("admin-category", args=[row.code]), first=True),
            TableCell(row.get_grade_display() if row.level == LEVELS else "—"),
            TableCell(_("须附照片") if row.needs_photo else "—"),
            TableCell(_("物业服务") if row.is_property else "—"),
            TableCell(day_text(row.valid_from)),
            TableCell(_("%s 失效") % day_text(row.valid_to) if row.valid_to else _("不限")),
            validity_cell(row, on),
        ]
        for row in rows
    ]
    columns = [_("分类"), _("难易"), _("照片"), _("物业"), _("自"), _("至"), _("效力")]
    return PageTable(columns, cells, _("分类"), _("没有符合条件的分类"), _("可减少条件，或核对名称后再查。"))


@for_roles({Role.ADMIN})
@require_GET
def category(request: HttpRequest, code: str) -> HttpResponse:
    """View of one category, its subcategories, and its actions."""
    found, on = admin_lists.category(code), local_date(now())
    under = category_changes.children_of(found, on)
    context = {
        "title": found.path,
        "first_line": _first_line(found, on),
        "facts": _facts(found),
        "sections": [TableSection(_("下级分类"), _table(under, on))] if found.level < LEVELS else [],
        "doors": _action_links(found) if found.valid_to is None else [],
        "waiting": _("它已定失效，不能再改。"),
        "back": reverse("admin-categories"),
        "back_label": _("分类"),
    }
    return render(request, "admin/admin_record.html", context)


def _first_line(row: Category, on: date) -> str:
    if row.valid_to is not None:
        return _("自 %s 起不再选用，此前的诉求保留这一分类。") % format_day(row.valid_to)
    if row.valid_from > on:
        return _("自 %s 起选用。") % format_day(row.valid_from)
    return _("现行，自 %s 起。") % format_day(row.valid_from)


def _facts(row: Category) -> list[Fact]:
    facts = [Fact(_("代码"), row.code), Fact(_("级别"), _("第 %d 级") % row.level)]
    if row.level == LEVELS:
        facts += [
            Fact(_("难易"), row.get_grade_display()),
            Fact(_("须附照片"), _("是") if row.needs_photo else _("否")),
            Fact(_("物业服务"), _("是") if row.is_property else _("否")),
        ]
    return [*facts, Fact(_("生效日"), day_text(row.valid_from)), Fact(_("失效日"), day_text(row.valid_to))]


def _action_links(row: Category) -> list[ActionLink]:
    change, stop = (reverse(f"admin-category-{name}", args=[row.code]) for name in ("change", "end"))
    doors = [
        ActionLink(_("从某一天起更换"), change, _("改名称、上级、难易或照片要求；保存前先看影响")),
        ActionLink(_("停用"), stop, _("不再选用，已有的诉求保留它")),
    ]
    under = ActionLink(_("新增下级"), f"{reverse('admin-category-new')}?under={row.code}")
    return [under, *doors] if row.level < LEVELS else doors


class CategoryForm(ReasonForm):
    """Form of a category from a day on."""

    parent = select_field(gettext_lazy("上级"), required=False, help_text=gettext_lazy("不选表示第 1 级"))
    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    grade = radio_field(gettext_lazy("难易"), Category.Grade.choices, initial="general")
    needs_photo = forms.BooleanField(label=gettext_lazy("报结须附照片"), required=False)
    is_property = forms.BooleanField(label=gettext_lazy("属物业服务"), required=False)
    begins = day_field(gettext_lazy("从哪天起"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.above = {str(row.pk): row for row in category_changes.possible_parents(local_date(now()))}
        options = [(pk, SearchableLabel.of(row.path, row.code)) for pk, row in self.above.items()]
        self.fields["parent"].choices = [("", _("无，作为第 1 级")), *options]  # type: ignore[attr-defined]

    def new(self) -> NewCategory:
        """The category that the fields describe."""
        sent = self.wanted()
        values = {name: sent[name] for name in ("grade", "needs_photo", "is_property", "begins")}
        return NewCategory(self.above.get(sent["parent"]), clean_line(sent["name"]), **values)


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """View: a new category from a day on."""
    under = request.GET.get("under", "")
    initial: dict[str, Any] = {"begins": local_date(now()) + ONE_DAY}
    initial |= {"parent": str(admin_lists.category(under).pk)} if under else {}
    form = CategoryForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid() and not form.data.get("seen"):
        set_hidden_values(form, seen=category_changes.version_tag_of(form.new().parent))
    return preview_and_change_page(
        request,
        form,
        lambda step, **_sent: _preview_new(form.new(), step),
        lambda step, **_sent: category_changes.add(form.new(), step=step),
        back=reverse("admin-categories"),
        done=_("新分类已定，到时自动选用。"),
        title=_("新增分类"),
        lead=UNCHANGED_NOTICE,
        full_fields=("parent", "grade"),
    )


def _preview_new(new: NewCategory, step: ChangeContext) -> Effect:
    without = impact.lacks_directory_row(new, step=step)
    directory = (
        _("派单目录还没有适用它的条目，到时不会有主办建议。保存后请到“派单目录”新增。")
        if without
        else _("派单目录按上级的条目提出主办建议。")
    )
    begins = _("自 %(day)s 起，受理时可以选用“%(path)s”。") % {
        "day": format_day(new.begins), "path": new.path,
    }  # fmt: skip
    last = [directory] if new.level == LEVELS else [_("它下面还没有分类；只有第 3 级的分类能在受理时选用。")]
    return Effect([begins if new.level == LEVELS else _("自 %s 起生效。") % format_day(new.begins), *last,
                   _("已受理的诉求不变，共 0 件受影响。")])  # fmt: skip


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, code: str) -> HttpResponse:
    """View: replaces a category by another from a day on."""
    found = admin_lists.category(code)
    form = CategoryForm(request.POST if request.method == "POST" else None, initial=_initial(found))
    return preview_and_change_page(
        request,
        form,
        lambda step, **_sent: _preview_change(found, form.new(), step),
        lambda step, **_sent: category_changes.replace(found, form.new(), step=step),
        back=reverse("admin-category", args=[code]),
        done=_("已保存，到时自动更换。"),
        title=_("更换分类：%s") % found.path,
        lead=UNCHANGED_NOTICE,
        beside=_facts(found),
        full_fields=("parent", "grade"),
    )


def _initial(row: Category) -> dict[str, Any]:
    earliest = max(local_date(now()) + ONE_DAY, row.valid_from)
    return {
        "parent": str(row.parent_id or ""), "name": row.name, "grade": row.grade, "needs_photo": row.needs_photo,
        "is_property": row.is_property, "begins": earliest, "seen": category_changes.version_tag_of(row),
    }  # fmt: skip


def _preview_change(row: Category, new: NewCategory, step: ChangeContext) -> Effect:
    found = impact.category_impact(row, new, step=step)
    words = {"day": format_day(new.begins), "new": new.path, "old": row.path}
    begins = _("自 %(day)s 起受理的，用“%(new)s”，不再选用“%(old)s”。") % words
    return _effect(begins, found, _moved_along_text(found))


def _moved_along_text(found: CategoryImpact) -> str:
    """What continues under the new category."""
    words = {"below": found.below, "rows": found.rows}
    return _("下级分类 %(below)d 个、派单目录 %(rows)d 条随之沿用。") % words


def _effect(begins: str, found: CategoryImpact, more: str) -> Effect:
    many = _("%d 件以上") if found.running > MOST_COMPARED else _("%d 件")
    running = _("现有 %s未办结的诉求属于原分类，保留原分类和时限。") % (
        many % min(found.running, MOST_COMPARED)
    )
    articles = _("知识库有 %d 条仍挂在原分类下，请责任单位改挂。") % found.articles
    lines = [line for line in (running, more, articles if found.articles else "") if line]
    waiting = rerouted_effect(begins, found.rerouted)
    return Effect([waiting.sentences[0], *lines, *waiting.sentences[1:]], waiting.table, waiting.more)


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def end(request: ActorRequest, code: str) -> HttpResponse:
    """View: ends a category from a day on, without a successor."""
    found = admin_lists.category(code)
    earliest = max(local_date(now()) + ONE_DAY, found.valid_from)
    initial = {"seen": category_changes.version_tag_of(found), "ends_on": earliest}
    form = EndRowForm(request.POST if request.method == "POST" else None, initial=initial)
    return preview_and_change_page(
        request, form,
        lambda step, ends_on: _preview_end(found, ends_on, step),
        lambda step, ends_on: category_changes.end(found, ends_on, step=step),
        back=reverse("admin-category", args=[code]), done=_("已登记停用。"),
        title=_("停用分类：%s") % found.path, lead=UNCHANGED_NOTICE, beside=_facts(found),
    )  # fmt: skip


def _preview_end(row: Category, ends_on: date, step: ChangeContext) -> Effect:
    found = impact.category_end_impact(row, ends_on, step=step)
    begins = _("自 %(day)s 起，受理时不再选用“%(path)s”，它的派单目录条目同日失效。") % {
        "day": format_day(ends_on), "path": row.path,
    }  # fmt: skip
    return _effect(begins, found, "")
