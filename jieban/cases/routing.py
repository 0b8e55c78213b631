"""To whom a case should go: proposals from the dispatch directory, each with its ground."""

from dataclasses import dataclass
from datetime import date

from jieban.cases.models import Case
from jieban.registry.directory import rows_for
from jieban.registry.models import Unit


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit that should lead, those that should help, and why."""

    lead: Unit
    co_handlers: tuple[Unit, ...]
    ground: str
    row_code: str


def proposals(case: Case, on: date) -> list[Proposal]:
    """The directory's answers for the case's category and place, the most exact first; none without category.

    Where a row names no lead, the street in which the case lies leads (属地).
    """
    if case.category is None:
        return []
    found: list[Proposal] = []
    for row in rows_for(case.category, case.place or case.street, on):
        lead = row.lead or _street_office(case)
        if lead is not None and lead.pk != case.complained_about_id:
            helpers = tuple(unit for unit in row.co_handlers.all() if unit.pk != lead.pk)
            found.append(Proposal(lead, helpers, row.ground, row.code))
    return found


def _street_office(case: Case) -> Unit | None:
    if case.street_id is None:
        return None
    return Unit.objects.filter(kind=Unit.Kind.STREET, place=case.street_id, closed_on=None).first()
