"""Loader for units: offices, companies and committees, with the place that they govern and the estates they serve."""

from typing import Any

from django.utils.translation import gettext as _

from jieban.registry.loaders import typed_rows as sheets
from jieban.registry.loaders.typed_rows import (
    Changes,
    RegistryColumn,
    RegistryRow,
    RegistrySheet,
    compare,
)
from jieban.registry.models import Place, Unit

Kind = Unit.Kind
# The kinds that a unit's parent may have; None where it may have no parent.
PARENTS: dict[Kind, tuple[Kind | None, ...]] = {
    Kind.LEADERSHIP: (Kind.LEADERSHIP, None),
    Kind.HOTLINE: (Kind.LEADERSHIP, None),
    Kind.DEPARTMENT: (Kind.LEADERSHIP, Kind.DEPARTMENT, None),
    Kind.STREET: (Kind.LEADERSHIP, None),
    Kind.STREET_CENTRE: (Kind.STREET,),
    Kind.COMMUNITY: (Kind.STREET,),
    Kind.PROPERTY: (Kind.STREET, Kind.COMMUNITY, None),
    Kind.OWNERS: (Kind.COMMUNITY, Kind.STREET),
    Kind.PARTNER: (Kind.LEADERSHIP, Kind.DEPARTMENT, Kind.PARTNER, None),
}
# The level of the place that a unit of this kind governs, one unit per place.
GOVERNS = {Kind.STREET: Place.Level.STREET, Kind.COMMUNITY: Place.Level.COMMUNITY}
SERVES_ESTATES = (Kind.PROPERTY, Kind.OWNERS)

COLUMNS = (
    RegistryColumn("code", sheets.code),
    RegistryColumn("kind", sheets.choice(Unit.Kind)),
    RegistryColumn("parent_code", sheets.code, required=False),
    RegistryColumn("name", sheets.text(100)),
    RegistryColumn("short_name", sheets.text(40), required=False, empty=""),
    RegistryColumn("place_code", sheets.code, required=False),
    RegistryColumn("estate_codes", sheets.list_of(sheets.code), required=False, empty=()),
    RegistryColumn("valid_from", sheets.day),
    RegistryColumn("valid_to", sheets.day, required=False),
)
Units = dict[str, dict[str, Any]]


def load(sheet: RegistrySheet) -> Changes:
    """Adds and changes units. A unit that is no longer listed stays; it ends by its `valid_to`."""
    stored = stored_units()
    places = {place.code: place for place in Place.objects.select_related("parent")}
    units = stored | {row.key: row.cells for row in sheet.rows}
    for row in sheet.rows:
        _check_parent(sheet, row, units)
        _check_place(sheet, row, units, places)
        _check_estates(sheet, row, places)
    _check_cycles(sheet, units)
    _check_once(sheet, units)
    sheet.raise_problems()
    changes = compare(sheet, stored)
    _write(changes.to_write(), places)
    return changes


def stored_units() -> Units:
    """All units by code, as the columns of the file."""
    units = Unit.objects.select_related("parent", "place").prefetch_related("estates")
    return {
        unit.code: {
            "kind": unit.kind,
            "parent_code": unit.parent.code if unit.parent else None,
            "name": unit.name,
            "short_name": unit.short_name,
            "place_code": unit.place.code if unit.place else None,
            "estate_codes": tuple(sorted(estate.code for estate in unit.estates.all())),
            "valid_from": unit.opened_on,
            "valid_to": unit.closed_on,
        }
        for unit in units
    }


def _check_parent(sheet: RegistrySheet, row: RegistryRow, units: Units) -> None:
    kind, parent_code = Kind(row["kind"]), row["parent_code"]
    allowed = PARENTS[kind]
    names = "、".join(str(one.label) for one in allowed if one)
    if parent_code is None:
        if None not in allowed:
            sheet.refuse(
                row,
                "parent_code",
                _("%(kind)s必须有上级单位（%(names)s）。") % {"kind": kind.label, "names": names},
            )
    elif parent_code not in units:
        sheet.refuse(row, "parent_code", sheets.unknown_code_message(_("单位"), parent_code))
    elif (found := Kind(units[parent_code]["kind"])) not in allowed:
        sheet.refuse(
            row,
            "parent_code",
            _("%(kind)s的上级须是%(names)s，“%(name)s”是%(found)s。")
            % {
                "kind": kind.label,
                "names": names,
                "name": units[parent_code]["name"],
                "found": found.label,
            },
        )
    else:
        sheets.check_within(sheet, row, "parent_code", units[parent_code])


def _check_cycles(sheet: RegistrySheet, units: Units) -> None:
    """Refuses every row of a cycle of parents."""
    for row in sheet.rows:
        seen = {row.key}
        above = row["parent_code"]
        while above in units and above not in seen:
            seen.add(above)
            above = units[above]["parent_code"]
        if above == row.key:
            sheet.refuse(row, "parent_code", _("上级关系成了一个环：沿上级走会回到本单位。"))


def _check_place(sheet: RegistrySheet, row: RegistryRow, units: Units, places: dict[str, Place]) -> None:
    kind, code = Kind(row["kind"]), row["place_code"]
    level = GOVERNS.get(kind)
    if code is not None and code not in places:
        sheet.refuse(row, "place_code", sheets.unknown_code_message(_("地点"), code))
    elif level is not None and (code is None or places[code].level != level):
        sheet.refuse(
            row,
            "place_code",
            _("%(kind)s必须填写所辖%(level)s的代码。") % {"kind": kind.label, "level": level.label},
        )
    elif code is not None:
        _check_same_street(sheet, row, units, places[code])


def _check_same_street(sheet: RegistrySheet, row: RegistryRow, units: Units, place: Place) -> None:
    """Checks that a committee belongs to the office of its place's street, and a command centre to its own street's."""
    office = units.get(row["parent_code"] or "")
    street = place.parent if row["kind"] == Kind.COMMUNITY else place
    if (
        row["kind"] in (Kind.COMMUNITY, Kind.STREET_CENTRE)
        and office
        and street
        and office["place_code"] != street.code
    ):
        sheet.refuse(
            row,
            "place_code",
            _("“%(place)s”不在上级单位“%(office)s”所辖的街道。")
            % {"place": place.name, "office": office["name"]},
        )


def _check_estates(sheet: RegistrySheet, row: RegistryRow, places: dict[str, Place]) -> None:
    if row["estate_codes"] and row["kind"] not in SERVES_ESTATES:
        sheet.refuse(row, "estate_codes", _("只有物业服务企业和业主委员会可以填写服务的小区。"))
        return
    for code in row["estate_codes"]:
        if code not in places:
            sheet.refuse(row, "estate_codes", sheets.unknown_code_message(_("小区"), code))
        elif places[code].level != Place.Level.ESTATE:
            sheet.refuse(row, "estate_codes", _("“%s”不是小区。") % places[code].name)


def _check_once(sheet: RegistrySheet, units: Units) -> None:
    """Refuses two units of one kind for the same street, community or estate at the same time."""
    rows = sheet.by_key()
    holders: dict[tuple[str, str, str], list[str]] = {}
    for code, unit in sorted(units.items(), key=lambda item: rows[item[0]].line if item[0] in rows else 0):
        served = [("estate_codes", estate) for estate in unit["estate_codes"]]
        governed = [("place_code", unit["place_code"])] if unit["kind"] in GOVERNS else []
        for column, place in [*served, *governed]:
            before = holders.setdefault((unit["kind"], column, place), [])
            other = next((one for one in before if sheets.periods_overlap(units[one], unit)), None)
            before.append(code)
            if other is not None and code in rows:
                sheet.refuse(
                    rows[code],
                    column,
                    _("“%(place)s”在同一时间已由同类单位“%(other)s”负责。")
                    % {"place": place, "other": units[other]["name"]},
                )


def _write(rows: list[RegistryRow], places: dict[str, Place]) -> None:
    ids = dict(Unit.objects.values_list("code", "pk"))
    fields = ["kind", "parent", "name", "short_name", "place", "opened_on", "closed_on"]
    for layer in sheets.topological_layers(rows):
        ids |= sheets.upsert(Unit, [_unit(row, ids, places) for row in layer], fields)
    wanted = {ids[row.key]: {places[code].pk for code in row["estate_codes"]} for row in rows}
    sheets.sync_links(Unit.estates.through, "unit_id", "place_id", wanted)


def _unit(row: RegistryRow, ids: dict[str, int], places: dict[str, Place]) -> Unit:
    return Unit(
        code=row["code"],
        kind=row["kind"],
        parent_id=ids.get(row["parent_code"]),
        name=row["name"],
        short_name=row["short_name"],
        place=places[row["place_code"]] if row["place_code"] else None,
        opened_on=row["valid_from"],
        closed_on=row["valid_to"],
    )
