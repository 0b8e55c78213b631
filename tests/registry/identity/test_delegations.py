"""Delegation with dates: who may let whom act in which post, how the history tells it, and when it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.cases import actions
from jieban.registry.identity import delegations, tokens
from jieban.registry.identity.posts import actor_in_post, posts_of
from jieban.registry.models import Delegation, Holding, Person, Post, Unit
from jieban.registry.roles import Role
from tests.cases.scene import Scene, make_case, make_scene
from tests.registry.identity.holders import NOON, TODAY, hold, make_person, make_post, make_unit
from tests.web.signed_in import signed_in

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def unit() -> Unit:
    return make_unit("ST1", Unit.Kind.STREET)


@pytest.fixture
def post(unit: Unit) -> Post:
    return make_post("P1", unit, Role.STREET)


@pytest.fixture
def giver(post: Post) -> Person:
    person = make_person("zhangsan", "张三")
    hold(person, post)
    return person


@pytest.fixture
def deputy(unit: Unit) -> Person:
    person = make_person("lisi", "李四")
    hold(person, make_post("P2", unit))
    return person


def give(giver: Person, post: Post, to: str = "lisi", **changed: Any) -> Delegation:
    said: dict[str, Any] = {"first": TODAY, "last": TOMORROW, "reason": "外出学习", "at": NOON}
    return delegations.give(giver, post.pk, to, **(said | changed))


def may_act(person: Person, post: Post, at: datetime = NOON) -> bool:
    listed = post in posts_of(person, at)
    try:
        actor_in_post(person.pk, post.pk, at)
    except NotAllowed:
        assert not listed
        return False
    assert listed
    return True


def test_the_deputy_acts_in_the_post_and_it_says_for_whom(giver: Person, post: Post, deputy: Person) -> None:
    assert not may_act(deputy, post)
    give(giver, post)
    actor = actor_in_post(deputy.pk, post.pk, NOON)
    assert (actor.person_id, actor.name, actor.role, actor.unit_id) == (
        deputy.pk,
        "李四",
        Role.STREET,
        post.unit_id,
    )
    assert (actor.post_name, actor.for_name) == ("岗位P1（代 张三）", "张三")
    assert [one.held_by for one in posts_of(deputy, NOON)] == ["张三", ""]
    assert actor_in_post(giver.pk, post.pk, NOON).post_name == "岗位P1"


def test_it_holds_from_its_first_day_to_its_last(giver: Person, post: Post, deputy: Person) -> None:
    give(giver, post, first=TOMORROW, last=TODAY + timedelta(days=3))
    days = [NOON + timedelta(days=number) for number in range(6)]
    assert [may_act(deputy, post, day) for day in days] == [False, True, True, True, False, False]


def test_days_begin_and_end_in_shanghai(giver: Person, post: Post, deputy: Person) -> None:
    give(giver, post, last=TODAY)
    assert may_act(deputy, post, datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC))
    assert not may_act(deputy, post, datetime(2026, 3, 10, 16, 0, tzinfo=UTC))


def test_revoking_ends_it_at_once(giver: Person, post: Post, deputy: Person) -> None:
    given = give(giver, post)
    delegations.revoke(giver, given.pk, NOON)
    assert not may_act(deputy, post)
    first = Delegation.objects.get().revoked_at
    delegations.revoke(giver, given.pk, NOON + timedelta(hours=1))
    assert Delegation.objects.get().revoked_at == first


def test_only_the_giver_revokes(giver: Person, post: Post, deputy: Person) -> None:
    given = give(giver, post)
    with pytest.raises(NotAllowed):
        delegations.revoke(deputy, given.pk, NOON)
    assert may_act(deputy, post)


@pytest.mark.parametrize("ends", ["holding", "giver", "deputy", "moved", "post", "unit"])
def test_it_ends_with_what_it_rests_on(
    giver: Person, post: Post, deputy: Person, unit: Unit, ends: str
) -> None:
    give(giver, post)
    assert may_act(deputy, post)
    match ends:
        case "holding":
            Holding.objects.filter(person=giver).update(valid_to=TODAY)
        case "giver":
            Person.objects.filter(pk=giver.pk).update(is_active=False)
        case "deputy":
            Person.objects.filter(pk=deputy.pk).update(is_active=False)
        case "moved":
            Holding.objects.filter(person=deputy).update(valid_to=TODAY)
            hold(deputy, make_post("P9", make_unit("D9")))
        case "post":
            Post.objects.filter(pk=post.pk).update(closed_on=TODAY)
        case "unit":
            Unit.objects.filter(pk=unit.pk).update(closed_on=TODAY)
    assert not may_act(deputy, post)


@pytest.mark.parametrize(("relation", "may"), [("parent", True), ("child", True), ("sibling", False)])
def test_deputies_come_from_the_unit_its_parent_or_a_child(
    giver: Person, post: Post, unit: Unit, relation: str, may: bool
) -> None:
    above = make_unit("T1")
    Unit.objects.filter(pk=unit.pk).update(parent=above)
    near = {
        "parent": above,
        "child": make_unit("C1", Unit.Kind.COMMUNITY, parent=unit),
        "sibling": make_unit("S1", parent=above),
    }[relation]
    person = make_person("wangwu", "王五")
    hold(person, make_post("P5", near))
    if may:
        give(giver, post, "wangwu")
    else:
        with pytest.raises(Invalid) as refusal:
            give(giver, post, "wangwu")
        assert set(refusal.value.fields) == {"person"}
    assert may_act(person, post) is may


@pytest.mark.parametrize("to", ["zhangsan", "nobody", ""])
def test_nobody_and_oneself_are_no_deputies(giver: Person, post: Post, deputy: Person, to: str) -> None:
    with pytest.raises(Invalid):
        give(giver, post, to)


def test_a_suspended_person_is_no_deputy(giver: Person, post: Post, deputy: Person) -> None:
    Person.objects.filter(pk=deputy.pk).update(is_active=False)
    with pytest.raises(Invalid):
        give(giver, post)


def test_who_holds_the_post_anyway_is_no_deputy(giver: Person, post: Post, deputy: Person) -> None:
    hold(deputy, post)
    with pytest.raises(Invalid) as refusal:
        give(giver, post)
    assert "不需要委托" in refusal.value.message


def test_ones_own_holding_goes_before_a_delegation(giver: Person, post: Post, deputy: Person) -> None:
    give(giver, post)
    hold(deputy, post)
    assert actor_in_post(deputy.pk, post.pk, NOON).for_name == ""
    assert {one.held_by for one in posts_of(deputy, NOON)} == {""}


def test_a_delegated_post_is_not_delegated_on(giver: Person, post: Post, deputy: Person, unit: Unit) -> None:
    give(giver, post)
    third = make_person("wangwu", "王五")
    hold(third, make_post("P5", unit))
    with pytest.raises(NotAllowed):
        give(deputy, post, "wangwu")
    assert post not in delegations.own_posts(deputy, NOON)


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.ENTERPRISE])
def test_posts_of_residents_and_enterprises_are_not_delegated(deputy: Person, role: Role) -> None:
    person, own = make_person("zhangdama", "张大妈"), make_post("R", None, role)
    hold(person, own)
    with pytest.raises(NotAllowed):
        give(person, own)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"first": TODAY - timedelta(days=1)}, "first"),
        ({"last": TODAY - timedelta(days=1)}, "last"),
        ({"last": TODAY + timedelta(days=90)}, "last"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 201}, "reason"),
    ],
)
def test_days_and_reason_must_fit(
    giver: Person, post: Post, deputy: Person, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        give(giver, post, **changed)
    assert set(refusal.value.fields) == {field}


def test_ninety_days_are_the_most(giver: Person, post: Post, deputy: Person) -> None:
    given = give(giver, post, last=TODAY + timedelta(days=89))
    assert (given.valid_to, given.last_day) == (date(2026, 6, 8), date(2026, 6, 7))
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.update(valid_to=date(2026, 6, 9))
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.update(valid_to=None)


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_is_given_once(giver: Person, post: Post, deputy: Person) -> None:
    def attempt(_number: int) -> bool:
        try:
            give(giver, post)
        except WrongState:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert Delegation.objects.count() == 1


def test_programs_do_not_act_by_delegation(giver: Person, post: Post, deputy: Person) -> None:
    give(giver, post)
    with pytest.raises(Invalid):
        tokens.create("lisi", NOON, post_code="P1")
    actor = tokens.actor_for(tokens.create("lisi", NOON), NOON)
    assert actor.post_id == Post.objects.get(code="P2").pk


def test_one_query_for_a_delegated_post_too(
    giver: Person, post: Post, deputy: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give(giver, post)
    actor_in_post(deputy.pk, post.pk, NOON)
    with django_assert_num_queries(1):
        actor_in_post(deputy.pk, post.pk, NOON)
    with django_assert_num_queries(1):
        posts_of(deputy, NOON)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def deputy_in(scene: Scene) -> tuple[Person, Post]:
    """Somebody from the dispatchers' unit who acts in the dispatcher's post."""
    dispatcher = scene.actor("dispatcher")
    post = Post.objects.get(pk=dispatcher.post_id)
    deputy = make_person("lisi", "李四")
    hold(deputy, make_post("P2", post.unit))
    today = local_date(now())
    holder = Person.objects.get(pk=dispatcher.person_id)
    delegations.give(holder, post.pk, "lisi", first=today, last=today, reason="休假", at=now())
    return deputy, post


def test_the_course_of_a_case_tells_for_whom_somebody_acted(scene: Scene) -> None:
    deputy, post = deputy_in(scene)
    case = make_case(scene)
    actor = actor_in_post(deputy.pk, post.pk, now())
    actions.add_note(case.pk, actor=actor, at=now(), text="已电话核实")
    told = signed_in(scene.actor("supervisor")).get(f"/cases/{case.number}/").content.decode()
    assert f"李四（代 {scene.actor('dispatcher').name}）" in told


def test_pages_give_show_and_revoke(scene: Scene) -> None:
    dispatcher = scene.actor("dispatcher")
    client: Client = signed_in(dispatcher)
    post = Post.objects.get(pk=dispatcher.post_id)
    hold(make_person("lisi", "李四"), make_post("P2", post.unit))
    today = local_date(now()).isoformat()
    said = {"post": post.pk, "person": "lisi", "first": today, "last": today, "reason": "休假"}
    wrong = client.post("/account/delegations/", said | {"person": "nobody", "last": "2020-01-01"})
    assert "不能早于开始日期" in wrong.content.decode()
    assert "代理中" in client.post("/account/delegations/", said, follow=True).content.decode()
    again = client.post("/account/delegations/", said)
    assert "已经委托给此人" in again.content.decode()
    row = Delegation.objects.get()
    revoke = f"/account/delegations/{row.pk}/revoke/"
    assert signed_in(scene.actor("supervisor")).post(revoke).status_code == 403
    assert client.get(revoke).status_code == 405
    assert "已收回" in client.post(revoke, follow=True).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_has_as_many_queries_for_one_as_for_thirty(
    giver: Person, post: Post, deputy: Person, unit: Unit, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        person = make_person(f"p{number}", f"同事{number}")
        hold(person, make_post(f"Q{number}", unit))
        give(giver, post, f"p{number}")
    with django_assert_num_queries(1):
        assert len([(row.post.unit, row.person.name) for row in delegations.given_by(giver)]) == count
