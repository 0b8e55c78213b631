"""Random lives of cases, night and day and over the Spring Festival, against a simple model of them.

Each run lives in one database transaction that is rolled back. JIEBAN_LONG=1 takes 1,000 runs of 50 steps.
"""

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)  # fmt: skip

from jieban.base.clock import local_date
from jieban.base.errors import Refused
from jieban.cases import actions
from jieban.cases.actions import Concern, Matter
from jieban.cases.clocks import deadlines
from jieban.cases.flow import states
from jieban.cases.flow.states import FINAL_STATES, LED_STATES, RUNNING_STATES, State
from jieban.cases.history import event_digests
from jieban.cases.integrity.verification import verify_history
from jieban.cases.models import (
    Assignment,
    Case,
    CaseEvent,
    Dispute,
    Involvement,
    Request,
    WhistleCall,
)
from jieban.cases.timers import sweep
from tests.base.hostile_files import picture
from tests.cases.cells import OPEN, OTHERS, ROWS, Row, make_strangers
from tests.cases.scene import Scene

LONG = os.environ.get("JIEBAN_LONG") == "1"
RUNS, STEPS = (1_000, 50) if LONG else (60, 40)
MOST_CASES = 6
# Friday, 13 February 2026, 08:30 in Beijing: the Spring Festival begins on the 15th.
START = datetime(2026, 2, 13, 0, 30, tzinfo=UTC)
PAUSES = (0, 0, 1, 20, 60, 150, 480, 900, 1440, 1500, 4320, 12960)  # minutes
NAMES = (
    "resident", "enterprise", "operator", "dispatcher", "street", "department", "department2", "community",
    "property", "patrol", "caller", "supervisor", "leader", "analyst", "auditor", "admin", "system",
    *OTHERS,
)  # fmt: skip
BY_UNIT = {"D1": "department", "D2": "department2", "S": "street", "S2": "street2"}
WORK = {"sign", "record_visit", "report_result", "co_report", "hand_down", "arrive"}
# Where the book leaves more than one way.
WAYS = {"settle": {"dispatched", "handling"}, "grant": {"handling", "on_account"}}
ENDS = {"declined", "answered", "closed", "withdrawn", "split", "merged"}
STRAIGHT = {"dispatch", "sign", "record_visit", "report_result", "visit_back", "check", "close"}
SEEDS = st.integers(0, 2**32 - 1)
PHOTO = picture()


@dataclass
class Known:
    """What the model knows of a case: its state, and the hash of every event so far."""

    kind: str
    state: str
    hashes: list[bytes] = field(default_factory=list)
    before_merge: str = ""
    primary: int | None = None


class Life(RuleBasedStateMachine):
    """Some cases, many people, and time that goes on."""

    scene: ClassVar[Scene]
    reached: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.at = START
        self.seed = self.steps = 0
        self.cases: dict[int, Known] = {}
        self.references: dict[str, tuple[int, str]] = {}

    def teardown(self) -> None:
        try:
            faults = verify_history().faults
            assert faults == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # -- what happens

    def chance(self, seed: int) -> Random:
        """Another one at each step, however often the same seed is tried."""
        self.steps += 1
        return Random(f"{self.seed} {seed} {self.steps}")  # a str: it is mixed well

    def wait(self, rnd: Random, pauses: tuple[int, ...] = PAUSES) -> None:
        self.at += timedelta(minutes=rnd.choice(pauses))

    @initialize(seed=SEEDS)
    def first(self, seed: int) -> None:
        self.seed = seed
        self.take_in("appeal", "general", "", "楼道灯坏了")
        self.take_in("appeal", "complex", "", "水管漏水")
        self.take_in("patrol", "general", "", "井盖松动")

    @precondition(lambda self: len(self.cases) < MOST_CASES)
    @rule(seed=SEEDS)
    def receive(self, seed: int) -> None:
        rnd = self.chance(seed)
        self.wait(rnd)
        kind = rnd.choice(["appeal", "enterprise", "patrol"])
        grade = rnd.choice(["simple", "general", "complex"])
        self.take_in(kind, grade, rnd.choice(["", "A1", "A2"]), rnd.choice(["停水了", "路坏了"]))

    def take_in(self, kind: str, grade: str, reference: str, text: str) -> None:
        by = {"appeal": "resident", "enterprise": "enterprise", "patrol": "patrol"}[kind]
        concern = Concern(
            kind=kind, channel="web", text=text, grade=grade, nature="consult", source="app" if reference else "",
            source_ref=reference,
        )  # fmt: skip
        said = f"{kind} {grade} {text}"
        known = self.references.get(reference)
        try:
            received = actions.receive(concern, actor=self.scene.actor(by), at=self.at)
        except Refused as refusal:
            assert refusal.code == "key_reused" and known is not None and known[1] != said
            return
        assert received.created == (known is None)
        if received.created:
            self.cases[received.case.pk] = Known(kind, "received")
            if reference:
                self.references[reference] = (received.case.pk, said)
        else:
            assert known == (received.case.pk, said)

    @rule(seed=SEEDS)
    def go_on(self, seed: int) -> None:
        """The next thing on the straight way, by whoever should do it."""
        rnd = self.chance(seed)
        self.wait(rnd)
        pk = self.some_case(rnd)
        known = self.cases[pk]
        match known.state:
            case "received":
                self.act("dispatch", "dispatcher", pk, rnd)
            case "dispatched":
                self.act("sign", self.signer(pk), pk, rnd)
            case "handling":
                for kind in ("needs", "opinion") if rnd.random() < 0.5 else ():
                    values = {"kinds": [kind], "way": "phone", "said": "尽快"}
                    self.do("record_visit", self.lead(pk), pk, values)
                self.act("co_report", self.helper(pk), pk, rnd)
                self.act("report_result", self.lead(pk), pk, rnd)
            case "reported":
                look = "check" if known.kind == "patrol" else "visit_back"
                who = "supervisor" if known.kind == "patrol" else "caller"
                self.act(look, who, pk, rnd)
                self.act("close", "supervisor", pk, rnd)
            case "on_account":
                self.act("resume", "supervisor", pk, rnd)

    @rule(seed=SEEDS)
    def something_possible(self, seed: int) -> None:
        """What the book allows in this state, by somebody with the right role, tied to the case or not."""
        rnd = self.chance(seed)
        self.wait(rnd)
        for _attempt in range(5):
            pk = self.some_case(rnd)
            known = self.cases[pk]
            rows = [row for row in ROWS if known.state in row.origin and known.kind in row.kinds]
            row = rnd.choice(rows or ROWS)
            if self.act(row.action, rnd.choice(self.fitting(row, pk)), pk, rnd):
                return

    @precondition(lambda self: self.at_work())
    @rule(seed=SEEDS)
    def something_for_handlers(self, seed: int) -> None:
        """What is done only while a unit works at the case, and what somebody waits for."""
        rnd = self.chance(seed)
        self.wait(rnd, PAUSES[:6])
        for _attempt in range(5):
            pk = rnd.choice(self.at_work())
            known = self.cases[pk]
            rows = [
                row
                for row in ROWS
                if known.state in row.origin and len(row.origin) < len(OPEN) and row.to not in ENDS
            ]
            possible = self.waited_for(pk)
            waited_for = [row for row in rows if row.action in possible]
            row = rnd.choice(waited_for * 8 + rows)
            if self.act(row.action, rnd.choice(self.fitting(row, pk)), pk, rnd):
                return

    def at_work(self) -> list[int]:
        return [pk for pk, known in self.cases.items() if known.state in {"handling", "on_account"}]

    def fitting(self, row: Row, pk: int) -> list[str]:
        """Who has the right role; more often whoever is tied to the case."""
        fitting = [name for name in NAMES if name.rstrip("2") in row.by]
        tied = [name for name in (self.signer(pk), self.helper(pk), "resident") if name in fitting]
        return tied * 6 + fitting

    @rule(seed=SEEDS)
    def anything(self, seed: int) -> None:
        """Anybody tries anything."""
        rnd = self.chance(seed)
        self.wait(rnd)
        row: Row = rnd.choice(ROWS)
        self.act(row.action, rnd.choice(NAMES), self.some_case(rnd), rnd)

    @rule(seed=SEEDS)
    def the_clock_is_swept(self, seed: int) -> None:
        rnd = self.chance(seed)
        self.wait(rnd)
        sweep.sweep(self.at)
        for case in Case.objects.all():
            known = self.cases[case.pk]
            if case.state != known.state:  # the platform closes what was visited back and solved
                assert (known.state, case.state) == ("reported", "closed")
                assert self.at - case.visited_back_at >= timedelta(days=1)  # type: ignore[operator]
                known.state = "closed"
            assert [warning for warning in deadlines.open_warnings(case) if warning.at <= self.at] == []

    # -- who and with what

    def some_case(self, rnd: Random) -> int:
        """Those that are at work more often: what has ended, or follows another, has few ways left."""
        often = [pk for pk, known in self.cases.items() if known.state in LED_STATES | {"received"}]
        return int(rnd.choice(often * 4 + sorted(self.cases)))

    def waited_for(self, pk: int) -> set[str]:
        """What somebody else's act has made possible: seldom hit on by chance."""
        waiting = {
            "settle": Dispute.objects.filter(case=pk, settled_at=None),
            "arrive": WhistleCall.objects.filter(case=pk, arrived_at=None),
            "grant": Request.objects.filter(case=pk, decided_at=None),
            "refuse": Request.objects.filter(case=pk, decided_at=None),
        }
        return {do for do, rows in waiting.items() if rows.exists()}

    def lead(self, pk: int) -> str:
        code = Case.objects.values_list("lead__code", flat=True).get(pk=pk)
        return BY_UNIT.get(code or "", "department")

    def active(self, pk: int, relation: str) -> list[str]:
        found = Assignment.objects.filter(case=pk, relation=relation, ended_at=None).order_by("id")
        return [BY_UNIT.get(code, "community") for code in found.values_list("unit__code", flat=True)]

    def signer(self, pk: int) -> str:
        return (self.active(pk, "next_lead") or [self.lead(pk)])[0]

    def helper(self, pk: int) -> str:
        return (self.active(pk, "co_handler") + self.active(pk, "child") + ["department2"])[0]

    def values(self, do: str, name: str, pk: int, rnd: Random) -> dict[str, Any]:
        """Values for an act, mostly such as fit."""
        unit = lambda *codes: self.scene.unit(rnd.choice(codes)).pk  # noqa: E731
        some = lambda *choices: rnd.choice(choices)  # noqa: E731
        today = local_date(self.at)
        match do:
            case "answer_now" | "co_report" | "refuse" | "resume" | "report_result" | "reopen" | "remind":
                return {"text": "已经办好"}
            case "supervise" | "escalate" | "add_note":
                return {"text": "请抓紧"}
            case "decline":
                return {"reason": some("outside", "litigation", "not_filed"), "told": "请向有关部门反映"}
            case "hand_over":
                return {"service": "119", "called_at": self.at, "said": "请速来"}
            case "merge":
                return {"primary_id": self.some_case(rnd)}
            case "split":
                return {"matters": [Matter(text="路灯不亮"), Matter(text="井盖松动")][: some(2, 2, 1)]}
            case "dispatch":
                helper = some("", "D2", "S2")
                helpers = [self.scene.unit(helper).pk] if helper else []
                return {"lead_id": unit("D1", "S", "S"), "co_handler_ids": helpers}
            case "hand_down":
                return {"unit_id": unit("C", "P", "C3", "D1A")}
            case "whistle":
                return {"kind": "joint", "unit_ids": [unit("D1", "D2")], "place": "楼前", "meet_at": self.at}
            case "arrive":
                return {"place": "楼前"}
            case "dispute":
                return {"reason": "不属本单位", "proposed_id": some(None, self.scene.unit("D2").pk)}
            case "settle":
                outcome = some("uphold", "reassign", "joint")
                return {"outcome": outcome, "text": "经研究", "lead_id": unit("D1", "D2", "S")}
            case "record_visit":
                kinds = some(["needs"], ["opinion"], ["effect"], ["needs", "opinion"])
                return {"kinds": kinds, "way": "in_person", "said": "尽快"}
            case "request_extension":
                return {"new_due_at": self.at + timedelta(days=some(1, 8)), "reason": "等配件"}
            case "put_on_account" | "review":
                day = today + timedelta(days=some(1, 3, 200))
                given = {"reason_code": "plan", "plan": "列入计划", "responsible": "王主任"}
                return {**(given if do == "put_on_account" else {"text": "继续"}), "review_on": day}
            case "send_back":
                return {"reason": "没有修好"}
            case "visit_back":
                if some(True, True, False):
                    return {
                        "reached": True,
                        "contacted": "yes",
                        "solved": some("yes", "no"),
                        "satisfied": "yes",
                    }
                return {"reached": False}
            case "check":
                return {"passed": some(True, True, False), "text": "已恢复", "photo_id": self.photo(name, pk)}
            case "take_over":
                return {"by": "backstop", "text": "请兜底"}
            case "reclassify":
                return {"grade": some("", "simple", "complex"), "nature": some("", "help")}
            case "mark_urgent":
                return {"urgency": some("urgent", "life"), "text": "有老人"}
            case "attach":
                return {"content": PHOTO}
            case "supplement":
                return {"text": "又漏了"}
            case "publish":
                return {"title": "楼道照明", "summary": "正在修"}
            case "support":
                return {"phone": some("10001234590", "10001234591")}
            case "erase":
                return {"ground": "个人信息保护法第四十七条"}
        return {}

    def photo(self, name: str, pk: int) -> int:
        """The photograph of whoever will check, where they may upload one."""
        known = self.cases[pk]
        if known.state != "reported" or known.kind != "patrol":
            return 0
        try:
            return actions.attach(pk, actor=self.scene.actor(name), at=self.at, content=PHOTO).pk
        except Refused:
            return 0

    # -- what must come of it

    def act(self, do: str, name: str, pk: int, rnd: Random) -> bool:
        return self.do(do, name, pk, self.values(do, name, pk, rnd))

    def do(self, do: str, name: str, pk: int, values: dict[str, Any]) -> bool:
        """Tries it; returns whether it was done. A refusal must be the one that the book asks for."""
        known = self.cases[pk]
        may = [row for row in ROWS if row.action == do and name.rstrip("2") in row.by]
        now = [row for row in may if known.state in row.origin and known.kind in row.kinds]
        try:
            result = getattr(actions, do)(pk, actor=self.scene.actor(name), at=self.at, **values)
        except Refused as refusal:
            if not now:
                assert refusal.code == ("wrong_state" if may else "not_allowed")
            else:
                assert refusal.code != "not_allowed"
            return False
        assert now, f"{do} by {name} in {known.state}"
        note(f"{self.at:%d %H:%M} {do} on {pk} by {name}: {known.state}, {values}")
        self.follow(do, pk, now[0], result, values)
        return True

    def follow(self, do: str, pk: int, row: Row, result: Any, values: dict[str, Any]) -> None:
        """The model goes the same way."""
        known = self.cases[pk]
        self.reached[do] += 1
        state = Case.objects.values_list("state", flat=True).get(pk=pk)
        if do == "unmerge":
            assert state == known.before_merge
        elif do in WAYS:
            assert state in WAYS[do] | {known.state}
        else:
            assert state == (row.to or known.state)
        if do == "merge":
            known.before_merge, known.primary = known.state, values["primary_id"]
        if do == "split":
            for child in result:
                self.cases[child.pk] = Known(known.kind, "received")
        known.state = state
        if do == "unmerge":
            known.primary = None
        if do == "withdraw":
            for follower in self.cases.values():
                if follower.primary == pk:
                    follower.state, follower.primary = follower.before_merge, None

    # -- what must hold after every step

    @invariant()
    def the_rules_hold(self) -> None:
        cases = {case.pk: case for case in Case.objects.order_by("pk")}
        assert {pk: case.state for pk, case in cases.items()} == {
            pk: known.state for pk, known in self.cases.items()
        }
        self.one_lead(cases)
        for pk, still_open in Involvement.objects.values_list("case", "open"):
            assert still_open == (cases[pk].state in states.OPEN_STATES)
        self.chains(cases)
        for case in cases.values():
            self.clocks(case)
        with connection.cursor() as cursor:  # what the database itself checks at the end of a transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    def one_lead(self, cases: dict[int, Case]) -> None:
        """Exactly one lead where a case is at work, and no unit responsible where it is not."""
        active = list(Assignment.objects.filter(ended_at=None).values_list("case", "unit", "relation"))
        for pk, case in cases.items():
            leads = [unit for of, unit, relation in active if of == pk and relation == "lead"]
            if case.state in LED_STATES:
                assert leads == [case.lead_id]
            else:
                assert [of for of, _unit, _relation in active if of == pk] == []

    def chains(self, cases: dict[int, Case]) -> None:
        """Events are only appended; each new one holds the hash of all before it; who works does not check."""
        events: dict[int, list[CaseEvent]] = {pk: [] for pk in cases}
        for event in CaseEvent.objects.order_by("case", "seq"):
            events[event.case_id].append(event)
        for pk, case in cases.items():
            known, chain = self.cases[pk], events[pk]
            assert [bytes(event.hash) for event in chain[: len(known.hashes)]] == known.hashes
            new = chain[len(known.hashes) :]
            previous = known.hashes[-1] if known.hashes else event_digests.NO_HASH
            for event in new:
                assert bytes(event.hash) == event_digests.event_hash(event, previous)
                previous = bytes(event.hash)
                known.hashes.append(previous)
            assert (case.event_count, bytes(case.last_hash)) == (len(chain), previous)
            if new:
                self.told(case, chain)

    def told(self, case: Case, chain: list[CaseEvent]) -> None:
        """The history alone tells the case as it is, and nobody judged their own work."""
        columns: dict[str, Any] = {}
        worked: set[int | None] = set()
        state = ""
        for seq, event in enumerate(chain, start=1):
            assert (event.seq, event.before) == (seq, state)
            state = event.after
            columns |= json.loads(event.body)["set"]
            if event.action in {"visit_back", "check"}:
                assert event.person_id is None or event.person_id not in worked
            if event.action in WORK:
                worked.add(event.person_id)
        assert state == case.state
        assert columns == event_digests.case_columns(case)

    def clocks(self, case: Case) -> None:
        assert case.finish_due_at is not None and case.finish_from_at is not None
        assert (case.contact_due_at is None) == (case.kind == "patrol")
        if case.state in RUNNING_STATES:
            assert case.finish_due_at > case.finish_from_at
        if case.state in FINAL_STATES | {State.SPLIT, State.MERGED}:
            assert case.next_check_at is None
        assert (case.paused_at is not None) == (case.state == State.ON_ACCOUNT)
        assert case.next_check_at == deadlines.next_check_at(case)
        if case.state == State.CLOSED:
            assert case.visited_back_at is not None and case.closed_at is not None
        if case.state == State.REPORTED:
            assert (case.visit_back_due_at is None) == (case.visited_back_at is not None)

    @invariant()
    def every_case_is_counted_once(self) -> None:
        """In = declined + answered + merged + split + withdrawn + open + closed; children are cases of their own."""
        ended = {"declined", "answered", "merged", "split", "withdrawn", "closed"}
        counts = Counter(Case.objects.values_list("state", flat=True))
        opened = sum(
            counts[state] for state in ("received", "dispatched", "handling", "on_account", "reported")
        )
        assert opened + sum(counts[state] for state in ended) == len(self.cases)


def test_random_lives_keep_the_rules(scene: Scene, own_var: None) -> None:
    make_strangers(scene)
    Life.scene, Life.reached = scene, Counter()
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # the acts are noted; to look for a shorter life takes many minutes
        ),
    )  # fmt: skip
    # A run in which little succeeds would prove little; what is missed by chance the cell test does.
    missed = {row.action for row in ROWS} - set(Life.reached)
    assert len(missed) <= (0 if LONG else 10), sorted(missed)
    assert set(Life.reached) >= STRAIGHT


@pytest.fixture
def own_var(tmp_path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.VAR = tmp_path  # the seal files of other tests are not of these cases
