"""The category tree on the administrator's pages: added, replaced and ended from a day on; cases keep theirs."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from jieban.base.clock import local_date, now
from jieban.cases.suggestions.proposing import category as proposal
from jieban.registry.models import Category, ConfigChange, DirectoryRow
from jieban.web.page import choices
from tests.cases.scene import FROM, Scene, handling, make_case
from tests.registry.administration.directory_rows import make_row
from tests.web.admin.forms import errors, seen
from tests.web.signed_in import at_desk

NEW = "/admin/categories/new/?under=C0101"
CHANGE = "/admin/categories/C0101/change/"


@pytest.fixture
def admin(scene: Scene) -> Client:
    return at_desk(scene, "admin")


@pytest.fixture
def leaf(scene: Scene) -> Category:
    return Category.objects.create(
        code="C010101", name="楼道照明", level=3, parent=scene.category, grade="simple",
        path="城乡建设 / 安全隐患 / 楼道照明", valid_from=FROM,
    )  # fmt: skip


def tomorrow() -> date:
    return local_date(now()) + timedelta(days=1)


def sent(scene: Scene, mark: str, **more: Any) -> dict[str, Any]:
    return {
        "parent": scene.category.pk, "name": "燃气泄漏", "grade": "complex", "needs_photo": "on",
        "begins": tomorrow(), "reason": "年度修订", "seen": mark, **more,
    }  # fmt: skip


def saved(client: Client, address: str, values: dict[str, Any]) -> Any:
    page = client.post(address, values)
    return client.post(address, values | {"weighed": page.context["form"]["weighed"].value()})


def offered(on: date) -> list[str]:
    return [str(named) for _top, options in choices.categories(on) for _pk, named in options]


def test_new_category_may_be_chosen_from_its_day_on(scene: Scene, admin: Client, leaf: Category) -> None:
    values = sent(scene, "")
    page = admin.post(NEW, values)
    shown = page.content.decode()
    assert "受理时可以选用“城乡建设 / 安全隐患 / 燃气泄漏”" in shown
    assert "派单目录还没有适用它的条目" in shown and not Category.objects.filter(name="燃气泄漏").exists()
    form = page.context["form"]
    values |= {"seen": form["seen"].value(), "weighed": form["weighed"].value()}
    assert admin.post(NEW, values)["Location"] == "/admin/categories/"
    made = Category.objects.get(name="燃气泄漏")
    assert (made.code, made.path, made.needs_photo, made.valid_from) == (
        "C010102", "城乡建设 / 安全隐患 / 燃气泄漏", True, tomorrow(),
    )  # fmt: skip
    assert offered(tomorrow() - timedelta(days=1)) == ["安全隐患 / 楼道照明"]
    assert offered(tomorrow()) == ["安全隐患 / 楼道照明", "安全隐患 / 燃气泄漏"]
    assert ConfigChange.objects.get().area == "category"


def test_another_takes_the_place_of_a_category_and_cases_keep_theirs(
    scene: Scene, admin: Client, leaf: Category
) -> None:
    row = make_row(scene, "R1", category=leaf)
    row.co_handlers.add(scene.unit("D2"))
    kept, waits = handling(scene, category_id=leaf.pk), make_case(scene, category_id=leaf.pk)
    address = "/admin/categories/C010101/change/"
    values = sent(scene, seen(admin, address), name="公共照明", grade="simple")
    shown = admin.post(address, values).content.decode()
    assert "现有 2 件未办结的诉求属于原分类，保留原分类和时限。" in shown
    assert "下级分类 0 个、派单目录 1 条随之沿用。" in shown
    # What still waits then has no row any more: it is named, so that it is dispatched before.
    assert waits.number in shown and "主办建议将由 单位D1 改为 （目录未列）" in shown

    assert saved(admin, address, values)["Location"] == "/admin/categories/C010101/"
    leaf.refresh_from_db()
    kept.refresh_from_db()
    assert (leaf.name, leaf.path, leaf.needs_photo, leaf.valid_to) == (
        "楼道照明", "城乡建设 / 安全隐患 / 楼道照明", False, tomorrow(),
    )  # fmt: skip
    assert kept.category == leaf
    made = Category.objects.get(name="公共照明")
    assert (made.code, made.valid_from, made.valid_to) == (f"C010101-{tomorrow():%Y%m%d}", tomorrow(), None)
    carried = DirectoryRow.objects.get(category=made)
    row.refresh_from_db()
    assert (row.valid_to, carried.valid_from, carried.lead) == (tomorrow(), tomorrow(), scene.unit("D1"))
    assert [unit.code for unit in carried.co_handlers.all()] == ["D2"]
    change = ConfigChange.objects.get()
    assert (change.key, change.before["须附照片"], change.after["须附照片"]) == ("C010101", "否", "是")
    assert "它已定失效，不能再改。" in admin.get("/admin/categories/C010101/").content.decode()


def test_what_lies_below_goes_on_under_the_new_parent(scene: Scene, admin: Client, leaf: Category) -> None:
    top = Category.objects.get(code="C01")
    values = sent(scene, seen(admin, CHANGE), parent=top.pk, name="安全生产")
    shown = admin.post(CHANGE, values).content.decode()
    assert "下级分类 1 个、派单目录 0 条随之沿用。" in shown
    assert saved(admin, CHANGE, values).status_code == 302
    made = Category.objects.get(level=3, valid_to=None)
    assert made.path == "城乡建设 / 安全生产 / 楼道照明"
    assert made.parent is not None and made.code.startswith(made.parent.code)
    assert (made.grade, Category.objects.get(code="C010101").valid_to) == ("simple", tomorrow())
    assert offered(tomorrow()) == ["安全生产 / 楼道照明"]


def test_category_ends_and_is_no_longer_offered_nor_proposed(
    scene: Scene, admin: Client, leaf: Category
) -> None:
    make_row(scene, "R0")
    row = make_row(scene, "R1", category=leaf, lead=scene.unit("D2"))
    case = make_case(scene, category_id=leaf.pk)
    address = "/admin/categories/C010101/end/"
    values = {"ends_on": tomorrow(), "reason": "并入他类", "seen": seen(admin, address)}
    shown = admin.post(address, values).content.decode()
    assert "现有 1 件未办结的诉求属于原分类" in shown
    assert case.number in shown and "主办建议将由 单位D2 改为 单位D1" in shown
    text = "楼道照明坏了"
    assert proposal(text, tomorrow(), list) is not None
    assert saved(admin, address, values).status_code == 302
    row.refresh_from_db()
    assert row.valid_to == tomorrow()
    assert (offered(local_date(now())), offered(tomorrow())) == (["安全隐患 / 楼道照明"], [])
    assert proposal(text, tomorrow(), list) is None
    assert admin.post(address, values).status_code == 409


def test_category_with_others_below_it_does_not_end(scene: Scene, admin: Client, leaf: Category) -> None:
    address = "/admin/categories/C0101/end/"
    values = {"ends_on": tomorrow(), "reason": "x", "seen": seen(admin, address)}
    answer = admin.post(address, values)
    assert (answer.status_code, list(errors(answer))) == (422, ["ends_on"])
    assert "“安全隐患”下还有 1 个分类" in answer.content.decode()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "楼道照明"}, "name"),
        ({"name": "a / b"}, "name"),
        ({"name": "长" * 61}, "name"),
        ({"begins": date(2026, 1, 1)}, "begins"),
        ({"parent": "999999"}, "parent"),
        ({"grade": "x"}, "grade"),
    ],
)
def test_new_category_that_does_not_fit_is_refused(
    scene: Scene, admin: Client, leaf: Category, more: dict[str, Any], field: str
) -> None:
    answer = admin.post(NEW, sent(scene, "", **more))
    assert (answer.status_code, list(errors(answer))) == (422, [field])
    assert Category.objects.count() == 3


def test_change_of_nothing_or_of_the_level_is_refused(scene: Scene, admin: Client, leaf: Category) -> None:
    address = "/admin/categories/C010101/change/"
    mark = seen(admin, address)
    same = admin.post(address, sent(scene, mark, name="楼道照明", grade="simple", needs_photo=""))
    assert (same.status_code, list(errors(same))) == (422, ["name"])
    other = admin.post(address, sent(scene, mark, parent=Category.objects.get(code="C01").pk))
    assert (other.status_code, list(errors(other))) == (422, ["parent"])


def test_second_to_change_a_category_is_told(scene: Scene, admin: Client, leaf: Category) -> None:
    address = "/admin/categories/C010101/change/"
    mark = seen(admin, address)
    assert saved(admin, address, sent(scene, mark, name="公共照明")).status_code == 302
    assert admin.post(address, sent(scene, mark, name="道路照明")).status_code == 409


@pytest.mark.parametrize("address", ["none/", "%00/", "none/change/", "none/end/", "new/?under=none"])
def test_category_that_is_not_there_is_said_not_to_be(admin: Client, address: str) -> None:
    assert admin.get(f"/admin/categories/{address}").status_code == 404
