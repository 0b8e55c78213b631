"""Changes of the category tree: a new category, or a successor to one, from a day on; rows are never rewritten.

A case keeps its category with the name, path and requirements of its time. A successor takes over the children and
the rows of the dispatch directory; the earliest day is tomorrow.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.base.text.cleaning import clean_line
from jieban.registry.administration import directory_changes
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    Subject,
    format_day,
    version_tag,
)
from jieban.registry.models import Category, holds_on

ONE_DAY = timedelta(days=1)
LEVELS = 3
LONGEST_PATH = 200
PATH_SEPARATOR = " / "


@dataclass(frozen=True)
class NewCategory:
    """New category from a day on; without a parent it is of the first level."""

    parent: Category | None
    name: str
    grade: str
    needs_photo: bool
    is_property: bool
    begins: date

    @property
    def level(self) -> int:
        return self.parent.level + 1 if self.parent else 1

    @property
    def path(self) -> str:
        return f"{self.parent.path}{PATH_SEPARATOR}{self.name}" if self.parent else self.name


def version_tag_of(category: Category | None) -> str:
    """Version tag of a category and its children; without a category, of the first level."""
    rows = Category.objects.filter(Q(parent=category) if category else Q(parent=None))
    own = Category.objects.filter(pk=category.pk if category else 0)
    return version_tag(
        list((rows | own).order_by("code").values_list("code", "name", "valid_from", "valid_to"))
    )


def children_of(category: Category, on: date) -> list[Category]:
    """Children of the category that are valid on the day or later."""
    rows = Category.objects.filter(parent=category).filter(Q(valid_to=None) | Q(valid_to__gt=on))
    return list(rows.order_by("code"))


def _subject(category: Category) -> Subject:
    return Subject(Area.CATEGORY, category.code, category.path)


def _logged_values(category: Category) -> dict[str, object]:
    values: dict[str, object] = {_("分类"): category.path, _("代码"): category.code}
    if category.level == LEVELS:
        values |= {
            _("难易"): category.get_grade_display(),
            _("须附照片"): _("是") if category.needs_photo else _("否"),
            _("物业服务"): _("是") if category.is_property else _("否"),
        }
    return values | {_("生效日"): format_day(category.valid_from)}


@transaction.atomic
def add(new: NewCategory, *, step: ChangeContext) -> Category:
    """Adds a category, which may be chosen from its day on. Raises Invalid where it does not fit."""
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _parent_subject(new), version_tag_of(new.parent))
    _check(new, step)
    made = _create(new, _next_code(new.parent))
    config_changes.record(step, _subject(made), _("新增分类"), before={}, after=_logged_values(made))
    return made


def _parent_subject(new: NewCategory) -> Subject:
    """Subject of a new category: its parent, whose children the page showed."""
    return _subject(new.parent) if new.parent else Subject(Area.CATEGORY, "", _("一级分类"))


@transaction.atomic
def replace(category: Category, new: NewCategory, *, step: ChangeContext) -> Category:
    """Replaces a category by a successor from a day on; the categories below it continue under the successor.

    Raises Invalid where it does not fit.
    """
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _subject(category), version_tag_of(category))
    config_changes.check_lasts(category, new.begins, "begins")
    _check(new, step, category)
    if new.level != category.level:
        message = _("级别不能改变：第 %d 级的分类仍须放在第 %d 级。") % (category.level, category.level)
        raise Invalid(message, fields={"parent": message})
    before = _logged_values(category)
    made = _succeed(category, new, _code_after(category, new))
    config_changes.record(step, _subject(category), _("更换分类"), before=before, after=_logged_values(made))
    return made


def _succeed(category: Category, new: NewCategory, code: str) -> Category:
    """Ends the category and carries its children and its rows of the directory over to the successor."""
    children = children_of(category, new.begins)
    made = _create(new, code, category.valid_to)
    directory_changes.carry_over(category, made, new.begins)
    for child in children:
        begins = max(new.begins, child.valid_from)
        same = NewCategory(made, child.name, child.grade, child.needs_photo, child.is_property, begins)
        _succeed(child, same, f"{made.code}.{child.code.removeprefix(category.code)}"[:40])
    category.valid_to = max(new.begins, category.valid_from)
    category.save(update_fields=["valid_to"])
    return made


@transaction.atomic
def end(category: Category, ends_on: date, *, step: ChangeContext) -> None:
    """Ends a category from a day on; its cases keep it. Raises Invalid while there are categories below it."""
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _subject(category), version_tag_of(category))
    config_changes.check_begins(ends_on, local_date(step.at) + ONE_DAY, "ends_on")
    config_changes.check_lasts(category, ends_on, "ends_on")
    left = children_of(category, ends_on)
    if left:
        message = _("“%(name)s”下还有 %(count)d 个分类。请先逐个停用，或更换上级。") % {
            "name": category.name,
            "count": len(left),
        }
        raise Invalid(message, fields={"ends_on": message})
    directory_changes.carry_over(category, None, ends_on)
    category.valid_to = max(ends_on, category.valid_from)
    category.save(update_fields=["valid_to"])
    after = {_("失效日"): format_day(category.valid_to)}
    config_changes.record(
        step, _subject(category), _("停用分类"), before=_logged_values(category), after=after
    )


def _check(new: NewCategory, step: ChangeContext, instead_of: Category | None = None) -> None:
    config_changes.check_begins(new.begins, local_date(step.at) + ONE_DAY, "begins")
    if not clean_line(new.name) or PATH_SEPARATOR.strip() in new.name:
        message = _("请填写名称，不要用“/”。")
        raise Invalid(message, fields={"name": message})
    if new.level > LEVELS:
        message = _("第 3 级是最低一级，下面不能再设分类。")
        raise Invalid(message, fields={"parent": message})
    _check_parent(new)
    _check_name(new, instead_of)
    if instead_of is not None and _same(instead_of, new):
        message = _("与现行分类相同，不必修改。")
        raise Invalid(message, fields={"name": message})


def _same(category: Category, new: NewCategory) -> bool:
    parent_id = new.parent.pk if new.parent else None
    return (
        category.parent_id, category.name, category.grade, category.needs_photo, category.is_property,
    ) == (parent_id, new.name, new.grade, new.needs_photo, new.is_property)  # fmt: skip


def _check_parent(new: NewCategory) -> None:
    parent = new.parent
    if parent is None:
        return
    if parent.valid_from > new.begins or parent.valid_to is not None:
        message = _("到时“%s”尚未生效或将要失效，请另选上级。") % parent.path
        raise Invalid(message, fields={"parent": message})


def _check_name(new: NewCategory, instead_of: Category | None) -> None:
    """Checks that the name is unique under its parent at any time, and that the path is not too long."""
    if len(new.path) > LONGEST_PATH:
        message = _("连同各级上级的名称太长，最多 %d 字。") % LONGEST_PATH
        raise Invalid(message, fields={"name": message})
    lasting = Category.objects.filter(Q(valid_to=None) | Q(valid_to__gt=new.begins))
    same = lasting.filter(parent=new.parent, name=new.name)
    if same.exclude(pk=instead_of.pk if instead_of else 0).exists():
        message = _("同一上级下已有“%s”，无法区分，请换一个名称。") % new.name
        raise Invalid(message, fields={"name": message})


def _create(new: NewCategory, code: str, ends: date | None = None) -> Category:
    return Category.objects.create(
        code=code, name=new.name, level=new.level, parent=new.parent, path=new.path, grade=new.grade,
        needs_photo=new.needs_photo, is_property=new.is_property, valid_from=new.begins, valid_to=ends,
    )  # fmt: skip


def _next_code(parent: Category | None) -> str:
    """Next free code: under C0101 the first free of C010101 to C010199, because subtrees are found by code prefix."""
    stem = parent.code if parent else "C"
    taken = set(Category.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for code in (f"{stem}{number:02d}" for number in range(1, 1_000)) if code not in taken)


def _code_after(category: Category, new: NewCategory) -> str:
    """Code of a successor: C010101-20261201; under another parent it begins with that parent's code."""
    above = category.parent.code if category.parent else ""
    moved = new.parent is not None and new.parent.pk != category.parent_id
    base = f"{new.parent.code}.{category.code.removeprefix(above)}" if moved and new.parent else category.code
    return directory_changes.code_from(Category, base, new.begins)


def possible_parents(on: date) -> list[Category]:
    """Possible parents: the categories of the first two levels that are valid on the day."""
    rows = Category.objects.filter(holds_on(on), level__lt=LEVELS, valid_to=None)
    return list(rows.order_by("code"))
