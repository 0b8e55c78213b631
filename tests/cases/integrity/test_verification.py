"""Whatever somebody with all rights in the database changes, the verification finds it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, InternalError

from jieban.cases import actions
from jieban.cases.history.case_ledger import CASES
from jieban.cases.models import Case, CaseEvent
from jieban.registry.ledger import seals
from jieban.registry.ledger.chain import event_hash
from jieban.registry.ledger.verification import verify_history
from jieban.registry.models import Seal
from tests.cases.scene import AT, Scene, closed, handling, make_case
from tests.tampering import as_superuser


@pytest.fixture(autouse=True)
def seal_folder(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(settings, "VAR", tmp_path)


def test_untouched_history_is_whole(scene: Scene) -> None:
    closed(scene)
    make_case(scene)
    result = verify_history()
    assert (result.faults, result.entities, result.events) == ([], {"case": 2}, 9)


TAMPERING = {
    "body": "UPDATE cases_caseevent SET body = replace(body, 'D1', 'D2') WHERE seq = 2",
    "action": "UPDATE cases_caseevent SET action = 'remind' WHERE seq = 3",
    "backdated": "UPDATE cases_caseevent SET at = at - interval '1 day' WHERE seq = 6",
    "recorded": "UPDATE cases_caseevent SET recorded_at = recorded_at - interval '1 day' WHERE seq = 6",
    "actor": "UPDATE cases_caseevent SET person_id = (SELECT min(id) FROM registry_person) WHERE seq = 6",
    "deleted": "DELETE FROM cases_caseevent WHERE seq = 4",
    "cut tail": "DELETE FROM cases_caseevent WHERE seq = 8",
    "reordered": "UPDATE cases_caseevent SET seq = 105 WHERE seq = 4; UPDATE cases_caseevent SET seq = 4 WHERE seq = 5",
    "state": "UPDATE cases_case SET state = 'withdrawn'",
    "due": "UPDATE cases_case SET finish_due_at = finish_due_at + interval '1 day'",
    "subject": "UPDATE cases_case SET subject = '别的'",
    "case deleted": "DELETE FROM cases_case",
    "visit": "UPDATE cases_visit SET way = 'phone'",
    "visit deleted": "DELETE FROM cases_visit WHERE kind = 'opinion'",
    "answers": "UPDATE cases_visitback SET satisfied = 'no'",
    "signed": "UPDATE cases_assignment SET signed_at = signed_at - interval '1 hour'",
    "said": "UPDATE cases_eventtext SET text = '满意' WHERE name = 'said'",
    "said deleted": "DELETE FROM cases_eventtext WHERE name = 'result'",
    "said erased without record": "UPDATE cases_eventtext SET text = '', erased_at = now()",
    "text": "UPDATE cases_casetext SET text = '别的内容'",
    "phone": "UPDATE cases_casetext SET phone = ''",
}


@pytest.mark.parametrize("name", TAMPERING)
def test_change_by_a_superuser_is_found(scene: Scene, name: str) -> None:
    case = closed(scene)
    as_superuser(TAMPERING[name])
    result = verify_history()
    assert not result.ok
    assert {fault.entity for fault in result.faults} <= {
        case.number,
        f"#{case.pk}",
        "?",
    } or name == "visit deleted"


def test_whole_case_cut_away_is_found_by_the_seal(scene: Scene) -> None:
    make_case(scene)
    gone = make_case(scene)
    seals.make_seal(AT)
    for table in ("caseevent", "casetext"):
        as_superuser(f"DELETE FROM cases_{table} WHERE case_id = %s", gone.pk)
    as_superuser("DELETE FROM cases_case WHERE id = %s", gone.pk)
    assert [fault.what for fault in verify_history().faults] == ["封存时有 2 条历史记录，现在 1 条或内容不同"]


def test_seal_cut_away_with_its_events_is_found_outside(scene: Scene) -> None:
    make_case(scene)
    seals.make_seal(AT)
    for table in ("cases_caseevent", "cases_casetext", "cases_case", "registry_seal"):
        as_superuser(f"DELETE FROM {table}")
    assert [fault.what for fault in verify_history().faults] == ["数据库中没有这份封存记录"]


def test_forged_chain_without_the_key_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    case = handling(scene)
    event = CaseEvent.objects.filter(case=case).last()
    assert event is not None
    event.at -= timedelta(hours=1)
    forged = event_hash(CASES, event, bytes(CaseEvent.objects.get(case=case, seq=event.seq - 1).hash))
    as_superuser("UPDATE cases_caseevent SET at = %s, hash = %s WHERE id = %s", event.at, forged, event.pk)
    as_superuser("UPDATE cases_case SET last_hash = %s WHERE id = %s", forged, case.pk)
    assert verify_history().faults[0].what == f"第 {event.seq} 条历史记录被改动"


def test_seals_follow_each_other_and_the_day_covers_all(scene: Scene) -> None:
    make_case(scene)
    seals.make_seal(AT)
    make_case(scene)
    seals.make_seal(AT + timedelta(minutes=10))
    assert seals.make_seal(AT + timedelta(minutes=20)) is None
    day = seals.make_seal(AT + timedelta(hours=15), Seal.Level.DAY)
    assert day is not None and day.count == 2
    make_case(scene)
    result = verify_history()
    assert (result.faults, result.unsealed, result.seals) == ([], 1, 1)


def test_erased_case_still_verifies(scene: Scene) -> None:
    case = closed(scene)
    actions.erase(case.pk, actor=scene.actor("admin"), at=AT, ground="个人信息保护法第四十七条")
    assert verify_history().faults == []
    assert Case.objects.get().words.text == ""


def test_events_refuse_change(scene: Scene) -> None:
    make_case(scene)
    check: Callable[[], object] = lambda: CaseEvent.objects.update(action="sign")  # noqa: E731 - called below
    with pytest.raises((IntegrityError, InternalError)):
        check()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"statement": 1}'])
def test_damaged_seal_file_is_a_fault_and_the_check_goes_on(scene: Scene, content: str) -> None:
    make_case(scene)
    seals.make_seal(AT)
    (path,) = seals.seal_files()
    path.write_text(content)
    assert [fault.entity for fault in verify_history().faults] == [f"封存文件 {path.name}"]
