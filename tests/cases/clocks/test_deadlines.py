"""Limits of cases, each worked by hand from the rule that it follows (domain book, 3.4).

Rules: 简单"即时办结" (2 hours), 一般"日清日结" (24:00; from 18:00 on, 24:00 of the next day), 复杂"5日办结"
(24:00 of the fifth day, for enterprises the fifth working day). Holidays of 2026: 国办发明电〔2025〕7号, off from
15 to 23 February, worked on Saturday the 14th and Saturday the 28th; the eve (除夕) is Monday the 16th.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from jieban.base.clock import SHANGHAI
from jieban.cases import actions
from jieban.cases.models import Case, CaseEvent, DeadlineRule, Request
from jieban.cases.timers import sweep
from jieban.worktime.announcement import announce
from tests.cases.scene import Scene, closed, handling, make_case, reported, visited

NOTICE = """\
day,is_workday,name,notice
2027-01-01,0,元旦,试发〔2026〕1号
2027-01-04,0,元旦,试发〔2026〕1号
2027-01-09,1,元旦,试发〔2026〕1号
2027-02-05,0,春节,试发〔2026〕1号
2027-05-01,0,劳动节,试发〔2026〕1号
2027-10-01,0,国庆节,试发〔2026〕1号
"""


def on(text: str) -> datetime:
    """An instant as the clock in Beijing shows it; "24:00" is the end of the day."""
    day, _, clock = text.partition(" ")
    if clock == "24:00":
        return on(f"{day} 00:00") + timedelta(days=1)
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("received", "kind", "grade", "contact", "finish"),
    [
        # Friday before and after 18:00: 24:00 of Friday, 24:00 of Saturday; contact 24 hours, round the clock
        ("2026-11-20 17:59", "appeal", "general", "2026-11-21 17:59", "2026-11-20 24:00"),
        ("2026-11-20 18:01", "appeal", "general", "2026-11-21 18:01", "2026-11-21 24:00"),
        # the last second of Friday belongs to Friday, but after 18:00; a second later it is Saturday, before
        ("2026-11-20 23:59:59", "appeal", "general", "2026-11-21 23:59:59", "2026-11-21 24:00"),
        ("2026-11-21 00:00", "appeal", "general", "2026-11-22 00:00", "2026-11-21 24:00"),
        # two hours, over midnight into the first day of the Spring Festival
        ("2026-02-16 23:30", "appeal", "simple", "2026-02-17 01:30", "2026-02-17 01:30"),
        # the eve of the Spring Festival: days of the calendar run on, 17, 18, 19, 20, 21
        ("2026-02-16 17:59", "appeal", "complex", "2026-02-17 17:59", "2026-02-21 24:00"),
        # working days stand still from the 15th to the 23rd: 24, 25, 26, 27 and Saturday the 28th, made up
        ("2026-02-16 17:59", "enterprise", "complex", "2026-02-17 17:59", "2026-02-28 24:00"),
        # received on a make-up Saturday (14 February), which is itself the day received: the same five days
        ("2026-02-14 09:00", "enterprise", "complex", "2026-02-15 09:00", "2026-02-28 24:00"),
        # the day before: Saturday the 14th is the first working day, then 24, 25, 26, 27
        ("2026-02-13 23:59:59", "enterprise", "complex", "2026-02-14 23:59:59", "2026-02-27 24:00"),
        # the make-up Saturday of the 28th is a working day, Sunday is not: 2, 3, 4, 5, 6 March
        ("2026-02-28 10:00", "enterprise", "complex", "2026-03-01 10:00", "2026-03-06 24:00"),
        # a patrol case has no requester to contact
        ("2026-11-20 17:59", "patrol", "general", None, "2026-11-20 24:00"),
    ],
)
def test_limits_of_a_case_just_received(
    scene: Scene, received: str, kind: str, grade: str, contact: str | None, finish: str
) -> None:
    case = make_case(scene, at=on(received), kind=kind, grade=grade)
    assert case.contact_due_at == (on(contact) if contact else None)
    assert case.finish_due_at == on(finish)
    assert not case.provisional


@pytest.mark.parametrize(
    ("grade", "paused", "resumed", "finish"),
    [
        # received Monday 10:00, due Saturday 7 March 24:00; three days away: Tuesday the 10th 24:00
        ("complex", "2026-03-04 15:00", "2026-03-07 15:00", "2026-03-10 24:00"),
        # a minute more is a day more: a limit of 24:00 stays one
        ("complex", "2026-03-04 15:00", "2026-03-07 15:01", "2026-03-11 24:00"),
        # due Monday 12:00, away from 11:00 for three days: an hour is left
        ("simple", "2026-03-02 11:00", "2026-03-05 11:00", "2026-03-05 12:00"),
    ],
)
def test_three_days_on_account(scene: Scene, grade: str, paused: str, resumed: str, finish: str) -> None:
    case = handling(scene, grade=grade)
    supervisor = scene.actor("supervisor")
    actions.put_on_account(
        case.pk, actor=supervisor, at=on(paused), reason_code="plan", plan="列入三月维修计划", responsible="王主任",
        review_on=date(2026, 3, 20),
    )  # fmt: skip
    sweep.sweep(on("2026-03-05 10:00"))
    actions.resume(case.pk, actor=supervisor, at=on(resumed), text="材料到了")
    case.refresh_from_db()
    assert case.finish_due_at == on(finish)
    # What was left of the limit is left of it still, so nothing was overdue meanwhile.
    given = CaseEvent.objects.filter(case=case, action="warn")
    assert [e.facts["level"] for e in given if e.facts["clock"] == "finish"] == []


def test_an_extension_granted_after_the_limit_has_passed(scene: Scene) -> None:
    """Due Monday 24:00; asked for on Monday evening, granted on Tuesday at 9:00, to Wednesday 24:00."""
    case = visited(scene)
    actions.request_extension(
        case.pk, actor=scene.actor("department"), at=on("2026-03-02 20:00"),
        new_due_at=on("2026-03-04 24:00"), reason="灯具须订货",
    )  # fmt: skip
    sweep.sweep(on("2026-03-03 08:00"))
    actions.grant(case.pk, actor=scene.actor("supervisor"), at=on("2026-03-03 09:00"))
    case.refresh_from_db()
    asked = Request.objects.get(case=case)
    assert (asked.old_due_at, case.finish_due_at) == (on("2026-03-02 24:00"), on("2026-03-04 24:00"))
    # From Tuesday 9:00 there are 39 hours: half of them are over on Wednesday at 4:30.
    assert case.next_check_at == on("2026-03-04 04:30")
    sweep.sweep(on("2026-03-05 00:00"))
    finish = [e for e in CaseEvent.objects.filter(case=case, action="warn") if e.facts["clock"] == "finish"]
    assert [(e.facts["level"], e.facts["due_at"][:10]) for e in finish] == [
        ("half", "2026-03-02"),
        ("fifths", "2026-03-02"),
        ("overdue", "2026-03-02"),
        ("half", "2026-03-03"),
        ("fifths", "2026-03-04"),
        ("overdue", "2026-03-04"),
    ]  # fmt: skip - instants are told in UTC


def stricter_from(day: date) -> None:
    """From this day on, 一般 is due at 24:00 of the next day, and has been ended for earlier days."""
    old = DeadlineRule.objects.get(grade="general", clock="finish", kind="")
    DeadlineRule.objects.filter(pk=old.pk).update(valid_to=day)
    DeadlineRule.objects.create(
        grade="general", clock="finish", basis="days", amount=1, source="试办〔2026〕3号", valid_from=day
    )


def test_a_later_rule_alters_nothing_of_earlier_cases(scene: Scene) -> None:
    """Invariant 5: also what starts anew later follows the rule of the day of receipt."""
    before, back, done = handling(scene), reported(scene), closed(scene)
    stricter_from(date(2026, 3, 3))
    later = on("2026-03-04 10:00")
    actions.send_back(back.pk, actor=scene.actor("supervisor"), at=later, reason="灯仍不亮")
    actions.reopen(done.pk, actor=scene.actor("supervisor"), at=later, text="又坏了")
    actions.reclassify(before.pk, actor=scene.actor("operator"), at=later, grade="complex")
    actions.reclassify(before.pk, actor=scene.actor("operator"), at=later, grade="general")

    due = {case.pk: case.finish_due_at for case in Case.objects.filter(pk__in=[before.pk, back.pk, done.pk])}
    assert due == {
        before.pk: on("2026-03-02 24:00"), back.pk: on("2026-03-04 24:00"), done.pk: on("2026-03-04 24:00"),
    }  # fmt: skip
    assert make_case(scene, at=later).finish_due_at == on("2026-03-05 24:00")
    assert make_case(scene, at=on("2026-03-02 23:00")).finish_due_at == on("2026-03-03 24:00")


def test_a_year_not_announced_is_provisional_until_it_is(scene: Scene, tmp_path: Path) -> None:
    """Tuesday 29 December 2026: 30, 31, and by weekends alone Friday the 1st, Monday the 4th, Tuesday the 5th.

    The notice takes the 1st and the 4th off and has Saturday the 9th worked: 30, 31, 5, 6, 7 January.
    """
    case = make_case(scene, at=on("2026-12-29 10:00"), kind="enterprise", grade="complex")
    assert (case.finish_due_at, case.provisional) == (on("2027-01-05 24:00"), True)
    assert sweep.recompute_provisional(on("2026-12-29 11:00")) == 0

    path = tmp_path / "2027.csv"
    path.write_text(NOTICE)
    announce(path)
    assert sweep.recompute_provisional(on("2026-12-29 12:00")) == 1
    assert sweep.recompute_provisional(on("2026-12-29 12:00")) == 0

    case.refresh_from_db()
    assert (case.finish_due_at, case.provisional) == (on("2027-01-07 24:00"), False)
    event = CaseEvent.objects.get(case=case, action="recompute_due")
    assert event.facts["old"] != event.facts["new"]
