"""Spatial index of the registry's boundaries: in which places of the district a point lies.

All coordinates are WGS 84, as from a satellite receiver. Maps of Chinese vendors (高德, 腾讯, 百度) use GCJ-02 or
BD-09, some hundred metres off: a point from them must be converted before it comes here.
"""

import math
import threading
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import shapely
from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _
from shapely.geometry import shape

from jieban.registry.models import LoadedFile, Place, PlaceVersion, holds_on

# From the Nansha islands to the Heilong river, from the Pamirs to the Ussuri; degrees.
CHINA_LAT = (3.0, 54.0)
CHINA_LONG = (73.0, 136.0)
# A point this near to a border (degrees; about a centimetre) lies on it and belongs to both sides.
ON_THE_BORDER = 1e-7
EARTH = 6_371_000  # metres
LEVELS = (Place.Level.DISTRICT, Place.Level.STREET, Place.Level.COMMUNITY, Place.Level.ESTATE)


class LocateOutcome(StrEnum):
    """Outcome of locating a point. `FOUND` means one answer, even if it is only a street."""

    FOUND = "found"
    SEVERAL = "several"
    NONE = "none"
    SWAPPED = "swapped"
    ABROAD = "abroad"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class LocatedArea:
    """Place around a point."""

    id: int
    code: str
    level: str
    name: str


@dataclass(frozen=True, slots=True)
class Located:
    """Result of locating a point: every level that is certain, and a sentence where a person must decide.

    `candidates` are the places to choose from when there are several.
    """

    outcome: LocateOutcome
    sentence: str = ""
    district: LocatedArea | None = None
    street: LocatedArea | None = None
    community: LocatedArea | None = None
    estate: LocatedArea | None = None
    candidates: tuple[LocatedArea, ...] = ()


@dataclass(frozen=True)
class _DatedBoundary:
    place_id: int
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class _BoundaryIndex:
    """Index of the boundaries of all days, and of the places from the district down to the estates."""

    tree: Any
    boundaries: list[_DatedBoundary]
    areas: dict[int, LocatedArea]
    parents: dict[int, int | None]

    def chain(self, place_id: int) -> list[LocatedArea]:
        """The place and the enclosing ones, from the inside out."""
        found: list[LocatedArea] = []
        at: int | None = place_id
        while at is not None and at in self.areas:
            found.append(self.areas[at])
            at = self.parents[at]
        return found


def locate(lat: float, long: float, on: date) -> Located:
    """Locates a point: district, street, community and estate by the boundaries of day `on`.

    Latitude and longitude in degrees, WGS 84. A point on a border lies on both sides; the result says so.
    """
    outcome = check_coordinates(lat, long)
    if outcome is not None:
        return Located(outcome, coordinates_message(outcome))
    index = _index()
    hits = index.tree.query(shapely.Point(long, lat), predicate="dwithin", distance=ON_THE_BORDER)
    found = {index.boundaries[hit].place_id for hit in hits if index.boundaries[hit].holds_on(on)}
    return _resolve(index, found)


def outlines(level: str, on: date) -> list[PlaceVersion]:
    """Boundaries of the places of a level on a day, with their places, by code; places without one are left out."""
    rows = PlaceVersion.objects.filter(holds_on(on), place__level=level, boundary__isnull=False)
    return list(rows.select_related("place").order_by("place__code"))


def check_coordinates(lat: float, long: float) -> LocateOutcome | None:
    """Plausibility check of coordinates, without the index; None when they lie in or near China."""
    if not (math.isfinite(lat) and math.isfinite(long)) or abs(long) > 180 or abs(lat) > 180:
        return LocateOutcome.INVALID
    if _in_china(lat, long):
        return None
    if _in_china(long, lat):
        return LocateOutcome.SWAPPED
    return LocateOutcome.INVALID if abs(lat) > 90 else LocateOutcome.ABROAD


def coordinates_message(outcome: LocateOutcome) -> str:
    """The sentence for coordinates that `check_coordinates` refuses."""
    if outcome is LocateOutcome.SWAPPED:
        return _("经度和纬度好像写反了：纬度约为 3 到 54，经度约为 73 到 136。请对调后重试。")
    if outcome is LocateOutcome.ABROAD:
        return _("该点不在中国境内，请核对坐标。")
    return _("这不是有效的经纬度，请核对坐标。")


def _in_china(lat: float, long: float) -> bool:
    return CHINA_LAT[0] <= lat <= CHINA_LAT[1] and CHINA_LONG[0] <= long <= CHINA_LONG[1]


def _resolve(index: _BoundaryIndex, found: set[int]) -> Located:
    chains = {place_id: index.chain(place_id) for place_id in found}
    around = {area.id for chain in chains.values() for area in chain[1:]}
    innermost = [chains[place_id] for place_id in sorted(found - around)]
    if not innermost:
        return Located(
            LocateOutcome.NONE, _("该点不在本辖区的任何范围内，请核对地点，或人工选择所属街道和社区。")
        )
    if len(innermost) == 1:
        return _located(LocateOutcome.FOUND, _no_community_message(innermost[0][0]), innermost[0])
    candidates = tuple(sorted((chain[0] for chain in innermost), key=lambda area: area.code))
    certain = [area for area in innermost[0] if all(area in chain for chain in innermost[1:])]
    sentence = _("该点在边界上或范围有重叠，可能属于：%(names)s。请人工选择。") % {
        "names": "、".join(area.name for area in candidates)
    }
    return _located(LocateOutcome.SEVERAL, sentence, certain, candidates)


def _located(
    outcome: LocateOutcome,
    sentence: str,
    certain: list[LocatedArea],
    candidates: tuple[LocatedArea, ...] = (),
) -> Located:
    at = {area.level: area for area in certain}
    return Located(
        outcome,
        sentence,
        district=at.get(Place.Level.DISTRICT),
        street=at.get(Place.Level.STREET),
        community=at.get(Place.Level.COMMUNITY),
        estate=at.get(Place.Level.ESTATE),
        candidates=candidates,
    )


def _no_community_message(area: LocatedArea) -> str:
    if area.level in {Place.Level.COMMUNITY, Place.Level.ESTATE}:
        return ""
    return _("该点在%(name)s，但不在已登记的任何社区范围内，请人工选择社区。") % {"name": area.name}


_lock = threading.Lock()
_cached_index: tuple[tuple[Any, ...], _BoundaryIndex] | None = None


def _index() -> _BoundaryIndex:
    """Cached index of this process, rebuilt when boundaries have changed."""
    global _cached_index
    version = _version()
    cached = _cached_index
    if cached is not None and cached[0] == version:
        return cached[1]
    with _lock:
        if _cached_index is None or _cached_index[0] != version:
            _cached_index = (version, _build())
        return _cached_index[1]


def _version() -> tuple[Any, ...]:
    """Cache version: changes when a load changes places or boundaries, or a row is added or deleted otherwise."""
    loads = LoadedFile.objects.filter(name__in=("places", "boundaries")).aggregate(total=Sum("version"))
    rows = PlaceVersion.objects.aggregate(last=Max("pk"), count=Count("pk"))
    return (loads["total"], rows["last"], rows["count"])


def _build() -> _BoundaryIndex:
    places = Place.objects.filter(level__in=LEVELS)
    rows = list(places.values_list("pk", "code", "level", "name", "parent_id"))
    versions = list(
        PlaceVersion.objects.filter(place__level__in=LEVELS, boundary__isnull=False)
        .order_by("pk")
        .values_list("place_id", "valid_from", "valid_to", "boundary")
    )
    return _BoundaryIndex(
        tree=shapely.STRtree([shape(boundary) for *_dates, boundary in versions]),
        boundaries=[_DatedBoundary(place_id, start, end) for place_id, start, end, _geometry in versions],
        areas={pk: LocatedArea(pk, code, level, name) for pk, code, level, name, _parent in rows},
        parents={pk: parent for pk, _code, _level, _name, parent in rows},
    )


def metres(north: float, east: float, lat: float, long: float) -> float:
    """Great-circle distance of two points in metres, both in degrees of WGS 84, on a sphere."""
    one, other = math.radians(north), math.radians(lat)
    half = math.sin((one - other) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(east - long) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))
