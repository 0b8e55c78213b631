"""Every page by the rules of WCAG 2.1 AA: axe-core finds nothing serious, at a desk and on a phone."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from jieban.base.clock import now
from jieban.cases.models import Case
from jieban.registry.roles import Role
from tests.cases.scene import Scene, handling, make_case, make_scene
from tests.web.endpoints import PAGES, Endpoint
from tests.web.signed_in import at_desk

from .chromium import WIDTHS
from .conftest import overflow, take_session

AXE = (Path(__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SERIOUS = {"serious", "critical"}
# Who looks at a page that several may reach: whoever sees most of it.
FIRST = (
    Role.DISPATCHER, Role.OPERATOR, Role.STREET, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR, Role.CALLER,
    Role.COMMUNITY, Role.LEADER, Role.ANALYST, Role.RESIDENT,
)  # fmt: skip
PUBLIC = ("/login/",)


@pytest.fixture
def page(browser: Browser, live_server) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """A page that lets axe-core write the styles by which it measures; otherwise none may."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    scene = make_scene()
    place = scene.unit("S").place
    assert place is not None
    make_case(scene, at=now(), place_id=place.pk, category_id=scene.category.pk, urgency="life")
    handling(scene, at=now(), lead="S", place_id=place.pk)
    return scene


def faults(page: Page, path: str) -> list[str]:
    """What axe finds on the page at this address, and whether it is wider than its window; as wide as each of ours."""
    page.goto(path)
    page.evaluate(AXE)
    found = []
    for width, height in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": height})
        found += _faults(page, f"{path} at {width}")
    return found


def _faults(page: Page, path: str) -> list[str]:
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    told = [
        f"{path}: {rule['id']}: {rule['nodes'][0]['html'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
    ]
    wide = overflow(page)
    return told + ([f"{path}: {wide} pixels too wide"] if wide else [])


def whole_pages(client: Client, paths: Iterable[str]) -> list[str]:
    """Of these addresses those that answer with a page; the others are parts, tables, or take no look."""
    answers = {path: client.get(path) for path in paths}
    return [
        path
        for path, answer in answers.items()
        if answer.status_code == 200 and not answer.streaming and answer.content.startswith(b"<!doctype")
    ]


def looked_at_by(role: Role) -> list[Endpoint]:
    return [e for e in PAGES if next((r for r in FIRST if r in e.roles), None) == role]


@pytest.mark.parametrize("role", [role for role in FIRST if looked_at_by(role)])
def test_pages_of_a_role_have_nothing_serious(page: Page, scene: Scene, role: Role) -> None:
    client = at_desk(scene, role.value)
    take_session(page, client)
    numbers = [case.number for case in Case.objects.order_by("pk")]
    paths = {e.path.replace("{number}", number): None for e in looked_at_by(role) for number in numbers}
    wrong = [fault for path in whole_pages(client, paths) for fault in faults(page, path)]
    assert wrong == []


def test_pages_for_everybody_have_nothing_serious(page: Page, scene: Scene) -> None:
    assert [fault for path in PUBLIC for fault in faults(page, path)] == []
