"""Changes of units: renaming, and closing from a day on."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotFound
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    Subject,
    format_day,
    version_tag,
)
from jieban.registry.models import DirectoryRow, Unit


def version_tag_of(unit: Unit) -> str:
    return version_tag(unit.name, unit.short_name, unit.closed_on)


def _subject(unit: Unit) -> Subject:
    return Subject(Area.UNIT, unit.code, unit.name)


def lock_unit(unit_id: int, step: ChangeContext) -> Unit:
    """Locks the unit's row, so that nobody dispatches to it meanwhile, and checks that it is as the page showed."""
    config_changes.lock_configuration()
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(_("没有这个单位，请核对代码。"))
    config_changes.check_unchanged(step, _subject(unit), version_tag_of(unit))
    return unit


@transaction.atomic
def rename(unit_id: int, name: str, short_name: str, *, step: ChangeContext) -> None:
    """Renames a unit; the code stays."""
    unit = lock_unit(unit_id, step)
    name, short_name = name.strip(), short_name.strip()
    if (name, short_name) == (unit.name, unit.short_name):
        raise Invalid(_("名称和简称都没有变化，不必保存。"), fields={"name": _("没有变化")})
    before = {_("名称"): unit.name, _("简称"): unit.short_name}
    unit.name, unit.short_name = name, short_name
    unit.save(update_fields=["name", "short_name"])
    config_changes.record(
        step, _subject(unit), _("改名"), before=before, after={_("名称"): name, _("简称"): short_name}
    )


def close(unit: Unit, closed_on: date, *, step: ChangeContext) -> None:
    """Closes a unit from a day on, inside a transaction that has it locked.

    Raises Invalid while something depends on it on that day: a unit below it, or a row of the directory.
    """
    config_changes.check_begins(closed_on, local_date(step.at), "closed_on")
    open_on = Q(closed_on=None) | Q(closed_on__gt=closed_on)
    below = Unit.objects.filter(open_on, parent=unit).count()
    holds = Q(valid_to=None) | Q(valid_to__gt=closed_on)
    rows = DirectoryRow.objects.filter(holds, Q(lead=unit) | Q(co_handlers=unit)).distinct().count()
    if below:
        raise _refused(_("它下面还有 %d 个单位，请先撤销或改隶这些单位。") % below)
    if rows:
        raise _refused(_("派单目录还有 %d 条指向它，请先在派单目录中改派。") % rows)
    before = {_("撤销日"): format_day(unit.closed_on)}
    unit.closed_on = closed_on
    unit.save(update_fields=["closed_on"])
    config_changes.record(
        step, _subject(unit), _("撤销单位"), before=before, after={_("撤销日"): format_day(closed_on)}
    )


def _refused(message: str) -> Invalid:
    return Invalid(message, fields={"closed_on": message})
