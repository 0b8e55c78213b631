"""Tries are counted before anything is looked at: by account and by network, exactly, whoever says what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client

from jieban.base.clock import now
from jieban.registry.identity import attempts
from jieban.registry.models import Attempt, Person
from jieban.web.account import signin_limits
from tests.web.factors import shown_code, with_totp
from tests.web.people import PASSWORD, make_person, make_post

WRONG = "用户名或密码不对，请重新输入。"
MANY = "尝试次数过多"


def tried(
    client: Client, username: str = "zhoumin", password: str = "wrong", **headers: str
) -> tuple[int, str]:
    answer = client.post("/login/", {"username": username, "password": password}, headers=headers)
    return answer.status_code, answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_64_tries_at_once_ten_passwords_are_looked_at() -> None:
    make_person()

    def attempt(number: int) -> str:
        client = Client(REMOTE_ADDR=f"10.0.{number % 4}.9")
        try:
            status, page = tried(client, **{"x-forwarded-for": f"203.0.113.{number}"})
        finally:
            connection.close()
        return "looked at" if (status, WRONG in page) == (200, True) else f"{status} {MANY in page}"

    with ThreadPoolExecutor(64) as pool:
        said = list(pool.map(attempt, range(64)))
    assert {kind: said.count(kind) for kind in set(said)} == {"looked at": 10, "429 True": 54}


@pytest.mark.django_db
def test_a_locked_account_refuses_the_right_password_too(client: Client) -> None:
    make_post(make_person())
    for _number in range(10):
        tried(client)
    status, page = tried(client, password=PASSWORD)
    assert (status, MANY in page, WRONG in page) == (429, True, False)
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_the_lock_ends_after_its_time_and_a_sign_in_clears_the_count(client: Client) -> None:
    make_post(make_person())
    for _number in range(10):
        tried(client)
    Attempt.objects.update(since=now() - timedelta(minutes=15))
    assert tried(client, password=PASSWORD)[0] == 302
    client.post("/logout/")
    assert [tried(client)[0] for _number in range(10)] == [200] * 10


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["ZhouMin", " zhoumin ", "ｚｈｏｕｍｉｎ"])
def test_other_ways_of_writing_a_name_count_together(client: Client, written: str) -> None:
    for _number in range(10):
        tried(client, written)
    assert tried(client)[0] == 429


@pytest.mark.django_db
def test_one_network_may_try_a_hundred_times_whatever_it_writes_into_headers() -> None:
    said = [
        tried(Client(), f"name{number}", **{"x-forwarded-for": f"203.0.113.{number}"})[0]
        for number in range(101)
    ]
    assert said == [200] * 100 + [429]
    assert tried(Client(REMOTE_ADDR="10.1.1.1"), "name")[0] == 200


@pytest.mark.django_db
def test_behind_a_proxy_the_address_that_it_saw_counts(settings: Any) -> None:
    settings.PROXIES = 1
    for _number in range(100):
        attempts.record_attempt(signin_limits.PASSWORDS_OF_NETWORK, "203.0.113.7", now())
    forged = {"x-forwarded-for": "198.51.100.1, 203.0.113.7"}
    assert tried(Client(), **forged)[0] == 429
    assert tried(Client(), **{"x-forwarded-for": "203.0.113.7, 198.51.100.1"})[0] == 200


@pytest.mark.django_db
def test_locked_out_at_one_account_is_not_locked_out_at_another(client: Client) -> None:
    make_post(make_person("lichen", "李陈"))
    for _number in range(11):
        tried(client)
    assert tried(client, "lichen", PASSWORD)[0] == 302


@pytest.mark.django_db
def test_an_office_behind_one_address_signs_in_at_nine() -> None:
    make_post(make_person())
    said = [tried(Client(), password=PASSWORD)[0] for _number in range(101)]
    assert said == [302] * 101
    wrong = [tried(Client(), f"name{number}")[0] for number in range(101)]
    assert wrong == [200] * 100 + [429]


@pytest.mark.django_db
def test_a_wrong_name_a_wrong_password_and_a_suspended_account_get_the_same_words(client: Client) -> None:
    make_person()
    suspended = make_person("lichen", "李陈")
    suspended.is_active = False
    suspended.save()
    pages = {
        page.replace(name, "NAME").split("csrfmiddlewaretoken")[1][80:]
        for name, password in (("zhoumin", "wrong"), ("nobody", "wrong"), ("lichen", PASSWORD))
        for page in [tried(client, name, password)[1]]
    }
    assert len(pages) == 1
    assert WRONG in pages.pop()


@pytest.mark.django_db
@pytest.mark.usefixtures("passwords_cost_what_they_do")
def test_a_wrong_name_takes_as_long_as_a_wrong_password(client: Client) -> None:
    make_person()

    def seconds(name: str) -> float:
        began = perf_counter()
        tried(client, name)
        return perf_counter() - began

    seconds("zhoumin")
    known, unknown = ([seconds(name) for _number in range(7)] for name in ("zhoumin", "nobody"))
    assert 0.5 < median(known) / median(unknown) < 2


@pytest.mark.django_db
@pytest.mark.usefixtures("passwords_cost_what_they_do")
def test_an_older_hash_is_made_anew_at_the_sign_in(client: Client) -> None:
    person = make_person()
    make_post(person)
    hasher = PBKDF2PasswordHasher()
    Person.objects.update(password=hasher.encode(PASSWORD, hasher.salt(), iterations=1000))
    assert tried(client, password=PASSWORD)[0] == 302
    person.refresh_from_db()
    assert person.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert client.get("/posts/").status_code == 302


@pytest.mark.django_db
def test_five_codes_end_a_sign_in(client: Client) -> None:
    person = make_person()
    secret = with_totp(person)
    tried(client, password=PASSWORD)
    for _number in range(5):
        assert client.post("/login/second/", {"code": "000000"}).status_code == 200
    assert client.post("/login/second/", {"code": shown_code(secret)}).status_code == 429
    assert "_auth_user_id" not in client.session
    tried(client, password=PASSWORD)  # a new sign-in, with five new tries
    assert client.post("/login/second/", {"code": shown_code(secret)}).status_code == 302


@pytest.mark.django_db
def test_twenty_codes_a_day_lock_the_second_step_of_an_account(client: Client) -> None:
    person = make_person()
    secret = with_totp(person)
    for _sign_in in range(4):
        tried(client, password=PASSWORD)
        for _number in range(5):
            client.post("/login/second/", {"code": "000000"})
    tried(client, password=PASSWORD)
    assert client.post("/login/second/", {"code": shown_code(secret)}).status_code == 429
    Attempt.objects.filter(name=signin_limits.CODES_OF_ACCOUNT.name).update(since=now() - timedelta(days=1))
    tried(client, password=PASSWORD)
    assert client.post("/login/second/", {"code": shown_code(secret)}).status_code == 302


@pytest.mark.django_db
def test_the_old_password_is_asked_ten_times_an_hour(client: Client) -> None:
    make_post(make_person())
    tried(client, password=PASSWORD)
    new = "another long phrase"
    change = {"old": "wrong", "new": new, "again": new}
    assert [client.post("/account/password/", change).status_code for _ in range(10)] == [200] * 10
    assert client.post("/account/password/", change | {"old": PASSWORD}).status_code == 429
    assert Person.objects.get().check_password(PASSWORD)
