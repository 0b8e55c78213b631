"""Duty roster: who is on duty for which unit, gaps, and the hand-over notes between shifts."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import SHANGHAI, local, local_date
from jieban.base.errors import Invalid, NotAllowed, NotFound, WrongState
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.base.text.cleaning import clean, clean_line
from jieban.registry.identity.posts import Actor, exists_on, holdings_in_force
from jieban.registry.models import (
    Duty,
    DutyRole,
    HandOver,
    Holding,
    Person,
    ShiftKind,
    Unit,
    holds,
    holds_on,
)
from jieban.registry.roles import Right, Role, roles_with

# Roles that must be on duty round the clock; a roster may have others too.
REQUIRED = {Unit.Kind.HOTLINE: (DutyRole.OPERATOR, DutyRole.DISPATCHER, DutyRole.LEADER)}
UNIT_ROLES = (DutyRole.STAFF,)
KINDS = (
    Unit.Kind.HOTLINE, Unit.Kind.STREET, Unit.Kind.DEPARTMENT, Unit.Kind.PARTNER,
)  # fmt: skip
EDITORS = (
    roles_with(Right.EDIT_ROSTERS)
    | roles_with(Right.EDIT_ROSTER_OF_HOTLINE)
    | roles_with(Right.EDIT_ROSTER_OF_UNIT)
)
READERS = roles_with(Right.ROSTER)
# The posts that may take each duty role.
POST_ROLES_BY_DUTY = {
    DutyRole.OPERATOR: (Role.OPERATOR,),
    DutyRole.DISPATCHER: (Role.DISPATCHER,),
    DutyRole.LEADER: (Role.LEADER, Role.SUPERVISOR),
}
HAND_OVER_GRACE = timedelta(hours=12)  # after its end, in which a shift may still write its note
CONFIRM_LEAD_TIME = timedelta(hours=1)  # before its begin, in which the next shift may confirm
WEEK = timedelta(days=7)
LONGEST = 5_000
_PRIVATE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True, slots=True)
class RosterGap:
    """Gap of the roster: period and role without anybody on duty."""

    role: DutyRole
    starts_at: datetime
    ends_at: datetime


def required(unit: Unit) -> Sequence[DutyRole]:
    return REQUIRED.get(Unit.Kind(unit.kind), UNIT_ROLES)


def may_read(actor: Actor) -> bool:
    return Right.ROSTER in actor.profile.rights


def may_edit(actor: Actor, unit: Unit) -> bool:
    """Whether the actor may edit a roster: dispatchers the district's, a street its own, the administrator all."""
    rights = actor.profile.rights
    return (
        Right.EDIT_ROSTERS in rights
        or (Right.EDIT_ROSTER_OF_HOTLINE in rights and unit.kind == Unit.Kind.HOTLINE)
        or (Right.EDIT_ROSTER_OF_UNIT in rights and unit.pk in actor.unit_ids)
    )


def rosters(on: date) -> list[Unit]:
    """Units with a roster, the district's first."""
    units = Unit.objects.filter(exists_on(on), kind__in=KINDS).order_by("code")
    return sorted(units, key=lambda unit: KINDS.index(Unit.Kind(unit.kind)))


def own_roster(actor: Actor, on: date) -> Unit:
    """Default roster of the post: its own unit's, else the district's."""
    units = rosters(on)
    if not units:
        raise NotFound(_("登记册里还没有热线中心，不能排班。请联系系统管理员。"))
    return next((unit for unit in units if unit.pk in actor.unit_ids), units[0])


def roster_unit(code: str, on: date) -> Unit:
    """Unit of a roster by code. Raises NotFound."""
    found = (
        Unit.objects.filter(exists_on(on), code=code, kind__in=KINDS).first() if "\0" not in code else None
    )
    if found is None:
        raise NotFound(_("没有这个单位的值班表，请从列表中选择单位。"))
    return found


def holds_at(at: datetime | Param) -> Q:
    """Condition: the duty includes this instant, from its first instant up to but not including its last."""
    return Q(starts_at__lte=at, ends_at__gt=at)


def on_duty(at: datetime, *, unit_id: int | None = None, role: str = "") -> list[Duty]:
    """Who is on duty at this instant, without a unit for the district. Suspended accounts are left out."""
    of_unit = Q(unit=unit_id) if unit_id is not None else Q(unit__kind=Unit.Kind.HOTLINE)
    rows = Duty.objects.filter(of_unit, holds_at(at), person__is_active=True)
    if role:
        rows = rows.filter(role=role)
    return list(rows.select_related("person", "post", "shift", "unit").order_by("role", "starts_at", "id"))


def answering_for(unit_id: int, at: datetime) -> list[Duty]:
    """Who is on duty for a unit at this instant; a unit without a roster is covered by the unit above it."""
    rows = Duty.objects.filter(
        Q(unit=unit_id) | Q(unit__children=unit_id), holds_at(at), person__is_active=True
    )
    found = list(rows.distinct().order_by("id"))
    return [duty for duty in found if duty.unit_id == unit_id] or found


def answering_for_each(unit_ids: Collection[int], at: datetime) -> dict[int, list[Duty]]:
    """As `answering_for`, for each of several units; two queries."""
    above = dict(Unit.objects.filter(pk__in=unit_ids).values_list("pk", "parent"))
    wanted = {*above, *above.values()} - {None}
    rows = Duty.objects.filter(holds_at(at), unit__in=wanted, person__is_active=True)
    found: dict[int | None, list[Duty]] = {}
    for row in rows.select_related("person").order_by("id"):
        found.setdefault(row.unit_id, []).append(row)
    return {pk: found.get(pk) or found.get(parent, []) for pk, parent in above.items()}


def on_duty_for(unit_ids: frozenset[int], at: datetime) -> list[Duty]:
    """Who is on duty for one of these units at this instant."""
    return _ON_DUTY_FOR.objects(units=sorted(unit_ids), at=at)


_ON_DUTY_FOR = Prepared(
    lambda: (
        Duty.objects.filter(holds_at(Param("at")), unit__among=Param("units"), person__is_active=True)
        .select_related("person", "shift")
        .order_by("role", "starts_at", "id")
    )
)


def leaders(at: datetime) -> list[Duty]:
    """The district's duty leader at this instant."""
    return on_duty(at, role=DutyRole.LEADER)


def has_roster() -> bool:
    """Whether the district keeps a roster at all."""
    return Duty.objects.filter(unit__kind=Unit.Kind.HOTLINE).exists()


def duties_of(unit: Unit, first: date, days: int = 7) -> list[Duty]:
    """The duties that begin on these days."""
    rows = Duty.objects.filter(
        unit=unit, ends_at__gt=_midnight(first), starts_at__gte=_midnight(first),
        starts_at__lt=_midnight(first + timedelta(days=days)),
    )  # fmt: skip
    return list(rows.select_related("person", "post", "shift").order_by("starts_at", "role", "id"))


def gaps(unit: Unit, first: date, days: int = 7) -> list[RosterGap]:
    """Gaps for each role that must be on duty, the earliest first."""
    start, end = _midnight(first), _midnight(first + timedelta(days=days))
    rows = Duty.objects.filter(unit=unit, ends_at__gt=start, starts_at__lt=end, person__is_active=True)
    spans = list(rows.order_by("starts_at").values_list("role", "starts_at", "ends_at"))
    found = [gap for role in required(unit) for gap in _gaps(role, spans, start, end)]
    return sorted(found, key=lambda gap: (gap.starts_at, gap.role))


def _gaps(
    role: DutyRole, spans: Sequence[tuple[str, datetime, datetime]], start: datetime, end: datetime
) -> list[RosterGap]:
    found, covered = [], start
    for _role, begins, ends in (span for span in spans if span[0] == role):
        if begins > covered:
            found.append(RosterGap(role, covered, begins))
        covered = max(covered, ends)
    if covered < end:
        found.append(RosterGap(role, covered, end))
    return found


def candidates(unit: Unit, role: str, on: date) -> list[Holding]:
    """Candidates for a duty: holders of a fitting post of the unit (or a street's centre); leaders of the district."""
    own = Q(post__unit=unit) | Q(post__unit__parent=unit, post__unit__kind=Unit.Kind.STREET_CENTRE)
    if role == DutyRole.LEADER:
        own |= Q(post__unit__kind=Unit.Kind.LEADERSHIP)
    rows = Holding.objects.filter(holdings_in_force(on) & own)
    if role in POST_ROLES_BY_DUTY:
        rows = rows.filter(post__role__in=POST_ROLES_BY_DUTY[DutyRole(role)])
    return list(rows.select_related("person", "post__unit").order_by("post__code", "person__username"))


def span_of(shift: ShiftKind, on: date) -> tuple[datetime, datetime]:
    """Begin and end of a shift on this day; 20:00 to 08:00 ends on the next day."""
    starts = datetime.combine(on, shift.starts, SHANGHAI)
    over = timedelta(days=1) if shift.ends <= shift.starts else timedelta(0)
    return starts, datetime.combine(on + over, shift.ends, SHANGHAI)


@transaction.atomic
def assign(
    unit: Unit, *, role: str, shift_id: int, on: date, person_id: int, phone: str = "", actor: Actor
) -> Duty:
    """Assigns a person to a duty; idempotent. Raises NotAllowed, Invalid."""
    _check_edit(actor, unit)
    shift = ShiftKind.objects.filter(pk=shift_id).first()
    if shift is None:
        raise Invalid(_("请选择班次。"), fields={"shift": _("请选择班次")})
    if not holds(shift, on):
        raise Invalid(_("这一天没有这个班次，请另选班次或日期。"), fields={"shift": _("这一天没有这个班次")})
    if role not in (*required(unit), DutyRole.LEADER):
        raise Invalid(_("请选择值班岗位。"), fields={"role": _("这个单位没有这个值班岗位")})
    phone = clean_line(phone)[:30]
    if _PRIVATE.search(re.sub(r"\D", "", phone)):
        raise Invalid(_("请登记办公电话，不登记个人手机号。"), fields={"phone": _("请填办公电话")})
    holding = next((h for h in candidates(unit, role, on) if h.person_id == person_id), None)
    if holding is None:
        raise Invalid(
            _("这个人当天不在本单位相应岗位上，请重新选择。"), fields={"person": _("请从名单中选择")}
        )
    return _create_duty(unit, role, shift, on, holding, phone)


def _create_duty(unit: Unit, role: str, shift: ShiftKind, on: date, holding: Holding, phone: str) -> Duty:
    """Inserts the duty under a lock of the person, so that nobody is on duty twice at the same time."""
    starts, ends = span_of(shift, on)
    Person.objects.select_for_update(no_key=True).get(pk=holding.person_id)
    other = Duty.objects.filter(person=holding.person_id, starts_at__lt=ends, ends_at__gt=starts)
    before = other.select_related("shift", "unit").first()
    if before is None:
        return Duty.objects.create(
            unit=unit, role=role, shift=shift, person_id=holding.person_id, post_id=holding.post_id,
            starts_at=starts, ends_at=ends, phone=phone,
        )  # fmt: skip
    if (before.unit_id, before.role, before.shift_id, before.starts_at) == (unit.pk, role, shift.pk, starts):
        return before
    raise Invalid(
        _(
            "%(name)s %(when)s已排“%(role)s”（%(unit)s %(shift)s），同一时间不能排两次。请换人，或先撤下那一班。"
        )
        % {
            "name": holding.person.name,
            "when": _day_words(local(before.starts_at)),
            "role": before.get_role_display(),
            "unit": before.unit.short_name or before.unit.name,
            "shift": before.shift.name,
        },
        fields={"person": _("同一时间已在值班")},
    )


@transaction.atomic
def take_off(duty_id: int, *, actor: Actor, at: datetime) -> Unit:
    """Removes a duty that has not begun yet; a begun one stays as history. Returns the unit of the roster."""
    found = Duty.objects.select_related("unit").filter(pk=duty_id).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(_("这一班已经撤下。"))
    _check_edit(actor, found.unit)
    if found.starts_at <= at:
        raise WrongState(_("这一班已经开始，不能撤下。要换人的，请另排一人同时值班。"))
    found.delete()
    return found.unit


def copy_week(unit: Unit, monday: date, *, actor: Actor) -> tuple[int, list[str]]:
    """Copies the duties of the week before. Returns how many, and the reasons for those that were skipped."""
    _check_edit(actor, unit)
    done, refused = 0, []
    for duty in duties_of(unit, monday - WEEK):
        on = local_date(duty.starts_at) + WEEK
        try:
            assign(
                unit, role=duty.role, shift_id=_shift_on(duty.shift, on), on=on, person_id=duty.person_id,
                phone=duty.phone, actor=actor,
            )  # fmt: skip
        except Invalid as why:
            refused.append(f"{_day_words(on)} {duty.person.name}：{why.message}")
        else:
            done += 1
    return done, refused


def _shift_on(shift: ShiftKind, on: date) -> int:
    """The shift of the same name on another day, when its times may differ."""
    same = ShiftKind.objects.filter(holds_on(on), name=shift.name).values_list("pk", flat=True).first()
    return same or shift.pk


def _check_edit(actor: Actor, unit: Unit) -> None:
    if not may_edit(actor, unit):
        raise NotAllowed(_("区里的值班表由派单员编排，街道的由本街道编排。您的岗位不能修改这张值班表。"))


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI)


# Hand-over.


def to_hand_over(actor: Actor, at: datetime) -> list[Duty]:
    """The person's own shifts that run or have just ended, each with its note where there is one."""
    rows = Duty.objects.filter(person=actor.person_id, starts_at__lte=at, ends_at__gt=at - HAND_OVER_GRACE)
    return list(rows.select_related("shift", "unit", "hand_over").order_by("-starts_at"))


def unread(actor: Actor, at: datetime) -> list[HandOver]:
    """Notes that the person must confirm: by others, for the shift in which the person is or soon will be."""
    if actor.person_id is None:
        return []
    return _UNREAD.objects(person=actor.person_id, at=at)


def _unread_notes() -> QuerySet[HandOver]:
    person, at = Param("person"), Param("at")
    mine = Duty.objects.filter(
        unit=OuterRef("unit"), role=OuterRef("role"), person=person, starts_at__lte=at + CONFIRM_LEAD_TIME,
        ends_at__gt=at, starts_at__gte=OuterRef("duty__ends_at") - CONFIRM_LEAD_TIME,
    )  # fmt: skip
    rows = HandOver.objects.filter(Exists(mine), confirmed_at=None).exclude(duty__person=person)
    return rows.select_related("duty__person", "duty__shift", "unit").order_by("written_at")[:10]


_UNREAD = Prepared(_unread_notes)


def hand_overs(units: Sequence[int], most: int = 20) -> list[HandOver]:
    """The latest notes of these units, confirmed ones too."""
    rows = HandOver.objects.filter(unit__in=units)
    rows = rows.select_related("duty__person", "duty__shift", "unit", "confirmed_by")
    return list(rows.order_by("-written_at")[:most])


@transaction.atomic
def hand_over(
    duty_id: int, *, actor: Actor, at: datetime, open_matters: str, watch: str = "", cases: Sequence[str] = ()
) -> HandOver:
    """Writes or rewrites the hand-over note of a shift, until it is confirmed.

    Raises NotAllowed, Invalid, WrongState.
    """
    duty = Duty.objects.filter(pk=duty_id).select_for_update(no_key=True).first()
    if duty is None:
        raise NotFound(_("没有这一班，请从您的班次中选择。"))
    if duty.person_id != actor.person_id or not duty.starts_at <= at < duty.ends_at + HAND_OVER_GRACE:
        raise NotAllowed(_("交班记录由当班的人写，下班 12 小时内可以补写。"))
    matters, watch = clean(open_matters), clean(watch)
    if not matters:
        raise Invalid(_("请写明未了事项；没有的写“无”。"), fields={"open_matters": _("没有未了事项的写“无”")})
    if len(matters) > LONGEST or len(watch) > LONGEST:
        raise Invalid(_("文字太长，请控制在五千字以内。"), fields={"open_matters": _("最多五千字")})
    note = HandOver.objects.filter(duty=duty).first() or HandOver(
        duty=duty, unit_id=duty.unit_id, role=duty.role
    )
    if note.confirmed_at is not None:
        raise WrongState(_("接班的人已经签收，交班记录不能再改。要补充的，请写进下一班的记录或当面说明。"))
    note.written_at, note.open_matters, note.watch = at, matters, watch
    note.cases = list(dict.fromkeys(cases))[:50]
    note.save()
    return note


@transaction.atomic
def confirm(note_id: int, *, actor: Actor, at: datetime) -> HandOver:
    """Confirms (签收) a note by the next shift; from then on it is fixed. Idempotent."""
    note = HandOver.objects.filter(pk=note_id).select_for_update(no_key=True).first()
    if note is None:
        raise NotFound(_("没有这份交班记录。"))
    if note.confirmed_at is not None and note.confirmed_by_id == actor.person_id:
        return note
    if note.confirmed_at is not None:
        raise WrongState(_("这份交班记录已由他人签收。"))
    if note.pk not in {row.pk for row in unread(actor, at)}:
        raise NotAllowed(_("交班记录由同一岗位接班的人签收。您现在不在接班的班次上。"))
    note.confirmed_by_id, note.confirmed_at = actor.person_id, at
    note.save(update_fields=["confirmed_by", "confirmed_at"])
    return note


def _day_words(day: date) -> str:
    return _("%(month)d月%(day)d日") % {"month": day.month, "day": day.day}
