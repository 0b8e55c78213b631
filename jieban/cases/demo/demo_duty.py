"""Duty roster of the demonstration's hotline: the past week, two weeks ahead, and an unread hand-over note."""

from datetime import date, datetime, timedelta

from jieban.base.clock import local_date
from jieban.cases.flow.states import State
from jieban.cases.models import Case
from jieban.registry.administration.shift_changes import shifts_on
from jieban.registry.duty import duty_roster
from jieban.registry.identity.posts import SYSTEM, actor_of
from jieban.registry.models import Duty, DutyRole, HandOver, Unit

BEFORE, AFTER = 7, 14  # days
UNCOVERED = 9  # days ahead: a night without a leader, so that a gap is seen
PHONE = "12345 转值班"
# On day n: whose turn it is, of those there are; after a night nobody has the next day's shift.
TURNS: dict[DutyRole, dict[str, tuple[tuple[int, int], ...]]] = {
    # (a, b): the person whose place is a * n + b.
    DutyRole.OPERATOR: {"白班": ((2, 0), (2, 1)), "夜班": ((2, 4),)},
    DutyRole.DISPATCHER: {"白班": ((1, 0),), "夜班": ((1, 2),)},
    DutyRole.LEADER: {"白班": ((1, 0),), "夜班": ((1, 0),)},
}


def load(at: datetime) -> int:
    """Adds missing duties; idempotent. Returns how many duties there are."""
    unit = Unit.objects.filter(kind=Unit.Kind.HOTLINE).order_by("code").first()
    if unit is None:
        return 0
    today = local_date(at)
    for role in TURNS:
        people = list({row.person_id: row for row in duty_roster.candidates(unit, role, today)})
        for number in range(-BEFORE, AFTER):
            _day(unit, role, people, today + timedelta(days=number), number == UNCOVERED)
    _leave_a_note(unit, at)
    return Duty.objects.filter(unit=unit).count()


def _day(unit: Unit, role: DutyRole, people: list[int], on: date, uncovered: bool) -> None:
    shifts = {shift.name: shift for shift in shifts_on(on)}
    for name, turns in TURNS[role].items():
        skipped = name not in shifts or (uncovered and role == DutyRole.LEADER and name == "夜班")
        for by, first in () if skipped or not people else turns:
            place = by * on.toordinal() + first
            duty_roster.assign(
                unit, role=role, shift_id=shifts[name].pk, on=on, person_id=people[place % len(people)],
                phone=PHONE, actor=SYSTEM,
            )  # fmt: skip


def _leave_a_note(unit: Unit, at: datetime) -> None:
    """Hand-over note of the last shift's dispatcher for the current one."""
    ended = Duty.objects.filter(unit=unit, role=DutyRole.DISPATCHER, ends_at__lte=at).order_by("-ends_at")
    last = ended.select_related("person", "post__unit__parent").first()
    if last is None or HandOver.objects.filter(duty=last).exists():
        return
    waiting = (
        Case.objects.filter(state=State.RECEIVED).order_by("-received_at").values_list("number", flat=True)
    )
    duty_roster.hand_over(
        last.pk,
        actor=actor_of(last.person, last.post),
        at=last.ends_at,
        open_matters="这几件还没有派：地点不清，已请来电人补充楼号，回电后即可派单。",
        watch="夜里同一片区几次反映停水，自来水公司正在抢修，有新来电的请并案。",
        cases=list(waiting[:2]),
    )
