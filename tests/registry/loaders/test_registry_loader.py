"""Loading the registry from files: whole or not at all, again without a change, refused at the exact cell."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.errors import Invalid
from jieban.registry.loaders.registry_loader import FILES, LoadReport, LoadState, load
from jieban.registry.models import (
    Category,
    DirectoryRow,
    Holding,
    LoadedFile,
    Person,
    Place,
    PlaceVersion,
    Post,
    Unit,
)
from tests.registry.bad_rows import BAD_CELLS, BAD_GEOMETRIES, ELSEWHERE
from tests.registry.files import (
    BOUNDARIES,
    DISTRICT,
    HEADERS,
    NOON,
    file_of,
    load_district,
    problems,
    replaced,
    square,
    write,
    write_boundaries,
    write_district,
)

pytestmark = pytest.mark.django_db

REAL = Path(__file__).resolve().parents[3] / "data" / "district"
START = date(2019, 1, 1)


def everything() -> dict[str, list[object]]:
    """All rows of the registry, whoever wrote them."""
    links = (Unit.estates.through, DirectoryRow.co_handlers.through)
    models = (Place, PlaceVersion, Unit, Post, Person, Holding, Category, DirectoryRow, LoadedFile, *links)
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}


def load_with(folder: Path, name: str, lines: list[str]) -> LoadReport:
    """Loads the district with one file given otherwise."""
    write_district(folder)
    write(folder, name, lines)
    return load(folder, NOON)


def states(report: LoadReport) -> dict[str, str]:
    return {file.name: str(file.state) for file in report.files}


def test_district_is_loaded_whole(tmp_path: Path) -> None:
    report = load(write_district(tmp_path), NOON)

    assert {file.name: (len(file.added), file.unchanged, file.problems) for file in report.files} == {
        **{name: (len(lines), 0, []) for name, lines in DISTRICT.items()},
        "boundaries": (len(BOUNDARIES), 0, []),
    }


def test_place_has_todays_name_and_its_history(tmp_path: Path) -> None:
    load_district(tmp_path)
    place = Place.objects.get(code="112")

    assert (place.name, place.aliases, place.opened_on, place.closed_on) == (
        "南里社区",
        ["南路社区"],
        START,
        None,
    )
    assert place.parent == Place.objects.get(code="11")
    boundary = json.loads(BOUNDARIES[4][4])
    assert list(
        place.versions.order_by("valid_from").values_list(
            "name", "valid_from", "valid_to", "boundary", "drawn", "source", "boundary_source"
        )
    ) == [
        ("南路社区", START, date(2023, 1, 1), boundary, "sketch", "统计", "示意"),
        ("南里社区", date(2023, 1, 1), None, boundary, "sketch", "统计", "示意"),
    ]


def test_name_shown_follows_the_day_of_the_load(tmp_path: Path) -> None:
    write_district(tmp_path)
    load(tmp_path, datetime(2022, 12, 31, 15, 59, tzinfo=UTC))
    before = Place.objects.get(code="112").name

    report = load(tmp_path, datetime(2022, 12, 31, 16, 0, tzinfo=UTC))

    assert (before, Place.objects.get(code="112").name) == ("南路社区", "南里社区")
    assert file_of(report, "places").changed == {"112 2023-01-01": ("name", "aliases")}


def test_units_categories_and_directory_are_linked(tmp_path: Path) -> None:
    load_district(tmp_path)

    company = Unit.objects.get(code="PM-1")
    assert [estate.code for estate in company.estates.all()] == ["111-E1"]
    assert Unit.objects.get(code="CM-111").parent == Unit.objects.get(code="ST-11")
    leaf = Category.objects.get(code="C111")
    assert (leaf.path, leaf.grade, leaf.needs_photo, leaf.is_property) == (
        "城乡建设 / 安全生产 / 安全隐患",
        "complex",
        True,
        False,
    )
    row = DirectoryRow.objects.get(code="E3")
    assert (row.lead, sorted(unit.code for unit in row.co_handlers.all())) == (None, ["D-FIRE", "D-URBAN"])


def test_person_added_cannot_sign_in_before_a_password_is_set(tmp_path: Path) -> None:
    load_district(tmp_path)

    assert [person.has_usable_password() for person in Person.objects.all()] == [False] * 3


def test_new_name_of_a_person_keeps_the_password(tmp_path: Path) -> None:
    load_district(tmp_path)
    person = Person.objects.get(username="zhou")
    person.set_password("a long demonstration phrase")
    person.save()

    write(tmp_path, "people", ["zhou,周小敏"])
    load(tmp_path, NOON)

    person.refresh_from_db()
    assert (person.name, person.check_password("a long demonstration phrase")) == ("周小敏", True)


def test_second_load_changes_nothing(tmp_path: Path) -> None:
    load_district(tmp_path)
    before = everything()

    report = load(tmp_path, NOON)

    assert (report.ok(), report.changed()) == (True, False)
    assert {file.name: file.unchanged for file in report.files} == {
        **{name: len(lines) for name, lines in DISTRICT.items()},
        "boundaries": len(BOUNDARIES),
    }
    assert everything() == before


def test_real_district_loads_and_loads_again_without_a_change() -> None:
    first = load(REAL, NOON)
    again = load(REAL, NOON)

    assert [(file.name, file.problems) for file in first.files] == [(file.name, []) for file in FILES]
    assert (first.changed(), again.changed()) == (True, False)


def test_mark_at_the_start_of_the_file_is_no_part_of_it(tmp_path: Path) -> None:
    write_district(tmp_path)
    for path in tmp_path.glob("*.csv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert load(tmp_path, NOON).ok()
    assert Place.objects.get(code="1").name == "石景山区"


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "columns"),
    [
        ("places", DISTRICT["places"][2], "12,street,1,古城街道,古城,39.9,116.2,2019-01-01,,统计",
         "12 2019-01-01", ("aliases", "lat", "long")),
        ("places", DISTRICT["places"][4], "112,community,11,南大路社区,,,,2019-01-01,2023-01-01,统计",
         "112 2019-01-01", ("name",)),
        ("units", DISTRICT["units"][2], "D-URBAN,department,LD,城管委,城管,,,2019-01-01,2030-01-01",
         "D-URBAN", ("short_name", "valid_to")),
        ("units", DISTRICT["units"][10], "PM-1,property,ST-11,好管家物业,,,,2019-01-01,",
         "PM-1", ("estate_codes",)),
        ("posts", DISTRICT["posts"][2], "P-FIRE,D-URBAN,department,承办岗,2019-01-01,",
         "P-FIRE", ("unit_code",)),
        ("people", "li,李强", "li,李小强", "li", ("name",)),
        ("holdings", "li,P-SC,2019-01-01,", "li,P-SC,2019-01-01,2026-01-01",
         "li P-SC 2019-01-01", ("valid_to",)),
        ("categories", DISTRICT["categories"][5], "C121,3,C12,电梯,general,1,0,2019-01-01,",
         "C121", ("grade", "needs_photo", "is_property")),
        ("directory", DISTRICT["directory"][0], "E1,C11,district,,,D-FIRE,D-URBAN,条例,2026版,2019-01-01,",
         "E1", ("lead_code", "co_codes")),
    ],
)  # fmt: skip
def test_changed_row_names_its_columns(
    tmp_path: Path, name: str, old: str, new: str, key: str, columns: tuple[str, ...]
) -> None:
    load_district(tmp_path)
    lines = replaced(name, old, new)
    if name == "units" and key == "D-URBAN":  # the directory would outlast the unit
        (tmp_path / "directory.csv").unlink()
    write(tmp_path, name, lines)

    report = load(tmp_path, NOON)

    file = file_of(report, name)
    assert (report.ok(), file.changed, file.added, file.unchanged) == (
        True,
        {key: columns},
        [],
        len(lines) - 1,
    )
    assert not load(tmp_path, NOON).changed()


def test_changed_boundary_leaves_the_names_as_they_are(tmp_path: Path) -> None:
    load_district(tmp_path)
    later = ["112", "2021-06-01", "survey", "测绘", square(116.21, 39.90, 116.22, 39.92)]
    write_boundaries(tmp_path, [*BOUNDARIES, later])

    report = load(tmp_path, NOON)

    assert file_of(report, "boundaries").added == ["112 2021-06-01"]
    assert list(
        PlaceVersion.objects.filter(place__code="112")
        .order_by("valid_from")
        .values_list("name", "drawn", "valid_from", "valid_to")
    ) == [
        ("南路社区", "sketch", START, date(2021, 6, 1)),
        ("南路社区", "survey", date(2021, 6, 1), date(2023, 1, 1)),
        ("南里社区", "survey", date(2023, 1, 1), None),
    ]
    assert not load(tmp_path, NOON).changed()


def test_row_left_out_of_a_history_is_removed_from_it(tmp_path: Path) -> None:
    load_district(tmp_path)
    write_boundaries(tmp_path, [*BOUNDARIES, ["1", "2024-01-01", "survey", "测绘", square(116, 39, 117, 40)]])
    load(tmp_path, NOON)
    write_district(tmp_path)
    write(tmp_path, "holdings", [line for line in DISTRICT["holdings"] if "2021" not in line])

    report = load(tmp_path, NOON)

    assert file_of(report, "boundaries").removed == ["1 2024-01-01"]
    assert file_of(report, "holdings").removed == ["zhou P-URBAN 2021-01-01"]
    assert list(
        Holding.objects.filter(person__username="zhou", post__code="P-URBAN").values_list("valid_from")
    ) == [(START,)]


@pytest.mark.parametrize("name", sorted(set(DISTRICT) - {"places"}))
def test_row_no_longer_listed_is_told_and_stays(tmp_path: Path, name: str) -> None:
    load_district(tmp_path)
    before = everything()
    *kept, last = DISTRICT[name]
    write(tmp_path, name, kept)

    report = load(tmp_path, NOON)

    key = " ".join(last.split(",")[:3]) if name == "holdings" else last.split(",")[0]
    file = file_of(report, name)
    assert (file.unlisted, file.unchanged, report.changed()) == ([key], len(kept), False)
    assert everything() == before


def test_place_no_longer_listed_stays(tmp_path: Path) -> None:
    load_district(tmp_path)
    write(tmp_path, "places", [line for line in DISTRICT["places"] if not line.startswith("112,")])

    report = load(tmp_path, NOON)

    assert file_of(report, "places").unlisted == ["112 2019-01-01", "112 2023-01-01"]
    assert Place.objects.filter(code="112").exists()


def test_new_name_of_a_category_renames_the_paths_below_it(tmp_path: Path) -> None:
    load_district(tmp_path)
    write(tmp_path, "categories", ["C11,2,C1,生产安全,general,0,0,2019-01-01,"])

    load(tmp_path, NOON)

    assert [one.path for one in Category.objects.filter(parent__code="C11").order_by("code")] == [
        "城乡建设 / 生产安全 / 安全隐患",
        "城乡建设 / 生产安全 / 事故处理",
    ]


def test_version_counts_the_loads_that_changed_something(tmp_path: Path) -> None:
    load_district(tmp_path)
    load(tmp_path, NOON)
    write(tmp_path, "people", ["zhou,周小敏"])
    load(tmp_path, NOON)

    versions = dict(LoadedFile.objects.values_list("name", "version"))
    assert versions == {file.name: 1 for file in FILES} | {"people": 2}


@pytest.mark.parametrize(("name", "index", "line", "column", "reason"), BAD_CELLS)
def test_bad_row_is_refused_at_its_line_and_column(
    tmp_path: Path, name: str, index: int, line: str, column: str, reason: str | None
) -> None:
    lines = [*DISTRICT[name]]
    lines[index] = line

    report = load_with(tmp_path, name, lines)

    assert file_of(report, name).state == LoadState.REFUSED
    expected = ELSEWHERE.get((name, line)) or [(index + 2, column, reason)]
    assert problems(report, name)[: len(expected)] == expected


@pytest.mark.parametrize(("text", "reason"), BAD_GEOMETRIES)
def test_bad_geometry_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    write_district(tmp_path)
    write_boundaries(tmp_path, [BOUNDARIES[0], ["11", "2019-01-01", "sketch", "示意", text]])

    report = load(tmp_path, NOON)

    assert problems(report, "boundaries") == [(3, "geometry", reason)]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (["19", "2019-01-01", "sketch", "示意", BOUNDARIES[0][4]], "place_code",
         "没有代码为“19”的地点，请核对，或先在相应文件中登记。"),
        (["11", "2018-12-31", "sketch", "示意", BOUNDARIES[0][4]], "valid_from",
         "“八角街道”在这一天不存在（尚未启用或已撤销）。"),
        (["1", "2020-01-01", "sketch", "示意", BOUNDARIES[0][4]], "geometry",
         "与第 2 行的边界相同，请只保留较早的一行。"),
    ],
)  # fmt: skip
def test_boundary_that_does_not_fit_is_refused(
    tmp_path: Path, row: list[str], column: str, reason: str
) -> None:
    write_district(tmp_path)
    write_boundaries(tmp_path, [BOUNDARIES[0], row])

    report = load(tmp_path, NOON)

    assert problems(report, "boundaries") == [(3, column, reason)]


def test_same_name_again_later_is_fine_but_not_twice_at_once(tmp_path: Path) -> None:
    blocks = [
        "111-E2,estate,111,老宿舍,,,,2019-01-01,2020-01-01,演示",
        "111-E3,estate,111,老宿舍,,,,2020-01-01,,演示",
        "111-E4,estate,111,老宿舍,,,,2021-01-01,,演示",
    ]
    good = load_with(tmp_path, "places", [*DISTRICT["places"], *blocks[:2]])

    bad = load_with(tmp_path, "places", [*DISTRICT["places"], *blocks])
    write(tmp_path, "places", [*DISTRICT["places"], blocks[2]])
    kept = load(tmp_path, NOON)

    assert good.ok()
    assert problems(bad, "places") == [(14, "name", "与第 13 行同级同名，无法区分。")]
    assert problems(kept, "places") == [(12, "name", "与已登记的111-E3同级同名，无法区分。")]


def test_cycle_of_units_is_refused_at_every_row_of_it(tmp_path: Path) -> None:
    lines = [*DISTRICT["units"]]
    lines[2] = "D-URBAN,department,D-FIRE,城管委,,,,2019-01-01,"
    lines[3] = "D-FIRE,department,D-URBAN,消防,,,,2019-01-01,"

    report = load_with(tmp_path, "units", lines)

    reason = "上级关系成了一个环：沿上级走会回到本单位。"
    assert problems(report, "units") == [(4, "parent_code", reason), (5, "parent_code", reason)]


def test_rule_holds_against_rows_that_are_no_longer_listed(tmp_path: Path) -> None:
    load_district(tmp_path)
    write(tmp_path, "directory", ["E9,C111,district,,消防隐患,D-URBAN,,条例,2027版,2027-01-01,"])
    write(tmp_path, "categories", ["C119,3,C11,安全隐患,complex,0,0,2019-01-01,"])
    write(tmp_path, "units", ["CM-119,community,ST-11,又一个居委会,,111,,2019-01-01,"])

    report = load(tmp_path, NOON)

    assert problems(report, "categories") == [(2, "name", "与分类 C111 同级同名，无法区分。")]
    assert problems(report, "units") == [
        (2, "place_code", "“111”在同一时间已由同类单位“北路社区居委会”负责。")
    ]
    write(tmp_path, "categories", DISTRICT["categories"])
    write(tmp_path, "units", DISTRICT["units"])
    assert problems(load(tmp_path, NOON), "directory") == [
        (2, "valid_from", "与条目 E2 的有效期重叠：分类、地点级别、地点和职责都相同。")
    ]


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("places", "12,community,11,古城街道,,,,2019-01-01,,统计",
         "这个代码已登记为街道，级别不能改变，请启用新代码。"),
        ("categories", "C12,3,C11,物业管理,general,0,1,2019-01-01,",
         "这个代码已登记为第 2 级，级别不能改变，请启用新代码。"),
    ],
)  # fmt: skip
def test_level_of_a_known_code_cannot_change(tmp_path: Path, name: str, line: str, reason: str) -> None:
    load_district(tmp_path)
    write(tmp_path, name, [line])

    assert problems(load(tmp_path, NOON), name) == [(2, "level", reason)]


def test_directory_that_outlasts_its_unit_is_refused(tmp_path: Path) -> None:
    load_district(tmp_path)
    write(
        tmp_path,
        "units",
        replaced("units", DISTRICT["units"][3], "D-FIRE,department,LD,消防,,,,2019-01-01,2027-01-01"),
    )

    report = load(tmp_path, NOON)

    def ends(column: str) -> tuple[str, str]:
        return "valid_to", f"{column} 所指的“消防”在 2027-01-01 已失效，本行须在同日或之前失效，或改指其他。"

    assert problems(report, "directory") == [
        (2, *ends("co_codes")),
        (3, *ends("lead_code")),
        (4, *ends("co_codes")),
    ]


def test_nothing_of_a_refused_file_is_loaded_nor_what_depends_on_it(tmp_path: Path) -> None:
    bad = [*DISTRICT["units"], "D-BAD,department,LX,坏单位,,,,2019-01-01,"]

    report = load_with(tmp_path, "units", bad)

    assert states(report) == {
        "places": "loaded",
        "boundaries": "loaded",
        "units": "refused",
        "posts": "skipped",
        "people": "loaded",
        "holdings": "skipped",
        "categories": "loaded",
        "directory": "skipped",
    }
    assert {file.name: file.waits_for for file in report.files if file.waits_for} == {
        "posts": "units",
        "holdings": "posts",
        "directory": "units",
    }
    counts = [model.objects.count() for model in (Unit, Post, Holding, DirectoryRow, Person)]
    assert counts == [0, 0, 0, 0, 3]


def test_failure_while_writing_leaves_nothing_of_the_file(tmp_path: Path) -> None:
    """The last statement of the file fails in the database itself: what was written before is undone."""
    write_district(tmp_path)
    (tmp_path / "directory.csv").unlink()
    load(tmp_path, NOON)
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_directoryrow_co_handlers ADD CHECK (unit_id < 0)")
    write_district(tmp_path)

    with pytest.raises(Exception, match="violates check constraint"):
        load(tmp_path, NOON)

    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_loads_at_the_same_time_make_each_row_once(tmp_path: Path) -> None:
    write_district(tmp_path)
    at_once = Barrier(4)

    def one_load(_number: int) -> LoadReport:
        try:
            at_once.wait()
            return load(tmp_path, NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(one_load, range(4)))

    assert [report.ok() for report in reports] == [True] * 4
    added = [len(file.added) for report in reports for file in report.files]
    assert sum(added) == sum(map(len, DISTRICT.values())) + len(BOUNDARIES)
    assert not load(tmp_path, NOON).changed()


def test_fifty_problems_are_told_and_all_are_counted(tmp_path: Path) -> None:
    report = load_with(tmp_path, "people", [f"坏{number},人" for number in range(70)])

    file = file_of(report, "people")
    assert ([one.line for one in file.problems], file.problem_count) == (list(range(2, 52)), 70)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(None, "", "文件是空的（0 字节）。请重新导出或重新上传。")]),
        ("username,name\n", [(None, "", "表格只有列名，没有数据行。请填写数据后再导入。")]),
        ("username,姓名\nzhou,周敏\n", [
            (1, "name", "缺少这一列。列名应为：username,name。"),
            (1, "姓名", "不认识这一列。列名应为：username,name。"),
        ]),
        ('username,name\nzhou,"周敏\n', [
            (None, "", "第 2 行的引号不成对。请检查该行，或另存为 .xlsx 后再导入。")
        ]),
        ("username,name\nzhou,周敏,多\n", [
            (None, "", "第 2 行的内容超出了列名的范围（列名只有 2 列）。请检查该行的分隔符或多余的单元格。")
        ]),
    ],
)  # fmt: skip
def test_file_that_is_no_table_is_refused(
    tmp_path: Path, text: str, expected: list[tuple[int | None, str, str]]
) -> None:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")

    report = load(tmp_path, NOON)

    assert problems(report, "people") == expected
    assert Person.objects.count() == 0


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,username\n周敏,zhou\n", encoding="utf-8")

    load(tmp_path, NOON)

    assert list(Person.objects.values_list("username", "name")) == [("zhou", "周敏")]


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_folder_without_any_file_is_refused(tmp_path: Path, folder: str) -> None:
    where = tmp_path / folder

    with pytest.raises(Invalid) as refusal:
        load(where, NOON)

    names = "、".join(f"{name}.csv" for name in HEADERS)
    assert refusal.value.message == f"“{where}”里没有可装载的文件（{names}），请核对目录。"


@pytest.mark.parametrize("again", [False, True])
def test_queries_do_not_grow_with_the_rows(tmp_path: Path, again: bool) -> None:
    def queries(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        write_district(folder)
        more = [f"D{count}-{number},department,LD,部门{number},,,,2019-01-01," for number in range(count)]
        write(folder, "units", [*DISTRICT["units"], *more])
        posts = [f"P{count}-{number},D{count}-{number},department,岗,2019-01-01," for number in range(count)]
        write(folder, "posts", [*DISTRICT["posts"], *posts])
        if again:
            load(folder, NOON)
        with CaptureQueriesContext(connection) as captured:
            assert load(folder, NOON).ok()
        return len(captured)

    load_district(tmp_path)

    assert queries(1) == queries(30)


def test_command_tells_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_district(tmp_path)
    write_district(tmp_path)
    write(tmp_path, "people", ["zhou,周小敏", "li,李强", "sun,孙悦"])
    (tmp_path / "peple.csv").write_text("x", encoding="utf-8")
    for name in ("boundaries", "units", "posts", "holdings", "categories", "directory"):
        (tmp_path / f"{name}.csv").unlink()

    call_command("load_registry", str(tmp_path))

    assert capsys.readouterr().out.splitlines() == [
        "places.csv：新增 0，修改 0，不变 10，不再列出 0。",
        "people.csv：新增 1，修改 1，不变 1，不再列出 1。",
        "  新增：sun",
        "  修改：zhou（name）",
        "  不再列出（仍然保留，要结束请填写失效日）：wu",
        "这些文件不属于登记册，没有读取：peple.csv。",
    ]


def test_command_says_that_nothing_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_district(tmp_path)

    call_command("load_registry", str(tmp_path))

    assert capsys.readouterr().out.splitlines()[-1] == "全部内容与登记册一致，没有变化。"


def test_command_tells_bad_rows_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_district(tmp_path)
    write(tmp_path, "posts", [*DISTRICT["posts"], "P-X,D-X,department,承办岗,2019-01-01,"])

    with pytest.raises(SystemExit) as end:
        call_command("load_registry", str(tmp_path))

    assert end.value.code == 1
    told = capsys.readouterr().out.splitlines()
    start = told.index("posts.csv：没有装载，有 1 处错误：")
    assert told[start + 1] == (
        "  posts.csv 第 11 行 unit_code 列：没有代码为“D-X”的单位，请核对，或先在相应文件中登记。"
    )
    assert "holdings.csv：没有装载，因为它依赖的 posts.csv 没有装载。" in told
    assert told[-1] == "有文件没有装载，请按提示改正后重新装载；已装载的文件不受影响。"


def test_command_gives_the_same_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "people.csv").write_text("username,name\nzhou,周敏\n坏,人\n", encoding="utf-8")

    with pytest.raises(SystemExit) as end:
        call_command("load_registry", str(tmp_path), "--json")

    told = json.loads(capsys.readouterr().out)
    assert (end.value.code, told["ok"], told["changed"], told["unknown"]) == (1, False, False, [])
    assert next(file for file in told["files"] if file["state"] != "absent") == {
        "name": "people",
        "state": "refused",
        "added": [],
        "changed": {},
        "unchanged": 0,
        "unlisted": [],
        "removed": [],
        "problems": [
            {
                "line": 3,
                "column": "username",
                "reason": "“坏”不是用户名：只能用字母、数字和 . _ @ -，最多 60 个。",
            }
        ],
        "problem_count": 1,
        "waits_for": "",
    }
