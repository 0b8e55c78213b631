"""Screenshots of the ten main pages for the documents: `make pictures` writes docs/pictures.

It starts the demonstration in a folder of its own, signs in as each role, and takes each page at desktop width and
at phone width.
"""

import io
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM, WIDTHS
from tests.platforms import Platform, free_port

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PATIENCE = 120_000  # milliseconds; the machine may be busy
COLOURS = 128  # enough for pages without photographs, at a third of the size


@dataclass(frozen=True)
class Shown:
    """A screenshot: its name, the account (empty: nobody), the path, and what is pressed on the page."""

    name: str
    account: str
    path: str
    press: str = ""
    until: str = ""  # selector of what is there afterwards


SHOWN = (
    Shown("call", "operator", "/cases/new/"),
    Shown("desk", "dispatcher", "/desk/"),
    Shown("case", "street", "/desk/?queue=handle", "a.queue-row", "#record"),
    Shown("list", "supervisor", "/cases/"),
    Shown("map", "dispatcher", "/map/"),
    Shown("street", "street", "/street/"),
    Shown("field", "department", "/field/"),
    Shown("visit-backs", "caller", "/visit-backs/"),
    Shown("oversight", "supervisor", "/oversight/"),
    Shown("leader", "leader", "/leader/"),
    Shown("knowledge", "operator", "/knowledge/"),
    Shown("directory", "admin", "/admin/directory/"),
    Shown("public", "", "/public/"),
)


def taken(page: Page, shot: Shown) -> bytes:
    page.goto(shot.path, wait_until="networkidle")
    if shot.press and page.locator(shot.press).first.is_visible():
        page.locator(shot.press).first.click()
        page.locator(shot.until).wait_for()
        page.wait_for_load_state("networkidle")
    return page.screenshot()


def smaller(picture: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.locator("details.menu > summary").last.wait_for()


def take_all(browser: Browser, address: str, accounts: dict[str, str], only: list[str]) -> None:
    for shot in SHOWN:
        for kind, (width, height) in WIDTHS.items() if not only or shot.name in only else ():
            context = browser.new_context(
                base_url=address, viewport={"width": width, "height": height}, locale="zh-CN"
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            if shot.account:
                sign_in(page, shot.account, accounts[shot.account])
            name = f"{shot.name}.png" if kind == "desk" else f"{shot.name}-phone.png"
            (PICTURES / name).write_bytes(smaller(taken(page, shot)))
            print(name)
            context.close()


def main(only: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="jieban-pictures-"))
    platform = Platform(folder, free_port())
    try:
        platform.start()
        accounts = json.loads((folder / "demo-accounts.json").read_text())
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=ARGUMENTS, env={**os.environ, "LANGUAGE": "zh_CN"}
            )
            take_all(browser, f"http://127.0.0.1:{platform.port}", accounts, only)
            browser.close()
    finally:
        platform.kill_everything()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
