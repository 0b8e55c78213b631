"""Each guard of the table refuses, says which field and why, and leaves everything as it was."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from jieban.base.errors import Invalid, NotAllowed, Refused, WrongState
from jieban.cases import actions, models
from jieban.cases.actions import Matter
from jieban.cases.lists import case_list, contact_reads
from jieban.cases.models import AccessLog, Case, CaseEvent
from jieban.cases.timers.sweep import sweep
from jieban.channels.models import Message
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Unit
from jieban.registry.roles import Role
from tests.base.hostile_files import picture
from tests.cases.scene import (
    AT,
    FROM,
    Scene,
    closed,
    dispatched,
    handling,
    leader_of,
    make_actor,
    make_case,
    make_unit,
    reported,
    visited,
    visited_back,
)  # fmt: skip

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PHOTO = picture()
Values = dict[str, Any] | Callable[[Scene, Case], dict[str, Any]]


def everything() -> list[list[Any]]:
    """Every row of every table that an action may write."""
    tables = [getattr(models, name) for name in models.__all__ if name != "NumberDay"] + [Message]
    return [list(table.objects.order_by("pk").values_list()) for table in tables]


def refused(call: Callable[[], object]) -> Refused:
    before = everything()
    with pytest.raises(Refused) as refusal:
        call()
    assert everything() == before
    assert refusal.value.message.endswith("。")
    assert all(refusal.value.fields.values())
    return refusal.value


@dataclass
class Guard:
    """An act that is refused: on which case, by whom, with what, and the field or code of the refusal."""

    on: Callable[[Scene], Case]
    do: str
    by: str
    values: Values
    says: str
    error: type[Refused] = Invalid
    at: datetime = AT


def act(scene: Scene, case: Case, do: str, by: str, at: datetime = AT, /, **values: Any) -> Any:
    return getattr(actions, do)(case.pk, actor=scene.actor(by), at=at, **values)


def meetings(scene: Scene, case: Case) -> Case:
    for kind in ("needs", "opinion"):
        act(scene, case, "record_visit", "department", kinds=[kind], way="phone", said="尽快")
    return case


def with_co_handler(scene: Scene) -> Case:
    case = make_case(scene)
    act(scene, case, "dispatch", "dispatcher", **lead_and("D2")(scene, case))
    act(scene, case, "sign", "department")
    return meetings(scene, case)


def co_reported(scene: Scene) -> Case:
    case = with_co_handler(scene)
    act(scene, case, "co_report", "department2", text="已配合")
    return case


def needing_photo(scene: Scene) -> Case:
    scene.category.needs_photo = True
    scene.category.save()
    return visited(scene, category_id=scene.category.pk)


def dispute_alone(scene: Scene) -> Case:
    case = handling(scene)
    act(scene, case, "dispute", "department", **BACK)
    return case


def disputed(scene: Scene) -> Case:
    case = handling(scene)
    act(scene, case, "dispute", "department", **BACK, proposed_id=scene.unit("D2").pk)
    return case


def upheld(scene: Scene) -> Case:
    case = disputed(scene)
    act(scene, case, "settle", "dispatcher", outcome="uphold", text="属本单位职责")
    return case


def disputed_twice(scene: Scene) -> Case:
    case = disputed(scene)
    act(scene, case, "settle", "dispatcher", outcome="reassign", text="改派", lead_id=scene.unit("D2").pk)
    act(scene, case, "dispute", "department2", **BACK)
    return case


def asked(scene: Scene, case: Case | None = None) -> Case:
    case = case or visited(scene)
    act(scene, case, "request_extension", "department", **due_plus(DAY)(scene, case))
    return case


def extended_and_asked(scene: Scene) -> Case:
    case = asked(scene)
    act(scene, case, "grant", "supervisor")
    return asked(scene, case)


def on_account(scene: Scene) -> Case:
    case = handling(scene)
    act(scene, case, "put_on_account", "supervisor", **account())
    return case


def account(review_on: date = date(2026, 4, 1), **values: Any) -> dict[str, Any]:
    given = {"reason_code": "plan", "plan": "列入明年计划", "responsible": "王主任", "review_on": review_on}
    return {**given, **values}


def merged(scene: Scene) -> Case:
    case, primary = make_case(scene), handling(scene)
    return act(scene, case, "merge", "dispatcher", primary_id=primary.pk)  # type: ignore[no-any-return]


def followed(scene: Scene) -> Case:
    primary = merged(scene).primary
    assert primary is not None
    return primary


def follower_not_visited_back(scene: Scene) -> Case:
    primary, follower = visited(scene), make_case(scene)
    act(scene, follower, "merge", "dispatcher", primary_id=primary.pk)
    act(scene, primary, "report_result", "department", **DONE)
    act(scene, primary, "visit_back", "caller", **ANSWERS)
    return primary


def of_street(scene: Scene, **values: Any) -> Case:
    return handling(scene, lead="S", **values)


def handed_down(scene: Scene) -> Case:
    case = of_street(scene)
    act(scene, case, "hand_down", "street", unit_id=scene.unit("C").pk)
    return case


def arrived(scene: Scene) -> Case:
    case = of_street(scene)
    act(scene, case, "whistle", "street", **whistle()(scene, case))
    act(scene, case, "arrive", "department", place="楼前")
    return case


def patrol(scene: Scene) -> Case:
    case = make_case(scene, by="patrol", kind="patrol", channel="patrol")
    act(scene, case, "dispatch", "dispatcher", lead_id=scene.unit("D1").pk)
    act(scene, case, "sign", "department")
    return case


def patrol_reported(scene: Scene) -> Case:
    case = patrol(scene)
    act(scene, case, "report_result", "department", **DONE)
    return case


def about(code: str, reach: Callable[..., Case] = make_case) -> Callable[[Scene], Case]:
    """A case that complains about this unit."""
    return lambda scene: reach(scene, complained_about_id=scene.unit(code).pk)


def unit(code: str, name: str = "lead_id") -> Values:
    return lambda scene, case: {name: scene.unit(code).pk}


def settle(outcome: str, lead: str = "") -> Values:
    return lambda s, c: {"outcome": outcome, "text": "经研究", "lead_id": s.unit(lead).pk if lead else None}


def lead_and(*helpers: str) -> Callable[[Scene, Case], dict[str, Any]]:
    return lambda s, c: {"lead_id": s.unit("D1").pk, "co_handler_ids": [s.unit(code).pk for code in helpers]}


def whistle(**values: Any) -> Callable[[Scene, Case], dict[str, Any]]:
    given = {"kind": "joint", "place": "楼前", "meet_at": AT + HOUR}
    return lambda scene, case: {**given, "unit_ids": [scene.unit("D1").pk], **values}


def into(other: Callable[[Scene], Case]) -> Values:
    return lambda scene, case: {"primary_id": other(scene).pk}


def due_plus(after: timedelta) -> Callable[[Scene, Case], dict[str, Any]]:
    return lambda s, c: {"new_due_at": Case.objects.get(pk=c.pk).finish_due_at + after, "reason": "等配件"}  # type: ignore[operator]


def photo_of(name: str, **values: Any) -> Values:
    def made(scene: Scene, case: Case) -> dict[str, Any]:
        photo = act(scene, case, "attach", name, content=PHOTO)
        return {"passed": True, "text": "已恢复", "photo_id": photo.pk, **values}

    return made


def child_by_the_end(scene: Scene, case: Case) -> dict[str, Any]:
    return {"unit_id": scene.unit("C").pk, "due_at": Case.objects.get(pk=case.pk).finish_due_at}


DONE = {"text": "已修好"}
ANSWERS = {"reached": True, "contacted": "yes", "solved": "yes", "satisfied": "yes"}
BACK = {"reason": "不属本单位职责"}
SAID = {"way": "phone", "said": "尽快"}
NOTHING: dict[str, Any] = {"text": " "}


def said(**values: Any) -> dict[str, Any]:
    return {"kinds": ["needs"], **SAID, **values}


def told(reason: str, where: str = "请向有关部门反映") -> dict[str, Any]:
    return {"reason": reason, "told": where}


def called(**values: Any) -> dict[str, Any]:
    return {"service": "119", "called_at": AT, "said": "请速来", **values}


def matters(*texts: str) -> dict[str, Any]:
    return {"matters": [Matter(text=text) for text in texts]}


GONE_BY = AT + 24 * HOUR + timedelta(seconds=1)
REOPEN_OVER = AT + 30 * DAY + timedelta(seconds=1)
TOO_FAR = date(2026, 8, 30)  # 180 days after 2 March 2026 are 29 August
HUGE = {"content": PHOTO + b"\0" * 20 * 1024 * 1024}

# fmt: off
GUARDS: dict[str, Guard] = {
    # what comes in, and what is not taken on
    "answer what is no consultation": Guard(make_case, "answer_now", "operator", DONE, "nature"),
    "answer nothing": Guard(lambda s: make_case(s, nature="consult"), "answer_now", "operator", NOTHING, "answer"),
    "decline, reason unknown": Guard(make_case, "decline", "dispatcher", told("busy"), "reason"),
    "decline an emergency": Guard(make_case, "decline", "dispatcher", told("emergency"), "reason"),
    "not file an appeal": Guard(make_case, "decline", "dispatcher", told("not_filed"), "reason"),
    "decline, told nothing": Guard(make_case, "decline", "dispatcher", told("outside", ""), "told"),
    "hand over to nobody": Guard(make_case, "hand_over", "operator", called(service="12345"), "service"),
    "hand over tomorrow": Guard(make_case, "hand_over", "operator", called(called_at=AT + DAY), "called_at"),
    "hand over without words": Guard(make_case, "hand_over", "operator", called(said=""), "said"),
    "split one matter": Guard(make_case, "split", "operator", matters("路灯不亮"), "matters"),
    "split an empty matter": Guard(make_case, "split", "operator", matters("路灯不亮", " "), "matters"),
    "merge into itself": Guard(make_case, "merge", "dispatcher", lambda s, c: {"primary_id": c.pk}, "primary"),
    "merge into nothing": Guard(make_case, "merge", "dispatcher", {"primary_id": 0}, "primary"),
    "merge into a closed case": Guard(make_case, "merge", "dispatcher", into(closed), "primary"),
    "merge into a merged case": Guard(make_case, "merge", "dispatcher", into(merged), "primary"),
    "merge a case with followers": Guard(followed, "merge", "dispatcher", into(make_case), "primary"),
    # who is made responsible
    "a community leads": Guard(make_case, "dispatch", "dispatcher", unit("C"), "lead"),
    "a company leads": Guard(make_case, "dispatch", "dispatcher", unit("P"), "lead"),
    "a closed unit leads": Guard(make_case, "dispatch", "dispatcher", unit("GONE"), "lead"),
    "nobody leads": Guard(make_case, "dispatch", "dispatcher", {"lead_id": 0}, "lead"),
    "the lead helps itself": Guard(make_case, "dispatch", "dispatcher", lead_and("D1"), "co_handlers"),
    "a unit helps twice": Guard(make_case, "dispatch", "dispatcher", lead_and("D2", "D2"), "co_handlers"),
    "a community helps": Guard(make_case, "dispatch", "dispatcher", lead_and("C"), "co_handlers"),
    "also to no company": Guard(make_case, "dispatch", "dispatcher",
        lambda s, c: {"lead_id": s.unit("D1").pk, "property_id": s.unit("C").pk}, "property"),
    "the unit complained about leads": Guard(about("D2"), "dispatch", "dispatcher", unit("D2"), "lead"),
    "the unit complained about helps": Guard(about("D2"), "dispatch", "dispatcher", lead_and("D2"), "co_handlers"),
    "the company complained about": Guard(about("P"), "dispatch", "dispatcher",
        lambda s, c: {"lead_id": s.unit("D1").pk, "property_id": s.unit("P").pk}, "property"),
    "down to the unit complained about": Guard(about("C", of_street), "hand_down", "street",
        unit("C", "unit_id"), "unit"),
    "whistle for the unit complained about": Guard(about("D1", of_street), "whistle", "street", whistle(), "units"),
    "the unit complained about acts": Guard(about("D2", handling), "add_note", "department2",
        DONE, "not_involved", NotAllowed),
    "hand down to a stranger": Guard(of_street, "hand_down", "street", unit("D1", "unit_id"), "unit"),
    "hand down twice": Guard(handed_down, "hand_down", "street", unit("C", "unit_id"), "unit"),
    "hand down too late": Guard(of_street, "hand_down", "street", child_by_the_end, "due_at"),
    "whistle of no kind": Guard(of_street, "whistle", "street", whistle(kind="loud"), "kind"),
    "whistle for nobody": Guard(of_street, "whistle", "street", whistle(unit_ids=[]), "units"),
    "whistle into the past": Guard(of_street, "whistle", "street", whistle(meet_at=AT - HOUR), "meet_at"),
    "whistle to no place": Guard(of_street, "whistle", "street", whistle(place=""), "place"),
    "arrive twice": Guard(arrived, "arrive", "department", {"place": "楼前"}, "wrong_state", WrongState),
    "report to the lead twice": Guard(co_reported, "co_report", "department2", DONE, "wrong_state", WrongState),
    # disputes
    "dispute, no reason": Guard(handling, "dispute", "department", {"reason": ""}, "reason"),
    "dispute twice": Guard(disputed, "dispute", "department", BACK, "wrong_state", WrongState),
    "dispute what is settled": Guard(upheld, "dispute", "department", BACK, "settled"),
    "dispute too late": Guard(handling, "dispute", "department", BACK, "too_late", at=GONE_BY),
    "dispute for oneself": Guard(handling, "dispute", "department",
        lambda s, c: {**BACK, "proposed_id": s.unit("D1").pk}, "proposed"),
    "propose a community": Guard(handling, "dispute", "department",
        lambda s, c: {**BACK, "proposed_id": s.unit("C").pk}, "proposed"),
    "settle without a dispute": Guard(handling, "settle", "dispatcher", settle("uphold"), "wrong_state", WrongState),
    "settle, outcome unknown": Guard(disputed, "settle", "dispatcher", settle("later"), "outcome"),
    "settle, no reason": Guard(disputed, "settle", "dispatcher", {"outcome": "uphold", "text": ""}, "reason"),
    "reassign to the same": Guard(disputed, "settle", "dispatcher", settle("reassign", "D1"), "lead"),
    "reassign to a community": Guard(disputed, "settle", "dispatcher", settle("reassign", "C"), "lead"),
    "reassign once too often": Guard(disputed_twice, "settle", "dispatcher", settle("reassign", "S"), "outcome"),
    "join with nobody": Guard(dispute_alone, "settle", "dispatcher", settle("joint"), "co_handlers"),
    # handling
    "a meeting of no kind": Guard(handling, "record_visit", "department", said(kinds=[]), "kinds"),
    "a meeting in a dream": Guard(handling, "record_visit", "department", said(way="dream"), "way"),
    "one meeting for two": Guard(handling, "record_visit", "department", said(kinds=["needs", "opinion"]), "kinds"),
    "a meeting without words": Guard(handling, "record_visit", "department", said(said=""), "said"),
    "a meeting with nobody": Guard(patrol, "record_visit", "department", said(), "no_requester"),
    "report without NEEDS": Guard(handling, "report_result", "department", DONE, "needs"),
    "report without OPINION": Guard(handling, "report_result", "department", DONE, "opinion"),
    "report before the co-handler": Guard(with_co_handler, "report_result", "department", DONE, "co_handlers"),
    "report without the photo": Guard(needing_photo, "report_result", "department", DONE, "photo"),
    "report while a request waits": Guard(asked, "report_result", "department", DONE, "request"),
    "report while disputed": Guard(lambda s: meetings(s, disputed(s)), "report_result", "department",
        DONE, "dispute"),
    "report nothing": Guard(visited, "report_result", "department", NOTHING, "result"),
    # time
    "a new limit like the old": Guard(handling, "request_extension", "department", due_plus(0 * DAY), "new_due_at"),
    "a new limit before the old": Guard(handling, "request_extension", "department", due_plus(-DAY), "new_due_at"),
    "a second request": Guard(asked, "request_extension", "department", due_plus(DAY), "wrong_state", WrongState),
    "a second extension": Guard(extended_and_asked, "grant", "supervisor", {}, "leader_needed"),
    "grant what nobody asked": Guard(handling, "grant", "supervisor", {}, "wrong_state", WrongState),
    "refuse what nobody asked": Guard(handling, "refuse", "supervisor", DONE, "wrong_state", WrongState),
    "refuse, no reason": Guard(asked, "refuse", "supervisor", NOTHING, "reason"),
    "on account, no reason": Guard(handling, "put_on_account", "department",
        account(reason_code="tired"), "reason_code"),
    "on account, no plan": Guard(handling, "put_on_account", "department", account(plan=""), "plan"),
    "on account, no person": Guard(handling, "put_on_account", "department", account(responsible=" "), "responsible"),
    "review today": Guard(handling, "put_on_account", "department", account(AT.date()), "review_on"),
    "review too far": Guard(handling, "put_on_account", "department", account(TOO_FAR), "review_on"),
    "next review too far": Guard(on_account, "review", "supervisor", {**DONE, "review_on": TOO_FAR}, "review_on"),
    "resume without words": Guard(on_account, "resume", "supervisor", NOTHING, "text"),
    # after the report
    "send back, no reason": Guard(reported, "send_back", "supervisor", {"reason": ""}, "reason"),
    "visit back early": Guard(handling, "visit_back", "caller", ANSWERS, "wrong_state", WrongState),
    "visit back the merged early": Guard(merged, "visit_back", "caller", ANSWERS, "wrong_state", WrongState),
    "visit back twice": Guard(visited_back, "visit_back", "caller", ANSWERS, "wrong_state", WrongState),
    "two answers of three": Guard(reported, "visit_back", "caller", {**ANSWERS, "solved": ""}, "solved"),
    "check without a photo": Guard(patrol_reported, "check", "supervisor",
        {"passed": True, "text": "好", "photo_id": 0}, "photo"),
    "check by another's photo": Guard(patrol_reported, "check", "supervisor", photo_of("department"), "photo"),
    "check without words": Guard(patrol_reported, "check", "supervisor", photo_of("supervisor", text=""), "text"),
    "close, not visited back": Guard(reported, "close", "supervisor", {}, "visit_back"),
    "close, not checked": Guard(patrol_reported, "close", "supervisor", {}, "visit_back"),
    "close, followers waiting": Guard(follower_not_visited_back, "close", "supervisor", {}, "merged"),
    "reopen, nothing wrong": Guard(closed, "reopen", "supervisor", NOTHING, "still_wrong"),
    "reopen too late": Guard(closed, "reopen", "supervisor", DONE, "too_late", at=REOPEN_OVER),
    # on the way
    "remind without words": Guard(handling, "remind", "operator", NOTHING, "text"),
    "supervise by a date gone by": Guard(handling, "supervise", "supervisor", {**DONE, "answer_by": AT}, "answer_by"),
    "take over by nobody": Guard(handling, "take_over", "leader", {**DONE, "by": "me"}, "by"),
    "mark with no urgency": Guard(handling, "mark_urgent", "operator", {**DONE, "urgency": "very"}, "urgency"),
    "note nothing": Guard(handling, "add_note", "operator", NOTHING, "note"),
    "note too much": Guard(handling, "add_note", "operator", {"text": "字" * 20_001}, "note"),
    "attach a program": Guard(handling, "attach", "operator", {"content": b"MZ\x90"}, "file"),
    "attach too much": Guard(handling, "attach", "operator", HUGE, "file"),
    "an unknown nature": Guard(handling, "reclassify", "operator", {"nature": "odd"}, "nature"),
    "an unknown category": Guard(handling, "reclassify", "operator", {"category_id": 0}, "category"),
    "an unknown place": Guard(handling, "reclassify", "operator", {"place_id": 0}, "place"),
    "an unknown grade": Guard(handling, "reclassify", "operator", {"grade": "hard"}, "grade"),
    "erase without a ground": Guard(closed, "erase", "admin", {"ground": ""}, "ground"),
}
# fmt: on


@pytest.mark.parametrize("name", GUARDS)
def test_guard_refuses_and_changes_nothing(scene: Scene, name: str) -> None:
    guard = GUARDS[name]
    gone = make_unit(scene, "GONE", "department")
    Unit.objects.filter(pk=gone.pk).update(closed_on=AT.date())
    case = guard.on(scene)
    values = guard.values(scene, case) if callable(guard.values) else guard.values
    refusal = refused(lambda: act(scene, case, guard.do, guard.by, guard.at, **values))
    assert type(refusal) is guard.error
    assert guard.says == refusal.code or guard.says in refusal.fields


RECEIVED: dict[str, dict[str, Any]] = {
    "text": {"text": " \u200b "},
    "kind": {"kind": "wish"},
    "channel": {"channel": "dove"},
    "nature": {"nature": "odd"},
    "grade": {"grade": "hard"},
    "urgency": {"urgency": "very"},
    "lat": {"lat": 39.9},
    "place": {"place_id": 999_999},
    "category": {"category_id": 999_999},
}


@pytest.mark.parametrize("says", RECEIVED)
def test_what_does_not_fit_is_not_received(scene: Scene, says: str) -> None:
    refusal = refused(lambda: make_case(scene, **RECEIVED[says]))
    assert (type(refusal), list(refusal.fields)) == (Invalid, [says])


def test_too_long_a_message_is_not_received(scene: Scene) -> None:
    assert "text" in refused(lambda: make_case(scene, text="字" * 200_001)).fields


def test_no_rule_for_the_day_is_said(scene: Scene) -> None:
    first = datetime.combine(FROM, AT.timetz())
    assert "grade" in refused(lambda: make_case(scene, at=first - DAY)).fields


def test_a_reference_with_another_content_is_refused(scene: Scene) -> None:
    first = make_case(scene, source="wechat", source_ref="A1")
    assert make_case(scene, source="wechat", source_ref="A1").pk == first.pk
    refusal = refused(lambda: make_case(scene, source="wechat", source_ref="A1", text="别的事"))
    assert (type(refusal), refusal.code) == (Invalid, "key_reused")


def test_after_the_last_dispute_the_first_unit_leads_them_all(scene: Scene) -> None:
    case = disputed_twice(scene)
    signed = case.assignments.get(relation="lead").signed_at
    act(scene, case, "settle", "dispatcher", outcome="joint", text="联办")
    case.refresh_from_db()
    assert case.assignments.get(relation="lead").signed_at == signed  # it need not sign again
    relations = {a.unit.code: a.relation for a in case.assignments.filter(ended_at=None)}
    assert (relations, case.state) == ({"D1": "lead", "D2": "co_handler"}, "handling")
    assert refused(lambda: act(scene, case, "dispute", "department", **BACK)).code == "settled"


def test_the_first_unit_stays_the_lead_until_the_new_one_signs(scene: Scene) -> None:
    case = disputed(scene)
    act(scene, case, "settle", "dispatcher", **settle("reassign")(scene, case))  # type: ignore[operator]
    case.refresh_from_db()
    assert (case.state, case.lead) == ("dispatched", scene.unit("D1"))
    act(scene, case, "sign", "department2")
    case.refresh_from_db()
    assert (case.state, case.lead) == ("handling", scene.unit("D2"))


def test_the_return_limit_is_kept_at_its_last_second(scene: Scene) -> None:
    case = handling(scene)
    act(scene, case, "dispute", "department", AT + 24 * HOUR, **BACK)
    case.refresh_from_db()
    assert case.dispute_count == 1


def test_a_leader_grants_the_second_extension(scene: Scene) -> None:
    case = extended_and_asked(scene)
    act(scene, case, "grant", "leader")
    case.refresh_from_db()
    assert case.extension_count == 2


def test_the_review_may_be_on_the_last_day(scene: Scene) -> None:
    case = handling(scene)
    act(scene, case, "put_on_account", "supervisor", **account(TOO_FAR - DAY))
    case.refresh_from_db()
    assert case.state == "on_account"


def test_a_request_is_not_granted_when_its_review_has_come(scene: Scene) -> None:
    case = handling(scene)
    act(scene, case, "put_on_account", "department", **account(date(2026, 3, 4)))
    assert "review_on" in refused(lambda: act(scene, case, "grant", "supervisor", AT + 2 * DAY)).fields


def test_an_extension_is_not_granted_when_it_would_be_earlier(scene: Scene) -> None:
    case = asked(scene, meetings(scene, handling(scene, grade="complex")))
    act(scene, case, "reclassify", "operator", AT, grade="simple")
    act(scene, case, "reclassify", "operator", AT, grade="complex")
    act(scene, case, "grant", "supervisor", AT)
    case.refresh_from_db()
    assert case.extension_count == 1


def test_an_extension_is_neither_asked_for_nor_granted_to_a_time_that_has_passed(scene: Scene) -> None:
    case = asked(scene)  # due Monday 24:00, one day more was asked for
    late = AT + 3 * DAY
    assert "new_due_at" in refused(lambda: act(scene, case, "grant", "supervisor", late)).fields
    act(scene, case, "refuse", "supervisor", late, text="请申请新的时限")
    again = due_plus(DAY)(scene, case)
    assert (
        "new_due_at"
        in refused(lambda: act(scene, case, "request_extension", "department", late, **again)).fields
    )


def test_reopening_is_possible_at_the_last_second(scene: Scene) -> None:
    case = closed(scene)
    act(scene, case, "reopen", "supervisor", AT + 30 * DAY, text="又坏了")
    case.refresh_from_db()
    assert (case.state, case.reopened_count, case.lead) == ("handling", 1, scene.unit("D1"))


def test_one_meeting_may_count_for_all_when_simple(scene: Scene) -> None:
    case = handling(scene, grade="simple")
    act(scene, case, "record_visit", "department", **said(kinds=["needs", "opinion", "effect"]))
    act(scene, case, "report_result", "department", **DONE)
    case.refresh_from_db()
    assert case.state == "reported"


# Calls that nobody answered, as (day, hour on the wall), and whether the requester then counts as unreachable.
ATTEMPTS = [
    ([(2, 10), (3, 15)], False),
    ([(2, 10), (2, 15), (2, 19)], False),  # one day
    ([(2, 10), (3, 10), (4, 10)], False),  # always at the same hour
    ([(2, 10), (2, 10), (3, 15)], False),  # two hours only
    ([(2, 10), (2, 15), (3, 19)], True),
    ([(2, 10), (2, 10), (2, 15), (3, 19)], True),
]


@pytest.mark.parametrize(("calls", "unreachable"), ATTEMPTS)
def test_three_attempts_on_two_days_at_different_hours(
    scene: Scene, calls: list[tuple[int, int]], unreachable: bool
) -> None:
    case = reported(scene)
    for day, hour in calls:
        at = AT + timedelta(days=day - 2, hours=hour - 10)
        act(scene, case, "visit_back", "caller", at, reached=False)
    last = CaseEvent.objects.filter(case=case).order_by("seq").last()
    assert last is not None and last.facts["unreachable"] is unreachable
    if unreachable:
        act(scene, case, "close", "supervisor", AT + 5 * DAY)
    else:
        assert "visit_back" in refused(lambda: act(scene, case, "close", "supervisor", AT + 5 * DAY)).fields


def also(scene: Scene, name: str, role: Role, unit: str = "") -> Actor:
    """The person `name` in another post of theirs."""
    other = make_actor(scene, f"{name}-as-{role.value}", role, unit)
    return replace(other, person_id=scene.actor(name).person_id)


def own_work(call: Callable[[], object]) -> None:
    refusal = refused(call)
    assert (type(refusal), refusal.code) == (NotAllowed, "own_work")


def test_nobody_visits_back_their_own_work(scene: Scene) -> None:
    case = reported(scene)
    caller = also(scene, "department", Role.CALLER, "HOT")
    own_work(lambda: actions.visit_back(case.pk, actor=caller, at=AT, **ANSWERS))  # type: ignore[arg-type]


def test_no_unit_visits_back_its_own_case(scene: Scene) -> None:
    case = reported(scene)
    make_actor(scene, "inside", Role.CALLER, "D1")
    own_work(lambda: act(scene, case, "visit_back", "inside", **ANSWERS))


def test_nobody_visits_back_the_merged_case_whose_primary_they_handled(scene: Scene) -> None:
    primary, follower = visited(scene), make_case(scene)
    act(scene, follower, "merge", "dispatcher", primary_id=primary.pk)
    act(scene, primary, "report_result", "department", **DONE)
    caller = also(scene, "department", Role.CALLER, "HOT")
    own_work(lambda: actions.visit_back(follower.pk, actor=caller, at=AT, **ANSWERS))  # type: ignore[arg-type]
    make_actor(scene, "inside", Role.CALLER, "D1")
    own_work(lambda: act(scene, follower, "visit_back", "inside", **ANSWERS))


def test_the_finder_does_not_check_in_any_post(scene: Scene) -> None:
    case = patrol_reported(scene)
    photo = act(scene, case, "attach", "patrol", content=PHOTO)
    for actor in (scene.actor("patrol"), also(scene, "patrol", Role.SUPERVISOR, "LEAD")):
        values = {"actor": actor, "at": AT, "passed": True, "text": "已恢复", "photo_id": photo.pk}
        own_work(lambda values=values: actions.check(case.pk, **values))  # type: ignore[misc]


def test_the_handler_does_not_check(scene: Scene) -> None:
    case = patrol_reported(scene)
    make_actor(scene, "inside", Role.PATROL, "D1")
    photo = act(scene, case, "attach", "inside", content=PHOTO)
    own_work(lambda: act(scene, case, "check", "inside", passed=True, text="好", photo_id=photo.pk))


def test_a_failed_check_does_not_close(scene: Scene) -> None:
    case = patrol_reported(scene)
    photo = act(scene, case, "attach", "supervisor", content=PHOTO)
    act(scene, case, "check", "supervisor", passed=False, text="没有恢复", photo_id=photo.pk)
    assert "visit_back" in refused(lambda: act(scene, case, "close", "supervisor")).fields


def test_a_check_that_fails_takes_back_one_that_passed(scene: Scene) -> None:
    case = patrol_reported(scene)
    photo = act(scene, case, "attach", "supervisor", content=PHOTO)
    for passed in (True, False):
        act(scene, case, "check", "supervisor", passed=passed, text="现场所见", photo_id=photo.pk)
    assert "visit_back" in refused(lambda: act(scene, case, "close", "supervisor")).fields
    sweep(AT + 5 * DAY)
    case.refresh_from_db()
    assert (case.state, case.visit_back_due_at) == ("reported", AT)


def test_a_hidden_requester_stays_hidden_from_those_who_handle(scene: Scene) -> None:
    case = handling(scene, hidden=True, shared_with_property=True)
    for name in ("department", "street", "property", "leader", "analyst", "auditor"):
        actor = scene.actor(name)
        call = lambda actor=actor: contact_reads.reveal_contact(case, actor, reason="联系", at=AT)  # type: ignore[misc]  # noqa: E731
        assert type(refused(call)) is NotAllowed
    contact = contact_reads.reveal_contact(case, scene.actor("caller"), reason="回访", at=AT)
    assert (contact.phone, AccessLog.objects.count()) == ("10001234567", 1)


def test_contact_is_shown_for_a_reason_only(scene: Scene) -> None:
    case = handling(scene)
    refusal = refused(lambda: contact_reads.reveal_contact(case, leader_of(scene, "D1"), reason=" ", at=AT))
    assert "reason" in refusal.fields


def test_the_unit_complained_about_does_not_see_the_case(scene: Scene) -> None:
    case = about("D2", dispatched)(scene)
    assert [c.pk for c in case_list.visible_to(scene.actor("department2"))] == []
    assert [c.pk for c in case_list.visible_to(scene.actor("department"))] == [case.pk]


def test_no_caller_of_the_unit_complained_about_visits_back(scene: Scene) -> None:
    case = about("D2", reported)(scene)
    make_actor(scene, "theirs", Role.CALLER, "D2")
    refusal = refused(lambda: act(scene, case, "visit_back", "theirs", **ANSWERS))
    assert (type(refusal), refusal.code) == (NotAllowed, "not_involved")
