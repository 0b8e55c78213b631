"""Tables of other offices become cases, each row once."""

import json
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from jieban import commandline
from jieban.base.errors import Invalid
from jieban.base.sheets import open_table, write_table
from jieban.base.text.cleaning import parse_datetime
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.importing import case_import
from jieban.cases.importing.case_import import import_file
from jieban.cases.models import Case, CaseEvent
from jieban.channels.models import Message

SAMPLES = Path(__file__).parents[3] / "data" / "samples"
MESSAGE = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数")


def make_file(folder: Path, rows: Iterable[Sequence[object]], name: str = "messages.csv") -> Path:
    path = folder / name
    write_table(path, MESSAGE, rows)  # type: ignore[arg-type]
    return path


def message(number: object, text: str = "路灯不亮", when: object = "2026/3/2 23:41:05") -> tuple[object, ...]:
    return (number, "U001", "路灯", when, text, 0, 3)


def counts(path: Path, **options: str) -> tuple[int, int, int, int]:
    found = import_file(path, **options)
    return found.read, found.created, found.already_there, found.rejected


def rejects_of(path: Path) -> list[list[object]]:
    with open_table(path) as table:
        assert table.columns[:3] == ["行号", "列", "原因"]
        return [cells for _, cells in table.rows()]


@pytest.mark.django_db
def test_samples_become_cases_once_and_csv_and_xlsx_are_the_same() -> None:
    assert counts(SAMPLES / "messages.csv") == (30, 30, 0, 0)
    assert counts(SAMPLES / "messages.xlsx") == (30, 0, 30, 0)
    assert counts(SAMPLES / "messages.csv") == (30, 0, 30, 0)
    assert CaseEvent.objects.count() == Case.objects.count() == 30
    assert Message.objects.filter(template="received").count() == 30


@pytest.mark.django_db
def test_own_layout_carries_all_that_a_case_needs() -> None:
    assert counts(SAMPLES / "cases.csv") == (20, 20, 0, 0)
    case = Case.objects.get(source="import:cases", source_ref="S-0001")
    assert (case.kind, case.channel, case.nature, case.subject) == ("appeal", "import", "help", "楼上漏水")
    assert (case.lat, case.long, case.tags) == (39.9127, 116.2031, ["热线电话"])
    assert case.source_at == parse_datetime("2026-04-01 08:12:40")
    assert case.received_at > case.source_at
    assert case.contact_from_at == case.received_at
    assert unseal_text(case.words.phone, "phone") == "10000000001"
    kinds = list(Case.objects.order_by("source_ref").values_list("kind", flat=True)[5:8])
    assert kinds == ["enterprise", "patrol", "patrol"]


@pytest.mark.django_db
def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    write_table(path, ["备注", "内容", "受理时间", "来源编号"], [["", "井盖坏了", "2026-04-01", "X1"]])
    assert counts(path) == (1, 1, 0, 0)
    case = Case.objects.get(source_ref="X1")
    assert (case.words.text, case.kind, case.nature) == ("井盖坏了", "appeal", "help")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "messages"])
def test_unknown_columns_are_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "odd.csv"
    write_table(path, ["留言编号", "留言主题", "内容甲"], [["1", "a", "b"]])
    with pytest.raises(Invalid, match="留言时间、留言详情"):
        import_file(path, layout=name)


@pytest.mark.django_db
def test_unknown_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="messages、cases"):
        import_file(make_file(tmp_path, [message(1)]), layout="odd")


@pytest.mark.django_db
def test_bad_rows_are_told_and_the_others_of_the_batch_stay(tmp_path: Path) -> None:
    path = make_file(
        tmp_path,
        [
            message(1),
            message(2, text=""),
            message(3, when="去年"),
            message(1, text="另一件事"),
            message(1),
            message("x" * 121),
            message(4, when="1899-01-01"),
            message(5, text="=cmd|calc"),
        ],
    )
    found = import_file(path)
    assert (found.read, found.created, found.already_there, found.rejected) == (8, 2, 1, 5)
    assert found.rejects_file == tmp_path / "messages.rejects.csv"
    told = rejects_of(found.rejects_file)
    assert [(row[0], row[1]) for row in told] == [
        ("3", "留言详情"),
        ("4", "留言时间"),
        ("5", "留言编号"),
        ("7", "留言编号"),
        ("8", "留言时间"),
    ]
    assert "不是能识别的时间" in str(told[1][2])
    assert told[2][3:8] == ["1", "U001", "路灯", "2026/3/2 23:41:05", "另一件事"]
    assert Case.objects.count() == 2
    assert counts(path) == (8, 0, 3, 5)


@pytest.mark.django_db
def test_bad_values_of_our_own_layout_are_told_by_column(tmp_path: Path) -> None:
    columns = ["来源编号", "受理时间", "内容", "类型", "性质", "纬度", "经度", "分类代码"]
    good = ["2026-04-01", "路灯不亮", "诉求", "求助", 39.91, 116.2, ""]
    rows: list[list[object]] = [["0", *good]]
    for position, bad in [(2, "别的"), (3, "别的"), (4, "北纬"), (5, ""), (4, 116.2), (6, "NONE")]:
        rows.append([str(len(rows)), *good[:position], bad, *good[position + 1 :]])
    path = tmp_path / "own.csv"
    write_table(path, columns, rows)  # type: ignore[arg-type]
    found = import_file(path)
    assert (found.created, found.rejected) == (1, 6)
    assert found.rejects_file is not None
    told = [row[1] for row in rejects_of(found.rejects_file)]
    assert told == ["类型", "性质", "纬度", "纬度", "纬度", "分类代码"]


@pytest.mark.django_db
def test_rows_without_a_number_are_known_by_what_they_say(tmp_path: Path) -> None:
    path = make_file(tmp_path, [message(None), message(None, text="井盖坏了"), message(None)])
    assert counts(path) == (3, 2, 1, 0)
    assert counts(path) == (3, 0, 3, 0)


@pytest.mark.django_db
def test_rejects_go_to_the_platforms_files_where_the_folder_is_closed(
    tmp_path: Path, settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR = tmp_path / "var"  # type: ignore[attr-defined]
    path = make_file(tmp_path, [message(1, text="")])
    # The superuser may write everywhere, so the folder's being closed is said, not made.
    monkeypatch.setattr("os.access", lambda *args, **kwargs: False)
    assert import_file(path).rejects_file == tmp_path / "var" / "imports" / "messages.rejects.csv"


@pytest.mark.django_db
def test_a_file_broken_in_the_middle_keeps_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_import, "BATCH", 2)
    path = make_file(tmp_path, [message(1), message(2), message(3)])
    with path.open("a", encoding="utf-8") as handle:
        handle.write('"4","U","路灯","2026-03-02","路灯",0,0,"多出的一格"\n')
    with pytest.raises(Invalid, match="此前 2 行已处理"):
        import_file(path)
    assert Case.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 no archive", "留言编号\n".encode()])
def test_a_hostile_file_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(content)
    assert run_command("import-cases", str(path), "--json") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "。" in told.err and "Traceback" not in told.err


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command("import-cases", str(tmp_path / "none.csv")) == 1
    assert "文件打不开" in capsys.readouterr().err


def run_command(*arguments: str) -> int:
    """As the platform's command line runs it, on the connection of the test."""
    return commandline.run(arguments)


@pytest.mark.django_db
def test_the_command_tells_the_figures_as_json_and_in_a_sentence(tmp_path: Path) -> None:
    path = make_file(tmp_path, [message(1), message(2, text="")])
    out, err = StringIO(), StringIO()
    call_command("import_cases", str(path), "--json", stdout=out, stderr=err)
    rejects = str(tmp_path / "messages.rejects.csv")
    assert json.loads(out.getvalue()) == {
        "read": 2, "created": 1, "already_there": 0, "rejected": 1, "rejects_file": rejects,
    }  # fmt: skip
    assert "已读 2 行" in err.getvalue()
    told = StringIO()
    call_command("import_cases", str(path), stdout=told, stderr=StringIO())
    assert told.getvalue().startswith("读取 2 行：新建案件 0 件，已经导入过 1 行，不能导入 1 行。")
    good = make_file(tmp_path, [message(9)], "good.csv")
    out = StringIO()
    call_command("import_cases", str(good), "--json", stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue())["rejects_file"] is None
