"""Loader for places, with the history of their names and of their boundaries.

The registry has both in one row per period (`PlaceVersion`), the files have them apart. So a load splits the stored
periods, replaces the history by the file's, and merges both again.
"""

import itertools
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity

from jieban.registry.district.geo import LocateOutcome, check_coordinates, coordinates_message
from jieban.registry.loaders import typed_rows as sheets
from jieban.registry.loaders.typed_rows import (
    Changes,
    RegistryColumn,
    RegistryRow,
    RegistrySheet,
    compare,
    end_or_latest,
)
from jieban.registry.models import Place, PlaceVersion

Level = Place.Level
ABOVE = {
    Level.DISTRICT: None,
    Level.STREET: Level.DISTRICT,
    Level.COMMUNITY: Level.STREET,
    Level.ESTATE: Level.COMMUNITY,
    Level.BUILDING: Level.ESTATE,
    Level.GRID: Level.COMMUNITY,
}

PLACE_COLUMNS = (
    RegistryColumn("code", sheets.code),
    RegistryColumn("level", sheets.choice(Place.Level)),
    RegistryColumn("parent_code", sheets.code, required=False),
    RegistryColumn("name", sheets.text(100)),
    RegistryColumn("aliases", sheets.list_of(sheets.text(100), in_order=True), required=False, empty=()),
    RegistryColumn("lat", sheets.number, required=False),
    RegistryColumn("long", sheets.number, required=False),
    RegistryColumn("valid_from", sheets.day),
    RegistryColumn("valid_to", sheets.day, required=False),
    RegistryColumn("source", sheets.text(200)),
)
# Columns that only the row of today sets.
CURRENT_FIELDS = ("name", "aliases", "lat", "long")


@dataclass(frozen=True)
class DatedName:
    """Name of a place with its period, including the first day and excluding the last."""

    valid_from: date
    valid_to: date | None
    name: str
    source: str


@dataclass(frozen=True)
class DatedOutline:
    """Boundary of a place from a day on, until the next one or its end."""

    valid_from: date
    boundary: Any
    drawn: str
    source: str


@dataclass
class StoredPlace:
    """Stored place, with its names and boundaries apart."""

    place: Place
    parent_code: str | None
    names: list[DatedName] = field(default_factory=list)
    boundaries: list[DatedOutline] = field(default_factory=list)


def load_places(sheet: RegistrySheet) -> Changes:
    """Adds and changes places; the rows of a code are its whole history of names."""
    stored = stored_places()
    histories = _histories(sheet.rows)
    _check_histories(sheet, histories)
    _check_tree(sheet, histories, stored)
    sheet.raise_problems()
    changes = compare(sheet, _stored_rows(stored, sheet.today))
    sheets.split_histories(changes, set(histories), part=lambda key: key[0])
    touched = {row["code"] for row in changes.to_write()} | {key[0] for key in changes.removed}
    _write_places({code: histories[code] for code in histories if code in touched}, stored, sheet.today)
    return changes


def stored_places() -> dict[str, StoredPlace]:
    """All places by code, in two queries."""
    found = {
        place.pk: StoredPlace(place, place.parent.code if place.parent else None)
        for place in Place.objects.select_related("parent")
    }
    versions = PlaceVersion.objects.order_by("place_id", "valid_from")
    for place_id, rows in itertools.groupby(versions, key=lambda version: version.place_id):
        found[place_id].names, found[place_id].boundaries = _split_versions(list(rows))
    return {stored.place.code: stored for stored in found.values()}


def _split_versions(versions: list[PlaceVersion]) -> tuple[list[DatedName], list[DatedOutline]]:
    """Splits versions into the history of names and the history of boundaries."""
    names: list[DatedName] = []
    boundaries: list[DatedOutline] = []
    for one in versions:
        if names and (names[-1].name, names[-1].source) == (one.name, one.source):
            names[-1] = DatedName(names[-1].valid_from, one.valid_to, one.name, one.source)
        else:
            names.append(DatedName(one.valid_from, one.valid_to, one.name, one.source))
        outline = DatedOutline(one.valid_from, one.boundary, one.drawn, one.boundary_source)
        if one.boundary is not None and not (boundaries and _same_outline(boundaries[-1], outline)):
            boundaries.append(outline)
    return names, boundaries


def _same_outline(one: DatedOutline, other: DatedOutline) -> bool:
    return (one.boundary, one.drawn, one.source) == (other.boundary, other.drawn, other.source)


def _merge_versions(
    place: Place, names: list[DatedName], boundaries: list[DatedOutline]
) -> list[PlaceVersion]:
    """Merges both histories into versions, one per period in which neither name nor boundary changes."""
    versions = []
    for named in names:
        inside = {outline.valid_from for outline in boundaries if named.valid_from < outline.valid_from}
        days = sorted({named.valid_from} | {day for day in inside if day < end_or_latest(named.valid_to)})
        for start, end in zip(days, [*days[1:], named.valid_to], strict=True):
            outline = next((one for one in reversed(boundaries) if one.valid_from <= start), None)
            versions.append(_version(place, start, end, named, outline))
    return versions


def _version(
    place: Place, start: date, end: date | None, named: DatedName, outline: DatedOutline | None
) -> PlaceVersion:
    return PlaceVersion(
        place=place,
        valid_from=start,
        valid_to=end,
        name=named.name,
        source=named.source,
        boundary=outline.boundary if outline else None,
        drawn=outline.drawn if outline else "",
        boundary_source=outline.source if outline else "",
    )


def _histories(rows: list[RegistryRow]) -> dict[str, list[RegistryRow]]:
    found: dict[str, list[RegistryRow]] = {}
    for row in sorted(rows, key=lambda row: row["valid_from"]):
        found.setdefault(row["code"], []).append(row)
    return found


def _row_of_today(history: list[RegistryRow], today: date) -> RegistryRow:
    """The row that is valid today; else the last that was; else the first that will be."""
    begun = [row for row in history if row["valid_from"] <= today]
    return begun[-1] if begun else history[0]


def _stored_rows(stored: dict[str, StoredPlace], today: date) -> dict[tuple[str, date], dict[str, Any]]:
    found = {}
    for code, one in stored.items():
        begun = [named.valid_from for named in one.names if named.valid_from <= today]
        for named in one.names:
            row: dict[str, Any] = {
                "level": one.place.level,
                "parent_code": one.parent_code,
                "name": named.name,
                "valid_to": named.valid_to,
                "source": named.source,
            }
            if named.valid_from == (begun[-1] if begun else one.names[0].valid_from):
                row |= {column: getattr(one.place, column) for column in CURRENT_FIELDS}
                row["aliases"] = tuple(row["aliases"])
            found[code, named.valid_from] = row
    return found


def _check_histories(sheet: RegistrySheet, histories: dict[str, list[RegistryRow]]) -> None:
    for history in histories.values():
        for older, newer in itertools.pairwise(history):
            if older["valid_to"] != newer["valid_from"]:
                sheet.refuse(newer, "valid_from", _gap_message(older))
            if (older["name"], older["source"]) == (newer["name"], newer["source"]):
                sheet.refuse(
                    newer,
                    "name",
                    _("与第 %(line)d 行的名称和来源相同，请合并为一行。") % {"line": older.line},
                )
            for column in ("level", "parent_code"):
                if older[column] != newer[column]:
                    sheet.refuse(
                        newer,
                        column,
                        _("与第 %(line)d 行不一致：同一代码的级别和上级不能改变，请启用新代码。")
                        % {"line": older.line},
                    )
        for row in history:
            _check_point(sheet, row)


def _gap_message(older: RegistryRow) -> str:
    if older["valid_to"] is None:
        return _("与第 %(line)d 行重叠：那一行没有失效日。同一代码的名称须首尾相接。") % {"line": older.line}
    return _("第 %(line)d 行在 %(day)s 失效，本行须从同一天生效。同一代码的名称须首尾相接。") % {
        "line": older.line,
        "day": older["valid_to"],
    }


def _check_point(sheet: RegistrySheet, row: RegistryRow) -> None:
    lat, long = row["lat"], row["long"]
    if (lat is None) != (long is None):
        sheet.refuse(row, "lat" if lat is None else "long", _("经度和纬度须同时填写或同时留空。"))
    elif lat is not None and (outcome := check_coordinates(lat, long)) is not None:
        sheet.refuse(row, "lat", coordinates_message(outcome))


def _spans(
    histories: dict[str, list[RegistryRow]], stored: dict[str, StoredPlace]
) -> dict[str, dict[str, Any]]:
    """Lifetime of every place, from the file or else as stored."""
    spans: dict[str, dict[str, Any]] = {
        code: {
            "level": one.place.level,
            "name": one.place.name,
            "parent_code": one.parent_code,
            "valid_from": one.place.opened_on,
            "valid_to": one.place.closed_on,
        }
        for code, one in stored.items()
    }
    for code, history in histories.items():
        spans[code] = history[-1].cells | {"valid_from": history[0]["valid_from"]}
    return spans


def _check_tree(
    sheet: RegistrySheet, histories: dict[str, list[RegistryRow]], stored: dict[str, StoredPlace]
) -> None:
    spans = _spans(histories, stored)
    for code, history in histories.items():
        row = history[0]
        if code in stored and stored[code].place.level != row["level"]:
            sheet.refuse(
                row,
                "level",
                _("这个代码已登记为%(level)s，级别不能改变，请启用新代码。")
                % {"level": Level(stored[code].place.level).label},
            )
        above = ABOVE[Level(row["level"])]
        if _parent_fits(sheet, row, above, spans):
            sheets.check_within(
                sheet, RegistryRow(row.line, code, spans[code]), "parent_code", spans[row["parent_code"]]
            )
    _check_names(sheet, histories, spans)


def _parent_fits(
    sheet: RegistrySheet, row: RegistryRow, above: Level | None, spans: dict[str, dict[str, Any]]
) -> bool:
    parent_code = row["parent_code"]
    if above is None:
        if parent_code is not None:
            sheet.refuse(row, "parent_code", _("区是最高一级，上级代码须留空。"))
        return False
    label = {"level": Level(row["level"]).label, "above": above.label}
    if parent_code is None:
        sheet.refuse(row, "parent_code", _("%(level)s必须填写上级%(above)s的代码。") % label)
        return False
    if parent_code not in spans:
        sheet.refuse(row, "parent_code", sheets.unknown_code_message(_("地点"), parent_code))
        return False
    if spans[parent_code]["level"] != above:
        found = Level(spans[parent_code]["level"]).label
        sheet.refuse(
            row,
            "parent_code",
            _("%(level)s的上级须是%(above)s，“%(name)s”是%(found)s。")
            % {**label, "name": spans[parent_code]["name"], "found": found},
        )
        return False
    return True


def _check_names(
    sheet: RegistrySheet, histories: dict[str, list[RegistryRow]], spans: dict[str, dict[str, Any]]
) -> None:
    """Refuses two places of one level with the same name under one parent at the same time."""
    before: dict[tuple[Any, ...], list[RegistryRow]] = {}
    unlisted = [RegistryRow(0, code, cells) for code, cells in spans.items() if code not in histories]
    for row in [*unlisted, *(row for history in histories.values() for row in history)]:
        others = before.setdefault((row["level"], row["parent_code"], row["name"]), [])
        other = next((one for one in others if sheets.periods_overlap(one.cells, row.cells)), None)
        others.append(row)
        if other is not None:
            where = _("第 %(line)d 行") % {"line": other.line} if other.line else _("已登记的%s") % other.key
            sheet.refuse(row, "name", _("与%(where)s同级同名，无法区分。") % {"where": where})


def _write_places(touched: dict[str, list[RegistryRow]], stored: dict[str, StoredPlace], today: date) -> None:
    current = [_row_of_today(history, today) for history in touched.values()]
    ids = {code: one.place.pk for code, one in stored.items()}
    written: dict[str, Place] = {}
    for layer in sheets.topological_layers(
        [RegistryRow(row.line, row["code"], row.cells) for row in current]
    ):
        places = [_place(row, touched[row.key], ids) for row in layer]
        fields = ["level", "parent", *CURRENT_FIELDS, "opened_on", "closed_on"]
        ids |= sheets.upsert(Place, places, fields)
        written |= {place.code: place for place in places}
    PlaceVersion.objects.filter(place__in=list(written.values())).delete()
    PlaceVersion.objects.bulk_create(
        version
        for code, history in touched.items()
        for version in _merge_versions(
            written[code],
            [DatedName(row["valid_from"], row["valid_to"], row["name"], row["source"]) for row in history],
            stored[code].boundaries if code in stored else [],
        )
    )


def _place(row: RegistryRow, history: list[RegistryRow], ids: dict[str, int]) -> Place:
    return Place(
        code=row["code"],
        level=row["level"],
        parent_id=ids.get(row["parent_code"]),
        name=row["name"],
        aliases=list(row["aliases"]),
        lat=row["lat"],
        long=row["long"],
        opened_on=history[0]["valid_from"],
        closed_on=history[-1]["valid_to"],
    )


def geometry(cell: str) -> dict[str, Any]:
    """Parses a GeoJSON polygon or multipolygon: valid, in China, longitude before latitude."""
    try:
        found = json.loads(cell, parse_constant=_no_constant)
        kind, coordinates = found["type"], found["coordinates"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError(_("不是 GeoJSON 几何对象（应有 type 和 coordinates）。")) from None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(_("几何类型须是 Polygon 或 MultiPolygon，不能是“%s”。") % str(kind)[:40])
    try:
        polygon = shape({"type": kind, "coordinates": coordinates})
        valid = polygon.is_valid
    except (ShapelyError, ValueError, TypeError, IndexError, RecursionError):
        raise ValueError(_("坐标的写法不对：每个环是一串 [经度,纬度]，首尾相同，至少四点。")) from None
    _check_polygon(polygon, valid)
    return {"type": kind, "coordinates": coordinates}


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_polygon(polygon: Any, valid: bool) -> None:
    if polygon.is_empty or polygon.has_z:
        raise ValueError(_("边界不能是空的，坐标只写经度和纬度两个数。"))
    west, south, east, north = polygon.bounds
    for outcome in (check_coordinates(south, west), check_coordinates(north, east)):
        if outcome is LocateOutcome.SWAPPED:
            raise ValueError(_("经度和纬度好像写反了：GeoJSON 里经度在前、纬度在后。"))
        if outcome is not None:
            raise ValueError(_("边界超出了中国的范围，请核对坐标（WGS 84）。"))
    if not valid:
        raise ValueError(
            _("边界自相交或不闭合：%(why)s。请修正图形后重新导出。") % {"why": explain_validity(polygon)}
        )


BOUNDARY_COLUMNS = (
    RegistryColumn("place_code", sheets.code),
    RegistryColumn("valid_from", sheets.day),
    RegistryColumn("drawn", sheets.choice(PlaceVersion.OutlineKind)),
    RegistryColumn("source", sheets.text(200)),
    RegistryColumn("geometry", geometry),
)


def load_boundaries(sheet: RegistrySheet) -> Changes:
    """Adds and changes boundaries; the rows of a place are its whole history of boundaries."""
    stored = stored_places()
    histories: dict[str, list[RegistryRow]] = {}
    for row in sorted(sheet.rows, key=lambda row: row["valid_from"]):
        histories.setdefault(row["place_code"], []).append(row)
    _check_boundaries(sheet, histories, stored)
    sheet.raise_problems()
    before = {
        (code, drawn.valid_from): {"drawn": drawn.drawn, "source": drawn.source, "geometry": drawn.boundary}
        for code, one in stored.items()
        for drawn in one.boundaries
    }
    changes = compare(sheet, before)
    sheets.split_histories(changes, set(histories), part=lambda key: key[0])
    touched = {row["place_code"] for row in changes.to_write()} | {key[0] for key in changes.removed}
    _write_boundaries({code: histories[code] for code in histories if code in touched}, stored)
    return changes


def _check_boundaries(
    sheet: RegistrySheet, histories: dict[str, list[RegistryRow]], stored: dict[str, StoredPlace]
) -> None:
    for code, history in histories.items():
        if code not in stored:
            for row in history:
                sheet.refuse(row, "place_code", sheets.unknown_code_message(_("地点"), code))
            continue
        place = stored[code].place
        for row in history:
            if not place.opened_on <= row["valid_from"] < end_or_latest(place.closed_on):
                sheet.refuse(row, "valid_from", _("“%s”在这一天不存在（尚未启用或已撤销）。") % place.name)
        for older, newer in itertools.pairwise(history):
            if all(older[name] == newer[name] for name in ("drawn", "source", "geometry")):
                sheet.refuse(
                    newer,
                    "geometry",
                    _("与第 %(line)d 行的边界相同，请只保留较早的一行。") % {"line": older.line},
                )


def _write_boundaries(touched: dict[str, list[RegistryRow]], stored: dict[str, StoredPlace]) -> None:
    PlaceVersion.objects.filter(place__in=[stored[code].place for code in touched]).delete()
    PlaceVersion.objects.bulk_create(
        version
        for code, history in touched.items()
        for version in _merge_versions(
            stored[code].place,
            stored[code].names,
            [
                DatedOutline(row["valid_from"], row["geometry"], row["drawn"], row["source"])
                for row in history
            ],
        )
    )
