"""Headers, cookies and Django's own checks under the settings of a district."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[3]
PRODUCTION = {
    "JIEBAN_HTTPS": "1",
    "JIEBAN_HOSTS": "jieban.example.cn",
    "JIEBAN_ORIGINS": "https://jieban.example.cn",
    "JIEBAN_PROXIES": "1",
}


def with_settings(program: list[str], **changed: str) -> subprocess.CompletedProcess[str]:
    """A program of its own under the settings of production."""
    of_tests = {"JIEBAN_SECOND_FACTOR", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    inherited = {name: value for name, value in os.environ.items() if name not in of_tests}
    return subprocess.run(
        [sys.executable, *program],
        env={**inherited, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "jieban.settings", **changed},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


LOOK = """
import django; django.setup()
from django.core.checks import run_checks
for found in run_checks(include_deployment_checks=True):
    print(found)
"""


def test_django_finds_nothing_to_mend_in_production() -> None:
    """What `check --deploy` looks at; our own command of that name looks at other things."""
    done = with_settings(["-W", "error", "-c", LOOK])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_django_would_tell_of_what_is_open() -> None:
    done = with_settings(["-c", LOOK], JIEBAN_HTTPS="0")
    assert "security.W004" in done.stdout and "security.W012" in done.stdout


ASK = """
import django; django.setup()
from django.test import Client
client = Client(headers={"host": "jieban.example.cn"})
there = client.get("/login/", headers={"x-forwarded-proto": "https"})
print(client.get("/login/")["Location"])
print(there["Strict-Transport-Security"])
cookie = there.cookies["csrftoken"]
print(bool(cookie["secure"]), cookie["samesite"])
from django.conf import settings as s
print(s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.SECOND_FACTOR)
"""


def test_https_is_asked_for_and_remembered_and_cookies_keep_to_it() -> None:
    done = with_settings(["-c", ASK])
    assert done.stdout.splitlines() == [
        "https://jieban.example.cn/login/",
        "max-age=31536000; includeSubDomains; preload",
        "True Lax",
        "True True Lax required",
    ], done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("JIEBAN_SECOND_FACTOR", "off"), ("JIEBAN_OIDC_ISSUER", "https://id.example.cn")],
)
def test_a_setting_that_does_not_fit_stops_the_start(name: str, value: str) -> None:
    done = with_settings(["-c", "import django; django.setup()"], **{name: value})
    assert done.returncode == 1
    assert name in done.stderr.splitlines()[-1]


@pytest.mark.django_db
def test_pages_say_what_a_browser_may_do_with_them(client: Client) -> None:
    answer = client.get("/login/")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    allowed = [part for part in answer["Permissions-Policy"].split(", ") if not part.endswith("=()")]
    assert allowed == [
        "camera=(self)",
        "geolocation=(self)",
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
    ]
