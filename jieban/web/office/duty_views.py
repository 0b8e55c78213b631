"""Duty roster: who is on duty now, the week, gaps; and the handover note from one shift to the next."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base.clock import local, local_date, now
from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.cases.lists import case_list
from jieban.registry.administration import shift_changes
from jieban.registry.duty import duty_roster
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Duty, DutyRole, HandOver, ShiftKind, Unit, holds
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.choices import EMPTY_OPTION, SearchableLabel
from jieban.web.page.fields import date_field, radio_field, select_field, text_field
from jieban.web.page.forms import PageForm

MOST_YEARS_AWAY = 20  # limit of weeks that can be shown, in years before and after today
SHORT_WEEKDAYS = (
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"), gettext_lazy("周五"),
    gettext_lazy("周六"), gettext_lazy("周日"),
)  # fmt: skip


@dataclass(slots=True)
class RosterRow:
    """Row of the roster: a shift of a day, who is on duty in which role, and vacant posts."""

    on: date
    words: str
    shift: ShiftKind
    first: bool  # of its day
    now: bool
    cells: list[list[Duty]] = field(default_factory=list)


class DutyForm(PageForm):
    """Form for one shift of one person."""

    role = radio_field(gettext_lazy("值班岗位"), [])
    on = date_field(gettext_lazy("哪一天"))
    shift = radio_field(gettext_lazy("班次"), [])
    person = select_field(gettext_lazy("值班人员"))
    phone = forms.CharField(
        label=gettext_lazy("值班电话"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("办公电话或分机，不登记个人手机号。"),
    )

    def __init__(self, *args: Any, unit: Unit, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = roles_of(unit)
        known: dict[int, str] = {}
        for role in roles:
            for holding in duty_roster.candidates(unit, role, on):
                known[holding.person_id] = f"{holding.person.name}（{holding.post.name}）"
        offers: dict[str, Any] = {
            "role": [(role.value, role.label) for role in roles],
            "shift": [(str(row.pk), _shift_words(row, on)) for row in _current_and_coming_shifts(on)],
            "person": [EMPTY_OPTION, *((str(pk), SearchableLabel.of(words)) for pk, words in known.items())],
        }
        for name, options in offers.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]


class HandOverForm(PageForm):
    """Form for the handover note of a shift."""

    duty = radio_field(gettext_lazy("哪一班"), [])
    open_matters = text_field(
        gettext_lazy("未了事项"),
        rows=5,
        help_text=gettext_lazy("做到哪一步、还差什么；没有的写“无”。写单号，不写诉求人的姓名和电话。"),
    )
    watch = text_field(gettext_lazy("需要留意"), required=False)
    cases = forms.CharField(
        label=gettext_lazy("涉及的单号"),
        max_length=1_000,
        required=False,
        help_text=gettext_lazy("几个单号用空格分开。"),
    )

    def __init__(self, *args: Any, duties: list[Duty], actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        options = [(str(row.pk), span_words(row)) for row in duties]
        self.fields["duty"].choices = options  # type: ignore[attr-defined]
        if options:
            self.fields["duty"].initial = options[0][0]

    def clean_cases(self) -> list[str]:
        numbers = [number.upper() for number in self.cleaned_data["cases"].replace("、", " ").split()][:50]
        seen = case_list.visible_to(self.actor).filter(number__in=numbers)
        known = set(seen.order_by().values_list("number", flat=True))
        unknown = [number for number in numbers if number not in known]
        if unknown:
            raise forms.ValidationError(_("没有这些单号，请核对：%s。") % "、".join(unknown))
        return numbers


def roles_of(unit: Unit) -> list[DutyRole]:
    """The duty roles of a unit: the columns of its roster."""
    return list(dict.fromkeys([*duty_roster.required(unit), DutyRole.LEADER]))


def _shift_words(shift: ShiftKind, today: date) -> str:
    """Label of a shift: 夜班 20:00–次日 08:00（自 12月1日 起）."""
    words = f"{shift.name} {shift_changes.span_text(shift)}"
    if shift.valid_from > today:
        words += _("（自 %d月%d日 起）") % (shift.valid_from.month, shift.valid_from.day)
    if shift.valid_to is not None:
        words += _("（到 %d月%d日 前）") % (shift.valid_to.month, shift.valid_to.day)
    return words


def _current_and_coming_shifts(on: date) -> list[ShiftKind]:
    """Shifts that are valid on the day, and later ones."""
    rows = ShiftKind.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on) & Q(valid_to__gt=F("valid_from")))
    return list(rows.order_by("starts", "valid_from"))


def span_words(row: Duty) -> str:
    """Label of a duty: 11月28日 夜班（值班派单）."""
    wall = local(row.starts_at)
    return _("%(month)s月%(day)s日 %(shift)s（%(role)s）") % {
        "month": wall.month,
        "day": wall.day,
        "shift": row.shift.name,
        "role": row.get_role_display(),
    }


def gap_words(gap: duty_roster.RosterGap) -> str:
    """Sentence about a gap: 11月28日 20:00 至次日 08:00 无人值班."""
    first, last = local(gap.starts_at), local(gap.ends_at)
    midnight = last.time() == time(0)
    on = last.date() - timedelta(days=midnight)
    clock, days = "24:00" if midnight else f"{last:%H:%M}", (on - first.date()).days
    until = clock if not days else _("次日 %s") % clock
    if days > 1:
        until = _("%(month)s月%(day)s日 %(clock)s") % {"month": on.month, "day": on.day, "clock": clock}
    return _("%(role)s：%(month)d月%(day)d日 %(time)s 至%(until)s 无人值班") % {
        "role": gap.role.label, "month": first.month, "day": first.day, "time": f"{first:%H:%M}", "until": until,
    }  # fmt: skip


@for_roles(duty_roster.READERS)
@require_GET
def roster(request: ActorRequest) -> HttpResponse:
    """View of a unit's week."""
    actor, at = request.actor, now()
    unit, monday = _requested_week(request, actor, at)
    return render(request, "office/duty.html", _context(unit, monday, actor, at))


def _requested_week(request: HttpRequest, actor: Actor, at: datetime) -> tuple[Unit, date]:
    """The unit and the Monday from the URL or the form; default: the own unit and this week."""
    sent = request.POST if request.method == "POST" else request.GET
    today, code = local_date(at), sent.get("unit", "")
    unit = duty_roster.roster_unit(code, today) if code else duty_roster.own_roster(actor, today)
    try:
        on = date.fromisoformat(sent.get("week", "") or today.isoformat())
        if abs(on.year - today.year) > MOST_YEARS_AWAY:
            raise ValueError
        return unit, on - timedelta(days=on.weekday())
    except ValueError:
        raise Invalid(_("周次的写法不对，请回到值班表重新选择。")) from None


def _context(unit: Unit, monday: date, actor: Actor, at: datetime) -> dict[str, Any]:
    may_edit = duty_roster.may_edit(actor, unit)
    gaps = [
        replace(gap, starts_at=max(gap.starts_at, at))
        for gap in duty_roster.gaps(unit, monday)
        if gap.ends_at > at
    ]
    return {
        "now": at,
        "title": _("值班表"),
        "unit": unit,
        "units": duty_roster.rosters(local_date(at)),
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "present": duty_roster.on_duty(at, unit_id=unit.pk),
        "gaps": [gap_words(gap) for gap in gaps],
        "roles": roles_of(unit),
        "lines": _roster_rows(unit, monday, at),
        "may_edit": may_edit,
        "before_url": _address(unit, monday - duty_roster.WEEK),
        "after_url": _address(unit, monday + duty_roster.WEEK),
        "new_url": f"{reverse('duty-new')}?{urlencode({'unit': unit.code, 'week': monday.isoformat()})}",
    }


def _address(unit: Unit, monday: date) -> str:
    return f"{reverse('duty')}?{urlencode({'unit': unit.code, 'week': monday.isoformat()})}"


def _roster_rows(unit: Unit, monday: date, at: datetime) -> list[RosterRow]:
    duties, roles = duty_roster.duties_of(unit, monday), roles_of(unit)
    kinds = list(ShiftKind.objects.order_by("starts", "valid_from"))
    rows = []
    for on in (monday + timedelta(days=number) for number in range(7)):
        used_shifts = {row.shift_id for row in duties if local_date(row.starts_at) == on}
        shifts = [shift for shift in kinds if holds(shift, on) or shift.pk in used_shifts]
        for number, shift in enumerate(shifts):
            starts, ends = duty_roster.span_of(shift, on)
            line = RosterRow(
                on,
                _("%(month)s月%(day)s日 %(weekday)s")
                % {"month": on.month, "day": on.day, "weekday": SHORT_WEEKDAYS[on.weekday()]},
                shift,
                not number,
                starts <= at < ends,
            )
            on_duty = [row for row in duties if row.shift_id == shift.pk and local_date(row.starts_at) == on]
            line.cells = [[row for row in on_duty if row.role == role] for role in roles]
            rows.append(line)
    return rows


@for_roles(duty_roster.EDITORS)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """View: puts a person on duty."""
    actor, at = request.actor, now()
    unit, monday = _requested_week(request, actor, at)
    if not duty_roster.may_edit(actor, unit):
        raise NotAllowed(_("您的岗位不能编排%s的值班表。") % unit.name)
    if request.method == "GET":
        start = {"on": max(monday, local_date(at)), "role": roles_of(unit)[0].value}
        return _form(request, DutyForm(unit=unit, on=local_date(at), initial=start), unit, monday, 200)
    form = DutyForm(request.POST, unit=unit, on=local_date(at))
    row, status = _save_duty(form, unit, actor)
    if row is None:
        return _form(request, form, unit, monday, status)
    messages.success(
        request, _("已排：%(who)s，%(when)s。") % {"who": row.person.name, "when": span_words(row)}
    )
    return redirect(_address(unit, local_date(row.starts_at)))


def _save_duty(form: DutyForm, unit: Unit, actor: Actor) -> tuple[Duty | None, int]:
    if not form.is_valid():
        return None, Invalid.status
    sent = form.cleaned_data
    try:
        row = duty_roster.assign(
            unit, role=sent["role"], shift_id=int(sent["shift"]), on=sent["on"],
            person_id=int(sent["person"]), phone=sent["phone"], actor=actor,
        )  # fmt: skip
        return row, 0
    except Invalid as refused:
        form.refuse(refused.fields, refused.message)
        if refused.fields:
            form.add_error(None, refused.message)
        return None, refused.status


def _form(request: HttpRequest, form: DutyForm, unit: Unit, monday: date, status: int) -> HttpResponse:
    context = {
        "title": _("排班：%s") % unit.name,
        "form": form,
        "full_fields": ["role", "shift"],
        "button": _("排班"),
        "unit": unit,
        "monday": monday,
        "back_url": _address(unit, monday),
    }
    return render(request, "office/duty_form.html", context, status=status)


@for_roles(duty_roster.EDITORS)
@require_POST
def take_off(request: ActorRequest, pk: int) -> HttpResponse:
    """Action view: takes a person off the roster."""
    actor, at = request.actor, now()
    unit = duty_roster.take_off(pk, actor=actor, at=at)
    messages.success(request, _("已撤下。请看是否有无人值班的时段。"))
    return redirect(_address(unit, _requested_week(request, actor, at)[1]))


@for_roles(duty_roster.EDITORS)
@require_POST
def copy(request: ActorRequest) -> HttpResponse:
    """Action view: copies last week's roster into this week."""
    actor, at = request.actor, now()
    unit, monday = _requested_week(request, actor, at)
    done, refused = duty_roster.copy_week(unit, monday, actor=actor)
    messages.success(request, _("已照上周排好 %d 班。") % done)
    for reason in refused[:5]:
        messages.warning(request, _("没有排上 %s") % reason)
    return redirect(_address(unit, monday))


@for_roles(duty_roster.READERS)
@require_http_methods(["GET", "POST"])
def hand_over(request: ActorRequest) -> HttpResponse:
    """View of handover notes: those to read, those to write, and earlier ones."""
    actor, at = request.actor, now()
    duties = [row for row in duty_roster.to_hand_over(actor, at) if not _is_confirmed(row)]
    if request.method == "GET":
        form = HandOverForm(duties=duties, actor=actor, initial=_initial_note(duties))
        return render(request, "office/hand_over.html", _hand_over_context(actor, at, form, duties))
    form = HandOverForm(request.POST, duties=duties, actor=actor)
    status = _save_hand_over(form, actor, at)
    if status:
        return render(
            request, "office/hand_over.html", _hand_over_context(actor, at, form, duties), status=status
        )
    messages.success(request, _("交班记录已保存，接班的人签收前可以修改。"))
    return redirect("hand-over")


def _is_confirmed(row: Duty) -> bool:
    note = getattr(row, "hand_over", None)
    return note is not None and note.confirmed_at is not None


def _initial_note(duties: list[Duty]) -> dict[str, Any]:
    """Initial values: the latest note for this shift, to be continued."""
    note = getattr(duties[0], "hand_over", None) if duties else None
    if note is None:
        return {}
    return {"open_matters": note.open_matters, "watch": note.watch, "cases": " ".join(note.cases)}


def _save_hand_over(form: HandOverForm, actor: Actor, at: datetime) -> int:
    """Saves the note. Returns the HTTP status of errors, 0 without errors."""
    if not form.is_valid():
        return Invalid.status
    sent = dict(form.cleaned_data)
    try:
        duty_roster.hand_over(int(sent.pop("duty")), actor=actor, at=at, **sent)
    except (Invalid, WrongState) as refused:
        form.refuse(refused.fields, refused.message)
        return refused.status
    return 0


def _hand_over_context(actor: Actor, at: datetime, form: HandOverForm, duties: list[Duty]) -> dict[str, Any]:
    units = {*actor.unit_ids, *(row.unit_id for row in duties)}
    return {
        "now": at,
        "title": _("交接班"),
        "form": form,
        "duties": duties,
        "unread": duty_roster.unread(actor, at),
        "notes": duty_roster.hand_overs(sorted(units)),
    }


@for_roles(duty_roster.READERS)
@require_POST
def confirm(request: ActorRequest, pk: int) -> HttpResponse:
    """Action view, 签收: the next shift confirms that it has read the note."""
    actor = request.actor
    duty_roster.confirm(pk, actor=actor, at=now())
    messages.success(request, _("已签收，时间已记录。"))
    return redirect("hand-over")


@dataclass(frozen=True, slots=True)
class DeskDuty:
    """Page model of duty at the head of a desk: who is on duty, and the note from the shift before."""

    line: str
    notes: list[HandOver]


def desk_duty(actor: Actor, at: datetime) -> DeskDuty:
    """For a post of a unit with a roster; two queries."""
    if not duty_roster.may_read(actor) or actor.unit_id is None:
        return DeskDuty("", [])
    there = duty_roster.on_duty_for(actor.unit_ids, at)
    words = "、".join(f"{row.person.name}（{row.get_role_display()}）" for row in there[:4])
    ends = min((row.ends_at for row in there), default=None)
    line = _("值班：%(who)s，至 %(until)s") % {"who": words, "until": f"{local(ends):%H:%M}"} if ends else ""
    return DeskDuty(line, duty_roster.unread(actor, at))
