"""Transitions: the only code that changes a case's state and writes its events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, NotAllowed, NotFound, WrongState
from jieban.base.sql.row_writes import fetch, write
from jieban.cases.access import guards
from jieban.cases.access.access_facts import AccessFacts
from jieban.cases.access.ties import is_tied
from jieban.cases.clocks import deadlines
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.enums import Relation
from jieban.cases.flow.states import State
from jieban.cases.flow.transitions import Transition, may_ever, transition_for
from jieban.cases.history.case_ledger import CASES
from jieban.cases.models import Assignment, Case, CaseEvent, Involvement
from jieban.channels.message_types import MessageType
from jieban.registry.identity.posts import Actor
from jieban.registry.ledger.declaration import row_table
from jieban.registry.ledger.recording import EventDraft, append

LONGEST_TEXT = 20_000  # characters


@dataclass
class CaseChange:
    """Unit of work of one transition: the locked case, the actor, and the contents of the event."""

    case: Case
    do: Action
    actor: Actor
    at: datetime
    move: Transition
    to: State | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, int], str] = field(default_factory=dict)
    access: AccessFacts = field(init=False)

    def __post_init__(self) -> None:
        self.access = AccessFacts(self.case, self.actor)

    @property
    def assignments(self) -> list[Assignment]:
        """Assignments in force."""
        return self.access.assignments

    def assigned(self, *relations: Relation) -> list[Assignment]:
        return self.access.assigned(*relations)

    def mine(self, *relations: Relation) -> list[Assignment]:
        """Assignments of these relations that the actor's units have."""
        return self.access.mine(*relations)

    def add(self, row: models.Model) -> None:
        """Inserts a row that belongs to the case; the event covers it."""
        row.save(force_insert=True)
        self._note(row)

    def change(self, row: models.Model, **values: Any) -> None:
        """Updates a row that belongs to the case; the event covers it."""
        for name, value in values.items():
            setattr(row, name, value)
        write([], [(row, values)])
        self._note(row)

    def assign(self, unit_id: int, relation: Relation, **values: Any) -> Assignment:
        """Adds an assignment, and the unit to the case's path."""
        row = Assignment(case=self.case, unit_id=unit_id, relation=relation, assigned_at=self.at, **values)
        self.add(row)
        self.assignments.append(row)
        self.involve(unit_id)
        return row

    def end(self, assignment: Assignment, *, by_merge: bool = False) -> None:
        self.change(assignment, ended_at=self.at, ended_by_merge=by_merge)
        self.assignments.remove(assignment)

    def involve(self, unit_id: int) -> None:
        """Adds the unit to the case's path: it may see the case from now on."""
        Involvement.objects.bulk_create(
            [Involvement(case=self.case, unit_id=unit_id, received_at=self.case.received_at)],
            ignore_conflicts=True,
        )

    def message(self, kind: MessageType) -> MessageType:
        """The message type, checked to be declared by the action's card. Raises RuntimeError otherwise."""
        if kind.code not in CARDS[self.do].notifies:
            raise RuntimeError(f"the card of {self.do.value} does not name the message {kind.code}")
        return kind

    def add_text(self, name: str, text: str, *, required: bool = True) -> None:
        """Keeps a text that people wrote; the history holds only a commitment to it."""
        text = _check_text(name, text, required)
        if text:
            self.texts[name] = text

    def _note(self, row: models.Model) -> None:
        self.rows[row_table(type(row)), row.pk] = CASES.row_digest(row)


def _check_text(name: str, text: str, required: bool) -> str:
    text = (text or "").strip()
    if required and not text:
        raise Invalid(_("请填写内容后再提交。"), fields={name: _("这一项必填")})
    if len(text) > LONGEST_TEXT:
        raise Invalid(_("文字太长，请控制在两万字以内。"), fields={name: _("最多 %d 字") % LONGEST_TEXT})
    return text


def lock_cases(*case_ids: int) -> dict[int, Case]:
    """Locks cases in the order of their ids, so that concurrent transitions cannot deadlock."""
    locked = fetch(Case, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(case_ids)])
    return {case.pk: case for case in locked}


@contextmanager
def transition(case_id: int, do: Action, *, actor: Actor, at: datetime) -> Iterator[CaseChange]:
    """Runs one action on a case in a `with` block: lock, table, tie and guard before it; event and case after it.

    Raises NotAllowed (403), WrongState (409), Invalid (422); then nothing is changed.
    """
    if at.tzinfo is None:
        raise ValueError("at must be an aware datetime")
    _check_role(do, actor)
    case = lock_cases(case_id).get(case_id)
    if case is None:
        raise NotFound(_("没有这个案件，请核对单号。"))
    move = _transition_for(do, actor, case)
    current = CaseChange(case, do, actor, at, move)
    _check_requirement(current)
    refusal = guards.refusal(do, current.access, at)
    if refusal is not None:
        raise refusal
    before = CASES.columns(case)
    state = State(case.state)
    yield current
    _finish(current, before, state)


def admit(case: Case, do: Action, *, actor: Actor, at: datetime) -> None:
    """Checks as `transition` does, without a lock: for views that check before they read a long body.

    Raises NotAllowed and WrongState. A transition may still be refused after it, when somebody else was faster.
    """
    _check_role(do, actor)
    _check_requirement(CaseChange(case, do, actor, at, _transition_for(do, actor, case)))


def _check_role(do: Action, actor: Actor) -> None:
    if not may_ever(do, actor.role):
        raise NotAllowed(
            _("您的岗位不能办理“%(action)s”。如确有需要，请联系有权限的岗位。") % {"action": do.label}
        )


def _transition_for(do: Action, actor: Actor, case: Case) -> Transition:
    move = transition_for(do, actor.role, case.kind, case.state)  # type: ignore[arg-type]
    if move is None:
        raise WrongState(
            _("案件现在是“%(state)s”，不能“%(action)s”。请刷新页面看最新情况。")
            % {"state": case.get_state_display(), "action": do.label}
        )
    return move


def _check_requirement(current: CaseChange) -> None:
    if not is_tied(current.case, current.actor, current.move.tie, current.access, current.at):
        raise NotAllowed(
            _("本件的“%(action)s”不由您的单位办理。请与主办单位或派单员联系。")
            % {"action": current.do.label},
            code="not_involved",
        )


def _finish(current: CaseChange, before: dict[str, Any], state: State) -> None:
    case, move = current.case, current.move
    if current.to is None and move.to:
        if len(move.to) > 1:
            raise RuntimeError(f"{current.do} must say where it leads")
        current.to = move.to[0]
    if current.to is not None and current.to != state:
        if current.to not in move.to:
            raise RuntimeError(f"{current.do} does not lead to {current.to}")
        case.state = current.to
    case.next_check_at = deadlines.next_check_at(case)
    append(case, event_draft(current, before=state), before, derived=["next_check_at"])


def event_draft(current: CaseChange, *, before: str) -> EventDraft:
    """Contents of the case's next event."""
    return EventDraft(
        CASES, current.do, current.actor, current.at, before, current.case.state, current.facts, current.texts,
        current.rows,
    )  # fmt: skip


def event_body(event: CaseEvent) -> dict[str, Any]:
    return dict(json.loads(event.body))
