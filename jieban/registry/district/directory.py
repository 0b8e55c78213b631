"""Queries on the dispatch directory (派单目录): who leads in a category at a place, and where nobody does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import overload

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.registry.identity.posts import exists_on, holdings_in_force
from jieban.registry.models import Category, DirectoryRow, Holding, Place, Unit, holds_on

Level = Place.Level
# The levels that are known of a place which is known to this level; grid cells cross estates.
LEVELS_KNOWN_AT: dict[str, tuple[Level, ...]] = {
    Level.DISTRICT: (Level.DISTRICT,),
    Level.STREET: (Level.DISTRICT, Level.STREET),
    Level.COMMUNITY: (Level.DISTRICT, Level.STREET, Level.COMMUNITY),
    Level.ESTATE: (Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.ESTATE),
    Level.BUILDING: (Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.ESTATE, Level.BUILDING),
    Level.GRID: (Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID),
}
_STEPS_TO_DISTRICT = 4  # from a building


def rows_for(category: Category, place: Place | None, on: date) -> list[DirectoryRow]:
    """Rows valid on day `on` for a case of this category at this place, the most exact first.

    Order: a row of the category itself before those of its parents; then a row for this place before one for an
    enclosing place and before a general one; then one with a duty before one without. Whether the duty applies, the
    caller decides. Without a place it is only known that the case lies in the district. Two queries; lead and
    co-handlers (`helpers`) are loaded.
    """
    of_place = {} if place is None else {"place": place.pk, "parent": place.parent_id or 0}
    rows = _rows(place.level if place else "").objects(
        category=category.pk, above=category.parent_id or 0, on=on, **of_place
    )
    helping: dict[int, list[Unit]] = {}
    for one in _CO_HANDLERS.objects(rows=[row.pk for row in rows]):
        helping.setdefault(one.directoryrow_id, []).append(one.unit)
    for row in rows:
        row.helpers = tuple(helping.get(row.pk, ()))
    return sorted(rows, key=_exactness)


@lru_cache(maxsize=10)
def _rows(level: str) -> Prepared:
    """The query for a place known to this level, or for none."""
    known = LEVELS_KNOWN_AT[level or Level.DISTRICT]

    def build() -> QuerySet[DirectoryRow]:
        at_place = _at_place() if level else Q(place__isnull=True)
        rows = DirectoryRow.objects.filter(
            holds_on(Param("on")), _of_category(), at_place, place_level__in=known
        )
        return rows.select_related("category", "place", "lead")

    return Prepared(build)


_CO_HANDLERS = Prepared(
    lambda: (
        DirectoryRow.co_handlers.through.objects.filter(directoryrow__among=Param("rows"))
        .select_related("unit")
        .order_by("unit")
    )
)


def _of_category() -> Q:
    """The category, its parent and its parent's parent."""
    category, above = Param("category"), Param("above")
    higher = Category.objects.filter(pk=above).values("parent_id")
    return Q(category=category) | Q(category=above) | Q(category__in=higher)


def _at_place() -> Q:
    """Condition: general rows, rows for this place, or rows for an enclosing place."""
    place, parent = Param("place"), Param("parent")
    condition = Q(place__isnull=True) | Q(place=place) | Q(place=parent)
    above = Place.objects.filter(pk=parent)
    for _step in range(_STEPS_TO_DISTRICT - 1):
        condition |= Q(place__in=above.values("parent_id"))
        above = Place.objects.filter(pk__in=above.values("parent_id"))
    return condition


def _exactness(row: DirectoryRow) -> tuple[int, int, bool, str]:
    place_depth = len(LEVELS_KNOWN_AT[row.place.level]) if row.place else 0
    return (-row.category.level, -place_depth, not row.duty, row.code)


@dataclass(frozen=True)
class DirectoryGaps(Sequence[str]):
    """Gaps that an operator must fill before every case finds its unit; as a sequence, their sentences.

    `categories` of the third level without a general row; `places` (streets, communities) without a unit;
    `units` that must answer but have no post with a holder; `rows` of the directory that name a closed unit.
    """

    categories: tuple[Category, ...] = ()
    places: tuple[Place, ...] = ()
    units: tuple[Unit, ...] = ()
    rows: tuple[DirectoryRow, ...] = ()
    nothing_loaded: bool = False

    def sentences(self) -> list[str]:
        if self.nothing_loaded:
            return [_("登记册是空的，请运行 python -m jieban load-registry 目录 装载。")]
        return [
            *(_("派单目录的条目 %s 指向已撤销或尚未启用的单位，请修订。") % row.code for row in self.rows),
            *(_("“%s”没有责任单位，请在 units.csv 中登记。") % place.name for place in self.places),
            *(_("“%s”没有人在岗，请安排岗位和人员。") % unit.name for unit in self.units),
            *(
                _("事项“%s”在派单目录中没有通用条目，请补充。") % category.path
                for category in self.categories
            ),
        ]

    def __len__(self) -> int:
        return len(self.sentences())

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self.sentences()[index]


def gaps(on: date) -> DirectoryGaps:
    """Gaps on day `on`: where a case would find no unit, or a unit without people. Six queries."""
    places = list(
        Place.objects.filter(exists_on(on), level__in=(Level.STREET, Level.COMMUNITY)).order_by("code")
    )
    leaves = list(Category.objects.filter(holds_on(on), level=3).select_related("parent").order_by("code"))
    if not places and not leaves:
        return DirectoryGaps(nothing_loaded=True)
    rows = list(
        DirectoryRow.objects.filter(holds_on(on))
        .select_related("lead")
        .prefetch_related("co_handlers")
        .order_by("code")
    )
    units = list(Unit.objects.filter(exists_on(on)).order_by("code"))
    staffed = set(Unit.objects.filter(_is_staffed(on)).values_list("pk", flat=True))
    return DirectoryGaps(
        categories=tuple(_without_row(leaves, rows)),
        places=tuple(_without_unit(places, units)),
        units=tuple(_without_holder(units, rows, staffed)),
        rows=tuple(_with_ended_unit(rows, {unit.pk for unit in units})),
    )


def _is_staffed(on: date) -> Exists:
    """Condition: somebody holds a post of the unit, or of the command centre that acts for it."""
    return Exists(
        Holding.objects.filter(
            Q(post__unit=OuterRef("pk"))
            | Q(post__unit__parent=OuterRef("pk"), post__unit__kind=Unit.Kind.STREET_CENTRE),
            holdings_in_force(on),
        )
    )


def _without_row(leaves: list[Category], rows: list[DirectoryRow]) -> list[Category]:
    """Categories without a general row; one for a place or a duty does not cover the other cases."""
    covered = {row.category_id for row in rows if row.place_id is None and not row.duty}
    return [
        leaf
        for leaf in leaves
        if not covered & {leaf.pk, leaf.parent_id, leaf.parent.parent_id if leaf.parent else None}
    ]


def _without_unit(places: list[Place], units: list[Unit]) -> list[Place]:
    governed = {
        (unit.kind, unit.place_id) for unit in units if unit.kind in (Unit.Kind.STREET, Unit.Kind.COMMUNITY)
    }
    return [place for place in places if (place.level, place.pk) not in governed]


def _without_holder(units: list[Unit], rows: list[DirectoryRow], staffed: set[int]) -> list[Unit]:
    """Units without a holder: streets, communities, and those that the directory names."""
    named = {row.lead_id for row in rows} | {unit.pk for row in rows for unit in row.co_handlers.all()}
    return [
        unit
        for unit in units
        if (unit.kind in (Unit.Kind.STREET, Unit.Kind.COMMUNITY) or unit.pk in named)
        and unit.pk not in staffed
    ]


def _with_ended_unit(rows: list[DirectoryRow], present: set[int]) -> list[DirectoryRow]:
    return [
        row
        for row in rows
        if {unit.pk for unit in [*row.co_handlers.all(), *([row.lead] if row.lead else [])]} - present
    ]
