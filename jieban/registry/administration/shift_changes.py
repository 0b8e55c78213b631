"""Changes of the shifts (班次) of the duty roster from a day on, tomorrow at the earliest.

Duties that are already assigned keep their times.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotFound
from jieban.base.text.cleaning import clean_line
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    Subject,
    format_day,
    version_tag,
)
from jieban.registry.models import ShiftKind, holds_on

ONE_DAY = timedelta(days=1)
DAY = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class NewShift:
    """New times of a shift from a day on; one that does not end later than it begins ends on the next day."""

    name: str
    starts: time
    ends: time
    begins: date


def shifts_on(on: date) -> list[ShiftKind]:
    """The shifts of a day, the earliest first."""
    return list(ShiftKind.objects.filter(holds_on(on)).order_by("starts", "pk"))


def shift(pk: int) -> ShiftKind:
    """One shift. Raises NotFound."""
    found = ShiftKind.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这个班次，请从列表中选择。"))
    return found


def span_text(shift: ShiftKind | NewShift) -> str:
    """Times of a shift as text: 20:00–次日 08:00."""
    over = _("次日 ") if shift.ends <= shift.starts else ""
    return f"{shift.starts:%H:%M}–{over}{shift.ends:%H:%M}"


def uncovered(shifts: Iterable[ShiftKind]) -> list[tuple[int, int]]:
    """Gaps in minutes of the day, for a day with the same shifts as the day before."""
    spans: list[tuple[int, int]] = []
    for one in shifts:
        starts, ends = _minute(one.starts), _minute(one.ends)
        spans += [(starts, ends)] if ends > starts else [(starts, DAY), (0, ends)]
    found, covered = [], 0
    for starts, ends in sorted(spans):
        if starts > covered:
            found.append((covered, starts))
        covered = max(covered, ends)
    return [*found, (covered, DAY)] if covered < DAY else found


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def version_tag_of(shift: ShiftKind | None) -> str:
    """Version tag of a shift; without one, of all shifts."""
    rows = ShiftKind.objects.filter(pk=shift.pk) if shift else ShiftKind.objects.all()
    return version_tag(list(rows.order_by("pk").values_list("pk", "valid_from", "valid_to")))


def _subject(name: str) -> Subject:
    return Subject(Area.SHIFT, name, name)


def _logged_values(shift: ShiftKind) -> dict[str, object]:
    return {
        _("班次"): shift.name, _("时间"): span_text(shift), _("生效日"): format_day(shift.valid_from),
    }  # fmt: skip


@transaction.atomic
def add(new: NewShift, *, step: ChangeContext) -> ShiftKind:
    """Adds a shift from a day on. Raises Invalid where it does not fit."""
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _subject(new.name), version_tag_of(None))
    _check(new, step, None)
    made = _create(new)
    config_changes.record(step, _subject(new.name), _("新增班次"), before={}, after=_logged_values(made))
    return made


@transaction.atomic
def replace(shift: ShiftKind, new: NewShift, *, step: ChangeContext) -> ShiftKind:
    """Changes times or name of a shift from a day on. Raises Invalid where it does not fit."""
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _subject(shift.name), version_tag_of(shift))
    config_changes.check_lasts(shift, new.begins, "begins")
    _check(new, step, shift)
    before = _logged_values(shift)
    _end(shift, new.begins)
    made = _create(new)
    config_changes.record(
        step, _subject(shift.name), _("更改班次"), before=before, after=_logged_values(made)
    )
    return made


@transaction.atomic
def end(shift: ShiftKind, ends_on: date, *, step: ChangeContext) -> None:
    """Ends a shift from a day on. Raises Invalid where it is the last one."""
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _subject(shift.name), version_tag_of(shift))
    config_changes.check_begins(ends_on, local_date(step.at) + ONE_DAY, "ends_on")
    config_changes.check_lasts(shift, ends_on, "ends_on")
    if not ShiftKind.objects.filter(valid_to=None).exclude(pk=shift.pk).exists():
        message = _("这是最后一个班次，停用后就不能排班了。请改它的时间，或先新增别的班次。")
        raise Invalid(message, fields={"ends_on": message})
    before = _logged_values(shift)
    _end(shift, ends_on)
    after = {_("失效日"): format_day(shift.valid_to)}
    config_changes.record(step, _subject(shift.name), _("停用班次"), before=before, after=after)


def _end(shift: ShiftKind, on: date) -> None:
    shift.valid_to = on
    shift.save(update_fields=["valid_to"])


def _create(new: NewShift) -> ShiftKind:
    return ShiftKind.objects.create(name=new.name, starts=new.starts, ends=new.ends, valid_from=new.begins)


def _check(new: NewShift, step: ChangeContext, instead_of: ShiftKind | None) -> None:
    config_changes.check_begins(new.begins, local_date(step.at) + ONE_DAY, "begins")
    if not clean_line(new.name):
        message = _("请填写班次的名称。")
        raise Invalid(message, fields={"name": message})
    others = ShiftKind.objects.exclude(pk=instead_of.pk if instead_of else 0)
    lasting = Q(valid_to=None) | Q(valid_to__gt=new.begins)
    if others.filter(lasting, name=new.name).exists():
        message = _("已有班次“%s”，无法区分，请换一个名称。") % new.name
        raise Invalid(message, fields={"name": message})
    if instead_of and (instead_of.name, instead_of.starts, instead_of.ends) == (
        new.name, new.starts, new.ends,
    ):  # fmt: skip
        message = _("与现行班次相同，不必修改。")
        raise Invalid(message, fields={"starts": message})
