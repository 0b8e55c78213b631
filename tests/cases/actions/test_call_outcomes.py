"""What is done of a case in the call that brings it: in one go, once, and nobody else's case."""

from datetime import timedelta

import pytest

from jieban.base import vault
from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.cases import actions
from jieban.cases.actions import Concern, EmergencyCall
from jieban.cases.models import AlsoNotified, Case, EventText
from jieban.channels.models import Message
from jieban.registry.ledger import verification
from jieban.registry.roles import Role
from tests.cases.scene import AT, Scene, closed, handling, make_actor, make_case

LATER = AT + timedelta(minutes=5)


def concern(ref: str = "r1", **values: object) -> Concern:
    return Concern(
        **{
            "kind": "appeal", "channel": "phone", "text": "楼道灯不亮", "phone": "10007654321", "source": "page:1",
            "source_ref": ref, **values,
        }  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_call_about_a_known_matter_is_a_case_of_its_own_that_follows(scene: Scene) -> None:
    primary = handling(scene)
    operator = scene.actor("operator")
    one = actions.receive_and_merge(concern(), actor=operator, at=LATER, primary_id=primary.pk)
    again = actions.receive_and_merge(concern(), actor=operator, at=LATER, primary_id=primary.pk)
    assert one.created and not again.created
    case = Case.objects.get(pk=one.case.pk)
    assert (case.state, case.primary_id, again.case.pk) == ("merged", primary.pk, case.pk)
    assert [event.action for event in case.events.order_by("seq")] == ["receive", "merge"]
    assert verification.verify_history().faults == []


def test_a_joined_callers_visit_back_is_due_with_the_primary(scene: Scene) -> None:
    primary = handling(scene)
    operator, lead = scene.actor("operator"), scene.actor("department")
    case = actions.receive_and_merge(concern(), actor=operator, at=LATER, primary_id=primary.pk).case
    for kind in ("needs", "opinion"):
        actions.record_visit(primary.pk, actor=lead, at=LATER, kinds=[kind], way="phone", said="尽快")
    actions.report_result(primary.pk, actor=lead, at=LATER, text="已修好")
    answers = {"reached": True, "contacted": "yes", "solved": "yes", "satisfied": "yes"}
    case = actions.visit_back(case.pk, actor=scene.actor("caller"), at=LATER, **answers)  # type: ignore[arg-type]
    assert case.visited_back_at == LATER


def test_nothing_is_received_where_the_primary_cannot_be_joined(scene: Scene) -> None:
    primary = closed(scene)
    with pytest.raises(Invalid):
        actions.receive_and_merge(concern(), actor=scene.actor("operator"), at=LATER, primary_id=primary.pk)
    assert Case.objects.count() == 1


def test_an_operator_joins_only_the_own_call_and_only_at_once(scene: Scene) -> None:
    operator, other = scene.actor("operator"), make_actor(scene, "operator2", Role.OPERATOR, "HOT")
    primary, case = make_case(scene), make_case(scene)
    with pytest.raises(NotAllowed):
        actions.merge(case.pk, actor=other, at=LATER, primary_id=primary.pk)
    with pytest.raises(NotAllowed):
        actions.merge(case.pk, actor=operator, at=AT + timedelta(minutes=31), primary_id=primary.pk)
    running = handling(scene)
    with pytest.raises(WrongState):
        actions.merge(running.pk, actor=operator, at=LATER, primary_id=primary.pk)
    assert actions.merge(case.pk, actor=operator, at=LATER, primary_id=primary.pk).state == "merged"


def test_who_follows_a_case_up_is_told_too_and_once(scene: Scene) -> None:
    case = handling(scene)
    for text in ("还没有人来", "又等了一天"):
        case = actions.follow_up(
            case.pk, actor=scene.actor("operator"), at=LATER, text=text, phone="100 0765 4321", name="李梅"
        )
    told = AlsoNotified.objects.get()
    assert case.reminded_count == 2
    assert vault.unseal(told.phone, "phone") == "10007654321" and "李梅".encode() not in bytes(told.name)
    with pytest.raises(Invalid):
        actions.follow_up(case.pk, actor=scene.actor("operator"), at=LATER, text="催", phone="")


def test_a_consultation_is_answered_in_its_call_and_nothing_else(scene: Scene) -> None:
    operator = scene.actor("operator")
    with pytest.raises(Invalid):
        actions.receive_and_answer(concern(nature="help"), actor=operator, at=LATER, text="每天八点")
    with pytest.raises(Invalid):
        actions.receive_and_answer(concern(nature="consult"), actor=operator, at=LATER, text=" ")
    assert Case.objects.count() == 0
    one = actions.receive_and_answer(concern(nature="consult"), actor=operator, at=LATER, text="每天八点")
    actions.receive_and_answer(concern(nature="consult"), actor=operator, at=LATER, text="每天八点")
    assert (one.case.state, Case.objects.count()) == ("answered", 1)


def emergency(service: str = "119", **values: object) -> EmergencyCall:
    return EmergencyCall(
        **{"service": service, "called_at": AT, "spoke_to": "接警员", "said": "三层冒烟", **values}  # type: ignore[arg-type]
    )


def offices_told() -> list[str]:
    """The units that were told of danger: with nobody on the roster the hotline and the district's leadership."""
    told = Message.objects.filter(template="danger").values_list("unit__code", flat=True)
    return sorted(code or "" for code in told)


def test_danger_is_handed_over_with_every_call_and_the_duty_leader_is_told(scene: Scene) -> None:
    calls = [emergency("120", called_at=AT + timedelta(minutes=2)), emergency()]
    one = actions.receive_and_hand_over(concern(), actor=scene.actor("operator"), at=LATER, calls=calls)
    assert one.case.state == "declined"
    said = EventText.objects.get(case=one.case, name="said").text.split("\n")
    assert ["119" in said[0], "120" in said[1], "接警员" in said[0]] == [True, True, True]
    assert offices_told() == ["HOT", "LEAD"]
    actions.receive_and_hand_over(concern(), actor=scene.actor("operator"), at=LATER, calls=calls)
    assert Case.objects.count() == 1


def test_what_stays_with_the_district_notes_the_calls_and_is_urgent(scene: Scene) -> None:
    operator = scene.actor("operator")
    with pytest.raises(Invalid):
        actions.receive_noting_calls(concern(), actor=operator, at=LATER, calls=[emergency()])
    one = actions.receive_noting_calls(concern(urgency="life"), actor=operator, at=LATER, calls=[emergency()])
    assert (one.case.state, one.case.urgency) == ("received", "life")
    assert "三层冒烟" in EventText.objects.get(case=one.case, event__action="add_note").text
    assert offices_told() == ["HOT", "LEAD"]


@pytest.mark.parametrize("wrong", [{"called_at": LATER + timedelta(minutes=1)}, {"said": " "}])
def test_an_emergency_call_has_its_moment_and_its_words(scene: Scene, wrong: dict[str, object]) -> None:
    for receive in (actions.receive_and_hand_over, actions.receive_noting_calls):
        with pytest.raises(Invalid):
            receive(
                concern(urgency="life"), actor=scene.actor("operator"), at=LATER, calls=[emergency(**wrong)]
            )
    with pytest.raises(Invalid):
        actions.receive_and_hand_over(concern(), actor=scene.actor("operator"), at=LATER, calls=[])
    assert Case.objects.count() == 0
