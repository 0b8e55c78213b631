"""Gazetteer of a day: names of places from the registry and `data/places`, by which texts are read."""

import csv
import re
import threading
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from jieban.language.place.gazetteer import (
    ELSEWHERE,
    LANDMARK,
    ROAD,
    Gazetteer,
    GazetteerEntry,
    build,
)
from jieban.registry.district import place_search
from jieban.registry.models import Place, PlaceVersion

FOLDER = settings.BASE_DIR / "data" / "places"
CACHE_SIZE = 4  # days

_lock = threading.Lock()
_cache: dict[tuple[Any, ...], Gazetteer] = {}


def gazetteer(on: date) -> Gazetteer:
    """The gazetteer of the places that exist on day `on`; cached in the process until the places change."""
    key = (*place_search.version(), on)
    found = _cache.get(key)
    if found is not None:
        return found
    with _lock:
        if key not in _cache:
            while len(_cache) >= CACHE_SIZE:
                _cache.pop(next(iter(_cache)))
            _cache[key] = build(entries(on))
        return _cache[key]


def entries(on: date) -> list[GazetteerEntry]:
    """Entries for the places of the day, then for roads, landmarks and names of other districts."""
    former = _former_names(on)
    rows = [row for row in Place.objects.order_by("code") if _exists(row, on)]
    found = [
        GazetteerEntry(
            row.pk, row.level, row.name, (row.parent_id,) if row.parent_id else (),
            tuple(row.aliases), tuple(former.get(row.pk, ())),
        )
        for row in rows
    ]  # fmt: skip
    return [*found, *landmark_entries({row.code: row.pk for row in rows})]


def entries_from_folder(folder: Path) -> list[GazetteerEntry]:
    """Entries for the places of a district's `places.csv` under their last names; without a database."""
    with (folder / "places.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list({row["code"]: row for row in csv.DictReader(lines)}.values())
    codes = {row["code"]: number for number, row in enumerate(rows, 1)}
    found = [
        GazetteerEntry(
            codes[row["code"]], row["level"], row["name"],
            tuple(codes[code] for code in [row["parent_code"]] if code in codes), tuple(_split_list(row["aliases"])),
        )
        for row in rows
    ]  # fmt: skip
    return [*found, *landmark_entries(codes)]


def _exists(row: Place, on: date) -> bool:
    return row.opened_on <= on and (row.closed_on is None or on < row.closed_on)


def _former_names(on: date) -> dict[int, list[str]]:
    """Former names of each place that differ from its current name."""
    former: dict[int, list[str]] = {}
    past = PlaceVersion.objects.filter(valid_to__lte=on).select_related("place")
    for version in past.only("name", "place__name"):
        if version.name != version.place.name:
            former.setdefault(version.place_id, []).append(version.name)
    return former


def landmark_entries(codes: dict[str, int]) -> Iterator[GazetteerEntry]:
    """Entries for roads, landmarks and other districts from `data/places`; unknown streets are skipped."""
    numbers = count(-1, -1)
    for name, level in (("landmarks", LANDMARK), ("roads", ROAD)):
        for row in _rows(name):
            streets = _split_list(row.get("street") or row.get("streets") or "")
            parents = tuple(codes[street] for street in streets if street in codes)
            yield GazetteerEntry(
                next(numbers), level, row["name"], parents, tuple(_split_list(row.get("aliases", "")))
            )
    others: dict[str, list[str]] = {}
    for row in _rows("elsewhere"):
        others.setdefault(row["district"], []).append(row["name"])
    for district, names in others.items():
        yield GazetteerEntry(next(numbers), ELSEWHERE, district, (), tuple(names))


def _rows(name: str) -> list[dict[str, str]]:
    path = FOLDER / f"{name}.csv"
    if not path.exists():  # a district may have none
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _split_list(cell: str) -> list[str]:
    return [part for part in re.split("[;；]", cell) if part]
