"""Closing of a unit, which is refused while it leads open cases."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.cases.flow.enums import Relation
from jieban.cases.flow.states import LED_STATES
from jieban.cases.models import Assignment, Case
from jieban.registry.administration import unit_changes
from jieban.registry.changing.config_changes import ChangeContext


def open_cases_of(unit_id: int) -> int:
    """Number of open cases that the unit leads or will lead once it signs; uses the index of active rows."""
    leads = (Relation.LEAD, Relation.NEXT_LEAD)
    active = Assignment.objects.filter(unit=unit_id, ended_at=None, relation__in=leads)
    return Case.objects.filter(state__in=sorted(LED_STATES), pk__in=active.values("case")).count()


@transaction.atomic
def close_unit(unit_id: int, closed_on: date, *, step: ChangeContext) -> None:
    """Closes a unit from a day on. Raises Invalid while it leads open cases, with how many."""
    unit = unit_changes.lock_unit(unit_id, step)
    led = open_cases_of(unit_id)
    if led:
        message = _("它还主办 %d 件未办结的诉求，请先办结或改派，再撤销。") % led
        raise Invalid(message, fields={"closed_on": message})
    unit_changes.close(unit, closed_on, step=step)
