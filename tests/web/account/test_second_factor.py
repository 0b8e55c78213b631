"""The second step: required of staff, each code once, and no right before it was shown."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test import Client

from jieban.base import vault
from jieban.base.clock import now
from jieban.base.errors import Invalid
from jieban.registry.identity import second_factors
from jieban.registry.models import Delegation, Holding, Person, Post
from jieban.registry.roles import Role
from tests.web.factors import shown_code, with_totp
from tests.web.people import OPENED, PASSWORD, make_person, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.SECOND_FACTOR = "required"


def sign_in(client: Client, username: str = "zhoumin", **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login/", {"username": username, "password": PASSWORD, **more})


def make_resident() -> Person:
    person = make_person("zhangdama", "张大妈")
    post = Post.objects.create(code="R", name="居民", role=Role.RESIDENT, opened_on=OPENED)
    Holding.objects.create(person=person, post=post, valid_from=OPENED)
    return person


def make_staff() -> Person:
    person = make_person()
    make_post(person)
    return person


@pytest.mark.parametrize(
    "address", ["/", "/desk/", "/cases/", "/posts/", "/account/", "/account/delegations/"]
)
def test_staff_with_a_password_only_see_nothing_but_the_set_up(client: Client, address: str) -> None:
    make_staff()
    sign_in(client)
    for answer in (client.get(address), client.post(address)):
        assert answer["Location"].split("?")[0] == "/account/set-up/"
    assert "设置两步验证" in client.get("/account/set-up/").content.decode()


def test_no_post_can_be_chosen_before_the_second_factor(client: Client) -> None:
    person = make_staff()
    sign_in(client)
    client.post("/posts/", {"post": Post.objects.get().pk})
    assert "post" not in client.session
    session = client.session
    session["post"] = Post.objects.get().pk  # even a session that had one
    session.save()
    assert client.get("/desk/")["Location"].startswith("/account/set-up/")
    assert not second_factors.has_any(person)


def test_setting_up_codes_opens_the_way_to_the_desk(client: Client) -> None:
    make_staff()
    sign_in(client)
    page = client.get("/account/totp/").content.decode()
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert secret and 'src="data:image/png;base64,' in page
    wrong = client.post("/account/totp/", {"code": "000000"}).content.decode()
    assert "动态码不对" in wrong and secret[0] in wrong

    plain = secret[1].replace(" ", "")
    answer = client.post("/account/totp/", {"code": shown_code(plain)})

    assert answer["Location"] == "/account/added/"
    assert "领取恢复码" in client.get("/account/added/").content.decode()
    assert client.get("/", follow=True).status_code == 200
    assert client.get("/desk/").status_code == 200
    stored = json.dumps(Authenticator.objects.get().data)
    assert plain not in stored


def test_residents_need_none(client: Client) -> None:
    make_resident()
    sign_in(client, "zhangdama")
    assert client.get("/posts/")["Location"] == "/"
    assert client.get("/account/").status_code == 200


def test_a_post_that_comes_after_the_sign_in_asks_for_the_second_factor(client: Client) -> None:
    person = make_resident()
    sign_in(client, "zhangdama")
    post = make_post(person)
    client.post("/posts/", {"post": post.pk})
    assert client.get("/desk/")["Location"].startswith("/account/set-up/")


def test_a_delegation_makes_somebody_staff() -> None:
    giver, person = make_staff(), make_resident()
    today = now().date()
    Delegation.objects.create(
        post=Post.objects.get(code="zhoumin-指挥员"), giver=giver, person=person, reason="休假",
        valid_from=today, valid_to=today + timedelta(days=2), given_at=now(),
    )  # fmt: skip
    assert second_factors.is_staff(person, now())


def test_a_post_that_ended_makes_nobody_staff() -> None:
    person = make_person()
    make_post(person, until=date(2021, 1, 1))
    assert not second_factors.is_staff(person, now())


def test_a_right_password_signs_nobody_in_who_has_a_second_factor(client: Client) -> None:
    with_totp(make_staff())
    assert sign_in(client, next="/cases/")["Location"] == "/login/second/"
    assert "_auth_user_id" not in client.session
    assert client.get("/cases/")["Location"].startswith("/login/")
    assert client.get("/account/totp/")["Location"].startswith("/login/")


def test_the_code_leads_on_to_the_page_that_was_asked_for(client: Client) -> None:
    secret = with_totp(make_staff())
    sign_in(client, next="/cases/")
    key = client.session.session_key
    assert client.post("/login/second/", {"code": shown_code(secret)})["Location"] == "/cases/"
    assert client.session.session_key != key
    assert client.get("/posts/?next=/cases/")["Location"] == "/cases/"
    assert client.get("/cases/").status_code == 200


def test_where_it_is_offered_who_has_one_still_needs_it(client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "offered"
    with_totp(make_staff())
    assert sign_in(client)["Location"] == "/login/second/"
    assert client.get("/")["Location"].startswith("/login/")


def test_the_second_step_alone_leads_nowhere(client: Client) -> None:
    secret = with_totp(make_staff())
    assert client.get("/login/second/")["Location"] == "/login/"
    assert client.post("/login/second/", {"code": shown_code(secret)})["Location"] == "/login/"


@pytest.mark.parametrize("change", ["late", "suspended", "password"])
def test_the_second_step_comes_in_time_and_to_the_same_account(client: Client, change: str) -> None:
    person = make_staff()
    secret = with_totp(person)
    sign_in(client)
    if change == "late":
        session = client.session
        session["sign-in"] |= {"at": (now() - timedelta(minutes=11)).isoformat()}
        session.save()
    elif change == "suspended":
        Person.objects.update(is_active=False)
    else:
        person.set_password("another long phrase")
        person.save()
    assert client.post("/login/second/", {"code": shown_code(secret)})["Location"] == "/login/"
    assert "_auth_user_id" not in client.session


def test_a_code_is_taken_once(client: Client) -> None:
    secret = with_totp(make_staff())
    code = shown_code(secret)
    sign_in(client)
    client.post("/login/second/", {"code": code})
    client.post("/logout/")
    sign_in(client)
    assert "已经用过" in client.post("/login/second/", {"code": code}).content.decode()
    assert client.post("/login/second/", {"code": shown_code(secret, 1)})["Location"] == "/"


def test_an_earlier_code_is_not_taken_after_a_later_one() -> None:
    person = make_staff()
    secret = with_totp(person)
    assert second_factors.consume_code(person, shown_code(secret, 1), now())
    assert not second_factors.consume_code(person, shown_code(secret, 0), now())


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "0" * 20, "\u0660" * 6])
def test_other_texts_are_no_codes(code: str) -> None:
    person = make_staff()
    with_totp(person)
    second_factors.new_recovery_codes(person)
    assert not second_factors.consume_code(person, code, now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_of_two_who_send_the_same_code_at_once_one_gets_in(kind: str) -> None:
    person = make_staff()
    secret = with_totp(person)
    code = second_factors.new_recovery_codes(person)[3] if kind == "recovery" else shown_code(secret)
    clients = [Client() for _ in range(6)]
    for client in clients:
        sign_in(client)

    def send(client: Client) -> int:
        try:
            return client.post("/login/second/", {"code": code}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(send, clients)) == [200] * 5 + [302]


def test_recovery_codes_are_shown_once_and_work_once(client: Client) -> None:
    person = make_staff()
    secret = with_totp(person)
    sign_in(client)
    client.post("/login/second/", {"code": shown_code(secret)})
    shown = client.post("/account/recovery-codes/")
    codes = re.findall(r"<code>(\d{10})</code>", shown.content.decode())
    assert len(set(codes)) == 10
    assert "no-store" in shown["Cache-Control"]
    assert client.get("/account/recovery-codes/").status_code == 405
    assert not any(code in client.get("/account/").content.decode() for code in codes)
    stored = json.dumps(Authenticator.objects.get(type="recovery_codes").data)
    assert not any(code in stored for code in codes)

    for expected in (302, 200):
        client.post("/logout/")
        sign_in(client)
        assert client.post("/login/second/", {"code": codes[0]}).status_code == expected
    client.post("/login/second/", {"code": f"{codes[1][:5]} {codes[1][5:]}"})
    assert "还有 8 个没有用过" in client.get("/account/").content.decode()


def test_new_recovery_codes_void_the_earlier_ones() -> None:
    person = make_staff()
    earlier, later = (second_factors.new_recovery_codes(person)[0] for _ in range(2))
    assert not second_factors.consume_code(person, earlier, now())
    assert second_factors.consume_code(person, later, now())


def signed_in_with_totp(client: Client) -> Person:
    person = make_staff()
    secret = with_totp(person)
    sign_in(client)
    client.post("/login/second/", {"code": shown_code(secret)})
    return person


def test_staff_keep_one_second_factor(client: Client) -> None:
    person = signed_in_with_totp(client)
    row = Authenticator.objects.get()
    answer = client.post(f"/account/factors/{row.pk}/remove/")
    assert (answer.status_code, second_factors.has_any(person)) == (409, True)
    assert "工作人员须保留至少一种两步验证" in answer.content.decode()


def test_who_needs_none_may_give_it_up_with_its_recovery_codes(client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "offered"
    person = signed_in_with_totp(client)
    second_factors.new_recovery_codes(person)
    client.post(f"/account/factors/{Authenticator.objects.get(type='totp').pk}/remove/")
    assert not Authenticator.objects.exists()


def test_second_factors_of_others_cannot_be_removed(client: Client) -> None:
    other = make_person("lichen", "李陈")
    with_totp(other)
    row = Authenticator.objects.get()
    signed_in_with_totp(client)
    client.post(f"/account/factors/{row.pk}/remove/")
    assert second_factors.has_any(other)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/account/totp/"),
        ("post", "/account/recovery-codes/"),
        ("post", "/account/factors/1/remove/"),
    ],
)
def test_the_password_is_asked_again_after_a_quarter_of_an_hour(
    client: Client, method: str, address: str
) -> None:
    signed_in_with_totp(client)
    session = client.session
    session["proved_at"] = (now() - timedelta(minutes=16)).isoformat()
    session.save()
    answer = getattr(client, method)(address)
    assert answer["Location"].startswith("/account/confirm/?next=")
    refused = client.post("/account/passkeys/begin/")
    assert (refused.status_code, "重新输入密码" in refused.json()["words"]) == (403, True)

    assert "密码不对" in client.post("/account/confirm/", {"password": "wrong"}).content.decode()
    confirmed = client.post("/account/confirm/", {"password": PASSWORD, "next": "/account/totp/"})
    assert confirmed["Location"] == "/account/totp/"
    assert client.post("/account/passkeys/begin/").status_code == 200


def test_a_session_that_did_not_show_the_second_factor_adds_none(client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "offered"
    person = make_staff()
    sign_in(client)
    with_totp(person)  # elsewhere, meanwhile
    assert client.get("/account/set-up/").status_code == 403
    assert client.post("/account/passkeys/begin/").status_code == 403
    assert client.post("/account/recovery-codes/").status_code == 403


def test_a_lost_second_factor_is_taken_away_and_sessions_end(client: Client) -> None:
    person = signed_in_with_totp(client)
    second_factors.new_recovery_codes(person)
    call_command("reset_second_factor", "zhoumin", stdout=StringIO())
    assert not Authenticator.objects.exists()
    assert client.get("/desk/")["Location"].startswith("/login/")
    sign_in(client)
    assert client.get("/desk/")["Location"].startswith("/account/set-up/")
    with pytest.raises(Invalid):
        call_command("reset_second_factor", "nobody")


def test_secrets_are_resealed_under_a_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_staff()
    secret = with_totp(person)
    code = second_factors.new_recovery_codes(person)[0]
    before = Authenticator.objects.get(type="totp").data["secret"]
    assert sum(second_factors.reseal()) == 0
    monkeypatch.setattr(vault, "needs_new_key", lambda blob: True)  # as after `new-key`
    assert sum(second_factors.reseal()) == 2
    assert Authenticator.objects.get(type="totp").data["secret"] != before
    assert second_factors.consume_code(person, shown_code(secret), now())
    assert second_factors.consume_code(person, code, now())


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", "null", '{"credential": 1}', '{"credential": {}}', '{"credential": {"response": 1}}',
     '{"credential": {"id": "a", "rawId": "a", "type": "public-key", "response": {"userHandle": "!"}}}',
     '{"credential": {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {'
     '"userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5",'
     ' "clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA", "attestationObject": "AAAA"}}}',
     '{"credential": {"x": "' + "a" * 40_000 + '"}}'],
)  # fmt: skip
@pytest.mark.parametrize("address", ["/login/passkey/", "/login/second/passkey/", "/account/passkeys/"])
def test_made_up_passkeys_are_refused_in_words(client: Client, address: str, body: str) -> None:
    if address.startswith("/account"):
        signed_in_with_totp(client)
        client.post("/account/passkeys/begin/")
    elif "second" in address:
        with_totp(make_staff())
        sign_in(client)
        client.post("/login/second/passkey/begin/")
    else:
        client.post("/login/passkey/begin/")
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code in {403, 422}
    assert answer.json()["words"]
    if not address.startswith("/account"):
        assert "_auth_user_id" not in client.session


def test_allauth_shows_no_page_of_its_own(client: Client) -> None:
    for address in ("/accounts/login/", "/accounts/signup/", "/2fa/", "/accounts/2fa/", "/account/signup/"):
        assert client.get(address).status_code == 404
