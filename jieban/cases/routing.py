"""To whom a case should go: proposals with their ground, from the dispatch directory and from what was done before;
and where it lands when the offices are closed.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from jieban.base.clock import local, local_date
from jieban.cases import deadlines
from jieban.cases.flow import Solved, State, Urgency
from jieban.cases.models import Case, Limit
from jieban.channels.outbox import Note
from jieban.registry import duty
from jieban.registry.directory import rows_for
from jieban.registry.models import Unit
from jieban.registry.posts import exists_on
from jieban.worktime.calendar import Calendar, load_calendar

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


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When the offices are open: on working days of the calendar, from one full hour to another."""

    calendar: Calendar
    opens: int
    closes: int

    def open_at(self, at: datetime) -> bool:
        """09:00 is open, 18:00 no longer is."""
        return self.opens <= local(at).hour < self.closes and self.calendar.is_workday(local_date(at))

    def duty_case(self, case: Case) -> bool:
        """Whether a case that still needs a decision came in for the post on duty (值班)."""
        return case.state == State.RECEIVED and not self.open_at(case.received_at)


def office_hours(on: date) -> OfficeHours:
    """The hours in force on a day. Two queries."""
    opens, closes = (deadlines.limit(name, on) for name in (Limit.Name.OFFICE_FROM, Limit.Name.OFFICE_TO))
    return OfficeHours(load_calendar(), opens, closes)


def to_unit(template: str, case: Case, unit_id: int | None, at: datetime) -> list[Note]:
    """Where a message to a unit lands: at the unit; when the offices are closed, or a life is in danger, also at
    whoever is on duty for it.

    When nobody is, at the district's duty leader, and without one at the district's hotline. A district that keeps
    no roster has the units alone.
    """
    if unit_id is None:  # nobody leads yet: the district decides
        return _offices(template, case.number, at, (Unit.Kind.HOTLINE,))
    notes = [Note(template, case.number, unit_id=unit_id)]
    if case.urgency != Urgency.LIFE and office_hours(local_date(at)).open_at(at):
        return notes
    there = {row.person_id for row in duty.answering_for(unit_id, at)}
    if there:
        return notes + [Note(template, case.number, person_id=pk) for pk in sorted(there)]
    if not duty.kept():
        return notes
    return notes + _to_leader(f"no_duty.{template}", case.number, at, (Unit.Kind.HOTLINE,))


def danger(case: Case, at: datetime) -> list[Note]:
    """Signs of danger: to the duty leader of the roster at once, and to the unit that leads.

    Without anybody on duty to the offices of the district's leadership and the hotline. Source: 条例 article 29.
    """
    notes = _to_leader("danger", case.number, at, (Unit.Kind.LEADERSHIP, Unit.Kind.HOTLINE))
    return notes + ([Note("danger", case.number, unit_id=case.lead_id)] if case.lead_id else [])


def _to_leader(template: str, about: str, at: datetime, offices: tuple[str, ...]) -> list[Note]:
    people = sorted({row.person_id for row in duty.leaders(at)})
    if people:
        return [Note(template, about, person_id=pk) for pk in people]
    return _offices(template, about, at, offices)


def _offices(template: str, about: str, at: datetime, kinds: tuple[str, ...]) -> list[Note]:
    units = Unit.objects.filter(exists_on(local_date(at)), kind__in=kinds).order_by("pk")
    return [Note(template, about, unit_id=pk) for pk in units.values_list("pk", flat=True)]
