"""Loader for the category tree and for the dispatch directory (派单目录), which says who leads in each category."""

from typing import Any

from django.utils.translation import gettext as _

from jieban.registry.district.directory import LEVELS_KNOWN_AT
from jieban.registry.loaders import typed_rows as sheets
from jieban.registry.loaders.typed_rows import (
    Changes,
    RegistryColumn,
    RegistryRow,
    RegistrySheet,
    compare,
)
from jieban.registry.models import Category, DirectoryRow, Place, Unit

Kind = Unit.Kind
LEVELS = ("1", "2", "3")
LONGEST_PATH = 200
# Kinds of unit that work under or with the lead, and never lead themselves.
NEVER_LEAD = (Kind.COMMUNITY, Kind.PROPERTY, Kind.OWNERS)
Tree = dict[str, dict[str, Any]]


def _level(cell: str) -> int:
    if cell not in LEVELS:
        raise ValueError(_("“%s”应为 1、2 或 3。") % cell[:40])
    return int(cell)


CATEGORY_COLUMNS = (
    RegistryColumn("code", sheets.code),
    RegistryColumn("level", _level),
    RegistryColumn("parent_code", sheets.code, required=False),
    RegistryColumn("name", sheets.text(60)),
    RegistryColumn("grade", sheets.choice(Category.Grade)),
    RegistryColumn("needs_photo", sheets.flag),
    RegistryColumn("is_property", sheets.flag),
    RegistryColumn("valid_from", sheets.day),
    RegistryColumn("valid_to", sheets.day, required=False),
)


def load_categories(sheet: RegistrySheet) -> Changes:
    """Adds and changes categories, and the paths of those below a changed name."""
    existing = {one.code: one for one in Category.objects.select_related("parent")}
    stored = {code: _stored_category(category) for code, category in existing.items()}
    tree = stored | {row.key: row.cells for row in sheet.rows}
    for row in sheet.rows:
        _check_category(sheet, row, tree, stored)
    _check_siblings(sheet, tree)
    sheet.raise_problems()
    changes = compare(sheet, stored)
    paths = {code: _path(code, tree) for code in tree}
    for row in changes.to_write():
        if len(paths[row.key]) > LONGEST_PATH:
            sheet.refuse(row, "name", _("连同各级上级的名称太长，最多 %d 字。") % LONGEST_PATH)
    sheet.raise_problems()
    _write_categories(changes.to_write(), paths, existing)
    return changes


def _stored_category(category: Category) -> dict[str, Any]:
    return {
        "level": category.level,
        "parent_code": category.parent.code if category.parent else None,
        "name": category.name,
        "grade": category.grade,
        "needs_photo": category.needs_photo,
        "is_property": category.is_property,
        "valid_from": category.valid_from,
        "valid_to": category.valid_to,
    }


def _check_category(sheet: RegistrySheet, row: RegistryRow, tree: Tree, stored: Tree) -> None:
    level, parent_code = row["level"], row["parent_code"]
    if row.key in stored and stored[row.key]["level"] != level:
        sheet.refuse(
            row,
            "level",
            _("这个代码已登记为第 %d 级，级别不能改变，请启用新代码。") % stored[row.key]["level"],
        )
    if level == 1:
        if parent_code is not None:
            sheet.refuse(row, "parent_code", _("第 1 级是最高一级，上级代码须留空。"))
    elif parent_code is None:
        sheet.refuse(
            row,
            "parent_code",
            _("第 %(level)d 级必须填写第 %(above)d 级的上级代码。") % {"level": level, "above": level - 1},
        )
    elif parent_code not in tree:
        sheet.refuse(row, "parent_code", sheets.unknown_code_message(_("分类"), parent_code))
    elif tree[parent_code]["level"] != level - 1:
        sheet.refuse(
            row,
            "parent_code",
            _("第 %(level)d 级的上级须是第 %(above)d 级，“%(name)s”是第 %(found)d 级。")
            % {
                "level": level,
                "above": level - 1,
                "name": tree[parent_code]["name"],
                "found": tree[parent_code]["level"],
            },
        )
    else:
        sheets.check_within(sheet, row, "parent_code", tree[parent_code])


def _check_siblings(sheet: RegistrySheet, tree: Tree) -> None:
    """Refuses two categories with the same name under one parent at the same time."""
    rows = sheet.by_key()
    before: dict[tuple[Any, ...], list[str]] = {}
    for code, one in sorted(tree.items(), key=lambda item: rows[item[0]].line if item[0] in rows else 0):
        others = before.setdefault((one["parent_code"], one["name"]), [])
        same = next((other for other in others if sheets.periods_overlap(tree[other], one)), None)
        others.append(code)
        if same is not None and code in rows:
            sheet.refuse(rows[code], "name", _("与分类 %s 同级同名，无法区分。") % same)


def _path(code: str, tree: Tree) -> str:
    """Path of names: 城乡建设 / 安全生产 / 安全隐患."""
    names = []
    above: str | None = code
    while above is not None:
        names.append(tree[above]["name"])
        above = tree[above]["parent_code"]
    return " / ".join(reversed(names))


def _write_categories(rows: list[RegistryRow], paths: dict[str, str], existing: dict[str, Category]) -> None:
    ids = {code: category.pk for code, category in existing.items()}
    fields = [
        "level", "parent", "name", "path", "grade", "needs_photo", "is_property", "valid_from", "valid_to",
    ]  # fmt: skip
    for layer in sheets.topological_layers(rows):
        ids |= sheets.upsert(Category, [_category(row, ids, paths) for row in layer], fields)
    written = {row.key for row in rows}
    stale = [one for code, one in existing.items() if code not in written and one.path != paths[code]]
    for category in stale:
        category.path = paths[category.code]
    Category.objects.bulk_update(stale, ["path"])


def _category(row: RegistryRow, ids: dict[str, int], paths: dict[str, str]) -> Category:
    return Category(
        code=row["code"],
        level=row["level"],
        parent_id=ids.get(row["parent_code"]),
        name=row["name"],
        path=paths[row["code"]],
        grade=row["grade"],
        needs_photo=row["needs_photo"],
        is_property=row["is_property"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )


DIRECTORY_COLUMNS = (
    RegistryColumn("code", sheets.code),
    RegistryColumn("category_code", sheets.code),
    RegistryColumn("place_level", sheets.choice(Place.Level)),
    RegistryColumn("place_code", sheets.code, required=False),
    RegistryColumn("duty", sheets.text(60), required=False, empty=""),
    RegistryColumn("lead_code", sheets.code, required=False),
    RegistryColumn("co_codes", sheets.list_of(sheets.code), required=False, empty=()),
    RegistryColumn("ground", sheets.text(300)),
    RegistryColumn("edition", sheets.text(40)),
    RegistryColumn("valid_from", sheets.day),
    RegistryColumn("valid_to", sheets.day, required=False),
)


def load_directory(sheet: RegistrySheet) -> Changes:
    """Adds and changes rows of the directory. A row that is no longer listed stays; `valid_to` ends it."""
    categories = {one.code: one for one in Category.objects.all()}
    places = {one.code: one for one in Place.objects.all()}
    units = {one.code: one for one in Unit.objects.all()}
    stored = _stored_directory()
    for row in sheet.rows:
        _check_scope(sheet, row, categories, places)
        _check_lead(sheet, row, units)
        _check_co_handlers(sheet, row, units)
    _check_overlaps(sheet, stored | {row.key: row.cells for row in sheet.rows})
    sheet.raise_problems()
    changes = compare(sheet, stored)
    _write_directory(changes.to_write(), categories, places, units)
    return changes


def _stored_directory() -> dict[str, dict[str, Any]]:
    rows = DirectoryRow.objects.select_related("category", "place", "lead").prefetch_related("co_handlers")
    return {
        row.code: {
            "category_code": row.category.code,
            "place_level": row.place_level,
            "place_code": row.place.code if row.place else None,
            "duty": row.duty,
            "lead_code": row.lead.code if row.lead else None,
            "co_codes": tuple(sorted(unit.code for unit in row.co_handlers.all())),
            "ground": row.ground,
            "edition": row.edition,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }
        for row in rows
    }


def _check_scope(
    sheet: RegistrySheet, row: RegistryRow, categories: dict[str, Category], places: dict[str, Place]
) -> None:
    category = categories.get(row["category_code"])
    if category is None:
        sheet.refuse(row, "category_code", sheets.unknown_code_message(_("分类"), row["category_code"]))
    else:
        span = {"name": category.name, "valid_from": category.valid_from, "valid_to": category.valid_to}
        sheets.check_within(sheet, row, "category_code", span)
    code = row["place_code"]
    if code is None:
        return
    if code not in places:
        sheet.refuse(row, "place_code", sheets.unknown_code_message(_("地点"), code))
    elif places[code].level not in LEVELS_KNOWN_AT[row["place_level"]]:
        sheet.refuse(
            row,
            "place_level",
            _("“%(place)s”是%(found)s，地点级别不能比它高。")
            % {"place": places[code].name, "found": Place.Level(places[code].level).label},
        )


def _check_lead(sheet: RegistrySheet, row: RegistryRow, units: dict[str, Unit]) -> None:
    code = row["lead_code"]
    if code is None:
        if Place.Level.STREET not in LEVELS_KNOWN_AT[row["place_level"]]:
            sheet.refuse(
                row, "lead_code", _("主办单位留空表示由属地街道主办，地点级别须至少为街道（street）。")
            )
    elif code not in units:
        sheet.refuse(row, "lead_code", sheets.unknown_code_message(_("单位"), code))
    elif units[code].kind in NEVER_LEAD:
        sheet.refuse(
            row,
            "lead_code",
            _("“%(unit)s”是%(kind)s，不能作主办单位。")
            % {"unit": units[code].name, "kind": Kind(units[code].kind).label},
        )
    else:
        _check_unit_lasts(sheet, row, "lead_code", units[code])


def _check_co_handlers(sheet: RegistrySheet, row: RegistryRow, units: dict[str, Unit]) -> None:
    for code in row["co_codes"]:
        if code not in units:
            sheet.refuse(row, "co_codes", sheets.unknown_code_message(_("单位"), code))
        elif code == row["lead_code"]:
            sheet.refuse(row, "co_codes", _("“%s”已是主办单位，不能同时协办。") % units[code].name)
        else:
            _check_unit_lasts(sheet, row, "co_codes", units[code])


def _check_unit_lasts(sheet: RegistrySheet, row: RegistryRow, column: str, unit: Unit) -> None:
    span = {"name": unit.name, "valid_from": unit.opened_on, "valid_to": unit.closed_on}
    sheets.check_within(sheet, row, column, span)


def _check_overlaps(sheet: RegistrySheet, directory: dict[str, dict[str, Any]]) -> None:
    """Refuses two rows for the same category, place and duty at the same time."""
    rows = sheet.by_key()
    before: dict[tuple[Any, ...], list[str]] = {}
    lines = {code: rows[code].line if code in rows else 0 for code in directory}
    for code in sorted(directory, key=lambda code: lines[code]):
        one = directory[code]
        scope = tuple(one[name] for name in ("category_code", "place_level", "place_code", "duty"))
        others = before.setdefault(scope, [])
        same = next((other for other in others if sheets.periods_overlap(directory[other], one)), None)
        others.append(code)
        if same is not None and code in rows:
            sheet.refuse(
                rows[code],
                "valid_from",
                _("与条目 %s 的有效期重叠：分类、地点级别、地点和职责都相同。") % same,
            )


def _write_directory(
    rows: list[RegistryRow], categories: dict[str, Category], places: dict[str, Place], units: dict[str, Unit]
) -> None:
    fields = [
        "category", "place_level", "place", "duty", "lead", "ground", "edition", "valid_from", "valid_to",
    ]  # fmt: skip
    made = [
        DirectoryRow(
            code=row["code"],
            category=categories[row["category_code"]],
            place_level=row["place_level"],
            place=places[row["place_code"]] if row["place_code"] else None,
            duty=row["duty"],
            lead=units[row["lead_code"]] if row["lead_code"] else None,
            ground=row["ground"],
            edition=row["edition"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
        )
        for row in rows
    ]
    ids = sheets.upsert(DirectoryRow, made, fields)
    wanted = {ids[row.key]: {units[code].pk for code in row["co_codes"]} for row in rows}
    sheets.sync_links(DirectoryRow.co_handlers.through, "directoryrow_id", "unit_id", wanted)
