"""Sixteen callers at once: one wins, the others are told the case moved on, and the history is one order."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from jieban.base.errors import WrongState
from jieban.cases import actions, history
from jieban.cases.models import Case, CaseEvent
from tests.cases.scene import AT, dispatched, leader_of, make_scene

CALLERS = 16


def at_once(call: Callable[[], object]) -> list[type]:
    """The kinds of answer that the callers got; NoneType is a success."""
    barrier, answers = Barrier(CALLERS), []

    def run() -> None:
        try:
            barrier.wait()
            call()
            answers.append(type(None))
        except Exception as error:
            answers.append(type(error))
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_sign_by_sixteen_at_once_happens_once() -> None:
    scene = make_scene()
    case = dispatched(scene)
    answers = at_once(lambda: actions.sign(case.pk, actor=leader_of(scene, "D1"), at=AT))
    assert answers.count(type(None)) == 1
    assert answers.count(WrongState) == CALLERS - 1
    head, state = history.NO_HASH, ""
    for seq, event in enumerate(CaseEvent.objects.filter(case=case).order_by("seq"), 1):
        assert (event.seq, event.before) == (seq, state)
        assert bytes(event.hash) == history.event_hash(event, head)
        head, state = bytes(event.hash), event.after
    assert bytes(Case.objects.get(pk=case.pk).last_hash) == head
