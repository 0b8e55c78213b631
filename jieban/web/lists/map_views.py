"""Map of open cases: figures by street, and clusters of cases."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid
from jieban.cases.lists.case_list import CaseFilter
from jieban.cases.lists.map_clusters import Cluster, MapBox, by_street, find_clusters
from jieban.registry.district.geo import outlines
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Place, PlaceVersion
from jieban.registry.roles import Right, roles_with
from jieban.web.lists.case_list_views import FilterForm
from jieban.web.page import state_tones
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.time_words import TONE_SHAPES, clock_words

ZOOMS = range(23)
READERS = roles_with(Right.MAP)
SKETCH = PlaceVersion.OutlineKind.SKETCH


class MapFilters(FilterForm):
    """Filter form of the map: the list's filters that make sense for open cases."""

    def __init__(self, data: Any, *, actor: Actor, at: datetime) -> None:
        super().__init__(data, actor=actor, at=at)
        for name in ("q", "state", "received_from", "received_to", "cols"):
            del self.fields[name]


@for_roles(READERS)
@require_GET
def map_page(request: ActorRequest) -> HttpResponse:
    """View of the map with its filters, and the same figures by street as a list."""
    actor, at = request.actor, now()
    filters, chosen = _filters(request, actor, at)
    sent = {name: value for name, value in request.GET.items() if value and name in filters.fields}
    context = {
        "now": at,
        "title": _("地图"),
        "filters": filters,
        "clear_url": reverse("map"),
        "filters_used": bool(sent),
        "streets": [
            (name, count, late, f"{reverse('cases')}?{urlencode(sent | {'state': 'open', 'street': code})}")
            for code, name, count, late in by_street(actor, chosen, at)
        ],
        "spots_url": f"{reverse('map-spots')}?{urlencode(sent)}",
        "tiles": settings.MAP_TILES,
    }
    return render(request, "lists/map.html", context)


@for_roles(READERS)
@require_GET
def street_boundaries(request: HttpRequest) -> HttpResponse:
    """GeoJSON view: the streets' boundaries, each with its name and whether it is only a sketch."""
    features = [
        {
            "type": "Feature",
            "geometry": row.boundary,
            "properties": {"name": row.name, "sketch": row.drawn == SKETCH},
        }
        for row in outlines(Place.Level.STREET, local_date(now()))
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@for_roles(READERS)
@require_GET
def clusters(request: ActorRequest) -> HttpResponse:
    """JSON view: clusters in `box` (west,south,east,north in degrees) at `zoom`. Raises Invalid for other values."""
    actor, at = request.actor, now()
    _form, chosen = _filters(request, actor, at)
    try:
        edges = [float(edge) for edge in request.GET.get("box", "").split(",")]
        box, zoom = MapBox(*edges), int(request.GET.get("zoom", ""))
    except (TypeError, ValueError):
        box, zoom = MapBox(0, 0, 0, 0), -1
    if zoom not in ZOOMS or not all(
        -360 <= edge <= 360 for edge in (box.west, box.south, box.east, box.north)
    ):
        raise Invalid(_("地图范围无效，请刷新页面。"), fields={"box": _("无效")})
    return JsonResponse(
        {"spots": [_cluster_json(spot, at) for spot in find_clusters(actor, chosen, box, zoom, at)]}
    )


def _filters(request: HttpRequest, actor: Actor, at: datetime) -> tuple[MapFilters, CaseFilter]:
    filters = MapFilters(request.GET, actor=actor, at=at)
    chosen = filters.chosen(at)
    return filters, CaseFilter(
        state="open", kind=chosen.kind, unit=chosen.unit, street=chosen.street, category=chosen.category,
        overdue_at=chosen.overdue_at,
    )  # fmt: skip


def _cluster_json(cluster: Cluster, at: datetime) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "at": [round(cluster.lat, 6), round(cluster.long, 6)], "count": cluster.count, "overdue": cluster.overdue,
    }  # fmt: skip
    if cluster.case is not None:
        limit = state_tones.running_limit(cluster.case)
        words = clock_words(limit.due, at, start=limit.start, paused=limit.paused) if limit else None
        answer |= {
            "subject": cluster.case.subject,
            "state": state_tones.label_and_tone(cluster.case.state)[0],
            "clock": f"{limit.label} {words.text}" if limit and words else "",
            "tone": words.tone if words else "grey",
            "shape": TONE_SHAPES[words.tone] if words else "bar",
            "url": reverse("case", args=[cluster.case.number]),
        }
    return answer
