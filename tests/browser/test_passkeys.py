"""A passkey of a made-up device: added on the account's page, and then signed in with, by it alone."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jieban.registry.identity import second_factors
from tests.web.factors import shown_code, with_totp
from tests.web.people import PASSWORD, make_person, make_post

from .conftest import overflow

AXE = (Path(__file__).parent / "axe.min.js").read_text()
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def device(page: Page) -> Iterator[str]:
    """A virtual authenticator in the browser; its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    found = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.device = lambda name, **more: session.send(  # type: ignore[attr-defined]
        f"WebAuthn.{name}", {"authenticatorId": found["authenticatorId"], **more}
    )
    yield found["authenticatorId"]


def sound(page: Page, name: str) -> None:
    """Fits the window, is readable for everybody; kept as a picture where pictures are asked for."""
    assert overflow(page) == 0
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa'], preload: false})")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    if shots := os.environ.get("JIEBAN_SHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)


def fill_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill("zhoumin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


@pytest.mark.django_db(transaction=True)
def test_staff_set_up_a_passkey_and_sign_in_with_it_alone(page: Page, device: str, settings) -> None:  # type: ignore[no-untyped-def]
    settings.SECOND_FACTOR = "required"
    make_post(make_person())
    fill_in(page)
    expect(page.get_by_role("heading", name="设置两步验证")).to_be_visible()
    sound(page, "set-up")
    page.get_by_role("button", name="通行密钥").click()
    expect(page.get_by_role("heading", name="两步验证已启用")).to_be_visible()
    sound(page, "added")
    page.get_by_role("button", name="领取恢复码").click()
    expect(page.locator(".codes li")).to_have_count(10)
    sound(page, "recovery-codes")
    page.get_by_role("link", name="已保存，去办理").click()
    expect(page.get_by_role("main")).to_contain_text("这里都办完了")

    page.locator("summary", has_text="周敏").click()
    page.get_by_role("button", name="退出登录").click()
    sound(page, "login")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.get_by_role("main")).to_contain_text("这里都办完了")

    page.goto("/account/")
    expect(page.locator("strong", has_text="通行密钥 1")).to_be_visible()
    page.get_by_label("添加通行密钥").fill("办公室电脑")
    page.device("clearCredentials")  # type: ignore[attr-defined]  # another key, as it were
    page.get_by_role("button", name="添加").click()
    expect(page).to_have_url(re.compile("/account/"))
    expect(page.locator("strong", has_text="办公室电脑")).to_be_visible()
    sound(page, "account")


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_the_second_step_after_the_password(page: Page, device: str) -> None:
    person = make_person()
    make_post(person)
    secret = with_totp(person)
    fill_in(page)
    expect(page.get_by_role("heading", name="还要确认是您本人")).to_be_visible()
    page.get_by_label("验证码").fill(shown_code(secret))
    page.get_by_role("button", name="继续登录").click()
    expect(page.get_by_role("main")).to_contain_text("这里都办完了")
    page.goto("/account/")
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("heading", name="两步验证已启用")).to_be_visible()
    page.context.clear_cookies()

    fill_in(page)
    sound(page, "second")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.get_by_role("main")).to_contain_text("这里都办完了")

    assert {factor.type for factor in second_factors.of_person(person)} == {"totp", "webauthn"}
    page.goto("/account/delegations/")
    sound(page, "delegations")
    page.goto("/account/password/")
    sound(page, "password")


@pytest.mark.django_db(transaction=True)
def test_a_device_that_does_not_know_its_owner_is_refused(page: Page, device: str) -> None:
    person = make_person()
    make_post(person)
    fill_in(page)
    page.goto("/account/totp/")
    sound(page, "totp")
    page.goto("/account/set-up/")
    page.device("setUserVerified", isUserVerified=False)  # type: ignore[attr-defined]
    page.get_by_role("button", name="通行密钥").click()
    expect(page.get_by_role("alert")).to_contain_text("通行密钥没有添加成功")
    assert not second_factors.has_any(person)
