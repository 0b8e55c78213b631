"""A session ends when it is unused, when the account says so, and at once when account or post end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from jieban.base.clock import local_date, now
from jieban.registry.identity import delegations, sessions
from jieban.registry.models import Holding, Person, Post, Session
from tests.web.factors import shown_code, with_totp
from tests.web.people import PASSWORD, make_person, make_post

pytestmark = pytest.mark.django_db
NEW = "another long phrase"


def at_work(username: str = "zhoumin") -> Client:
    client = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"})
    client.post("/login/", {"username": username, "password": PASSWORD})
    client.get("/posts/")
    assert client.get("/desk/").status_code == 200
    return client


@pytest.fixture
def person() -> Person:
    person = make_person()
    make_post(person)
    return person


def goes_to_the_login(client: Client) -> bool:
    return client.get("/desk/").get("Location", "").startswith("/login/")


@pytest.mark.parametrize("forged", ['"\\000aaaaaaaaaaaa"', "a' OR 1=1 --", "é" * 12, "a" * 5_000, "short"])
def test_a_forged_key_of_a_session_is_nobody(client: Client, forged: str) -> None:
    answer = client.get("/desk/", headers={"cookie": f"sessionid={forged}"})
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")


def test_the_key_of_a_session_changes_at_sign_in(client: Client, person: Person) -> None:
    session = client.session
    session["a"] = 1
    session.save()
    planted = session.session_key
    client.post("/login/", {"username": "zhoumin", "password": PASSWORD})
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_an_unused_session_ends_after_twelve_hours(person: Person) -> None:
    client = at_work()
    row = Session.objects.get()
    assert abs(row.expire_date - now() - timedelta(hours=12)) < timedelta(minutes=1)
    Session.objects.update(expire_date=now() - timedelta(seconds=1))
    assert goes_to_the_login(client)


def test_a_used_session_is_prolonged_but_not_at_every_request(person: Person) -> None:
    client = at_work()
    before = Session.objects.get().expire_date
    client.get("/desk/")
    assert Session.objects.get().expire_date == before
    Session.objects.update(expire_date=now() + timedelta(hours=1))
    client.get("/desk/")
    assert Session.objects.get().expire_date > now() + timedelta(hours=11)


def test_a_suspended_account_ends_all_its_sessions_at_once(person: Person) -> None:
    clients = [at_work(), at_work()]
    Person.objects.update(is_active=False)
    assert all(goes_to_the_login(client) for client in clients)


def test_a_post_that_ended_gives_no_right_in_the_next_request(person: Person) -> None:
    client = at_work()
    Holding.objects.update(valid_to=local_date(now()))
    assert client.get("/desk/")["Location"].startswith("/posts/")


def test_a_delegation_that_is_revoked_gives_no_right_in_the_next_request(person: Person) -> None:
    deputy = make_person("lichen", "李陈")
    make_post(deputy, "值班员")
    today, post = local_date(now()), Post.objects.get(name="指挥员")
    given = delegations.give(person, post.pk, "lichen", first=today, last=today, reason="外出开会", at=now())
    client = Client()
    client.post("/login/", {"username": "lichen", "password": PASSWORD})
    assert "指挥员（代 周敏）" in client.get("/posts/").content.decode()
    client.post("/posts/", {"post": post.pk})
    assert "指挥员（代 周敏）" in client.get("/desk/").content.decode()
    delegations.revoke(person, given.pk, now())
    assert client.get("/desk/")["Location"].startswith("/posts/")


def test_a_password_changed_here_ends_the_sessions_elsewhere(person: Person) -> None:
    here, elsewhere = at_work(), at_work()
    key = here.session.session_key
    answer = here.post("/account/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert answer["Location"] == "/account/"
    assert here.get("/desk/").status_code == 200
    assert here.session.session_key != key
    assert goes_to_the_login(elsewhere)
    assert Session.objects.filter(person=person).count() == 1


def test_a_password_changed_by_somebody_else_ends_all(person: Person) -> None:
    client = at_work()
    person.set_password(NEW)
    person.save()
    assert goes_to_the_login(client)


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("short", "short", "10 个字符"),
        ("13579246801", "13579246801", "密码只包含数字"),
        ("password123", "password123", "太常见"),
        ("zhoumin2026", "zhoumin2026", "相似"),
        (NEW, NEW + "x", "两次输入的新密码不一样"),
        ("", "", "请填写“新密码”"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_do(person: Person, new: str, again: str, words: str) -> None:
    page = at_work().post("/account/password/", {"old": PASSWORD, "new": new, "again": again})
    assert words in page.content.decode()
    assert Person.objects.get().check_password(PASSWORD)


def test_others_are_ended_from_the_account(person: Person) -> None:
    stranger = make_person("lichen", "李陈")
    make_post(stranger, "值班员")
    here, elsewhere, others = at_work(), at_work(), at_work("lichen")
    page = here.get("/account/").content.decode()
    assert page.count("Chrome · Windows") == 2 and page.count("本机") == 1
    assert "已退出其他 1 处登录" in here.post("/account/sessions/end/", follow=True).content.decode()
    assert goes_to_the_login(elsewhere)
    assert here.get("/desk/").status_code == others.get("/desk/").status_code == 200


def test_an_added_second_factor_ends_the_sessions_elsewhere(person: Person) -> None:
    here, elsewhere = at_work(), at_work()
    page = here.get("/account/totp/")
    secret = here.session["totp-secret"]
    assert page.status_code == 200
    here.post("/account/totp/", {"code": shown_code(secret)})
    assert here.get("/desk/").status_code == 200
    assert goes_to_the_login(elsewhere)


def test_a_session_ended_elsewhere_is_not_written_back(person: Person) -> None:
    client = at_work()
    store = client.session
    sessions.end_others(person, None)
    assert goes_to_the_login(client)
    assert not Session.objects.filter(session_key=store.session_key).exists()


def test_the_account_has_as_many_queries_for_one_session_as_for_thirty(
    person: Person, django_assert_max_num_queries: Any
) -> None:
    client = at_work()
    with_totp(person)
    for _number in range(29):
        Client().post("/login/", {"username": "zhoumin", "password": PASSWORD})
    with django_assert_max_num_queries(7):
        assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537 Edg/140", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537 MicroMessenger/8.0", "微信 · Android"),
        ("curl/8", ""),
    ],
)
def test_a_device_is_named_in_words(agent: str, words: str) -> None:
    assert sessions.device_of(agent) == words
