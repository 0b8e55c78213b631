"""The list of cases in a browser: columns, own views, the table taken away."""

from playwright.sync_api import Page, expect

from jieban.base.clock import now
from jieban.cases.models import SavedView
from tests.cases.scene import Scene, handling, make_case

from .conftest import overflow, sign_in


def test_list_is_narrowed_kept_and_taken_away(page: Page, scene: Scene) -> None:
    for text in ("楼道灯不亮，老人夜里上下楼看不见", "井盖松动", "三单元楼道灯一直闪"):
        make_case(scene, at=now(), text=text, category_id=scene.category.pk)
    handling(scene, at=now())
    sign_in(page, "dispatcher", "/cases/")
    more = page.locator("label[for=filters-switch]")
    if more.is_visible():
        more.click()
    page.get_by_label("搜索单号、地点、内容").fill("楼道灯")
    page.locator("summary", has_text="显示的列").click()
    page.get_by_role("checkbox", name="催办次数").check()
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("mark").first).to_have_text("楼道灯")
    expect(page.get_by_role("columnheader", name="催办次数")).to_be_attached()
    assert overflow(page) == 0

    page.get_by_text("视图", exact=True).first.click()
    page.get_by_label("视图名称").fill("楼道照明")
    page.get_by_label("打开“诉求”时先用它").check()
    assert overflow(page) == 0
    page.get_by_role("button", name="保存视图").click()
    page.goto("/cases/")
    expect(page.get_by_role("link", name="楼道照明")).to_have_attribute("aria-current", "true")
    assert SavedView.objects.get().first

    page.get_by_text("导出", exact=True).click()
    with page.expect_download() as took:
        page.get_by_role("button", name="CSV").click()
    assert took.value.suggested_filename.startswith("诉求-")
