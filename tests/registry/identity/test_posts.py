"""Who may act: only a post, a unit, a holding and an account that are all in force."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from jieban.base.errors import NotAllowed
from jieban.registry.identity.posts import SYSTEM, Actor, actor_in_post, posts_of
from jieban.registry.models import Person, Place, Post, Unit
from jieban.registry.roles import Role
from tests.registry.identity.holders import NOON, OPENED, TODAY, hold, make_person, make_post, make_unit

pytestmark = pytest.mark.django_db

ENDED = "您现在不在这个岗位上，或者岗位已经撤销。请重新选择岗位；仍有疑问请联系系统管理员。"


def assert_cannot_act(person: Person, post: Post, at: datetime = NOON) -> None:
    assert posts_of(person, at) == []
    with pytest.raises(NotAllowed) as refusal:
        actor_in_post(person.pk, post.pk, at)
    assert (refusal.value.message, refusal.value.code) == (ENDED, "post_ended")


def test_actor_of_a_department_has_its_unit_and_names() -> None:
    person, unit = make_person(), make_unit()
    post = make_post(unit=unit)
    hold(person, post)

    assert actor_in_post(person.pk, post.pk, NOON) == Actor(
        person_id=person.pk,
        post_id=post.pk,
        role=Role.DEPARTMENT,
        unit_id=unit.pk,
        unit_ids=frozenset({unit.pk}),
        place_id=None,
        name="周敏",
        post_name="岗位P1",
    )


def test_command_centre_acts_for_its_street_and_its_place() -> None:
    street = Place.objects.create(code="1", level="street", name="八角街道", opened_on=OPENED)
    office = make_unit("ST1", Unit.Kind.STREET, place=street)
    centre = make_unit("SC1", Unit.Kind.STREET_CENTRE, parent=office)
    person, post = make_person(), make_post(unit=centre, role=Role.STREET)
    hold(person, post)

    actor = actor_in_post(person.pk, post.pk, NOON)

    assert (actor.unit_id, actor.unit_ids, actor.place_id) == (
        centre.pk,
        frozenset({centre.pk, office.pk}),
        street.pk,
    )


def test_community_acts_for_itself_only() -> None:
    place = Place.objects.create(code="1", level="community", name="八角北路", opened_on=OPENED)
    office = make_unit("ST1", Unit.Kind.STREET)
    committee = make_unit("CM1", Unit.Kind.COMMUNITY, parent=office, place=place)
    person, post = make_person(), make_post(unit=committee, role=Role.COMMUNITY)
    hold(person, post)

    actor = actor_in_post(person.pk, post.pk, NOON)

    assert (actor.unit_ids, actor.place_id) == (frozenset({committee.pk}), place.pk)


def test_resident_acts_without_a_unit() -> None:
    person, post = make_person(), make_post(role=Role.RESIDENT)
    hold(person, post)

    actor = actor_in_post(person.pk, post.pk, NOON)

    assert (actor.role, actor.unit_id, actor.unit_ids, actor.place_id) == (
        Role.RESIDENT,
        None,
        frozenset(),
        None,
    )


def test_system_is_nobody() -> None:
    assert Actor(None, None, Role.SYSTEM, None, frozenset(), None, "系统", "系统") == SYSTEM


def test_two_posts_are_both_listed_by_code() -> None:
    person = make_person()
    second, first = make_post("P2", make_unit("D2")), make_post("P1", make_unit("D1"))
    hold(person, second)
    hold(person, first)

    assert posts_of(person, NOON) == [first, second]
    assert actor_in_post(person.pk, second.pk, NOON).unit_id == second.unit_id


def test_post_held_twice_is_listed_once() -> None:
    person, post = make_person(), make_post()
    hold(person, post)
    hold(person, post, date(2025, 1, 1))

    assert posts_of(person, NOON) == [post]


def test_ended_holding_gives_no_right() -> None:
    person, post = make_person(), make_post(unit=make_unit())
    hold(person, post, end=TODAY)

    assert_cannot_act(person, post)
    assert posts_of(person, NOON - timedelta(days=1)) == [post]


def test_holding_that_begins_tomorrow_gives_no_right_yet() -> None:
    person, post = make_person(), make_post(unit=make_unit())
    hold(person, post, start=TODAY + timedelta(days=1))

    assert_cannot_act(person, post)


def test_day_is_the_one_in_shanghai() -> None:
    person, post = make_person(), make_post(unit=make_unit())
    hold(person, post, start=TODAY)

    assert_cannot_act(person, post, datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC))
    assert posts_of(person, datetime(2026, 3, 9, 16, 0, tzinfo=UTC)) == [post]


@pytest.mark.parametrize("field", ["closed_on", "opened_on"])
@pytest.mark.parametrize("part", ["post", "unit"])
def test_post_or_unit_out_of_force_gives_no_right(part: str, field: str) -> None:
    person, post = make_person(), make_post(unit=make_unit())
    hold(person, post)
    row = post if part == "post" else post.unit
    assert row is not None
    setattr(row, field, TODAY if field == "closed_on" else TODAY + timedelta(days=1))
    row.save()

    assert_cannot_act(person, post)


def test_suspended_person_has_no_post() -> None:
    person, post = make_person(), make_post()
    hold(person, post)
    person.is_active = False
    person.save()

    assert_cannot_act(person, post)


def test_post_of_somebody_else_is_refused() -> None:
    person, other, post = make_person(), make_person("liqiang", "李强"), make_post()
    hold(other, post)

    assert_cannot_act(person, post)


@pytest.mark.parametrize("count", [1, 30])
def test_one_query_for_any_number_of_posts(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = make_person()
    posts = [make_post(f"P{number:02}", make_unit(f"D{number:02}")) for number in range(count)]
    for post in posts:
        hold(person, post)

    with django_assert_num_queries(1):
        names = [post.unit and post.unit.name for post in posts_of(person, NOON)]
    with django_assert_num_queries(1):
        actor_in_post(person.pk, posts[-1].pk, NOON)

    assert names == [f"单位D{number:02}" for number in range(count)]
