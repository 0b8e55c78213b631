"""To whom a case should go: each rule of the order, with what is told of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.cases import actions
from jieban.cases.lists.case_detail import get_case_detail
from jieban.cases.models import Case
from jieban.cases.suggestions.unit_ranking import LeadProposal, lead_proposals
from jieban.registry.models import Category, DirectoryRow, Duty, Holding, Person, Place, ShiftKind
from tests.cases.scene import AT, FROM, Scene, dispatched, handling, leader_of, make_case, reported

# Monday 11:00 and 22:00 in Beijing, the second after the offices have closed.
OPEN, CLOSED = datetime(2026, 3, 2, 3, tzinfo=UTC), datetime(2026, 3, 2, 14, tzinfo=UTC)
LAMP, LEAK = (
    "小区东门外的路灯不亮已经一个星期，晚上走路看不见",
    "三单元地下室的自来水管漏水，水已经流到电表箱",
)


def row(
    scene: Scene, code: str, lead: str, *, category: Category | None = None, **values: object
) -> DirectoryRow:
    given = {"place_level": "district", "ground": f"依据{code}", "edition": "2026年第1版", "valid_from": FROM}
    return DirectoryRow.objects.create(
        code=code, category=category or scene.category, lead=scene.units.get(lead), **(given | values)
    )


def asked(scene: Scene, case: Case, solved: str) -> None:
    actions.visit_back(
        case.pk,
        actor=scene.actor("caller"),
        at=AT,
        reached=True,
        contacted="yes",
        solved=solved,
        satisfied="yes",
    )


def sent_back(scene: Scene, lead: str, outcome: str = "", **values: object) -> None:
    case = dispatched(scene, lead=lead, **values)
    actions.dispute(case.pk, actor=leader_of(scene, lead), at=AT, reason="不属本单位职责")
    if outcome:
        actions.settle(case.pk, actor=scene.actor("dispatcher"), at=AT, outcome=outcome, text="按目录办理")


def proposed(scene: Scene, *, at: datetime = OPEN, **values: object) -> list[LeadProposal]:
    actor = scene.actor("dispatcher")
    return lead_proposals(get_case_detail(make_case(scene, at=at, **values).number, actor), actor, at)


def leads(found: list[LeadProposal]) -> list[str]:
    return [proposal.lead.code for proposal in found]


def test_a_row_of_the_category_comes_before_a_proven_unit_and_that_before_a_row_above(scene: Scene) -> None:
    above = scene.category.parent
    row(scene, "E1", "D1", category=above)
    for _ in range(3):
        asked(scene, reported(scene, lead="D2", category_id=scene.category.pk), "yes")
    found = proposed(scene, category_id=scene.category.pk)
    assert leads(found) == ["D2", "D1"]
    assert found[0].reasons == (
        "目录未列，曾主办相近诉求",
        "近 90 天主办相近诉求 3 件，已回访 3 件，解决 3 件",
    )
    assert found[1].reasons == ("目录 E1：依据E1",)
    row(scene, "E2", "S")
    assert leads(proposed(scene, category_id=scene.category.pk)) == ["S", "D2", "D1"]


def test_a_unit_that_solved_little_comes_after_a_row_above(scene: Scene) -> None:
    row(scene, "E1", "D1", category=scene.category.parent)
    for solved in ("yes", "no", "no"):
        asked(scene, reported(scene, lead="D2", category_id=scene.category.pk), solved)
    assert leads(proposed(scene, category_id=scene.category.pk)) == ["D1", "D2"]


def test_a_row_for_the_place_comes_first_and_without_a_lead_the_street_leads(scene: Scene) -> None:
    row(scene, "E1", "D1")
    row(scene, "E2", "", place=Place.objects.get(level="street"), place_level="street")
    place = Place.objects.get(level="community")
    assert leads(proposed(scene, category_id=scene.category.pk, place_id=place.pk)) == ["S", "D1"]


def test_of_several_duties_the_one_that_is_spoken_of_comes_first(scene: Scene) -> None:
    row(scene, "E1", "D1", duty="雨污水井盖缺损")
    row(scene, "E2", "D2", duty="路灯不亮或损坏")
    row(scene, "E3", "S")
    found = proposed(scene, category_id=scene.category.pk, text=LAMP)
    assert leads(found) == ["D2", "S", "D1"]
    assert found[0].reasons == ("目录 E2，诉求说到其职责“路灯不亮或损坏”：依据E2",)
    assert found[2].reasons == ("目录 E1，职责为“雨污水井盖缺损”：依据E1",)


def test_who_sent_back_most_like_cases_comes_last_and_the_reason_says_so(scene: Scene) -> None:
    row(scene, "E1", "D1")
    row(scene, "E2", "D2", category=scene.category.parent)
    for _ in range(2):
        sent_back(scene, "D1", category_id=scene.category.pk)
    assert leads(proposed(scene, category_id=scene.category.pk)) == ["D1", "D2"]
    dispatched(scene, lead="D1", category_id=scene.category.pk)
    found = proposed(scene, category_id=scene.category.pk)
    assert leads(found) == ["D2", "D1"]
    assert found[1].reasons[1:] == ("近 90 天主办相近诉求 3 件，退单 2 件", "相近诉求退单过半，排在后面")


def test_what_was_sent_back_in_vain_does_not_count(scene: Scene) -> None:
    row(scene, "E1", "D1")
    row(scene, "E2", "D2", category=scene.category.parent)
    for _ in range(3):
        sent_back(scene, "D1", "uphold", category_id=scene.category.pk)
    found = proposed(scene, category_id=scene.category.pk)
    assert (leads(found), found[0].reasons[1]) == (["D1", "D2"], "近 90 天主办相近诉求 3 件")


def test_what_is_late_is_told(scene: Scene) -> None:
    row(scene, "E1", "D1")
    handling(scene, at=AT - timedelta(days=60), lead="D1", category_id=scene.category.pk)
    handling(scene, lead="D1", category_id=scene.category.pk)
    found = proposed(scene, category_id=scene.category.pk)
    assert found[0].reasons[1] == "近 90 天主办相近诉求 2 件，超时限 1 件"


def test_without_a_category_like_words_and_the_place_propose(scene: Scene) -> None:
    place = Place.objects.get(level="community")
    assert proposed(scene, text=LEAK) == []
    street = proposed(scene, text=LEAK, place_id=place.pk)
    assert (leads(street), street[0].reasons) == (["S"], ("目录没有对应条目，按属地由所在街道办理",))
    for _ in range(3):
        handling(scene, lead="D2", text=LEAK, place_id=place.pk)
        handling(scene, lead="D1", text=LAMP, place_id=place.pk)
    found = proposed(scene, text=LEAK + "，请尽快", place_id=place.pk)
    assert leads(found) == ["D2"]
    assert found[0].reasons == ("目录未列，曾主办相近诉求", "近 90 天主办相近诉求 3 件")


def test_cases_of_another_category_count_where_the_like_is_said(scene: Scene) -> None:
    other = Category.objects.create(code="C09", name="供水", level=1, path="供水", valid_from=FROM)
    for _ in range(3):
        handling(scene, lead="D2", text=LEAK, category_id=other.pk)
    assert leads(proposed(scene, text=LEAK, category_id=scene.category.pk)) == ["D2"]


def test_neither_old_cases_nor_the_unit_complained_about_propose(scene: Scene) -> None:
    row(scene, "E1", "D1")
    for _ in range(3):
        handling(scene, at=OPEN - timedelta(days=91), lead="D2", category_id=scene.category.pk)
        handling(scene, lead="D1", category_id=scene.category.pk)
    about = scene.unit("D1").pk
    assert proposed(scene, category_id=scene.category.pk, complained_about_id=about) == []


@pytest.fixture
def roster(scene: Scene) -> Iterator[Duty]:
    """The district's leader and somebody of the second department are on duty in the night."""
    shift = ShiftKind.objects.get_or_create(
        name="夜",
        defaults={"starts": time(20), "ends": time(8), "valid_from": FROM},
    )[0]
    for name, unit, phone in (("leader", "HOT", ""), ("department2", "D2", "68860000")):
        person = Person.objects.get(username=name)
        post = Holding.objects.get(person=person).post
        there = Duty.objects.create(
            unit=scene.unit(unit), role="staff" if phone else "leader", shift=shift, person=person, post=post,
            starts_at=datetime(2026, 3, 2, 12, tzinfo=UTC), ends_at=datetime(2026, 3, 3, 0, tzinfo=UTC), phone=phone,
        )  # fmt: skip
    yield there


def test_while_the_offices_are_closed_it_says_who_is_there(scene: Scene, roster: Duty) -> None:
    row(scene, "E1", "D1")
    row(scene, "E2", "D2")
    found = proposed(scene, at=CLOSED, category_id=scene.category.pk)
    assert leads(found) == ["D2", "D1"]
    assert found[0].reasons[1:] == ("现在不是办公时间，由人员department2（68860000）值班",)
    assert found[1].reasons[1:] == ("现在不是办公时间，没有人值班",)
    by_day = proposed(scene, category_id=scene.category.pk)
    assert (leads(by_day), by_day[0].reasons[1:]) == (["D1", "D2"], ())


def test_nothing_is_said_of_duty_where_no_roster_is_kept(scene: Scene) -> None:
    row(scene, "E1", "D1")
    assert proposed(scene, at=CLOSED, category_id=scene.category.pk)[0].reasons == ("目录 E1：依据E1",)


def test_many_units_and_like_cases_take_as_many_queries_as_one(scene: Scene, roster: Duty) -> None:
    place = Place.objects.get(level="community")
    actor = scene.actor("dispatcher")

    def count() -> int:
        case = get_case_detail(
            make_case(scene, at=CLOSED, text=LEAK, category_id=scene.category.pk, place_id=place.pk).number,
            actor,
        )
        with CaptureQueriesContext(connection) as caught:
            assert lead_proposals(case, actor, CLOSED)
        return len(caught)

    row(scene, "E1", "D1")
    for _ in range(3):
        handling(scene, lead="D2", text=LEAK, category_id=scene.category.pk, place_id=place.pk)
    first = count()
    row(scene, "E2", "", duty="管道漏水")
    for lead in ("D1", "D2", "S") * 4:
        handling(scene, lead=lead, text=LEAK, category_id=scene.category.pk, place_id=place.pk)
    row(scene, "E3", "", category=scene.category.parent)
    assert count() == first


def test_the_directory_of_the_day_is_asked(scene: Scene) -> None:
    row(scene, "E1", "D1", valid_to=date(2026, 3, 1))
    row(scene, "E2", "D2", valid_from=date(2026, 3, 2))
    assert leads(proposed(scene, category_id=scene.category.pk)) == ["D2"]
