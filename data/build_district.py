"""Draw data/district/boundaries.csv again from the points in data/district/places.csv, and lay out grid cells there.

Each community has three grid cells (单元网格), four where it has several estates; their points are inside of the
community's cell. The cells are a sketch, no survey: each community gets the part of the hand-drawn outline that is
nearer to its point than to any other community's, a street gets the cells of its communities, the district all of
them.
Run it after moving a community's point: `python data/build_district.py`.
"""

import csv
import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import LineString, Point, Polygon, mapping

HERE = Path(__file__).parent / "district"
SOURCE = "按社区点位绘制的示意图，非测绘成果"
GRID_SOURCE = "演示数据，单元网格为虚构；示意坐标，非测绘成果"
DECIMALS = 5
NUMERALS = "一二三四"
OUTWARDS = 0.45  # of the way from the community's point to its border
FAR = 1.0  # degrees; beyond the border in every direction

# Longitude and latitude (WGS 84), drawn by hand along the roads, hills and river as a map reader knows them.
OUTLINE = Polygon(
    [
        (116.246, 39.894), (116.2475, 39.915), (116.243, 39.928), (116.228, 39.932), (116.213, 39.938),
        (116.204, 39.950), (116.200, 39.962), (116.190, 39.974), (116.172, 39.986), (116.150, 39.981),
        (116.128, 39.985), (116.105, 39.978), (116.092, 39.966), (116.094, 39.951), (116.107, 39.942),
        (116.120, 39.934), (116.133, 39.924), (116.142, 39.914), (116.152, 39.905), (116.162, 39.894),
        (116.172, 39.884), (116.190, 39.882), (116.205, 39.879), (116.220, 39.884), (116.235, 39.887),
    ]
)  # fmt: skip


def read_places() -> list[dict[str, str]]:
    with (HERE / "places.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rounded(shape: Any) -> Any:
    """The shape with coordinates of five decimals, about one metre."""
    return shapely.transform(shape, lambda points: points.round(DECIMALS))


def community_cells(places: list[dict[str, str]]) -> dict[str, Any]:
    """The Voronoi cell of every community, clipped to the outline, by code."""
    points = {
        row["code"]: Point(float(row["long"]), float(row["lat"]))
        for row in places
        if row["level"] == "community"
    }
    diagram = shapely.voronoi_polygons(shapely.MultiPoint(list(points.values())), extend_to=OUTLINE)
    cells = {}
    for code, point in points.items():
        whole = next(cell for cell in diagram.geoms if cell.contains(point))
        cells[code] = rounded(whole.intersection(OUTLINE))
    return cells


def cells_by_place(places: list[dict[str, str]]) -> dict[str, Any]:
    """The cells of communities, streets and the district by code.

    The larger ones are unions of the rounded smaller ones, so that the levels share their borders exactly.
    """
    cells = community_cells(places)
    parents = {row["code"]: row["parent_code"] for row in places}
    for level in ("street", "district"):
        codes = {row["code"] for row in places if row["level"] == level}
        members = defaultdict(list)
        for code, cell in cells.items():
            if parents[code] in codes:
                members[parents[code]].append(cell)
        cells |= {code: rounded(shapely.union_all(parts)) for code, parts in members.items()}
    return cells


def boundary_rows(places: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of boundaries.csv, one for each dated row of a place that has a cell."""
    cells = cells_by_place(places)
    return [
        {
            "place_code": row["code"],
            "valid_from": row["valid_from"],
            "drawn": "sketch",
            "source": SOURCE,
            "geometry": json.dumps(mapping(cells[row["code"]]), separators=(",", ":")),
        }
        for row in places
        if row["code"] in cells
    ]


def grid_rows(places: list[dict[str, str]]) -> list[dict[str, str]]:
    """The grid cells of all communities, numbered, around the community's point from the north clockwise."""
    cells = community_cells(places)
    estates = Counter(row["parent_code"] for row in places if row["level"] == "estate")
    rows = []
    for community in (row for row in places if row["level"] == "community" and not row["valid_to"]):
        count = 4 if estates[community["code"]] > 1 else 3
        for number in range(1, count + 1):
            point = inside(cells[community["code"]], community, 2 * math.pi * (number - 1) / count)
            rows.append(
                {
                    "code": f"{community['code']}-G{number:02}",
                    "level": "grid",
                    "parent_code": community["code"],
                    "name": f"{community['name']}第{NUMERALS[number - 1]}网格",
                    "aliases": f"{community['name']}{number}号网格",
                    "lat": f"{point.y:.{DECIMALS}f}",
                    "long": f"{point.x:.{DECIMALS}f}",
                    "valid_from": community["valid_from"],
                    "valid_to": "",
                    "source": GRID_SOURCE,
                }
            )
    return rows


def inside(cell: Any, community: dict[str, str], angle: float) -> Point:
    """A point of the cell, in this direction from the community's point."""
    long, lat = float(community["long"]), float(community["lat"])
    ray = LineString([(long, lat), (long + FAR * math.sin(angle), lat + FAR * math.cos(angle))])
    return ray.intersection(cell).interpolate(OUTWARDS, normalized=True)


def write(name: str, rows: list[dict[str, str]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    places = [row for row in read_places() if row["level"] != "grid"]
    write("places.csv", places + grid_rows(places))
    write("boundaries.csv", boundary_rows(places))


if __name__ == "__main__":
    main()
