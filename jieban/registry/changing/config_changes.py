"""Changing the configuration: one at a time, told when somebody else was there first, written down for good."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, WrongState
from jieban.registry.identity.posts import Actor
from jieban.registry.models import ConfigChange, Dated

Area = ConfigChange.Area
# One at a time, whoever changes the registry; a loading of files holds it too.
LOCK = 0x6A69_6562
LONGEST_REASON = 200
LoggedValues = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is changed: its code, and its name as the log shows it."""

    area: ConfigChange.Area
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """Who changes something, when and why, and the mark of what their page showed them."""

    actor: Actor
    at: datetime
    reason: str
    seen: str


def version_tag(*shown: object) -> str:
    """A mark of what a page shows: another one when somebody has changed it since."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def lock_configuration() -> None:
    """From here to the end of the transaction nobody else changes the configuration."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def check_unchanged(step: ChangeContext, subject: Subject, current: str) -> None:
    """Raises WrongState when the page showed something else than there is now; it says who was first."""
    if step.seen == current:
        return
    last = ConfigChange.objects.filter(area=subject.area, key=subject.key).select_related("person")
    found = last.order_by("-id").first()
    who = found.person.name if found and found.person else ""
    told = (
        _("%(who)s刚刚修改了“%(what)s”，您看到的已不是最新内容。请重新打开本页，核对后再办。")
        if who
        else _("“%(what)s”已被修改，您看到的已不是最新内容。请重新打开本页，核对后再办。")
    )
    raise WrongState(told % {"who": who, "what": subject.label})


def record(
    step: ChangeContext, subject: Subject, what: str, *, before: LoggedValues, after: LoggedValues
) -> ConfigChange:
    """Writes the change into the log. Raises Missing without a reason."""
    reason = step.reason.strip()
    if not reason:
        raise Invalid(_("请填写理由，修改会记录在案。"), fields={"reason": _("必填")})
    return ConfigChange.objects.create(
        at=step.at, person_id=step.actor.person_id, post_id=step.actor.post_id, area=subject.area,
        key=subject.key[:120], label=subject.label[:200], what=what, reason=reason[:LONGEST_REASON],
        before=_as_text(before), after=_as_text(after),
    )  # fmt: skip


def _as_text(said: LoggedValues) -> dict[str, str]:
    return {str(label): "" if value is None else str(value) for label, value in said.items()}


def check_begins(begins: date, earliest: date, field: str) -> None:
    """Raises Missing when a change would begin before it may."""
    if begins < earliest:
        told = _("最早从 %s 起，过去的日子不能改。") % format_day(earliest)
        raise Invalid(told, fields={field: told})


def check_lasts(row: Dated, on: date, field: str) -> None:
    """Raises Missing where the row is not there on that day, or its end has been set already."""
    row.refresh_from_db(fields=["valid_to"])
    if row.valid_to is not None:
        told = _("它已定于 %s 失效，不必再办。") % format_day(row.valid_to)
        raise Invalid(told, fields={field: told})
    if on < row.valid_from:
        told = _("它从 %s 起才生效，请选这一天或以后的日子。") % format_day(row.valid_from)
        raise Invalid(told, fields={field: told})


def format_day(day: date | None) -> str:
    """2026年12月1日; empty where there is no end."""
    return (
        _("%(year)s年%(month)s月%(day)s日") % {"year": day.year, "month": day.month, "day": day.day}
        if day
        else ""
    )
