"""What must hold whatever code runs: tried by plain SQL, past every action."""

import pytest
from django.db import Error, connection, transaction

from jieban.cases import actions
from jieban.cases.flow.states import OPEN_STATES, State
from jieban.cases.lists import contact_reads
from jieban.cases.models import Assignment, Case, CaseEvent, Involvement
from jieban.registry.ledger import seals
from jieban.registry.models import Seal
from tests.cases.scene import AT, Scene, closed, dispatched, handling, make_case, reported


def run(sql: str, *values: object) -> int:
    """Runs a statement and what the end of a transaction would check; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        touched = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return touched


def refused(sql: str, *values: object) -> str:
    """The name of the constraint, or of the table whose trigger refused."""
    with pytest.raises(Error) as error, transaction.atomic():
        run(sql, *values)
    said = error.value.__cause__.diag  # type: ignore[union-attr]
    return said.constraint_name or said.message_primary


STATES_AT_WORK = ("dispatched", "handling", "on_account", "reported")


def in_state(scene: Scene, state: str) -> Case:
    if state == "on_account":
        case = handling(scene)
        return actions.put_on_account(
            case.pk, actor=scene.actor("supervisor"), at=AT, reason_code="plan", plan="明年改造", responsible="王主任",
            review_on=AT.date().replace(day=20),
        )  # fmt: skip
    return {"dispatched": dispatched, "handling": handling, "reported": reported}[state](scene)


@pytest.mark.parametrize("state", STATES_AT_WORK)
def test_a_case_at_work_never_loses_its_lead(scene: Scene, state: str) -> None:
    case = in_state(scene, state)
    lead = "relation = 'lead' AND case_id = %s"
    for sql in (
        f"UPDATE cases_assignment SET ended_at = now() WHERE {lead}",
        f"UPDATE cases_assignment SET relation = 'co_handler' WHERE {lead}",
        f"DELETE FROM cases_assignment WHERE {lead}",
        f"UPDATE cases_assignment SET unit_id = {scene.unit('D2').pk} WHERE {lead}",
        "UPDATE cases_case SET lead_id = NULL WHERE id = %s",
        f"UPDATE cases_case SET lead_id = {scene.unit('D2').pk} WHERE id = %s",
    ):
        assert refused(sql, case.pk) == "case_has_one_lead", sql


@pytest.mark.parametrize("state", STATES_AT_WORK)
def test_a_case_without_a_lead_is_never_at_work(scene: Scene, state: str) -> None:
    case = make_case(scene)
    sql = "UPDATE cases_case SET state = %s, review_on = now(), paused_at = now() WHERE id = %s"
    assert refused(sql, state, case.pk) == "case_has_one_lead"


COPY = """INSERT INTO cases_assignment
    (case_id, unit_id, relation, assigned_at, signed_late, settled, ended_by_merge)
    VALUES (%s, %s, %s, now(), false, false, false)"""


def test_a_second_lead_is_refused(scene: Scene) -> None:
    case = handling(scene)
    assert refused(COPY, case.pk, scene.unit("D2").pk, "lead") == "one_active_lead"


def test_a_second_next_lead_is_refused(scene: Scene) -> None:
    case = handling(scene)
    run(COPY, case.pk, scene.unit("D2").pk, "next_lead")
    assert refused(COPY, case.pk, scene.unit("S").pk, "next_lead") == "one_next_lead"


@pytest.mark.django_db
def test_the_database_and_the_platform_take_the_same_states_for_open() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state FROM unnest(%s::text[]) state WHERE cases_is_open(state)", [State.values]
        )
        assert {state for (state,) in cursor.fetchall()} == OPEN_STATES


def test_each_unit_on_the_path_of_a_case_knows_whether_it_is_open(scene: Scene) -> None:
    case = reported(scene)
    units = {row.unit_id for row in Involvement.objects.filter(case=case, open=True)}
    assert scene.unit("D1").pk in units and not Involvement.objects.filter(case=case, open=False).exists()
    ended = closed(scene)
    assert {row.open for row in Involvement.objects.filter(case=ended)} == {False}
    run("INSERT INTO cases_involvement (case_id, unit_id, received_at, open) VALUES (%s, %s, now(), true)",
        ended.pk, scene.unit("D2").pk)  # fmt: skip
    assert {row.open for row in Involvement.objects.filter(case=ended)} == {False}
    actions.reopen(ended.pk, actor=scene.actor("supervisor"), at=AT, text="又坏了")
    assert {row.open for row in Involvement.objects.filter(case=ended)} == {True}


def test_a_unit_is_not_in_a_case_twice(scene: Scene) -> None:
    case = handling(scene)
    assert refused(COPY, case.pk, scene.unit("D1").pk, "co_handler") == "unit_once_in_case"


def test_a_lead_that_ended_does_not_stand_in_the_way(scene: Scene) -> None:
    case = handling(scene)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_assignment SET ended_at = now() WHERE case_id = %s", [case.pk])
        cursor.execute(COPY, [case.pk, scene.unit("D2").pk, "lead"])
    assert run("UPDATE cases_case SET lead_id = %s WHERE id = %s", scene.unit("D2").pk, case.pk) == 1
    assert Assignment.objects.filter(case=case, ended_at=None).count() == 1


def test_nothing_is_closed_without_a_visit_back(scene: Scene) -> None:
    case = reported(scene)
    assert (
        refused("UPDATE cases_case SET state = 'closed' WHERE id = %s", case.pk) == "case_closed_visited_back"
    )
    done = closed(scene)
    sql = "UPDATE cases_case SET visited_back_at = NULL WHERE id = %s"
    assert refused(sql, done.pk) == "case_closed_visited_back"


def test_no_state_is_outside_the_list(scene: Scene) -> None:
    case = make_case(scene)
    assert refused("UPDATE cases_case SET state = 'lost' WHERE id = %s", case.pk) == "case_state_known"


def test_merged_and_only_merged_has_a_primary(scene: Scene) -> None:
    case, other = make_case(scene), make_case(scene)
    merged = "UPDATE cases_case SET state = 'merged' WHERE id = %s"
    assert refused(merged, case.pk) == "case_merged_has_primary"
    primary = "UPDATE cases_case SET primary_id = %s WHERE id = %s"
    assert refused(primary, other.pk, case.pk) == "case_merged_has_primary"


def test_on_account_has_a_review_date(scene: Scene) -> None:
    case = in_state(scene, "on_account")
    for column in ("review_on", "paused_at"):
        sql = f"UPDATE cases_case SET {column} = NULL WHERE id = %s"
        assert refused(sql, case.pk) == "case_on_account_review"


def test_the_same_source_and_reference_never_make_a_second_case(scene: Scene) -> None:
    make_case(scene, source="wechat", source_ref="A1")
    other = make_case(scene, source="wechat", source_ref="A2")
    assert refused("UPDATE cases_case SET source_ref = 'A1' WHERE id = %s", other.pk) == "case_source_once"
    make_case(scene, source="app", source_ref="A1")
    make_case(scene, source="wechat")
    make_case(scene, source="wechat")


def test_a_number_is_given_once(scene: Scene) -> None:
    case, other = make_case(scene), make_case(scene)
    sql = "UPDATE cases_case SET number = %s WHERE id = %s"
    assert "number" in refused(sql, case.number, other.pk)


def test_a_case_is_never_deleted(scene: Scene) -> None:
    case = make_case(scene)
    said = refused("DELETE FROM cases_case WHERE id = %s", case.pk)
    assert said == "the history is append-only: DELETE on cases_case is refused"


def kept(scene: Scene) -> None:
    case = handling(scene)
    seals.make_seal(AT)
    contact_reads.reveal_contact(case, scene.actor("caller"), reason="回访", at=AT)


CHANGES = {
    "cases_caseevent": "action = action",
    "registry_seal": "count = count",
    "cases_accesslog": "reason = reason",
}


@pytest.mark.parametrize("table", CHANGES)
def test_the_record_is_append_only(scene: Scene, table: str, tmp_path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.VAR = tmp_path
    kept(scene)
    before = (CaseEvent.objects.count(), Seal.objects.count())
    run("SET CONSTRAINTS ALL IMMEDIATE")  # else it would be refused for what is still to be checked
    for verb, sql in (
        ("UPDATE", f"UPDATE {table} SET {CHANGES[table]}"),
        ("DELETE", f"DELETE FROM {table}"),
        ("TRUNCATE", f"TRUNCATE {table} CASCADE"),
    ):
        said = refused(sql)
        assert said == f"the history is append-only: {verb} on {table} is refused"
    assert (CaseEvent.objects.count(), Seal.objects.count()) == before


def test_emptying_the_cases_is_refused_by_their_history(scene: Scene) -> None:
    make_case(scene)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert "the history is append-only: TRUNCATE" in refused("TRUNCATE cases_case CASCADE")


def test_no_two_events_have_one_place_in_the_chain(scene: Scene) -> None:
    case = handling(scene)
    sql = """INSERT INTO cases_caseevent
            (id, case_id, seq, action, role, at, recorded_at, before, after, body, hash, mac)
        SELECT nextval('registry_event_id'),
            case_id, seq, action, role, at, recorded_at, before, after, body, hash, mac
        FROM cases_caseevent WHERE case_id = %s AND seq = 1"""
    assert refused(sql, case.pk) == "event_seq_once"


OPEN_ONCE = {
    "one_open_dispute": (
        "cases_dispute", "(case_id, assignment_id, opened_at, outcome)",
        "SELECT %s, id, now(), '' FROM cases_assignment WHERE relation = %s",
    ),
    "one_pending_request": (
        "cases_request", "(case_id, kind, asked_at, reason_code, responsible)",
        "SELECT %s, 'extension', now(), '', %s",
    ),
}  # fmt: skip


@pytest.mark.parametrize("constraint", OPEN_ONCE)
def test_only_one_waits_for_a_decision(scene: Scene, constraint: str) -> None:
    case = actions.dispatch(
        make_case(scene).pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk,
        co_handler_ids=[scene.unit("D2").pk],
    )  # fmt: skip
    table, columns, values = OPEN_ONCE[constraint]
    run(f"INSERT INTO {table} {columns} {values}", case.pk, "lead")
    assert refused(f"INSERT INTO {table} {columns} {values}", case.pk, "co_handler") == constraint
