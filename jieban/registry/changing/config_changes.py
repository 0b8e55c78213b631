"""Configuration changes: serialized by a lock, checked against what the page showed, and logged permanently."""

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
# One change of the registry at a time; loading files takes this lock too.
LOCK = 0x6A69_6562
LONGEST_REASON = 200
LoggedValues = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of a change: its code, and its name as the log shows it."""

    area: ConfigChange.Area
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """Context of a change: who, when, why, and the version tag of the page."""

    actor: Actor
    at: datetime
    reason: str
    seen: str


def version_tag(*values: object) -> str:
    """Version tag of the values that a page shows; it differs when somebody has changed them since."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def lock_configuration() -> None:
    """Takes the lock of the configuration until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def check_unchanged(step: ChangeContext, subject: Subject, current: str) -> None:
    """Optimistic check: raises WrongState when the values changed since the page was shown, and says by whom."""
    if step.seen == current:
        return
    last = ConfigChange.objects.filter(area=subject.area, key=subject.key).select_related("person")
    found = last.order_by("-id").first()
    who = found.person.name if found and found.person else ""
    message = (
        _("%(who)s刚刚修改了“%(what)s”，您看到的已不是最新内容。请重新打开本页，核对后再办。")
        if who
        else _("“%(what)s”已被修改，您看到的已不是最新内容。请重新打开本页，核对后再办。")
    )
    raise WrongState(message % {"who": who, "what": subject.label})


def record(
    step: ChangeContext, subject: Subject, what: str, *, before: LoggedValues, after: LoggedValues
) -> ConfigChange:
    """Logs the change. Raises Invalid without a reason."""
    reason = step.reason.strip()
    if not reason:
        raise Invalid(_("请填写理由，修改会记录在案。"), fields={"reason": _("必填")})
    return ConfigChange.objects.create(
        at=step.at, person_id=step.actor.person_id, post_id=step.actor.post_id, area=subject.area,
        key=subject.key[:120], label=subject.label[:200], what=what, reason=reason[:LONGEST_REASON],
        before=_as_text(before), after=_as_text(after),
    )  # fmt: skip


def _as_text(values: LoggedValues) -> dict[str, str]:
    return {str(label): "" if value is None else str(value) for label, value in values.items()}


def check_begins(begins: date, earliest: date, field: str) -> None:
    """Checks the first day of a change. Raises Invalid when it is too early."""
    if begins < earliest:
        message = _("最早从 %s 起，过去的日子不能改。") % format_day(earliest)
        raise Invalid(message, fields={field: message})


def check_lasts(row: Dated, on: date, field: str) -> None:
    """Checks that a row can end on a day. Raises Invalid where it is not valid then, or its end is already set."""
    row.refresh_from_db(fields=["valid_to"])
    if row.valid_to is not None:
        message = _("它已定于 %s 失效，不必再办。") % format_day(row.valid_to)
        raise Invalid(message, fields={field: message})
    if on < row.valid_from:
        message = _("它从 %s 起才生效，请选这一天或以后的日子。") % format_day(row.valid_from)
        raise Invalid(message, fields={field: message})


def format_day(day: date | None) -> str:
    """The date as text: 2026年12月1日; empty for None."""
    return (
        _("%(year)s年%(month)s月%(day)s日") % {"year": day.year, "month": day.month, "day": day.day}
        if day
        else ""
    )
