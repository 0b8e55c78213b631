"""The administrator's and the auditor's work in a real browser. What fits and what axe finds: test_axe."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from jieban.base.clock import local_date, now
from jieban.cases.lists import contact_reads
from jieban.cases.models import Limit
from jieban.registry.ledger import seals
from jieban.registry.models import DirectoryRow, Place
from tests.cases.scene import FROM, Scene, handling, make_case, make_scene

from .conftest import overflow, sign_in


@pytest.fixture
def place(transactional_db: None) -> Scene:
    scene = make_scene()
    street = Place.objects.get(level="street")
    DirectoryRow.objects.create(
        code="ML-0101", category=scene.category, place_level="district", lead=scene.unit("D1"),
        ground="《石景山区派单目录（2026版）》第12条", edition="2026版", valid_from=FROM,
    )  # fmt: skip
    for _number in range(3):
        make_case(scene, at=now(), category_id=scene.category.pk, place_id=street.pk)
    Limit.objects.filter(name="unmask_hour").update(value=1)
    case = handling(scene, at=now())
    for reason in ("核实地址", "回电确认时间"):
        contact_reads.reveal_contact(case, scene.actor("dispatcher"), reason=reason, at=now())
    seals.make_seal(now())
    return scene


def shot(page: Page, name: str) -> None:
    folder, width = os.environ.get("JIEBAN_SHOTS"), (page.viewport_size or {"width": 0})["width"]
    if folder:
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_on_a_phone_the_navigation_shows_where_one_is(page: Page, place: Scene) -> None:
    sign_in(page, "admin", "/admin/shifts/")
    expect(page.locator("nav.places [aria-current=page]")).to_have_text("班次")
    expect(page.locator("nav.places [aria-current=page]")).to_be_in_viewport(ratio=1)
    assert overflow(page) == 0


def test_another_unit_is_named_from_a_day_on_after_its_effect_was_seen(page: Page, place: Scene) -> None:
    sign_in(page, "admin", "/admin/directory/ML-0101/")
    page.get_by_role("link", name="从某一天起改派").click()
    begins = local_date(now()) + timedelta(days=5)
    page.get_by_label("从哪天起").fill(begins.isoformat())
    page.locator("select[name=lead]").evaluate("(e, v) => { e.value = v }", str(place.unit("D2").pk))
    page.get_by_label("依据", exact=True).fill("区编办〔2026〕3号")
    page.get_by_label("理由").fill("职责调整")
    page.get_by_role("button", name="查看影响").click()
    expect(page.locator("#effect")).to_contain_text(
        "现有 3 件待派单的诉求，主办建议将由 单位D1 改为 单位D2。"
    )
    assert overflow(page) == 0
    shot(page, "weighed")
    page.get_by_role("button", name="确认保存").click()
    expect(page.get_by_text("已保存，到时自动生效。")).to_be_visible()
    assert DirectoryRow.objects.get(code="ML-0101").valid_to == begins
