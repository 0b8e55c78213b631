"""Clusters of open cases on a map: a grid whose cells each show one marker with a count."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, F, FloatField, Max
from django.db.models.functions import Cast, Floor

from jieban.cases.access import rules
from jieban.cases.clocks.deadlines import overdue
from jieban.cases.lists import case_list
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor

CELL_PIXELS = 60  # size of a grid cell
TILE = 256  # width of the world at zoom 0, in pixels
# Cosine of Beijing's latitude: the ratio of a degree east to a degree north, in metres.
LATITUDE_SCALE = 0.766
MOST_CLUSTERS = 600  # a 4K display holds fewer cells


@dataclass(frozen=True, slots=True)
class MapBox:
    """Bounding box of the map, in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Cases in one grid cell: their centroid, their number, the number overdue; the case itself if it is one."""

    lat: float
    long: float
    count: int
    overdue: int
    case: Case | None


def find_clusters(
    actor: Actor, chosen: case_list.CaseFilter, box: MapBox, zoom: int, at: datetime
) -> list[Cluster]:
    """Clusters of the filtered visible cases in the box, in cells of CELL_PIXELS at this zoom. Two queries."""
    wide = 360 / (TILE * 2**zoom) * CELL_PIXELS
    late = overdue(at)
    cells = (
        case_list.apply_filter(rules.visible(Case.objects.all(), actor), chosen)
        .filter(lat__range=(box.south, box.north), long__range=(box.west, box.east))
        .order_by()
        .values(column=_cell("long", wide), row=_cell("lat", wide * LATITUDE_SCALE))
        .annotate(
            count=Count("pk"), late=Count("pk", filter=late), y=Avg("lat"), x=Avg("long"), one=Max("pk")
        )
        .order_by("-count", "column", "row")
    )
    rows = list(cells[:MOST_CLUSTERS])
    single = [row["one"] for row in rows if row["count"] == 1]
    alone = {case.pk: rules.with_masked_subject(case, actor) for case in Case.objects.filter(pk__in=single)}
    return [
        Cluster(
            row["y"],
            row["x"],
            row["count"],
            row["late"],
            alone.get(row["one"]) if row["count"] == 1 else None,
        )
        for row in rows
    ]


def _cell(column: str, size: float) -> Floor:
    return Floor(Cast(F(column) / size, FloatField()))


def by_street(actor: Actor, chosen: case_list.CaseFilter, at: datetime) -> list[tuple[str, str, int, int]]:
    """Code and name of each street with filtered visible cases, their number, and the number overdue."""
    late = overdue(at)
    rows = case_list.apply_filter(
        rules.visible(Case.objects.filter(street__isnull=False), actor), chosen
    ).order_by()
    counted = rows.values_list("street__code", "street__name").annotate(
        Count("pk"), late=Count("pk", filter=late)
    )
    return sorted(counted, key=lambda row: (-row[2], row[0]))
