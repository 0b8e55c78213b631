"""Middleware of all requests: security headers, the actor and their post, and refusals as error pages."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from psycopg_pool import PoolTimeout

from jieban.base.clock import now
from jieban.base.errors import NotAllowed, Refused
from jieban.registry.identity import posts
from jieban.web.page.access import PageRequest, access_of, roles_of
from jieban.web.page.page_language import chosen_language
from jieban.web.shell import assurance, error_pages

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Paths that authenticate and refuse in their own way.
EXEMPT_PREFIXES = ("/api/", "/open311/", "/healthz", "/metrics")
# Session key of the chosen post.
POST_KEY = "post"


def _origin(address: str) -> str:
    """Scheme and host of a URL; empty when it has no host."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        f"img-src 'self' data: blob: {_origin(settings.MAP_TILES)}".rstrip(),
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


# Browser features that pages may use: camera for photographs, location for visits, passkeys.
ALLOWED_FEATURES = ("camera", "geolocation", "publickey-credentials-get", "publickey-credentials-create")
DENIED_FEATURES = (
    "accelerometer", "autoplay", "display-capture", "encrypted-media", "gyroscope", "magnetometer", "microphone",
    "midi", "payment", "picture-in-picture", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS_POLICY = ", ".join(
    [*(f"{name}=(self)" for name in ALLOWED_FEATURES), *(f"{name}=()" for name in DENIED_FEATURES)]
)


class PolicyMiddleware:
    """Security headers: pages run our own scripts and styles only, none inline, and no other site reads them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        answer.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        answer.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return answer


class LanguageMiddleware:
    """The public pages, their error pages among them, are in the language that the reader has chosen."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(error_pages.PUBLIC_PREFIX):
            return self.get_response(request)
        with translation.override(chosen_language(request)):
            return self.get_response(request)


class ActorMiddleware:
    """Sets `request.actor` from the session's post at each request, and refuses by default.

    An ended post or account loses its rights at once. A session that has shown only a password, of somebody who
    needs a second factor, may do nothing but set one up.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponseBase:
        request.actor = None
        answer = self.get_response(request)
        if request.actor is not None:
            add_never_cache_headers(answer)
        return answer

    def process_view(
        self, request: PageRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        access = access_of(view)
        if access == "public" or request.path.startswith(EXEMPT_PREFIXES):
            return None
        if not request.user.is_authenticated:
            return _redirect_first(request, settings.LOGIN_URL)
        request.session.keep_alive(now())
        if access == "first_step":
            return None
        if request.user.password_given:
            return _redirect_first(request, reverse("password"))
        if not assurance.is_assured(request):
            return _redirect_first(request, reverse("set-up"))
        return None if access == "signed_in" else self._act(request, view)

    def _act(self, request: PageRequest, view: Callable[..., Any]) -> HttpResponse | None:
        try:
            actor = posts.actor_in_post(int(request.user.pk or 0), request.session[POST_KEY], now())
        except (KeyError, NotAllowed):
            return _redirect_first(request, reverse("posts"))
        if not assurance.is_assured_for(request, actor.role):
            return _redirect_first(request, reverse("set-up"))
        request.actor = actor
        if actor.role not in roles_of(view):
            return error_pages.error_page(request, NotAllowed.status)
        return None


def _redirect_first(request: HttpRequest, to: str) -> HttpResponse:
    """Redirects to a page that must come first; from a GET it leads back afterwards."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        back = urlsplit(htmx.current_url or "/")
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = f"{to}?{urlencode({'next': back.path})}"
        return answer
    query = f"?{urlencode({'next': request.get_full_path()})}" if request.method in {"GET", "HEAD"} else ""
    return HttpResponseRedirect(f"{to}{query}")


class RefusedMiddleware:
    """Turns refusals of the rules and database failures into error pages; the API has its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith(EXEMPT_PREFIXES):
            return None
        if isinstance(exception, Refused):
            return error_pages.refusal(request, exception)
        if isinstance(exception, (OperationalError, PoolTimeout)):
            return error_pages.busy(request)
        return None
