"""Service worker of the field pages, and its offline page."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jieban.web.field.script_texts import field_words
from jieban.web.page.access import public

# The files of the offline page. They hold nothing of any case.
SHELL_FILES = (
    "vendor/tabler.min.css", "vendor/icons.svg", "jieban/vendor.css", "jieban/tokens.css", "jieban/base.css",
    "jieban/page.css", "jieban/field.css", "jieban/shapes.svg", "jieban/mark.svg", "jieban/theme.js", "jieban/field.js",
    "jieban/field-store.js", "jieban/field-send.js", "jieban/field-draw.js", "jieban/field-page.js",
)  # fmt: skip


@public
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """JavaScript view of the service worker for the whole site; its version changes with the files it caches."""
    shell = render(request, "field/field_shell.html", shell_context()).content
    context = {
        "version": hashlib.sha256(_digest() + shell).hexdigest()[:16],
        "files": [static(name) for name in SHELL_FILES],
        "shell": reverse("field-shell"),
        "send": static("jieban/field-send.js"),
        "store": static("jieban/field-store.js"),
    }
    answer = render(
        request, "field/service_worker.js", context, content_type="text/javascript; charset=utf-8"
    )
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "no-cache"
    return answer


@public
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """View of the offline page; the same for everybody, filled in by the phone."""
    return render(request, "field/field_shell.html", shell_context())


def shell_context() -> dict[str, object]:
    return {"title": _("今天要办"), "words": field_words(), "queue_url": reverse("field-queue")}


def _digest() -> bytes:
    return _files_digest() if settings.DEBUG else _cached_files_digest()


@lru_cache(maxsize=1)
def _cached_files_digest() -> bytes:
    """Cached, because the files of a running server do not change."""
    return _files_digest()


def _files_digest() -> bytes:
    digest = hashlib.sha256()
    for name in SHELL_FILES:
        path = finders.find(name)
        assert isinstance(path, str), f"{name} is not among the static files"
        digest.update(Path(path).read_bytes())
    return digest.digest()
