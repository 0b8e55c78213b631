"""Routing of cases by the dispatch directory, and of messages when the offices are closed."""

from dataclasses import dataclass
from datetime import date, datetime

from jieban.base.clock import local, local_date
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.states import State, Urgency
from jieban.cases.models import Case, Limit
from jieban.channels.message_types import MessageType
from jieban.channels.outbox import OutgoingMessage
from jieban.registry.district.directory import rows_for
from jieban.registry.duty import duty_roster
from jieban.registry.identity.posts import exists_on
from jieban.registry.models import Place, Unit
from jieban.worktime.calendar import Calendar, load_calendar


@dataclass(frozen=True, slots=True)
class DirectoryAnswer:
    """Answer of a directory row: lead, co-handlers, and legal ground.

    `own`: the row is one of the case's category, not of one above it. `duty`: of which duty of the lead it speaks.
    """

    lead: Unit
    co_handlers: tuple[Unit, ...]
    ground: str
    row_code: str
    own: bool
    place: Place | None
    duty: str


def directory_answers(case: Case, on: date) -> list[DirectoryAnswer]:
    """The directory's answers for the case's category and place, the most exact first; none without category.

    Where a row names no lead, the street in which the case lies leads (属地). Never the unit complained about; each
    unit once. Three queries.
    """
    if case.category is None:
        return []
    street = street_office(case)
    found: dict[int, DirectoryAnswer] = {}
    for row in rows_for(case.category, case.place or case.street, on):
        lead = row.lead or street
        if lead is not None and lead.pk not in found and lead.pk != case.complained_about_id:
            helpers = tuple(unit for unit in row.helpers if unit.pk != lead.pk)
            own = row.category_id == case.category_id
            found[lead.pk] = DirectoryAnswer(lead, helpers, row.ground, row.code, own, row.place, row.duty)
    return list(found.values())


def street_office(case: Case) -> Unit | None:
    """The office of the street in which the case lies."""
    if case.street_id is None:
        return None
    return next(iter(_STREET_OFFICE.objects(street=case.street_id)), None)


_STREET_OFFICE = Prepared(
    lambda: Unit.objects.filter(kind=Unit.Kind.STREET, place=Param("street"), closed_on=None).order_by("pk")[
        :1
    ]
)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Office hours: on working days of the calendar, from one full hour to another."""

    calendar: Calendar
    opens: int
    closes: int

    def open_at(self, at: datetime) -> bool:
        """Whether the offices are open; at 09:00 they are, at 18:00 no longer."""
        return self.opens <= local(at).hour < self.closes and self.calendar.is_workday(local_date(at))

    def duty_case(self, case: Case) -> bool:
        """Whether a case that needs a decision came in outside of office hours, for the post on duty (值班)."""
        return case.state == State.RECEIVED and not self.open_at(case.received_at)


def office_hours(on: date) -> OfficeHours:
    """Office hours of a day. Two queries."""
    opens, closes = (deadlines.limit(name, on) for name in (Limit.Name.OFFICE_FROM, Limit.Name.OFFICE_TO))
    return OfficeHours(load_calendar(), opens, closes)


def notes_to_unit(kind: MessageType, case: Case, unit_id: int | None, at: datetime) -> list[OutgoingMessage]:
    """Recipients of a message to a unit: the unit; when the offices are closed, or a life is in danger, also the
    person on duty for it.

    When nobody is, at the district's duty leader, and without one at the district's hotline. A district that keeps
    no roster has the units alone.
    """
    if unit_id is None:  # nobody leads yet: the district decides
        return _offices(kind, case.number, at, (Unit.Kind.HOTLINE,))
    notes = [OutgoingMessage(kind, case.number, unit_id=unit_id)]
    if case.urgency != Urgency.LIFE and office_hours(local_date(at)).open_at(at):
        return notes
    there = {row.person_id for row in duty_roster.answering_for(unit_id, at)}
    if there:
        return notes + [OutgoingMessage(kind, case.number, person_id=pk) for pk in sorted(there)]
    if not duty_roster.has_roster():
        return notes
    return notes + _notes_to_leader(messages.UNATTENDED[kind], case.number, at, (Unit.Kind.HOTLINE,))


def danger_notes(case: Case, at: datetime) -> list[OutgoingMessage]:
    """Notifications of danger: to the duty leader of the roster at once, and to the lead.

    Without a duty leader to the offices of the district's leadership and the hotline. Source: 条例 article 29.
    """
    notes = _notes_to_leader(messages.DANGER, case.number, at, (Unit.Kind.LEADERSHIP, Unit.Kind.HOTLINE))
    return notes + (
        [OutgoingMessage(messages.DANGER, case.number, unit_id=case.lead_id)] if case.lead_id else []
    )


def _notes_to_leader(
    kind: MessageType, about: str, at: datetime, offices: tuple[str, ...]
) -> list[OutgoingMessage]:
    people = sorted({row.person_id for row in duty_roster.leaders(at)})
    if people:
        return [OutgoingMessage(kind, about, person_id=pk) for pk in people]
    return _offices(kind, about, at, offices)


def _offices(kind: MessageType, about: str, at: datetime, offices: tuple[str, ...]) -> list[OutgoingMessage]:
    units = Unit.objects.filter(exists_on(local_date(at)), kind__in=offices).order_by("pk")
    return [OutgoingMessage(kind, about, unit_id=pk) for pk in units.values_list("pk", flat=True)]
