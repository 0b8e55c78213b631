"""Public home page, and the cookie for larger type."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from jieban.base.clock import local_date, now
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
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    answer = redirect(back if safe else reverse("public-home"))
    if request.COOKIES.get(LARGE_TYPE_COOKIE):
        answer.delete_cookie(LARGE_TYPE_COOKIE)
    else:
        answer.set_cookie(
            LARGE_TYPE_COOKIE,
            "1",
            max_age=YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return answer


@open_page
@require_GET
def streets(request: HttpRequest) -> HttpResponse:
    """GeoJSON view of the streets' boundaries, for the map on which a pin is set."""
    rows = outlines(Place.Level.STREET, local_date(now()))
    features = [
        {"type": "Feature", "geometry": row.boundary, "properties": {"name": row.name}} for row in rows
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})
