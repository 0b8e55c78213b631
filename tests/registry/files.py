"""Files of a small district: two streets, three communities, and their units, posts and categories."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from jieban.registry.loaders.registry_loader import FILES, FileReport, LoadReport, load

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
HEADERS = {file.name: [column.name for column in file.columns] for file in FILES}


def square(west: float, south: float, east: float, north: float) -> str:
    """A rectangle in degrees as GeoJSON."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


DISTRICT: dict[str, list[str]] = {
    "places": [
        "1,district,,石景山区,石景山,39.9,116.2,2019-01-01,,统计",
        "11,street,1,八角街道,八角;八角街办,,,2019-01-01,,统计",
        "12,street,1,古城街道,,,,2019-01-01,,统计",
        "111,community,11,北路社区,,,,2019-01-01,,统计",
        "112,community,11,南路社区,,,,2019-01-01,2023-01-01,统计",
        "112,community,11,南里社区,南路社区,,,2023-01-01,,统计",
        "121,community,12,南路社区,,,,2019-01-01,,统计",
        "111-E1,estate,111,一号院,,39.905,116.205,2019-01-01,,演示",
        "111-E1-B1,building,111-E1,1号楼,,,,2019-01-01,,演示",
        "111-G1,grid,111,一号网格,,,,2019-01-01,,演示",
    ],
    "units": [
        "LD,leadership,,区政府,,1,,2019-01-01,",
        "HL,hotline,LD,区热线中心,热线,,,2019-01-01,",
        "D-URBAN,department,LD,城管委,,,,2019-01-01,",
        "D-FIRE,department,LD,消防,,,,2019-01-01,",
        "ST-11,street,LD,八角街道办事处,八角,11,,2019-01-01,",
        "ST-12,street,LD,古城街道办事处,古城,12,,2019-01-01,",
        "SC-11,street_centre,ST-11,八角指挥中心,,11,,2019-01-01,",
        "CM-111,community,ST-11,北路社区居委会,,111,,2019-01-01,",
        "CM-112,community,ST-11,南里社区居委会,,112,,2019-01-01,",
        "CM-121,community,ST-12,南路社区居委会,,121,,2019-01-01,",
        "PM-1,property,ST-11,好管家物业,,,111-E1,2019-01-01,",
        "OW-1,owners,CM-111,一号院业委会,,,111-E1,2019-01-01,",
    ],
    "posts": [
        "P-RES,,resident,居民,2019-01-01,",
        "P-URBAN,D-URBAN,department,承办岗,2019-01-01,",
        "P-FIRE,D-FIRE,department,承办岗,2019-01-01,",
        "P-SC,SC-11,street,指挥岗,2019-01-01,",
        "P-ST12,ST-12,street,指挥岗,2019-01-01,",
        "P-111,CM-111,community,社区岗,2019-01-01,",
        "P-112,CM-112,community,社区岗,2019-01-01,",
        "P-121,CM-121,community,社区岗,2019-01-01,",
        "P-PM,PM-1,property,项目经理,2019-01-01,",
    ],
    "people": ["zhou,周敏", "li,李强", "wu,吴桐"],
    "holdings": [
        "zhou,P-URBAN,2019-01-01,2020-01-01",
        "zhou,P-URBAN,2021-01-01,",
        "zhou,P-FIRE,2019-01-01,",
        "li,P-SC,2019-01-01,",
        "li,P-ST12,2019-01-01,",
        "wu,P-111,2019-01-01,",
        "wu,P-112,2019-01-01,",
        "wu,P-121,2019-01-01,",
    ],
    "categories": [
        "C1,1,,城乡建设,general,0,0,2019-01-01,",
        "C11,2,C1,安全生产,general,0,0,2019-01-01,",
        "C111,3,C11,安全隐患,complex,1,0,2019-01-01,",
        "C112,3,C11,事故处理,complex,0,0,2019-01-01,",
        "C12,2,C1,物业管理,general,0,1,2019-01-01,",
        "C121,3,C12,电梯,simple,0,1,2019-01-01,",
    ],
    "directory": [
        "E1,C11,district,,,D-URBAN,D-FIRE,条例,2026版,2019-01-01,",
        "E2,C111,district,,消防隐患,D-FIRE,D-URBAN,条例,2026版,2019-01-01,",
        "E3,C121,street,,,,D-URBAN;D-FIRE,条例,2026版,2019-01-01,",
    ],
}
BOUNDARIES = [
    ["1", "2019-01-01", "sketch", "示意", square(116.20, 39.90, 116.24, 39.92)],
    ["11", "2019-01-01", "sketch", "示意", square(116.20, 39.90, 116.22, 39.92)],
    ["12", "2019-01-01", "sketch", "示意", square(116.22, 39.90, 116.24, 39.92)],
    ["111", "2019-01-01", "sketch", "示意", square(116.20, 39.90, 116.21, 39.92)],
    ["112", "2019-01-01", "sketch", "示意", square(116.21, 39.90, 116.22, 39.91)],
    ["121", "2019-01-01", "sketch", "示意", square(116.22, 39.90, 116.23, 39.92)],
]


def write(folder: Path, name: str, lines: list[str]) -> None:
    text = "\n".join([",".join(HEADERS[name]), *lines]) + "\n"
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def write_boundaries(folder: Path, rows: list[list[str]]) -> None:
    with (folder / "boundaries.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([HEADERS["boundaries"], *rows])


def write_district(folder: Path) -> Path:
    for name, lines in DISTRICT.items():
        write(folder, name, lines)
    write_boundaries(folder, BOUNDARIES)
    return folder


def replaced(name: str, old: str, new: str) -> list[str]:
    """The lines of a file, with one line replaced."""
    assert old in DISTRICT[name]
    return [new if line == old else line for line in DISTRICT[name]]


def load_district(folder: Path) -> None:
    report = load(write_district(folder), NOON)
    assert report.ok(), report


def file_of(report: LoadReport, name: str) -> FileReport:
    return next(file for file in report.files if file.name == name)


def problems(report: LoadReport, name: str) -> list[tuple[int | None, str, str]]:
    return [(one.line, one.column, one.reason) for one in file_of(report, name).problems]
