"""To whom a case should go: proposals with their ground, from the dispatch directory and from what was done before."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.cases.flow import Solved
from jieban.cases.models import Case
from jieban.registry.directory import rows_for
from jieban.registry.models import Unit
from jieban.registry.posts import exists_on

REMEMBERED = timedelta(days=90)
MOST_BY_EXPERIENCE = 2
ENOUGH_HANDLED = 3  # cases; fewer say nothing


@dataclass(frozen=True, slots=True)
class Experience:
    """Cases of the category that a unit led in the last 90 days; of those asked, how many said solved."""

    handled: int
    asked: int
    solved: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit that should lead, those that should help, and why. `row_code` is empty where the directory is silent."""

    lead: Unit
    co_handlers: tuple[Unit, ...]
    ground: str
    row_code: str
    experience: Experience | None = None


def proposals(case: Case, at: datetime) -> list[Proposal]:
    """The directory's answers, then the units that led like cases most often; each unit once."""
    known = experience(case, at) if case.category_id else {}
    named = [replace(each, experience=known.get(each.lead.pk)) for each in directed(case, local_date(at))]
    there = {each.lead.pk for each in named}
    often = [pk for pk, done in known.items() if done.handled >= ENOUGH_HANDLED and pk not in there]
    units = Unit.objects.filter(exists_on(local_date(at))).in_bulk(often[:MOST_BY_EXPERIENCE])
    return [
        *named,
        *(Proposal(units[pk], (), _("曾主办同类，目录未列"), "", known[pk]) for pk in often if pk in units),
    ]


def directed(case: Case, on: date) -> list[Proposal]:
    """The directory's answers for the case's category and place, the most exact first; none without category.

    Where a row names no lead, the street in which the case lies leads (属地). Never the unit complained about.
    """
    if case.category is None:
        return []
    found: dict[int, Proposal] = {}
    for row in rows_for(case.category, case.place or case.street, on):
        lead = row.lead or _street_office(case)
        if lead is not None and lead.pk not in found and lead.pk != case.complained_about_id:
            helpers = tuple(unit for unit in row.co_handlers.all() if unit.pk != lead.pk)
            found[lead.pk] = Proposal(lead, helpers, row.ground, row.code)
    return list(found.values())


def experience(case: Case, at: datetime) -> dict[int, Experience]:
    """What units did with cases of this category in the last 90 days, in its street where it is known; by unit.

    The one that led most comes first; not the one complained about. One query.
    """
    cases = Case.objects.filter(
        category=case.category_id, received_at__gte=at - REMEMBERED, lead__isnull=False
    )
    if case.street_id is not None:
        cases = cases.filter(street=case.street_id)
    if case.complained_about_id is not None:
        cases = cases.exclude(lead=case.complained_about_id)
    told = Q(visit_backs__solved__in=[Solved.YES, Solved.PARTLY, Solved.NO])
    rows = (
        cases.exclude(pk=case.pk)
        .order_by()
        .values_list("lead")
        .annotate(
            handled=Count("pk", distinct=True),
            asked=Count("pk", filter=told, distinct=True),
            solved=Count("pk", filter=Q(visit_backs__solved=Solved.YES), distinct=True),
        )
        .order_by("-handled", "lead")
    )
    return {lead: Experience(handled, asked, solved) for lead, handled, asked, solved in rows}


def _street_office(case: Case) -> Unit | None:
    if case.street_id is None:
        return None
    return Unit.objects.filter(kind=Unit.Kind.STREET, place=case.street_id, closed_on=None).first()
