"""The names of a day under which places are known, from the registry and `data/places`, for texts to be read by."""

import csv
import re
import threading
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from jieban.language.place.gazetteer import ELSEWHERE, LANDMARK, ROAD, Entry, Gazetteer, build
from jieban.registry.district import place_search
from jieban.registry.models import Place, PlaceVersion

WHERE = settings.BASE_DIR / "data" / "places"
KEPT = 4  # days; who looks back at an earlier one does so case by case

_lock = threading.Lock()
_kept: dict[tuple[Any, ...], Gazetteer] = {}


def gazetteer(on: date) -> Gazetteer:
    """The gazetteer of the places that exist on day `on`, kept by this process until the places change."""
    key = (*place_search.version(), on)
    found = _kept.get(key)
    if found is not None:
        return found
    with _lock:
        if key not in _kept:
            while len(_kept) >= KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[key] = build(entries(on))
        return _kept[key]


def entries(on: date) -> list[Entry]:
    """The places of the day, then what stands beside them: roads, landmarks, names of other districts."""
    former = _former_names(on)
    rows = [row for row in Place.objects.order_by("code") if _exists(row, on)]
    found = [
        Entry(
            row.pk, row.level, row.name, (row.parent_id,) if row.parent_id else (),
            tuple(row.aliases), tuple(former.get(row.pk, ())),
        )
        for row in rows
    ]  # fmt: skip
    return [*found, *beside({row.code: row.pk for row in rows})]


def listed_in(folder: Path) -> list[Entry]:
    """The places of a district's `places.csv` under their last names, without a database; see data/README.md."""
    with (folder / "places.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list({row["code"]: row for row in csv.DictReader(lines)}.values())
    codes = {row["code"]: number for number, row in enumerate(rows, 1)}
    found = [
        Entry(
            codes[row["code"]], row["level"], row["name"],
            tuple(codes[code] for code in [row["parent_code"]] if code in codes), tuple(_listed(row["aliases"])),
        )
        for row in rows
    ]  # fmt: skip
    return [*found, *beside(codes)]


def _exists(row: Place, on: date) -> bool:
    return row.opened_on <= on and (row.closed_on is None or on < row.closed_on)


def _former_names(on: date) -> dict[int, list[str]]:
    """What a place was called before, where it is called otherwise now."""
    former: dict[int, list[str]] = {}
    past = PlaceVersion.objects.filter(valid_to__lte=on).select_related("place")
    for version in past.only("name", "place__name"):
        if version.name != version.place.name:
            former.setdefault(version.place_id, []).append(version.name)
    return former


def beside(codes: dict[str, int]) -> Iterator[Entry]:
    """Roads, landmarks and names of other districts from `data/places`; streets that are not there are left out."""
    numbers = count(-1, -1)
    for name, level in (("landmarks", LANDMARK), ("roads", ROAD)):
        for row in _rows(name):
            streets = _listed(row.get("street") or row.get("streets") or "")
            parents = tuple(codes[street] for street in streets if street in codes)
            yield Entry(next(numbers), level, row["name"], parents, tuple(_listed(row.get("aliases", ""))))
    others: dict[str, list[str]] = {}
    for row in _rows("elsewhere"):
        others.setdefault(row["district"], []).append(row["name"])
    for district, names in others.items():
        yield Entry(next(numbers), ELSEWHERE, district, (), tuple(names))


def _rows(name: str) -> list[dict[str, str]]:
    path = WHERE / f"{name}.csv"
    if not path.exists():  # a district may have none
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _listed(cell: str) -> list[str]:
    return [part for part in re.split("[;；]", cell) if part]
