"""The table of transitions written down a second time, and cases brought to each of its cells by the actions.

It is not derived from `flow/transitions.py`: what is expected of a cell is written here by hand.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from jieban.base.errors import Refused
from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import CaseKind, State
from jieban.cases.models import Case, CaseEvent
from jieban.registry.identity.posts import SYSTEM, Actor
from jieban.registry.roles import Role
from tests.base.hostile_files import picture
from tests.cases.scene import AT, Scene, make_actor, make_case, make_unit

# action : from : by : to (empty: the same) : only for these kinds : relation of the actor to the case
TABLE = """
answer_now        : received                     : operator                       : answered   : heard  :
decline           : received                     : dispatcher                     : declined   :        :
hand_over         : received                     : operator                       : declined   :        :
merge             : received dispatched handling : dispatcher                     : merged     :        :
merge             : received                     : operator                       : merged     :        : taker
unmerge           : merged                       : dispatcher system              : handling   :        :
split             : received dispatched          : operator dispatcher            : split      :        :
dispatch          : received                     : dispatcher system              : dispatched :        :
sign              : dispatched                   : street department              : handling   :        : lead
hand_down         : handling                     : street department              :            :        : lead
whistle           : handling                     : street                         :            :        : lead
arrive            : handling                     : street department              :            :        : called
co_report         : handling                     : street department community property :      :        : helper
dispute           : dispatched handling          : street department              :            :        : lead
settle            : dispatched handling          : dispatcher supervisor          :            :        :
record_visit      : dispatched handling          : street department community    :            :        : handler
request_extension : handling                     : street department              :            :        : lead
put_on_account    : handling                     : street department              :            :        : lead
put_on_account    : handling                     : supervisor                     : on_account :        :
grant             : handling                     : supervisor leader              :            :        :
refuse            : handling                     : supervisor leader              :            :        :
review            : on_account                   : supervisor                     :            :        :
resume            : on_account                   : supervisor                     : handling   :        :
report_result     : handling                     : street department              : reported   :        : lead
send_back         : reported                     : caller supervisor              : handling   :        :
visit_back        : reported handling merged     : caller                         :            : heard  :
visit_back        : reported handling merged     : resident enterprise            :            : heard  : requester
check             : reported                     : patrol street community supervisor :        : patrol : stranger
close             : reported                     : supervisor system              : closed     :        :
reopen            : closed                       : supervisor operator            : handling   :        :
reopen            : closed                       : resident enterprise            : handling   :        : requester
reopen            : answered declined            : supervisor operator            : received   :        :
reopen            : answered declined            : resident enterprise            : received   :        : requester
remind            : open                         : operator dispatcher caller supervisor leader :  :    :
remind            : open                         : resident enterprise            :            :        : requester
supervise         : open                         : supervisor leader              :            :        :
escalate          : open                         : dispatcher supervisor system   :            :        :
take_over         : open                         : supervisor leader              :            :        :
reclassify        : open                         : operator dispatcher supervisor :            :        :
mark_urgent       : open                         : operator dispatcher caller supervisor system :  :    :
add_note          : open                         : operator dispatcher caller supervisor leader patrol : : :
add_note          : open                         : street department community property :      :        : path
attach            : reported                     : patrol street community        :            : patrol :
attach            : open                         : operator dispatcher caller supervisor patrol :  :    :
attach            : open                         : street department community property :      :        : path
attach            : open                         : resident enterprise            :            :        : requester
withdraw          : received dispatched handling on_account reported : operator   : withdrawn  : heard  :
withdraw          : received dispatched handling on_account reported : resident enterprise : withdrawn : heard : requester
supplement        : open                         : operator                       :            :        :
supplement        : open                         : resident enterprise            :            :        : requester
publish           : received dispatched handling on_account reported closed : dispatcher supervisor : : :
unpublish         : any                          : dispatcher supervisor          :            :        :
support           : received dispatched handling on_account reported : resident enterprise : :      :
erase             : answered declined closed withdrawn : admin system             :            :        :
"""  # noqa: E501 - a table is read by its columns
OPEN = ("received", "dispatched", "handling", "on_account", "reported", "merged", "split")
KINDS = {
    "": frozenset(CaseKind.values),
    "heard": frozenset({"appeal", "enterprise"}),
    "patrol": frozenset({"patrol"}),
}
# No transition leads there: nobody consults by patrol, and a patrol case has no requester who could withdraw it.
UNREACHABLE = {("patrol", "answered"), ("patrol", "withdrawn")}
REACHABLE = [
    (kind, state) for kind in CaseKind.values for state in State.values if (kind, state) not in UNREACHABLE
]
OTHERS = ("resident2", "enterprise2", "street2", "department2", "community2", "property2", "patrol2")
UNITS = {"street", "department", "community", "property"}
SHOWABLE = {"received", "dispatched", "handling", "on_account", "reported", "closed"}
LATER = AT + timedelta(hours=1)
PHOTO = picture()


@dataclass(frozen=True)
class Row:
    action: str
    origin: frozenset[str]
    by: frozenset[str]
    to: str
    kinds: frozenset[str]
    tie: str


def parsed() -> list[Row]:
    rows = []
    for line in TABLE.strip().splitlines():
        action, origin, by, to, kinds, tie = (part.strip() for part in line.split(":"))
        states = frozenset({"open": OPEN, "any": State.values}.get(origin, origin.split()))
        rows.append(Row(action, states, frozenset(by.split()), to, KINDS[kinds], tie))
    return rows


ROWS = parsed()


@dataclass
class Stage:
    """A case in a state, led by a street or a department, with the other as co-handler."""

    scene: Scene
    kind: str
    state: str
    lead: str
    case: Case
    other: Case

    @property
    def pk(self) -> int:
        return self.case.pk

    def id_of(self, code: str) -> int:
        return self.scene.unit(code).pk

    def do(self, action: str, by: str, **values: Any) -> None:
        getattr(actions, action)(self.pk, actor=self.scene.actor(by), at=AT, **values)

    @property
    def helper(self) -> str:
        return "department" if self.lead == "street" else "street"

    @property
    def helpers(self) -> set[str]:
        below = self.lead == "street" and self.state != "dispatched"
        return {self.helper, "property"} | ({"community"} if below else set())

    def tied(self, tie: str, name: str) -> bool:
        role = name.rstrip("2")
        at_work = self.helpers | {self.lead}
        match tie:
            case "lead":
                return name == self.lead
            case "helper":
                return name in self.helpers
            case "handler":
                return name in at_work
            case "called":
                return self.lead == "street" and name in {"department", "street2"}
            case "requester":
                return (self.kind, name) in {("appeal", "resident"), ("enterprise", "enterprise")}
            case "path":
                # A case that is split was only dispatched before: the community did not have it yet.
                dispatched = self.state != "received"
                return dispatched and name in at_work - ({"community"} if self.state == "split" else set())
            case "taker":
                return False  # nobody here received it in the same call; see test_call_outcomes
            case "stranger":
                return role == "supervisor" or name not in at_work | {"patrol"}
        return True

    def expected(self, action: str, name: str) -> str:
        """The expected state after the action, or the code of the refusal."""
        may = [row for row in ROWS if row.action == action and name.rstrip("2") in row.by]
        if not may:
            return "not_allowed"
        now = [row for row in may if self.state in row.origin and self.kind in row.kinds]
        if not now:
            return "wrong_state"
        if not self.tied(now[0].tie, name):
            return "own_work" if action == "check" else "not_involved"
        if action == "record_visit" and self.kind == "patrol":
            return "no_requester"
        if action == "unpublish" and self.state not in SHOWABLE:
            return "not_public"
        if action == "support" and self.tied("requester", name):
            return "own_case"
        return now[0].to or self.state


def make_strangers(scene: Scene) -> None:
    """Actors of each role who have nothing to do with the case."""
    make_unit(scene, "S2", "street")
    make_unit(scene, "SC2", "street_centre", "S2")
    make_unit(scene, "C2", "community", "S2")
    make_unit(scene, "P2", "property", "S2")
    make_unit(scene, "C3", "community", "S")
    make_unit(scene, "D1A", "department", "D1")
    for name, role, unit in (
        ("resident2", Role.RESIDENT, ""), ("enterprise2", Role.ENTERPRISE, ""), ("street2", Role.STREET, "SC2"),
        ("community2", Role.COMMUNITY, "C2"), ("property2", Role.PROPERTY, "P2"), ("patrol2", Role.PATROL, "SC2"),
    ):  # fmt: skip
        make_actor(scene, name, role, unit)
    scene.actors["system"] = SYSTEM


def begin(scene: Scene, kind: str, lead: str, **more: object) -> Stage:
    by = {"appeal": "resident", "enterprise": "enterprise", "patrol": "patrol"}[kind]
    values = {"kind": kind, "nature": "consult", "grade": "complex", **more}
    case, other = make_case(scene, by=by, **values), make_case(scene, by=by, **values)
    return Stage(scene, kind, "received", lead, case, other)


def visit(stage: Stage) -> None:
    if stage.kind != "patrol":
        for kind in ("needs", "opinion"):
            stage.do("record_visit", stage.lead, kinds=[kind], way="phone", said="尽快")


def report(stage: Stage) -> None:
    visit(stage)
    stage.do("co_report", stage.helper, text="已配合")
    stage.do("report_result", stage.lead, text="已修好")


def visit_back(stage: Stage) -> None:
    if stage.kind == "patrol":
        photo = actions.attach(stage.pk, actor=stage.scene.actor("supervisor"), at=AT, content=PHOTO)
        stage.do("check", "supervisor", passed=True, text="已恢复", photo_id=photo.pk)
    else:
        stage.do("visit_back", "caller", reached=True, contacted="yes", solved="yes", satisfied="yes")


def dispatch(stage: Stage) -> None:
    lead, helper = ("S", "D1") if stage.lead == "street" else ("D1", "S")
    stage.do(
        "dispatch", "dispatcher", lead_id=stage.id_of(lead), co_handler_ids=[stage.id_of(helper)],
        property_id=stage.id_of("P"),
    )  # fmt: skip


def handle(stage: Stage) -> None:
    dispatch(stage)
    stage.do("sign", stage.lead)
    if stage.lead == "street":
        stage.do("hand_down", "street", unit_id=stage.id_of("C"))


def reach(scene: Scene, kind: str, state: str, lead: str, **more: object) -> Stage:
    """A case brought to this state by actions."""
    stage = begin(scene, kind, lead, **more)
    match state:
        case "declined":
            stage.do("decline", "dispatcher", reason="outside", told="请向有关部门反映")
        case "answered":
            stage.do("answer_now", "operator", text="每天八点到二十点")
        case "dispatched":
            dispatch(stage)
        case "split":
            dispatch(stage)
            stage.do("split", "operator", matters=[Matter(text="路灯不亮"), Matter(text="井盖松动")])
        case "handling" | "on_account" | "reported" | "closed" | "merged" | "withdrawn":
            handle(stage)
    match state:
        case "on_account":
            stage.do("put_on_account", "supervisor", **account())
        case "reported" | "closed":
            report(stage)
        case "merged":
            stage.do("merge", "dispatcher", primary_id=stage.other.pk)
        case "withdrawn":
            stage.do("withdraw", "operator")
    if state == "closed":
        visit_back(stage)
        stage.do("close", "supervisor")
    stage.state = state
    assert Case.objects.get(pk=stage.pk).state == state
    return stage


def account() -> dict[str, Any]:
    day = (AT + timedelta(days=30)).date()
    return {"reason_code": "plan", "plan": "列入明年计划", "responsible": "王主任", "review_on": day}


def asks_for_time(stage: Stage) -> None:
    stage.do("request_extension", stage.lead, new_due_at=AT + timedelta(days=20), reason="等材料")


def report_primary(stage: Stage) -> None:
    if stage.state == "merged":
        primary = Stage(stage.scene, stage.kind, "received", stage.lead, stage.other, stage.case)
        handle(primary)
        report(primary)


# What must happen first, where the state alone is not enough.
FIRST: dict[Action, tuple[set[str], Callable[[Stage], None]]] = {
    Action.ARRIVE: ({"handling"}, lambda s: whistle(s)),
    Action.SETTLE: ({"dispatched", "handling"}, lambda s: s.do("dispute", s.lead, reason="不属本单位")),
    Action.GRANT: ({"handling"}, asks_for_time),
    Action.REFUSE: ({"handling"}, asks_for_time),
    Action.REPORT_RESULT: ({"handling"}, lambda s: (visit(s), s.do("co_report", s.helper, text="已配合"))),  # type: ignore[func-returns-value]
    Action.VISIT_BACK: ({"merged"}, report_primary),
    Action.CLOSE: ({"reported"}, visit_back),
    Action.UNPUBLISH: (SHOWABLE, lambda s: s.do("publish", "dispatcher", **SHOWN)),
    Action.SUPPORT: (SHOWABLE, lambda s: s.do("publish", "dispatcher", **SHOWN)),
}


def whistle(stage: Stage) -> None:
    if stage.lead == "street":
        stage.do("whistle", "street", **call(stage))


def call(stage: Stage) -> dict[str, Any]:
    units = [stage.id_of("D1"), stage.id_of("S2")]
    return {"kind": "joint", "unit_ids": units, "place": "12号楼前", "meet_at": AT + timedelta(hours=2)}


def photo_of(stage: Stage, actor: Actor, name: str) -> int:
    """The photograph of a check, uploaded by the checker; only where the check is tried for real."""
    if stage.expected("check", name) != "reported":
        return 0
    return actions.attach(stage.pk, actor=actor, at=LATER, content=PHOTO).pk


SHOWN = {"title": "楼道照明", "summary": "老山东里一带楼道照明不亮，正在修。"}
TEXT = {"text": "请抓紧"}
REASON = {"reason": "与实际不符"}
VALUES: dict[Action, dict[str, Any] | Callable[[Stage], dict[str, Any]]] = {
    Action.ANSWER_NOW: TEXT,
    Action.DECLINE: {"reason": "outside", "told": "请向有关部门反映"},
    Action.HAND_OVER: {"service": "119", "called_at": AT, "said": "请速来"},
    Action.MERGE: lambda s: {"primary_id": s.other.pk},
    Action.UNMERGE: {},
    Action.SPLIT: {"matters": [Matter(text="路灯不亮"), Matter(text="井盖松动")]},
    Action.DISPATCH: lambda s: {"lead_id": s.id_of("D2")},
    Action.SIGN: {},
    Action.HAND_DOWN: lambda s: {"unit_id": s.id_of("C3" if s.lead == "street" else "D1A")},
    Action.WHISTLE: call,
    Action.ARRIVE: {"place": "12号楼前"},
    Action.CO_REPORT: TEXT,
    Action.DISPUTE: REASON,
    Action.SETTLE: {"outcome": "uphold", "text": "属本单位职责"},
    Action.RECORD_VISIT: {"kinds": ["needs"], "way": "phone", "said": "尽快"},
    Action.REQUEST_EXTENSION: {"new_due_at": AT + timedelta(days=20), "reason": "等材料"},
    Action.PUT_ON_ACCOUNT: account(),
    Action.GRANT: {},
    Action.REFUSE: TEXT,
    Action.REVIEW: {"text": "继续", "review_on": (AT + timedelta(days=40)).date()},
    Action.RESUME: TEXT,
    Action.REPORT_RESULT: TEXT,
    Action.SEND_BACK: REASON,
    Action.VISIT_BACK: {"reached": True, "contacted": "yes", "solved": "yes", "satisfied": "yes"},
    Action.CHECK: {"passed": True, "text": "已恢复"},
    Action.CLOSE: {},
    Action.REOPEN: {"text": "又坏了"},
    Action.REMIND: TEXT,
    Action.SUPERVISE: TEXT,
    Action.ESCALATE: TEXT,
    Action.TAKE_OVER: {"by": "backstop", "text": "请兜底"},
    Action.RECLASSIFY: {"nature": "help"},
    Action.MARK_URGENT: {"urgency": "urgent", "text": "有老人"},
    Action.ADD_NOTE: TEXT,
    Action.ATTACH: {"content": PHOTO},
    Action.WITHDRAW: {},
    Action.SUPPLEMENT: TEXT,
    Action.PUBLISH: SHOWN,
    Action.UNPUBLISH: {},
    Action.SUPPORT: {"phone": "10001234599"},
    Action.ERASE: {"ground": "个人信息保护法第四十七条"},
}


@contextmanager
def undone() -> Iterator[None]:
    """Rolls back everything done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(stage: Stage, do: Action, name: str) -> str:
    """The state after the action, or the code of its refusal; what was done is not rolled back."""
    actor = stage.scene.actor(name)
    entry = VALUES[do]
    values = entry(stage) if callable(entry) else entry
    if do == Action.CHECK:
        values = {**values, "photo_id": photo_of(stage, actor, name)}
    # A visit-back in HANDLING is due when the limit has expired.
    at = AT + timedelta(days=10) if do == Action.VISIT_BACK else LATER
    try:
        getattr(actions, do.value)(stage.pk, actor=actor, at=at, **values)
    except Refused as refusal:
        status = {"not_allowed": 403, "not_involved": 403, "own_work": 403, "wrong_state": 409}
        status |= {"not_public": 409, "own_case": 409}
        assert refusal.status == status.get(refusal.code, 422) and refusal.message
        return refusal.code
    return after(stage, do, actor)


def after(stage: Stage, do: Action, actor: Actor) -> str:
    last = CaseEvent.objects.filter(case=stage.pk).order_by("seq").last()
    assert last is not None
    assert (last.action, last.before, last.person_id) == (do, stage.state, actor.person_id)
    state = Case.objects.values_list("state", flat=True).get(pk=stage.pk)
    assert last.after == state
    return state


def head(stage: Stage) -> tuple[Any, ...]:
    return Case.objects.values_list("state", "event_count", "last_hash").get(pk=stage.pk)
