"""What a reader does with a list: own views, own columns, hits marked, the table taken away."""

from pathlib import Path

import pytest
from django.test import Client

from jieban.base.sheets import open_table
from jieban.cases.lists import saved_views
from jieban.cases.models import Export, SavedView
from jieban.web.page import highlight
from tests.cases.scene import AT, Scene, handling, make_case
from tests.web.signed_in import at_desk

pytestmark = pytest.mark.django_db


def keep(desk: Client, name: str, query: str, **more: str) -> int:
    return desk.post("/cases/views/", {"name": name, "query": query, **more}).status_code


def test_kept_view_is_a_link_that_shows_the_same_list(scene: Scene) -> None:
    waiting, desk = make_case(scene), at_desk(scene, "dispatcher")
    handling(scene)
    answer = desk.post("/cases/views/", {"name": "待派", "query": "state=received&cols=state,lead"})
    assert answer["Location"] == "/cases/?state=received&cols=state%2Clead"
    page = desk.get("/cases/")
    ((view, url, here),) = page.context["views"]
    assert (view.name, here) == ("待派", False)
    page = desk.get(url)
    assert [case.number for case in page.context["cases"]] == [waiting.number]
    assert [column.key for column in page.context["columns"]] == ["state", "lead"]
    assert page.context["views"][0][2]


def test_first_view_opens_when_the_address_asks_for_nothing(scene: Scene) -> None:
    make_case(scene)
    led, desk = handling(scene), at_desk(scene, "dispatcher")
    keep(desk, "在办", "state=handling", first="1")
    assert [case.number for case in desk.get("/cases/").context["cases"]] == [led.number]
    assert len(desk.get("/cases/?all=1").context["cases"]) == 2
    keep(desk, "都要", "all=1", first="1")  # there is one first view only
    assert len(desk.get("/cases/").context["cases"]) == 2


def test_view_of_the_same_name_is_kept_in_its_place_and_others_do_not_see_it(scene: Scene) -> None:
    desk, other = at_desk(scene, "dispatcher"), at_desk(scene, "supervisor")
    keep(desk, "待派", "state=received")
    keep(desk, "待派", "state=dispatched&nonsense=1&after=x")
    row = SavedView.objects.get()
    assert row.query == "state=dispatched"
    assert other.get("/cases/").context["views"] == []
    assert other.post(f"/cases/views/{row.pk}/drop/").status_code == 404
    assert desk.post(f"/cases/views/{row.pk}/drop/").status_code == 302
    assert not SavedView.objects.exists()


def test_view_needs_a_name_and_a_person_has_twenty_at_most(scene: Scene) -> None:
    desk = at_desk(scene, "dispatcher")
    assert keep(desk, " ", "state=received") == 422
    for number in range(saved_views.MOST_VIEWS):
        assert keep(desk, f"视图{number}", "state=received") == 302
    assert keep(desk, "多一个", "state=received") == 422
    assert keep(desk, "视图3", "state=handling") == 302


def test_requesters_have_neither_views_nor_tables(scene: Scene) -> None:
    desk = at_desk(scene, "resident")
    assert keep(desk, "我的", "") == 403
    assert desk.post("/cases/export/", {"query": "", "format": "csv"}).status_code == 403
    assert "导出" not in desk.get("/cases/").content.decode()


def test_what_is_sought_is_marked_in_subject_and_text(scene: Scene) -> None:
    make_case(scene, subject="楼道灯坏了", text="我住三层，" + "说来话长，" * 20 + "楼道灯坏了三天。")
    shown = at_desk(scene, "dispatcher").get("/cases/?q=楼道灯").content.decode()
    assert "<mark>楼道灯</mark>坏了</a>" in shown
    assert "…" in shown and "<mark>楼道灯</mark>坏了三天。" in shown


def test_traditional_and_simplified_characters_find_each_other(scene: Scene) -> None:
    make_case(scene, subject="樓道燈壞了", text="樓道燈壞了三天。")
    make_case(scene, subject="路灯不亮", text="路灯不亮两天。")
    desk = at_desk(scene, "dispatcher")
    for sought, hit in (
        ("楼道灯", "<mark>樓道燈</mark>"),
        ("樓道燈", "<mark>樓道燈</mark>"),
        ("路燈", "<mark>路灯</mark>"),
    ):
        assert hit in desk.get(f"/cases/?q={sought}").content.decode()


def test_numbers_in_a_snippet_are_masked_for_those_who_may_not_see_every_contact(scene: Scene) -> None:
    make_case(scene, subject="漏水", text="电话 10001234567，楼道灯坏了。")
    assert "10001234567" in at_desk(scene, "operator").get("/cases/?q=楼道灯").content.decode()
    shown = at_desk(scene, "analyst").get("/cases/?q=楼道灯").content.decode()
    assert "10001234567" not in shown and "<mark>楼道灯</mark>" in shown


@pytest.mark.parametrize(
    ("text", "sought", "shown"),
    [
        ("楼道灯和路灯", "道灯", "楼<mark>道灯</mark>和路灯"),
        ("Wifi 不通", "wi", "<mark>Wi</mark>fi 不通"),
        ("北京kiwi", "wi", "北京kiwi"),
        ("<b>灯</b>", "灯", "&lt;b&gt;<mark>灯</mark>&lt;/b&gt;"),
        ("没有", "灯", "没有"),
        ("灯", "<mark>", "灯"),
        ("İ灯", "灯", "İ<mark>灯</mark>"),
        ("樓道燈壞了", "道灯", "樓<mark>道燈</mark>壞了"),
        ("楼道灯坏了", "道燈", "楼<mark>道灯</mark>坏了"),
    ],
)
def test_marks_stand_on_the_sought_words_and_nothing_else_becomes_markup(
    text: str, sought: str, shown: str
) -> None:
    assert highlight.highlight(text, sought) == shown


def table(desk: Client, tmp_path: Path, kind: str, query: str) -> list[dict[str, object]]:
    answer = desk.post("/cases/export/", {"query": query, "format": kind})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    path = tmp_path / f"out.{kind}"
    path.write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    with open_table(path) as found:
        return [dict(zip(found.columns, cells, strict=True)) for _, cells in found.rows()]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_table_holds_what_is_seen_and_is_written_down(scene: Scene, tmp_path: Path, kind: str) -> None:
    waiting, desk = make_case(scene, subject="=1+1"), at_desk(scene, "dispatcher")
    handling(scene)
    rows = table(desk, tmp_path, kind, "state=received&cols=state,place")
    assert rows == [
        {"单号": waiting.number, "主题": "'=1+1", "状态": "已受理", "街道": None, "社区": None}
    ]  # fmt: skip
    written = Export.objects.get()
    assert (written.query, written.rows) == ("state=received&cols=state%2Cplace", 1)


def test_table_holds_only_what_the_post_may_see(scene: Scene, tmp_path: Path) -> None:
    mine = handling(scene, lead="D1")
    handling(scene, lead="D2")
    assert [row["单号"] for row in table(at_desk(scene, "department"), tmp_path, "csv", "all=1")] == [
        mine.number
    ]


def test_tables_are_limited_to_thirty_an_hour(scene: Scene) -> None:
    make_case(scene, at=AT)
    desk = at_desk(scene, "dispatcher")
    assert [desk.post("/cases/export/", {"query": "", "format": "csv"}).status_code for _ in range(31)] == [
        200
    ] * 30 + [429]
    assert at_desk(scene, "dispatcher").post("/cases/export/", {"format": "pdf"}).status_code == 422
