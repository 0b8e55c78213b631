"""Cases leave as tables: only what the reader may see, nobody's contact in full."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.errors import Invalid, NotFound
from jieban.base.sheets import open_table
from jieban.cases.lists import case_list
from jieban.cases.lists.case_export import COLUMNS, export_file
from jieban.cases.lists.case_list import CaseFilter
from jieban.registry.identity.posts import SYSTEM
from tests.cases.scene import AT, Scene, dispatched, make_case


def exported(path: Path) -> list[dict[str, object]]:
    with open_table(path) as table:
        assert table.columns == COLUMNS
        return [dict(zip(table.columns, cells, strict=True)) for _, cells in table.rows()]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_export_masks_the_requester_everywhere(scene: Scene, tmp_path: Path, ending: str) -> None:
    text = "=我是王建国，住老山东里北12号楼，电话 10001234567 或 100 0123 4567。"
    case = make_case(scene, text=text, subject="王建国反映楼道灯")
    path = tmp_path / f"out.{ending}"
    assert export_file(path, actor=SYSTEM, chosen=CaseFilter()) == 1
    (row,) = exported(path)
    assert (row["单号"], row["诉求人"], row["电话"]) == (case.number, "王**", "100****4567")
    assert row["主题"] == "王**反映楼道灯"
    assert row["内容"] == "'=我是王**，住***，电话 100****67 或 100****67。"
    told = " ".join(str(value) for value in row.values())
    assert not [part for part in ("王建国", "10001234567", "12号楼") if part in told]


def test_export_of_a_hidden_requester_names_nobody(scene: Scene, tmp_path: Path) -> None:
    make_case(scene, hidden=True)
    export_file(tmp_path / "out.csv", actor=SYSTEM, chosen=CaseFilter())
    (row,) = exported(tmp_path / "out.csv")
    assert (row["诉求人"], row["电话"]) == (None, None)


def test_export_holds_what_the_person_may_see(scene: Scene, tmp_path: Path) -> None:
    mine = dispatched(scene, lead="D1")
    dispatched(scene, lead="D2")
    out = StringIO()
    call_command("export_cases", str(tmp_path / "a.csv"), "--as", "department", stdout=out)
    assert [row["单号"] for row in exported(tmp_path / "a.csv")] == [mine.number]
    assert out.getvalue().startswith("已导出 1 件")
    call_command("export_cases", str(tmp_path / "b.csv"), "--as", "auditor", stdout=StringIO())
    assert [row["内容"] for row in exported(tmp_path / "b.csv")] == [None, None]
    with pytest.raises(NotFound):
        call_command("export_cases", str(tmp_path / "c.csv"), "--as", "nobody")


def test_export_is_narrowed_by_the_filters(scene: Scene, tmp_path: Path) -> None:
    first = make_case(scene, text="井盖破损")
    second = dispatched(scene, at=AT + timedelta(days=1), category_id=scene.category.pk)
    path = tmp_path / "out.csv"

    def numbers(*options: str) -> list[object]:
        call_command("export_cases", str(path), *options, stdout=StringIO())
        return [row["单号"] for row in exported(path)]

    assert numbers() == [second.number, first.number]
    assert numbers("--state", "received") == [first.number]
    assert numbers("--category", "C01") == [second.number]
    assert numbers("--received-from", "2026-03-03") == [second.number]
    assert numbers("--received-to", "2026-03-03") == [first.number]
    assert numbers("--q", "井盖") == [first.number]


def test_export_reads_page_by_page(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_list, "MOST_ON_PAGE", 3)
    cases = [make_case(scene, at=AT + timedelta(minutes=n % 3)) for n in range(7)]
    with CaptureQueriesContext(connection) as asked:
        assert export_file(tmp_path / "out.csv", actor=SYSTEM, chosen=CaseFilter()) == 7
    assert len(asked) == 6  # two for each of three pages
    rows = exported(tmp_path / "out.csv")
    assert {row["单号"] for row in rows} == {case.number for case in cases}
    moments = [str(row["受理时间"]) for row in rows]
    assert moments == sorted(moments, reverse=True)
    assert moments[-1] == "2026-03-02 10:00:00"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["out.txt", "none/out.csv"])
def test_export_refuses_with_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="。"):
        export_file(tmp_path / name, actor=SYSTEM, chosen=CaseFilter())
