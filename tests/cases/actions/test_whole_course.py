"""The course of a case from the first word to closed."""

from datetime import date, timedelta

import pytest
from django.db import connection

from jieban.base.errors import Invalid, WrongState
from jieban.cases import actions
from jieban.cases.actions.intake import receive
from jieban.cases.history.case_numbers import is_number
from jieban.cases.models import CaseEvent, NumberDay
from tests.cases.scene import AT, Scene, closed, handling, make_case, reported


def settle_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_case_goes_from_received_to_closed(scene: Scene) -> None:
    case = closed(scene)
    settle_deferred()
    assert case.state == "closed"
    assert [event.action for event in CaseEvent.objects.filter(case=case)] == [
        "receive", "dispatch", "sign", "record_visit", "record_visit", "report_result", "visit_back", "close",
    ]  # fmt: skip


def test_number_has_day_sequence_and_check_digit(scene: Scene) -> None:
    first, second = make_case(scene), make_case(scene)
    assert first.number.startswith("SJ20260302-")
    assert is_number(first.number) and is_number(second.number) and first.number != second.number


def test_a_number_drawn_before_another_opened_the_day_is_drawn_anew(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two first cases of a day at once: the later number's transaction may write the day's first."""
    open_day = receive._base

    def slower(day: date, drawn: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('cases_number'), nextval('cases_number')")
            NumberDay.objects.create(day=day, base=cursor.fetchone()[1])
        return open_day(day, drawn)

    monkeypatch.setattr(receive, "_base", slower)
    case = make_case(scene, at=AT + timedelta(days=1))
    assert case.number.startswith("SJ20260303-00002-") and is_number(case.number)


def test_report_says_what_is_missing(scene: Scene) -> None:
    case = handling(scene)
    with pytest.raises(Invalid) as refusal:
        actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text="已处理")
    assert refusal.value.message == "还不能报结，还差：访需求、访意见。"


def test_second_signature_is_refused(scene: Scene) -> None:
    case = handling(scene)
    with pytest.raises(WrongState):
        actions.sign(case.pk, actor=scene.actor("department"), at=AT)


def test_close_needs_the_visit_back(scene: Scene) -> None:
    case = reported(scene)
    with pytest.raises(Invalid) as refusal:
        actions.close(case.pk, actor=scene.actor("supervisor"), at=AT)
    assert refusal.value.message == "还没有回访，不能结案。"
