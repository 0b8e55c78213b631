"""Guards: preconditions of actions beyond the table of transitions. An action is refused, and not offered, by them.

A check that needs more rows than a page reads stays in its action: the limits of disputes and of reopening, one
reminder a day for a requester, cases merged into one that is to be closed, who supports a public case.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, NotAllowed, Refused, WrongState
from jieban.cases.access.access_facts import AccessFacts
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import CaseKind, Nature, State
from jieban.cases.models import Case

Guard = Callable[[AccessFacts, datetime], Refused | None]
Row = TypeVar("Row")


def refusal(do: Action, facts: AccessFacts, at: datetime) -> Refused | None:
    """The reason why the action has no effect now; None when its guard lets it pass."""
    guard = _GUARDS.get(do)
    return guard(facts, at) if guard else None


def present(row: Row | None) -> Row:
    """Narrows an optional row to one that the action's guard has already checked."""
    if row is None:
        raise RuntimeError("the guard of this action does not ask for the row")
    return row


def is_visited(case: Case) -> bool:
    """Whether there is a requester to visit: a patrol finding usually has none."""
    return case.kind != CaseKind.PATROL or case.requester_id is not None


def _answer_now(facts: AccessFacts, at: datetime) -> Refused | None:
    if facts.case.nature == Nature.CONSULT:
        return None
    return Invalid(
        _("只有咨询可以即时答复。请先更正性质，或转派单员派单。"), fields={"nature": _("不是咨询")}
    )


def _arrive(facts: AccessFacts, at: datetime) -> Refused | None:
    if any(call.arrived_at is None for call in facts.whistle_calls):
        return None
    return WrongState(_("贵单位已经报到，不必重复。"))


def _co_report(facts: AccessFacts, at: datetime) -> Refused | None:
    return None if facts.open_shares() else WrongState(_("贵单位已经回复主办单位，不必重复。"))


def _record_visit(facts: AccessFacts, at: datetime) -> Refused | None:
    if is_visited(facts.case):
        return None
    return Invalid(_("巡查案件没有诉求人，不用见面。"), code="no_requester")


def _dispute(facts: AccessFacts, at: datetime) -> Refused | None:
    if facts.open_dispute is None:
        return None
    return WrongState(_("本件的退单正在裁定，请等待结果，期间继续办理。"))


def _settle(facts: AccessFacts, at: datetime) -> Refused | None:
    return WrongState(_("本件没有待裁定的退单。")) if facts.open_dispute is None else None


def _ask(facts: AccessFacts, at: datetime) -> Refused | None:
    if facts.pending_request is None:
        return None
    return WrongState(_("已有申请等待审批，请等结果出来后再申请。"))


def _decide(facts: AccessFacts, at: datetime) -> Refused | None:
    return WrongState(_("本件没有待审批的申请。")) if facts.pending_request is None else None


def _visit_back(facts: AccessFacts, at: datetime) -> Refused | None:
    case = facts.case
    if case.state == State.MERGED:
        state = case.primary.state if case.primary else ""
        if state not in {State.REPORTED, State.CLOSED}:
            return WrongState(_("主件还没有报结，报结后再回访。"))
    elif case.state == State.HANDLING and (case.finish_due_at is None or at < case.finish_due_at):
        return WrongState(_("还没有报结，办结时限也未到，到时再回访。"))
    if case.visited_back_at is not None and case.state != State.HANDLING:
        return WrongState(_("本件已经回访过了。"))
    return _own_work(facts)


def _check(facts: AccessFacts, at: datetime) -> Refused | None:
    found_by = facts.case.found_by_id
    if found_by is not None and found_by == facts.actor.person_id:
        return NotAllowed(_("上报人不能核查自己发现的案件。"), code="own_work")
    return _own_work(facts)


def _own_work(facts: AccessFacts) -> Refused | None:
    """Refuses a check or visit-back by a person, or a unit, that handled the case."""
    if not facts.has_worked:
        return None
    return NotAllowed(_("不能回访或核查自己办理的案件，请由其他人员办理。"), code="own_work")


def _close(facts: AccessFacts, at: datetime) -> Refused | None:
    if facts.case.visited_back_at is not None:
        return None
    needed = _("现场核查") if facts.case.kind == CaseKind.PATROL else _("回访")
    return Invalid(_("还没有%s，不能结案。") % needed, fields={"visit_back": needed})


def _publish(facts: AccessFacts, at: datetime) -> Refused | None:
    if not facts.is_public():
        return None
    return WrongState(_("本件已经公开。要改标题或简介，请先撤下再公开。"), code="already_public")


def _is_public(facts: AccessFacts, at: datetime) -> Refused | None:
    if facts.is_public():
        return None
    return WrongState(_("这件诉求现在没有公开，请刷新页面。"), code="not_public")


_GUARDS: dict[Action, Guard] = {
    Action.ANSWER_NOW: _answer_now,
    Action.ARRIVE: _arrive,
    Action.CO_REPORT: _co_report,
    Action.RECORD_VISIT: _record_visit,
    Action.DISPUTE: _dispute,
    Action.SETTLE: _settle,
    Action.REQUEST_EXTENSION: _ask,
    Action.PUT_ON_ACCOUNT: _ask,
    Action.GRANT: _decide,
    Action.REFUSE: _decide,
    Action.VISIT_BACK: _visit_back,
    Action.CHECK: _check,
    Action.CLOSE: _close,
    Action.PUBLISH: _publish,
    Action.UNPUBLISH: _is_public,
    Action.SUPPORT: _is_public,
}
