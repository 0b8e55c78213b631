"""Settings of Django and of the platform, read once from the environment; a bad value stops the start."""

import os
import re
from ipaddress import ip_address
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


def _one_of(name: str, allowed: tuple[str, ...]) -> str:
    value = os.environ.get(name) or allowed[0]
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def _names(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _pairs(name: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in _names(name, "")]
    if not all(key and value for key, _equals, value in pairs):
        raise ImproperlyConfigured(f"{name} must be like 8001=liqian,8002=wangli.")
    return {key.strip(): value.strip() for key, _equals, value in pairs}


def _secret(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if value and len(value) < 32:
        raise ImproperlyConfigured(f"{name} must have 32 characters or more.")
    return value


def _database(address: str) -> dict[str, Any]:
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(address))
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from None
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {key: value for key, value in parts.items() if key not in known}
    options["connect_timeout"] = int(options.get("connect_timeout", 5))
    options["prepare_threshold"] = 0  # only the statements of jieban.base.sql.prepared are prepared
    if DATABASE_POOL_SIZE:
        options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{django: str(parts.get(key, "")) for key, django in known.items()},
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_{parts.get('dbname', 'jieban')}"},
    }


def file_storage(place: str) -> dict[str, Any]:
    """Storage backend for uploaded files: a folder, or s3://bucket/prefix with an endpoint and keys."""
    if not place.startswith("s3://"):
        options = {"location": str(Path(place).resolve()), "file_permissions_mode": 0o600}
        return {"BACKEND": "jieban.base.filestore.FolderStorage", "OPTIONS": options}
    bucket, _slash, prefix = place.removeprefix("s3://").partition("/")
    needed = {
        name: os.environ.get(name, "")
        for name in ("JIEBAN_S3_ENDPOINT", "JIEBAN_S3_KEY_ID", "JIEBAN_S3_SECRET")
    }
    missing = [name for name, value in needed.items() if not value]
    if not bucket or missing:
        raise ImproperlyConfigured(f"JIEBAN_FILES={place} needs a bucket and {', '.join(missing or needed)}.")
    from botocore.config import Config  # here, because it adds half a second to every start

    calm = Config(
        signature_version="s3v4", connect_timeout=5, read_timeout=30, retries={"max_attempts": 2},
        s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )  # fmt: skip
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket, "location": prefix.strip("/"), "endpoint_url": needed["JIEBAN_S3_ENDPOINT"],
            "access_key": needed["JIEBAN_S3_KEY_ID"], "secret_key": needed["JIEBAN_S3_SECRET"],
            "region_name": os.environ.get("JIEBAN_S3_REGION", "us-east-1"), "client_config": calm,
            "file_overwrite": True, "default_acl": None, "max_memory_size": 32 * 1024 * 1024,
        },
    }  # fmt: skip


def _gateway(name: str) -> str:
    """Gateway of text messages: an https address, one on this machine, or for trials a file."""
    value = os.environ.get(name, "")
    parts = urlsplit(value)
    here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    remote = parts.scheme == "https" and parts.hostname
    if value and (parts.username is not None or not (here or remote or value.startswith("file:/"))):
        raise ImproperlyConfigured(f"{name} must be https://…, http://127.0.0.1… or file:/PATH.")
    return value


def _model_server(name: str) -> str:
    """Base URL of a chat-completions API up to /v1: https, or http on this machine or in a private network."""
    value = os.environ.get(name, "").rstrip("/")
    parts = urlsplit(value)
    usable = parts.hostname and (parts.scheme == "https" or _is_local_network(parts.scheme, parts.hostname))
    if value and (parts.username is not None or not usable):
        raise ImproperlyConfigured(f"{name} must be https://… or http:// and an address of your own network.")
    return value


def _certificate(name: str, address: str) -> str:
    """SHA-256 of a pinned certificate, as hexadecimal digits; the colons of OpenSSL are allowed."""
    value = os.environ.get(name, "").replace(":", "").lower()
    if value and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ImproperlyConfigured(f"{name} must be the SHA-256 of a certificate: 64 hexadecimal digits.")
    if value and urlsplit(address).scheme != "https":
        raise ImproperlyConfigured(f"{name} needs an address that begins with https.")
    return value


def _is_local_network(scheme: str, host: str) -> bool:
    if scheme != "http":
        return False
    try:
        return host == "localhost" or ip_address(host).is_private
    except ValueError:
        return False


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
# Secret of the telephone system (screen-pop); empty: its requests are refused.
TELEPHONE_SECRET = _secret("JIEBAN_TELEPHONE_SECRET")
TELEPHONE_ADDRESSES = _names("JIEBAN_TELEPHONE_ADDRESSES", "127.0.0.1,::1")
# Extensions of the operators: 8001=liqian,8002=wangli; without it the telephone system names the operator.
TELEPHONE_EXTENSIONS = _pairs("JIEBAN_TELEPHONE_EXTENSIONS")
# Number of our own proxies before the web server, each appending to X-Forwarded-For; 0: the header is not read.
PROXIES = _number("JIEBAN_PROXIES", 0)
# Number of invented cases of the demonstration.
DEMO_CASES = _number("JIEBAN_DEMO_CASES", 2000)

# Whether staff must sign in with a second factor (required) or may (offered: for a demonstration only).
SECOND_FACTOR = _one_of("JIEBAN_SECOND_FACTOR", ("required", "offered"))
# The district's own identity provider (OpenID Connect); without an issuer it is off.
OIDC_ISSUER = os.environ.get("JIEBAN_OIDC_ISSUER", "").rstrip("/")
OIDC_CLIENT_ID = os.environ.get("JIEBAN_OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = os.environ.get("JIEBAN_OIDC_CLIENT_SECRET", "")
OIDC_BUTTON = os.environ.get("JIEBAN_OIDC_BUTTON") or "统一身份认证"
# The claim that holds the user name.
OIDC_CLAIM = os.environ.get("JIEBAN_OIDC_CLAIM") or "preferred_username"
# Further hosts of the provider besides the issuer's, and the pinned certificate for all of them.
OIDC_ADDRESSES = _names("JIEBAN_OIDC_ADDRESSES", "")
OIDC_CERTIFICATE = _certificate("JIEBAN_OIDC_CERTIFICATE", OIDC_ISSUER)
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured(
        "JIEBAN_OIDC_ISSUER needs JIEBAN_OIDC_CLIENT_ID and JIEBAN_OIDC_CLIENT_SECRET."
    )
# Gateway of text messages; without one none are sent. See jieban/channels/sms.py.
SMS_GATEWAY = _gateway("JIEBAN_SMS_GATEWAY")
SMS_SECRET = os.environ.get("JIEBAN_SMS_SECRET", "")
SMS_CERTIFICATE = _certificate("JIEBAN_SMS_CERTIFICATE", SMS_GATEWAY)

# The district's own language-model server for drafts of replies; without one there are no drafts.
MODEL_ADDRESS = _model_server("JIEBAN_MODEL_ADDRESS")
MODEL_NAME = os.environ.get("JIEBAN_MODEL_NAME") or "default"
MODEL_SECRET = os.environ.get("JIEBAN_MODEL_SECRET", "")
MODEL_CERTIFICATE = _certificate("JIEBAN_MODEL_CERTIFICATE", MODEL_ADDRESS)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "jieban.registry",
    "jieban.worktime",
    "jieban.channels",
    "jieban.cases",
    "jieban.api",
    "jieban.web",
]
MIDDLEWARE = [
    "jieban.api.observability.health.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jieban.api.v1.error_answers.JsonMiddleware",
    "jieban.web.shell.middleware.PolicyMiddleware",
    "jieban.web.shell.middleware.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jieban.web.shell.middleware.ActorMiddleware",
    "jieban.web.shell.middleware.RefusedMiddleware",
]
ROOT_URLCONF = "jieban.urls"
WSGI_APPLICATION = "jieban.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Each area of the pages has its templates beside it.
        "DIRS": sorted((BASE_DIR / "jieban" / "web").glob("*/templates")),
        "OPTIONS": {
            "loaders": [
                (
                    "jieban.web.page.template_loader.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_USER_MODEL = "registry.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# The first hashes new passwords; hashes by an older one are upgraded at the next sign-in.
PASSWORD_HASHERS = [
    "jieban.registry.identity.passwords.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Of allauth only the second factors are used, without its pages; rate limits: jieban/registry/identity/attempts.py.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "jieban.registry.identity.second_factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "接办"
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 10

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"  # of the public pages
LOCALE_PATHS = [BASE_DIR / "jieban" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Encrypted files: a folder or s3://bucket/prefix.
    "files": file_storage(os.environ.get("JIEBAN_FILES", str(VAR / "files"))),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_ENGINE = "jieban.registry.identity.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # seconds without use
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
# The proxy reports the scheme. A client that forges this header harms only itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # called on the machine itself, without the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
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
    # Otherwise every queued job and every outgoing request would be a line.
    "loggers": {"procrastinate": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": os.environ.get("JIEBAN_LOG_LEVEL", "INFO")},
}
