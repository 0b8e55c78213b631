"""Fixtures of browser tests: a real browser and server. Requests to other hosts and console errors fail a test."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from jieban.base.clock import now
from jieban.registry.identity import posts
from jieban.registry.models import Person
from tests.cases.scene import Scene, make_scene
from tests.platforms import wait_until
from tests.web.signed_in import signed_in

from .chromium import ARGUMENTS, CHROMIUM, WIDTHS

# Playwright runs an event loop in this thread; Django would take the tests for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A page that is left cancels its requests; real failures are also reported as sendError or responseError.
GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Skips these tests where no browser is installed; the run says so once."""
    return True if CHROMIUM is None and collection_path.name.startswith("test_") else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if CHROMIUM is None:
        terminalreporter.write_line("Browser tests left out: no Chromium found (apt-get install chromium).")


@dataclass
class Watched:
    """Errors in the browser while a test ran."""

    host: str
    faults: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._check(request.url))
        context.on(
            "console",
            lambda message: (
                self.faults.append(f"console: {message.text}")
                if message.type == "error" and not message.text.startswith(GIVEN_UP)
                else None
            ),
        )
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.host:
            self.faults.append(f"request to {url}")


# Closed with this package: an event loop that still runs in this thread disturbs tests that start their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def nothing_under_way(transactional_db: None) -> Iterator[None]:
    """Waits for the page's last requests before the tables are emptied."""
    yield
    wait_until(lambda: not any("process_request_thread" in one.name for one in threading.enumerate()), 20)


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return make_scene()


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, live_server) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """A page at desktop width and at phone width."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": width, "height": height}, locale="zh-CN"
    )
    watched = Watched(urlsplit(live_server.url).netloc)
    watched.watch(context)
    page = context.new_page()
    yield page
    shots = os.environ.get("JIEBAN_SHOTS")
    if shots:
        page.screenshot(path=f"{shots}/{request.node.name}.png", full_page=True)
    context.close()
    assert watched.faults == []


def overflow(page: Page) -> int:
    """Number of pixels by which the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def take_session(page: Page, client: Client) -> None:
    """Gives this client's session to the browser."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}]
    )


def let_in(page: Page, username: str) -> None:
    """Signs in without the form, which test_walk.py and test_signin.py fill in."""
    person = Person.objects.get(username=username)
    [post] = posts.posts_of(person, now())
    take_session(page, signed_in(posts.actor_of(person, post)))


def sign_in(page: Page, username: str, at: str = "/") -> None:
    """Opens the page at this address as this person."""
    let_in(page, username)
    page.goto(at)
    expect(page.locator("summary", has_text=f"人员{username}")).to_be_visible()
