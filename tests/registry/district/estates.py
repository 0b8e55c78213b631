"""Places for tests: two streets with communities, estates and buildings."""

from datetime import date

from jieban.registry.models import Place
from tests.cases.scene import FROM, make_scene

ON = date(2026, 11, 26)


def add(code: str, level: str, name: str, parent: Place, *aliases: str, closed: date | None = None) -> Place:
    return Place.objects.create(
        code=code,
        level=level,
        name=name,
        parent=parent,
        aliases=list(aliases),
        opened_on=FROM,
        closed_on=closed,
    )


def make_estates() -> Place:
    """老山街道 › 老山东里北社区 with an estate of 120 blocks, another estate, and 晨光小区 in two streets."""
    make_scene()
    community = Place.objects.get(level="community")
    estate = add("E1", "estate", "老山东里北区", community, "东里北院")
    for number in (1, 2, 10, 12, 112, 120):
        add(f"B{number}", "building", f"老山东里北区{number}号楼", estate, f"老山东里北区{number}栋")
    add("E2", "estate", "老山东里甲院", community)
    add("E3", "estate", "晨光小区", community)
    district = Place.objects.get(level="district")
    other = add("S2", "street", "八角街道", district, "八角街办")
    there = add("C2", "community", "八角南里社区", other)
    add("E4", "estate", "晨光小区", there)
    return community
