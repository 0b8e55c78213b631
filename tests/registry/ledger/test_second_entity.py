"""An entity that is no case has the same history: under the same seal, and whatever is changed in it is found."""

import inspect
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from jieban.cases.history.case_ledger import CASES
from jieban.cases.models import CaseEvent
from jieban.registry.documents import document_reads
from jieban.registry.documents.storage_checks import verify_files
from jieban.registry.ledger import seals
from jieban.registry.ledger.append_only import append_only
from jieban.registry.ledger.chain import event_hash
from jieban.registry.ledger.declaration import ledgers
from jieban.registry.ledger.verification import verify_history
from jieban.registry.models import DocumentFile, LedgerEvent, Seal
from tests.base.hostile_files import picture
from tests.cases.scene import AT, Scene, make_case, make_scene
from tests.platforms import wait_until
from tests.registry.ledger import pilots
from tests.registry.ledger.pilots import PILOTS, Pilot, PilotEvent, PilotText, Plan
from tests.tampering import as_superuser

TABLES = (Pilot, PilotEvent, PilotText, Plan)


def make_tables() -> None:
    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)
        editor.execute(append_only("pilots_pilotevent"))


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """As if an installed app declared it."""
    monkeypatch.setattr(settings, "VAR", tmp_path)
    path = f"{pilots.__name__}.PILOTS"
    monkeypatch.setattr(apps.get_app_config("registry"), "ledgers", (path,), raising=False)


@pytest.fixture
def scene(db: None, declared: None) -> Scene:
    make_tables()
    return make_scene()


def sealed_together(scene: Scene) -> tuple[Pilot, Seal]:
    """A case and a pilot that was changed three times, with a text and a plan, under one seal."""
    by = {"actor": scene.actor("admin"), "at": AT}
    pilot = pilots.create("老山东里北", **by)
    make_case(scene)
    pilots.fund(pilot.pk, 3_000_000, "居民出资两成", **by)
    pilots.choose(pilot.pk, **by)
    pilots.add_plan(pilot.pk, picture(), **by)
    seal = seals.make_seal(AT)
    assert seal is not None
    pilot.refresh_from_db()
    return pilot, seal


def test_a_case_and_a_pilot_are_under_one_seal(scene: Scene) -> None:
    pilot, seal = sealed_together(scene)
    ids = sorted([event.pk for model in (CaseEvent, PilotEvent) for event in model.objects.all()])
    assert (seal.count, seal.last_id, len(ids)) == (5, ids[-1], 5)
    assert PilotEvent.objects.filter(pk__lt=CaseEvent.objects.get().pk).count() == 1
    result = verify_history()
    assert (result.faults, result.entities) == ([], {"pilot": 1, "case": 1})
    assert (result.events, result.seals, result.unsealed) == (5, 1, 0)
    assert (pilot.state, pilot.budget, pilot.event_count) == ("chosen", 3_000_000, 4)
    history = PilotEvent.objects.order_by("seq").values_list("before", "after")
    assert list(history) == [
        ("", "candidate"), ("candidate", "candidate"), ("candidate", "chosen"), ("chosen", "chosen"),
    ]  # fmt: skip


def test_a_plan_is_stored_read_and_verified_as_an_attachment_is(scene: Scene) -> None:
    sealed_together(scene)
    plan = Plan.objects.get()
    content = document_reads.content_of(plan, "plan")
    assert content is not None and content.content.startswith(b"\xff\xd8\xff")
    check = verify_files()
    assert (check.files, check.faults) == (1, [])
    DocumentFile.objects.update(name=None, thumb="", erased_at=AT)
    assert verify_files().faults == [("老山东里北", f"附件 {plan.pk}：没有文件，也没有清除记录")]


TAMPERING = {
    "entity": ("UPDATE pilots_pilot SET budget = 1", "试点的“budget”与历史记录不符"),
    "row": ("UPDATE pilots_plan SET stored_sha256 = sha256", "plan 第 "),
    "row removed": ("DELETE FROM pilots_plan", "历史记录中的一行已被删除"),
    "text": ("UPDATE pilots_pilottext SET text = '财政全额'", "第 2 条历史记录的文字被改动或删除"),
    "text erased": (
        "UPDATE pilots_pilottext SET text = '', erased_at = now()", "第 2 条历史记录的文字被改动或删除",
    ),
    "event": ("UPDATE pilots_pilotevent SET at = at - interval '1 day' WHERE seq = 2", "第 2 条历史记录被改动"),
    "event removed": ("DELETE FROM pilots_pilotevent WHERE seq = 3", "第 3 条历史记录缺失"),
    "last event removed": ("DELETE FROM pilots_pilotevent WHERE seq = 4", "历史记录的末尾被截断"),
    "pilot removed": ("DELETE FROM pilots_pilot", "有历史记录，但试点已被删除"),
    "pilot removed with all": (
        "DELETE FROM pilots_pilot; DELETE FROM pilots_plan; DELETE FROM pilots_pilottext; "
        "DELETE FROM pilots_pilotevent",
        "封存时有 5 条历史记录，现在 1 条或内容不同",
    ),
    "seal removed": ("DELETE FROM registry_seal", "数据库中没有这份封存记录"),
    "seal": ("UPDATE registry_seal SET count = 4", "封存记录的签名不对"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_a_change_by_a_superuser_is_found(scene: Scene, name: str) -> None:
    sealed_together(scene)
    sql, found = TAMPERING[name]
    as_superuser(sql)
    assert found in verify_history().faults[0].what


def test_a_tail_cut_with_the_entity_set_back_is_found_by_the_seal_alone(scene: Scene) -> None:
    pilot, _seal = sealed_together(scene)
    before = PilotEvent.objects.get(seq=3)
    as_superuser("DELETE FROM pilots_plan; DELETE FROM pilots_pilotevent WHERE seq = 4")
    Pilot.objects.filter(pk=pilot.pk).update(event_count=3, last_hash=before.hash)
    assert [fault.what for fault in verify_history().faults] == ["封存时有 5 条历史记录，现在 4 条或内容不同"]


def test_an_event_of_one_ledger_is_none_of_another(scene: Scene) -> None:
    sealed_together(scene)
    event = PilotEvent.objects.get(seq=1)
    twin = CaseEvent(
        case_id=event.pilot_id, seq=event.seq, action=event.action, person_id=event.person_id, post_id=event.post_id,
        role=event.role, unit_id=event.unit_id, at=event.at, recorded_at=event.recorded_at, before=event.before,
        after=event.after, body=event.body,
    )  # fmt: skip
    assert event_hash(CASES, twin, b"") != event_hash(PILOTS, event, b"")


def test_every_table_of_events_has_its_ledger_and_its_triggers(scene: Scene) -> None:
    sealed_together(scene)
    found = list(ledgers())
    assert len({ledger.name for ledger in found}) == len(found) > 1
    installed = {model for model in apps.get_models() if issubclass(model, LedgerEvent)}
    assert installed <= {ledger.event for ledger in found}
    for ledger in found:
        table = ledger.event._meta.db_table
        for sql in (f"UPDATE {table} SET at = at", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with (
                pytest.raises(DatabaseError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(sql)


def test_an_entity_needs_less_than_a_hundred_lines() -> None:
    assert len(inspect.getsource(pilots).splitlines()) < 100


@pytest.fixture
def committed_tables(transactional_db: None, declared: None) -> Iterator[None]:
    make_tables()
    yield
    with connection.schema_editor() as editor:
        for model in reversed(TABLES):
            editor.delete_model(model)


@pytest.mark.django_db(transaction=True)
def test_the_sealer_waits_for_an_event_that_is_on_its_way(committed_tables: None) -> None:
    scene = make_scene()
    pilot = pilots.create("老山东里北", actor=scene.actor("admin"), at=AT)
    made: list[Seal | None] = []
    sealer = Thread(target=in_own_connection, args=[lambda: made.append(seals.make_seal(AT))])
    with transaction.atomic():
        pilots.choose(pilot.pk, actor=scene.actor("admin"), at=AT)
        writer = Thread(target=in_own_connection, args=[lambda: make_case(scene)])
        writer.start()
        writer.join(20)
        sealer.start()
        wait_until(lambda: waiting_for_locks() == 1, 20)
    sealer.join(20)
    assert CaseEvent.objects.get().pk > PilotEvent.objects.get(seq=2).pk
    assert made[0] is not None and (made[0].count, made[0].last_id) == (3, CaseEvent.objects.get().pk)
    assert verify_history().faults == []


def in_own_connection(call: Callable[[], object]) -> None:
    try:
        call()
    finally:
        connection.close()


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return int(cursor.fetchone()[0])
