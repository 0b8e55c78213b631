"""Public home page, and the cookies for larger type and the language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from jieban.base.clock import local_date, now
from jieban.channels.message_types import Language
from jieban.registry.district.geo import outlines
from jieban.registry.models import Place
from jieban.web.public.visitor import open_page

LARGE_TYPE_COOKIE = "larger"  # name of the cookie
YEAR_SECONDS = 365 * 24 * 3600


@open_page
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """View of the public home page: three buttons."""
    return render(request, "public/public_home.html")


@open_page
@require_POST
def type_size(request: HttpRequest) -> HttpResponse:
    """Action view: larger or normal type, kept in a cookie; back to the page where it was pressed."""
    answer = _back(request)
    if request.COOKIES.get(LARGE_TYPE_COOKIE):
        answer.delete_cookie(LARGE_TYPE_COOKIE)
    else:
        _keep(answer, LARGE_TYPE_COOKIE, "1")
    return answer


@open_page
@require_POST
def language_choice(request: HttpRequest) -> HttpResponse:
    """The language of the public pages from now on, and back to where it was pressed."""
    answer = _back(request)
    if request.POST.get("language") == Language.ENGLISH:
        _keep(answer, settings.LANGUAGE_COOKIE_NAME, Language.ENGLISH)
    else:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return answer


def _back(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return redirect(back if safe else reverse("public-home"))


def _keep(answer: HttpResponse, cookie: str, value: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    answer.set_cookie(cookie, value, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)


@open_page
@require_GET
def streets(request: HttpRequest) -> HttpResponse:
    """GeoJSON view of the streets' boundaries, for the map on which a pin is set."""
    rows = outlines(Place.Level.STREET, local_date(now()))
    features = [
        {"type": "Feature", "geometry": row.boundary, "properties": {"name": row.name}} for row in rows
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})
