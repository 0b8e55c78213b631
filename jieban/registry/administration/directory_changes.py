"""Changes of the dispatch directory: a new row from a day on; its predecessor ends that day and is never edited."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    Subject,
    format_day,
    version_tag,
)
from jieban.registry.district.directory import LEVELS_KNOWN_AT, gaps
from jieban.registry.loaders.category_files import NEVER_LEAD
from jieban.registry.models import Category, DirectoryRow, Place, Unit, holds_on

_DAY_AT_END = re.compile(r"-[0-9]{8}(-[0-9]+)?$")
LONGEST_BASE = 28  # of a code, before the day


@dataclass(frozen=True)
class ProposedRow:
    """Proposed row from a day on; without a lead, the street in which the case lies leads."""

    category: Category
    place_level: str
    place: Place | None
    duty: str
    lead: Unit | None
    co_handlers: list[Unit]
    ground: str
    edition: str
    begins: date


def scope_rows(proposed: ProposedRow) -> list[DirectoryRow]:
    """Rows of the same scope (category, place and duty), past and future, by their first day."""
    rows = DirectoryRow.objects.filter(
        category=proposed.category, place_level=proposed.place_level, place=proposed.place, duty=proposed.duty
    )
    return list(
        rows.select_related("category", "place", "lead")
        .prefetch_related("co_handlers")
        .order_by("valid_from")
    )


def version_tag_of(category: Category) -> str:
    """Version tag of all rows of a category, because they decide together."""
    rows = DirectoryRow.objects.filter(category=category).order_by("code")
    return version_tag(list(rows.values_list("code", "valid_from", "valid_to")))


def _subject(row: DirectoryRow | ProposedRow) -> Subject:
    code = row.code if isinstance(row, DirectoryRow) else row.category.code
    return Subject(Area.DIRECTORY, code, f"{row.category.path} · {scope_text(row)}")


def scope_text(row: DirectoryRow | ProposedRow) -> str:
    """Scope of a row as text: its place and duty."""
    where = row.place.name if row.place else _("全区")
    known = _("（须知道到%s）") % Place.Level(row.place_level).label if row.place_level != "district" else ""
    return f"{where}{known}" + (f" · {row.duty}" if row.duty else "")


def lead_text(row: DirectoryRow | ProposedRow) -> str:
    return row.lead.name if row.lead else _("属地街道")


def _logged_values(row: DirectoryRow | ProposedRow, helpers: list[Unit]) -> dict[str, object]:
    begins = row.valid_from if isinstance(row, DirectoryRow) else row.begins
    return {
        _("主办"): lead_text(row),
        _("协办"): "、".join(unit.name for unit in helpers),
        _("依据"): row.ground,
        _("版本"): row.edition,
        _("生效日"): format_day(begins),
    }


@transaction.atomic
def replace(proposed: ProposedRow, *, step: ChangeContext) -> DirectoryRow:
    """Adds the proposed row from its day on and ends its predecessor.

    Raises Invalid where it does not fit: units, places, an overlap with a future row, a gap before it.
    """
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _subject(proposed), version_tag_of(proposed.category))
    config_changes.check_begins(proposed.begins, local_date(step.at), "begins")
    _check_place(proposed)
    _check_units(proposed)
    before = _predecessor(proposed)
    if before is None:
        _check_no_gap_before(proposed, local_date(step.at))
    else:
        _end(before, proposed.begins)
    row = DirectoryRow.objects.create(
        code=_code(proposed, before), category=proposed.category, place_level=proposed.place_level,
        place=proposed.place, duty=proposed.duty, lead=proposed.lead, ground=proposed.ground,
        edition=proposed.edition, valid_from=proposed.begins,
    )  # fmt: skip
    row.co_handlers.set(proposed.co_handlers)
    old = _logged_values(before, list(before.co_handlers.all())) if before else {}
    new = _logged_values(row, proposed.co_handlers)
    config_changes.record(
        step, _subject(proposed), _("改派") if before else _("新增条目"), before=old, after=new
    )
    return row


@transaction.atomic
def end(row: DirectoryRow, ends_on: date, *, step: ChangeContext) -> None:
    """Ends a row from a day on. Raises Invalid where a category would be left without a row."""
    config_changes.lock_configuration()
    config_changes.check_unchanged(step, _subject(row), version_tag_of(row.category))
    config_changes.check_begins(ends_on, local_date(step.at), "ends_on")
    row.refresh_from_db(fields=["valid_to"])
    if row.valid_to is not None and row.valid_to <= ends_on:
        message = _("它已定于 %s 失效，不必再办。") % format_day(row.valid_to)
        raise Invalid(message, fields={"ends_on": message})
    left_out = {one.pk for one in gaps(ends_on).categories}
    old = {_("失效日"): format_day(row.valid_to)}
    _end(row, ends_on, "ends_on")
    lost = [one for one in gaps(ends_on).categories if one.pk not in left_out]
    if lost:
        message = _("停用后，“%(path)s”等 %(count)d 个事项没有通用条目，请改派给别的单位，不要停用。") % {
            "path": lost[0].path,
            "count": len(lost),
        }
        raise Invalid(message, fields={"ends_on": message})
    config_changes.record(
        step, _subject(row), _("停用条目"), before=old, after={_("失效日"): format_day(ends_on)}
    )


def _end(row: DirectoryRow, day: date, field: str = "begins") -> None:
    if row.valid_from >= day:
        message = _("现行条目 %(code)s 从 %(day)s 起生效，最早从次日起改。") % {
            "code": row.code,
            "day": format_day(row.valid_from),
        }
        raise Invalid(message, fields={field: message})
    row.valid_to = day
    row.save(update_fields=["valid_to"])


def _predecessor(proposed: ProposedRow) -> DirectoryRow | None:
    """The row of the same scope that is valid on the day on which the proposed one begins."""
    found = None
    for row in scope_rows(proposed):
        if row.valid_to is not None and row.valid_to <= proposed.begins:
            continue
        if row.valid_from >= proposed.begins:
            message = _("条目 %(code)s 将从 %(day)s 起生效，两条会重叠。请改在它之后生效，或先停用它。") % {
                "code": row.code,
                "day": format_day(row.valid_from),
            }
            raise Invalid(message, fields={"begins": message})
        found = row
    if found is not None and _same(found, proposed):
        message = _("与现行条目 %s 的主办和协办相同，不必修改。") % found.code
        raise Invalid(message, fields={"lead": message})
    return found


def _same(row: DirectoryRow, proposed: ProposedRow) -> bool:
    helpers = {unit.pk for unit in row.co_handlers.all()}
    return (row.lead_id, helpers, row.ground, row.edition) == (
        proposed.lead.pk if proposed.lead else None,
        {unit.pk for unit in proposed.co_handlers},
        proposed.ground,
        proposed.edition,
    )


def _check_no_gap_before(proposed: ProposedRow, today: date) -> None:
    """Refuses a first general row that begins later than today: the days until then would have none."""
    general = proposed.place is None and not proposed.duty
    if not general or proposed.begins <= today:
        return
    eve = proposed.begins - timedelta(days=1)
    if any(leaf.code.startswith(proposed.category.code) for leaf in gaps(eve).categories):
        message = _("%s 之前这一事项没有通用条目，会有空档。请从今天起生效。") % format_day(proposed.begins)
        raise Invalid(message, fields={"begins": message})


def _check_place(proposed: ProposedRow) -> None:
    if not Category.objects.filter(holds_on(proposed.begins), pk=proposed.category.pk).exists():
        message = _("这一天该分类尚未生效或已经失效，请改日期或另选分类。")
        raise Invalid(message, fields={"category": message})
    if proposed.place is not None and proposed.place.level not in LEVELS_KNOWN_AT[proposed.place_level]:
        message = _("“%(place)s”是%(level)s，地点级别不能比它高。") % {
            "place": proposed.place.name,
            "level": Place.Level(proposed.place.level).label,
        }
        raise Invalid(message, fields={"place_level": message})
    if proposed.lead is None and Place.Level.STREET not in LEVELS_KNOWN_AT[proposed.place_level]:
        message = _("由属地街道主办的，地点级别须至少为街道。")
        raise Invalid(message, fields={"place_level": message})


def _check_units(proposed: ProposedRow) -> None:
    lead = proposed.lead
    if lead is not None and lead.kind in NEVER_LEAD:
        message = _("“%(unit)s”是%(kind)s，不能作主办单位。") % {
            "unit": lead.name,
            "kind": Unit.Kind(lead.kind).label,
        }
        raise Invalid(message, fields={"lead": message})
    if lead is not None and lead.pk in {unit.pk for unit in proposed.co_handlers}:
        message = _("“%s”已是主办单位，不能同时协办。") % lead.name
        raise Invalid(message, fields={"co_handlers": message})
    for name, units in (("lead", [lead] if lead else []), ("co_handlers", proposed.co_handlers)):
        for unit in units:
            if unit.opened_on > proposed.begins or unit.closed_on is not None:
                message = _("“%s”到时尚未启用或将要撤销，请另选单位。") % unit.name
                raise Invalid(message, fields={name: message})


def _code(proposed: ProposedRow, before: DirectoryRow | None) -> str:
    return code_from(DirectoryRow, before.code if before else proposed.category.code, proposed.begins)


def code_from(model: type[DirectoryRow] | type[Category], code: str, begins: date) -> str:
    """Code of a successor: E-0001-20261201 after E-0001 or E-0001-20260301; numbered where it is taken."""
    stem = f"{_DAY_AT_END.sub('', code)[:LONGEST_BASE]}-{begins:%Y%m%d}"
    alike = model._default_manager.filter(Q(code=stem) | Q(code__startswith=f"{stem}-"))
    taken = set(alike.values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 999))) if code not in taken)


def carry_over(old: Category, new: Category | None, on: date) -> None:
    """Ends the rows of a category on a day, and copies them to its successor."""
    lasting = DirectoryRow.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), category=old)
    for row in lasting.prefetch_related("co_handlers").order_by("code"):
        begins, ends = max(on, row.valid_from), row.valid_to
        if new is not None:
            made = DirectoryRow.objects.create(
                code=code_from(DirectoryRow, row.code, begins), category=new, place_level=row.place_level,
                place_id=row.place_id, duty=row.duty, lead_id=row.lead_id, ground=row.ground,
                edition=row.edition, valid_from=begins, valid_to=ends,
            )  # fmt: skip
            made.co_handlers.set(row.co_handlers.all())
        row.valid_to = begins
        row.save(update_fields=["valid_to"])
