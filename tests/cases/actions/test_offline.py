"""What a phone sends: once for each key, at the time at which it was taken down."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.cases import actions
from jieban.cases.flow.action import Action
from jieban.cases.models import Case, SentItem, Visit
from jieban.registry.ledger import verification
from tests.base.hostile_files import picture
from tests.cases.scene import AT, Scene, handling, make_scene, reported, visited

KEY = "3f1c2a9e-5b1d-4c8e"
PHOTO = picture()
VISIT = {"kinds": ["needs"], "way": "in_person", "said": "灯不亮"}
LATER = AT + timedelta(hours=3)


def send(scene: Scene, case: Case, **more: Any) -> SentItem:
    wanted: dict[str, Any] = {"key": KEY, "do": Action.RECORD_VISIT, "values": VISIT, "at": LATER} | more
    return actions.apply_sent_item(case.pk, actor=scene.actor(more.pop("by", "department")), **wanted)


def test_the_act_bears_the_time_at_which_it_was_taken_down(scene: Scene) -> None:
    case = handling(scene)
    taken = AT + timedelta(hours=1)
    item = send(scene, case, taken_at=taken, photos=[PHOTO, picture(size=(80, 60))])
    case.refresh_from_db()
    assert (item.taken_at, item.sent_at, case.contact_met_at) == (taken, LATER, taken)
    assert Visit.objects.get().at == taken
    assert [event.at for event in case.events.order_by("seq")][-3:] == [taken, taken, taken]
    assert case.attachments.count() == 2
    assert verification.verify_history().faults == []


def test_the_same_key_is_done_once_also_when_it_comes_later(scene: Scene) -> None:
    case = handling(scene)
    first = send(scene, case, photos=[PHOTO])
    again = send(scene, case, photos=[PHOTO], at=LATER + timedelta(days=1))
    assert (first.pk, first.sent_at) == (again.pk, again.sent_at)
    assert (Visit.objects.count(), case.attachments.count()) == (1, 1)


def test_the_same_key_for_something_else_is_refused(scene: Scene) -> None:
    case = handling(scene)
    send(scene, case)
    with pytest.raises(Invalid, match="与先前发送的不同"):
        send(scene, case, do=Action.ADD_NOTE, values={"text": "已联系"})
    with pytest.raises(Invalid, match="与先前发送的不同"):
        send(scene, handling(scene))


def test_two_people_may_use_the_same_key(scene: Scene) -> None:
    case = handling(scene)
    other = handling(scene, lead="D2")
    send(scene, case)
    actions.apply_sent_item(
        other.pk, actor=scene.actor("department2"), at=LATER, key=KEY, do=Action.RECORD_VISIT, values=VISIT
    )
    assert Visit.objects.count() == 2


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        (LATER + timedelta(minutes=6), "future"),
        (AT - timedelta(minutes=6), "too_early"),
        (None, ""),
        (LATER + timedelta(minutes=4), ""),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_nothing_is_kept(
    scene: Scene, taken: datetime | None, code: str
) -> None:
    case = handling(scene)
    if not code:
        assert send(scene, case, taken_at=taken).taken_at == LATER
        return
    with pytest.raises(Invalid) as refused:
        send(scene, case, taken_at=taken)
    assert refused.value.code == code
    assert not SentItem.objects.exists() and not Visit.objects.exists()


def test_what_is_older_than_three_days_is_asked_about(scene: Scene) -> None:
    case = handling(scene)
    much_later = AT + timedelta(hours=73, minutes=1)
    with pytest.raises(Invalid, match="已超过 72 小时才发送") as refused:
        send(scene, case, taken_at=AT, at=much_later)
    assert refused.value.code == "late"
    assert send(scene, case, taken_at=AT, at=much_later, confirmed=True).taken_at == AT


def test_a_refusal_keeps_nothing_and_the_next_try_is_the_first(scene: Scene) -> None:
    case = reported(scene)
    with pytest.raises(WrongState):
        send(scene, case, photos=[PHOTO])
    assert not SentItem.objects.exists() and case.attachments.count() == 0
    actions.send_back(case.pk, actor=scene.actor("supervisor"), at=AT, reason="没有修好")
    send(scene, case, values=VISIT | {"kinds": ["effect"]})
    assert SentItem.objects.count() == 1


def test_a_bad_photograph_takes_the_visit_with_it(scene: Scene) -> None:
    case = handling(scene)
    with pytest.raises(Invalid):
        send(scene, case, photos=[PHOTO, b"<html>"])
    assert not Visit.objects.exists() and case.attachments.count() == 0


def test_a_unit_that_has_lost_the_case_may_not_send(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        send(scene, handling(scene, lead="D2"))


def test_a_report_comes_after_its_photographs(scene: Scene) -> None:
    scene.category.needs_photo = True
    scene.category.save()
    case = visited(scene, category_id=scene.category.pk)
    send(scene, case, do=Action.REPORT_RESULT, values={"text": "已修好"}, photos=[PHOTO])
    case.refresh_from_db()
    assert case.state == "reported"


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Scene]:
    yield make_scene()


def test_eight_sends_of_one_key_at_once_are_one_visit(committed: Scene) -> None:
    case = handling(committed)
    barrier = Barrier(8)
    answers: list[object] = []

    def run() -> None:
        try:
            barrier.wait()
            answers.append(send(committed, case, photos=[PHOTO]).pk)
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [SentItem.objects.get().pk] * 8
    assert (Visit.objects.count(), case.attachments.count()) == (1, 1)
