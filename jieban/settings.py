"""All settings, read once from the environment; a bad value stops the start with a sentence."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from jieban.base import embedded, keys

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "1" if default else "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def _names(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _database(address: str) -> dict[str, Any]:
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(address))
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from None
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {key: value for key, value in parts.items() if key not in known}
    options["connect_timeout"] = int(options.get("connect_timeout", 5))
    if DATABASE_POOL_SIZE:
        options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{django: str(parts.get(key, "")) for key, django in known.items()},
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_{parts.get('dbname', 'jieban')}"},
    }


def _gateway(name: str) -> str:
    """Where text messages go: an https address, one on this machine, or for trials a file."""
    value = os.environ.get(name, "")
    parts = urlsplit(value)
    here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if value and not (here or (parts.scheme == "https" and parts.hostname) or value.startswith("file:/")):
        raise ImproperlyConfigured(f"{name} must be https://…, http://127.0.0.1… or file:/PATH.")
    return value


DEBUG = _flag("JIEBAN_DEBUG", False)
VAR = Path(os.environ.get("JIEBAN_VAR", BASE_DIR / "var"))
EMBEDDED_DATABASE = not os.environ.get("DATABASE_URL")
DATABASE_URL = os.environ.get("DATABASE_URL") or embedded.url(VAR)
# Connections kept per process; 0 opens one per request. A web process has this many threads at most.
DATABASE_POOL_SIZE = _number("JIEBAN_DATABASE_POOL", 8)
DATABASES = {"default": _database(DATABASE_URL)}

# Keys for personal data, blind index, seals and sign-in: JIEBAN_KEYS or this file; see docs/operations.md.
KEY_FILE = Path(os.environ.get("JIEBAN_KEY_FILE", VAR / "keys.json"))
SECRET_KEY = keys.secret_for("sign-in", KEY_FILE)

ALLOWED_HOSTS = _names("JIEBAN_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _names("JIEBAN_ORIGINS", "")
# True when the site is served over HTTPS: cookies are then sent over HTTPS only.
HTTPS = _flag("JIEBAN_HTTPS", False)
# Without one the map shows boundaries and cases only: https://tiles.example/{z}/{x}/{y}.png
MAP_TILES = os.environ.get("JIEBAN_MAP_TILES", "")
# Addresses that may read /metrics.
METRICS_ADDRESSES = _names("JIEBAN_METRICS_ADDRESSES", "127.0.0.1,::1")
# How many proxies of ours stand before the web server, each adding to X-Forwarded-For; 0: it is not read.
PROXIES = _number("JIEBAN_PROXIES", 0)

# Where text messages are handed over; without one none are sent. See jieban/channels/sms.py.
SMS_GATEWAY = _gateway("JIEBAN_SMS_GATEWAY")
SMS_SECRET = os.environ.get("JIEBAN_SMS_SECRET", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "jieban.registry",
    "jieban.worktime",
    "jieban.channels",
    "jieban.cases",
    "jieban.api",
    "jieban.web",
]
MIDDLEWARE = [
    "jieban.api.health.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jieban.api.answers.JsonMiddleware",
    "jieban.web.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jieban.web.middleware.ActorMiddleware",
    "jieban.web.middleware.RefusedMiddleware",
]
ROOT_URLCONF = "jieban.urls"
WSGI_APPLICATION = "jieban.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_USER_MODEL = "registry.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Every queued job would be a line.
    "loggers": {"procrastinate": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": os.environ.get("JIEBAN_LOG_LEVEL", "INFO")},
}
