"""The course of a case in words: each event as who did what, when, with what was written."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.cases.access import rules
from jieban.cases.actions.door.transition import event_body
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import (
    AccountReason,
    DeclineReason,
    Satisfied,
    SettleOutcome,
    Solved,
    TakeOverBy,
    VisitKind,
    VisitWay,
    WhistleKind,
)
from jieban.cases.flow.states import Channel, Urgency
from jieban.cases.models import Case, CaseEvent, Request
from jieban.language.text.personal_data import mask_text
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Unit
from jieban.registry.roles import REQUESTER_ROLES, Role
from jieban.web.page.page_models import TimelineEntry
from jieban.web.page.time_words import due_words

UNIT_FACTS = ("lead", "unit", "proposed", "property")
UNITS_FACTS = ("co_handlers", "units")
CLOCK_LABELS = {
    "contact": gettext_lazy("联系时限"),
    "finish": gettext_lazy("办结时限"),
    "visit_back": gettext_lazy("回访时限"),
    "review": gettext_lazy("复核日期"),
    "auto_close": gettext_lazy("自动结案时间"),
}
WARNING_LABELS = {
    "half": gettext_lazy("过半"),
    "fifths": gettext_lazy("已过五分之四"),
    "overdue": gettext_lazy("已超过"),
    "due": gettext_lazy("已到"),
}


def case_timeline(
    case: Case, events: Sequence[CaseEvent], actor: Actor, now: datetime
) -> list[TimelineEntry]:
    """The events that this post may know of, the latest first; a query for the units named, one for contact data."""
    bodies = {event.pk: event_body(event)["facts"] for event in events}
    names = _unit_names(bodies.values())
    seen = [event for event in events if rules.may_see_event(event.action, actor)]
    told = [_timeline_entry(case, event, bodies[event.pk], names, actor, now) for event in reversed(seen)]
    if rules.may_see_contact(case, actor):
        return told
    return [replace(step, text=mask_text(step.text)) for step in told]


def _unit_names(facts: Iterable[dict[str, Any]]) -> dict[str, str]:
    codes = {code for fact in facts for key in UNIT_FACTS if (code := fact.get(key))}
    codes |= {code for fact in facts for key in UNITS_FACTS for code in fact.get(key) or ()}
    return dict(Unit.objects.filter(code__in=codes).values_list("code", "name"))


def _timeline_entry(
    case: Case, event: CaseEvent, facts: dict[str, Any], names: dict[str, str], actor: Actor, now: datetime
) -> TimelineEntry:
    words = "\n".join(row.text for row in event.written if row.text)
    return TimelineEntry(
        at=event.at,
        who=_who_text(event, actor) + _delegation_text(facts, actor),
        what=_what_text(case, Action(event.action), facts, names, now),
        note=event.unit.name if event.unit and rules.may_see_people(actor) else "",
        text=words if rules.may_see_event_text(event.action, actor) else "",
    )


def _who_text(event: CaseEvent, actor: Actor) -> str:
    if event.person_id is not None and event.person_id == actor.person_id:
        return _("您")
    if event.role == Role.SYSTEM:
        return _("系统")
    if event.role in REQUESTER_ROLES:  # a name is contact data, shown on request and logged
        return _("诉求人")
    if event.person is not None and rules.may_see_people(actor):
        return event.person.name
    return event.unit.name if event.unit else str(Role(event.role).label)


def _delegation_text(facts: dict[str, Any], actor: Actor) -> str:
    """（代 张三）, where the event was done by delegation."""
    holder = facts.get("acting_for")
    return _("（代 %s）") % holder if holder and rules.may_see_people(actor) else ""


def _what_text(case: Case, do: Action, facts: dict[str, Any], names: dict[str, str], now: datetime) -> str:
    def unit(key: str) -> str:
        return names.get(facts.get(key, ""), "")

    def units(key: str) -> str:
        return "、".join(names.get(code, code) for code in facts.get(key) or ())

    match do:
        case Action.RECEIVE:
            return _("受理（%s）") % Channel(case.channel).label
        case Action.DISPATCH:
            said = _("派单给%s") % unit("lead")
            said += _("，协办：%s") % units("co_handlers") if facts.get("co_handlers") else ""
            return said + (_("，同时派给%s") % unit("property") if unit("property") else "")
        case Action.SIGN:
            return _("签收（超过签收时限）") if facts.get("late") else _("签收")
        case Action.HAND_DOWN:
            return _("下派给%s") % unit("unit")
        case Action.WHISTLE:
            return _("吹哨（%(kind)s），请%(units)s报到") % {
                "kind": _label(WhistleKind, facts.get("kind")),
                "units": units("units"),
            }
        case Action.DISPUTE:
            return _("退单，建议由%s办理") % unit("proposed") if unit("proposed") else _("退单")
        case Action.SETTLE:
            return _settlement_text(facts, unit("lead"), units("co_handlers"))
        case Action.RECORD_VISIT:
            kinds = "、".join(_label(VisitKind, kind) for kind in facts.get("kinds", ()))
            return f"{kinds}（{_label(VisitWay, facts.get('way'))}）"
        case Action.REQUEST_EXTENSION:
            return _("申请延期至%s") % due_words(datetime.fromisoformat(facts["new_due_at"]), now)
        case Action.PUT_ON_ACCOUNT:
            return _("申请挂账：%s") % _label(AccountReason, facts.get("reason_code"))
        case Action.GRANT | Action.REFUSE:
            return _("%(decision)s%(asked)s") % {
                "decision": _("同意") if do == Action.GRANT else _("不同意"),
                "asked": _label(Request.Kind, facts.get("asks")),
            }
        case _:
            return _details(do, facts, now)


def _details(do: Action, facts: dict[str, Any], now: datetime) -> str:
    match do:
        case Action.ANSWER_NOW if facts.get("article_title"):
            return _("即时答复（知识库《%(title)s》第 %(number)s 版）") % {
                "title": facts["article_title"],
                "number": facts.get("article_version", ""),
            }
        case Action.DECLINE:
            return _("不予受理：%s") % _label(DeclineReason, facts.get("reason"))
        case Action.HAND_OVER:
            return _("移交 %s") % str(facts.get("service", ""))
        case Action.MERGE:
            return _("并入 %s") % str(facts.get("primary", ""))
        case Action.SPLIT:
            return _("拆分为 %s") % "、".join(facts.get("children", ()))
        case Action.VISIT_BACK:
            return _visit_back_text(facts)
        case Action.CHECK:
            return _("现场核查：已解决") if facts.get("passed") else _("现场核查：没有解决")
        case Action.MARK_URGENT if facts.get("urgency"):
            return _("紧急程度：%s") % _label(Urgency, facts["urgency"])
        case Action.TAKE_OVER:
            return _("提办：%s") % _label(TakeOverBy, facts.get("by"))
        case Action.WARN:
            return f"{CLOCK_LABELS.get(facts.get('clock', ''), '')}{WARNING_LABELS.get(facts.get('level', ''), '')}"
        case Action.RECOMPUTE_DUE:
            return _("节假日安排公布，办结时限重算为%s") % due_words(
                datetime.fromisoformat(facts["new"]), now
            )
    return str(do.label)


def _settlement_text(facts: dict[str, Any], lead: str, helpers: str) -> str:
    outcome = _label(SettleOutcome, facts.get("outcome"))
    more = lead if facts.get("outcome") == SettleOutcome.REASSIGN else helpers
    return _("裁定：%(outcome)s") % {"outcome": outcome} + (f"（{more}）" if more else "")


def _visit_back_text(facts: dict[str, Any]) -> str:
    if not facts.get("reached"):
        return _("回访三次未联系上，记为无法联系") if facts.get("unreachable") else _("回访，无人接听")
    return _("回访：%(solved)s，%(satisfied)s") % {
        "solved": _label(Solved, facts.get("solved")),
        "satisfied": _label(Satisfied, facts.get("satisfied")),
    }


def _label(choices: Any, value: Any) -> str:
    return str(choices(value).label) if value in choices.values else ""
