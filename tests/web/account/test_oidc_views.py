"""Sign-in by the district's identity provider: whatever is not in order signs nobody in."""

import base64
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.db import connection
from django.test import Client

from jieban.base.clock import now
from jieban.registry.models import Person
from tests.web.factors import shown_code, with_totp
from tests.web.people import make_person, make_post
from tests.web.provider import CLIENT_ID, KEY, OTHER_KEY, SECRET, Provider, public, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running() as provider:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = provider.issuer, CLIENT_ID
        settings.OIDC_CLIENT_SECRET, settings.OIDC_BUTTON = SECRET, "石景山统一认证"
        yield provider


@pytest.fixture
def person() -> Person:
    person = make_person()
    make_post(person)
    return person


def sent(client: Client, **query: str) -> str:
    """Where the button leads."""
    return str(client.get("/login/oidc/", query)["Location"])


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def refused(client: Client, back: str) -> str:
    """What somebody is told who was not signed in."""
    answer = client.get(back, follow=True)
    assert not signed_in(client)
    assert answer.redirect_chain == [("/login/", 302)]
    return answer.content.decode()


NOT_PASSED = "统一身份认证没有通过"


def test_whom_the_provider_vouches_for_is_signed_in(
    client: Client, provider: Provider, person: Person
) -> None:
    assert "石景山统一认证" in client.get("/login/").content.decode()
    back = provider.consent(sent(client, next="/cases/"))
    key = client.session.session_key
    assert client.get(back)["Location"] == "/cases/"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.session_key != key
    client.get("/posts/")
    assert client.get("/desk/").status_code == 200


def test_the_second_factor_is_asked_for_all_the_same(
    client: Client, provider: Provider, person: Person
) -> None:
    secret = with_totp(person)
    assert client.get(provider.consent(sent(client)))["Location"] == "/login/second/"
    assert not signed_in(client)
    assert client.post("/login/second/", {"code": shown_code(secret)})["Location"] == "/"


def test_staff_without_one_set_one_up_first(
    client: Client, provider: Provider, person: Person, settings: Any
) -> None:
    settings.SECOND_FACTOR = "required"
    client.get(provider.consent(sent(client)))
    assert client.get("/desk/")["Location"].startswith("/account/set-up/")


def test_without_a_provider_there_is_no_button_and_no_way(client: Client) -> None:
    assert "oidc" not in client.get("/login/").content.decode()
    assert client.get("/login/oidc/").status_code == client.get("/login/oidc/back/").status_code == 404


@pytest.mark.parametrize("name", ["nobody", "ZHOUMIN", " zhoumin", ""])
def test_nobody_registers_themselves(client: Client, provider: Provider, person: Person, name: str) -> None:
    provider.name = name
    said = refused(client, provider.consent(sent(client)))
    assert ("没有可用的账号" in said) or (NOT_PASSED in said)
    assert Person.objects.count() == 1


def test_a_suspended_account_is_refused(client: Client, provider: Provider, person: Person) -> None:
    Person.objects.update(is_active=False)
    assert "没有可用的账号" in refused(client, provider.consent(sent(client)))


PRESENT = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": []},
        {"aud": None},
        {"aud": [CLIENT_ID, "another client"]},
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"azp": "another client"},
        {"nonce": "made up"},
        {"nonce": ""},
        {"nonce": None},
        {"exp": PRESENT - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"iat": PRESENT + 3600},
        {"nbf": PRESENT + 3600},
        {"sub": None},
        {"preferred_username": None},
        {"preferred_username": ["zhoumin"]},
        {"preferred_username": 1},
    ],
    ids="-".join,  # of the claims' names: a time in a name is another in each process
)
def test_a_token_that_says_something_else_is_refused(
    client: Client, provider: Provider, person: Person, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert NOT_PASSED in refused(client, provider.consent(sent(client)))
    assert provider.spent == 1  # it was the token that was refused, nothing before


def unsigned(provider: Provider, nonce: str) -> str:
    """A token with alg=none."""
    claims = {
        "iss": provider.issuer, "aud": CLIENT_ID, "sub": "1", "iat": PRESENT, "exp": PRESENT + 3600,
        "nonce": nonce, "preferred_username": "zhoumin",
    }  # fmt: skip
    parts = ({"alg": "none", "kid": "k1"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
    )


def test_an_unsigned_token_is_refused(client: Client, provider: Provider, person: Person) -> None:
    back = provider.consent(sent(client))
    provider.token = unsigned(provider, client.session["oidc"]["nonce"])
    assert NOT_PASSED in refused(client, back)


def test_a_token_signed_with_another_key_is_refused(
    client: Client, provider: Provider, person: Person
) -> None:
    provider.key = OTHER_KEY
    assert NOT_PASSED in refused(client, provider.consent(sent(client)))


@pytest.mark.parametrize("key", ["the secret", "the public key"])
def test_a_token_signed_with_what_others_know_is_refused(
    client: Client, provider: Provider, person: Person, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # The library refuses to sign with a public key; whoever attacks has one that does not.
    monkeypatch.setattr(jwt.algorithms.HMACAlgorithm, "prepare_key", lambda self, key: key)
    provider.key = SECRET.ljust(32).encode() if key == "the secret" else pem
    provider.algorithm = "HS256"
    shared = base64.urlsafe_b64encode(SECRET.encode()).decode()
    provider.keys.append({"kty": "oct", "kid": "k2", "k": shared})
    assert NOT_PASSED in refused(client, provider.consent(sent(client)))


@pytest.mark.parametrize("kid", ["k9", None])
def test_the_key_must_be_named_where_there_are_several(
    client: Client, provider: Provider, person: Person, kid: str | None
) -> None:
    provider.keys, provider.kid = [public(KEY, "k1"), public(OTHER_KEY, "k2")], kid
    assert NOT_PASSED in refused(client, provider.consent(sent(client)))


def test_a_new_key_of_the_provider_is_taken_at_once(
    client: Client, provider: Provider, person: Person
) -> None:
    provider.keys, provider.kid, provider.key = [public(OTHER_KEY, "k2")], "k2", OTHER_KEY
    client.get(provider.consent(sent(client)))
    assert signed_in(client)


@pytest.mark.parametrize(
    "change", ["state=made-up", "state=", "iss=https://elsewhere.example", "error=denied", "code="]
)
def test_an_answer_that_is_not_to_the_question_is_refused(
    client: Client, provider: Provider, person: Person, change: str
) -> None:
    back = provider.consent(sent(client))
    assert NOT_PASSED in refused(client, f"{back}&{change}")
    assert provider.spent == 0


def test_an_answer_in_another_browser_is_refused(client: Client, provider: Provider, person: Person) -> None:
    back = provider.consent(sent(client))
    assert "不是从本页开始的" in refused(Client(), back)
    other = Client()
    sent(other)
    assert NOT_PASSED in refused(other, back)


def test_an_answer_counts_once(client: Client, provider: Provider, person: Person) -> None:
    back = provider.consent(sent(client))
    client.get(back)
    client.post("/logout/")
    assert "不是从本页开始的" in refused(client, back)


def test_a_code_of_another_sign_in_is_refused(client: Client, provider: Provider, person: Person) -> None:
    stolen = provider.consent(sent(client)).split("code=")[1].split("&")[0]
    attacker = Client()
    state = provider.consent(sent(attacker)).split("state=")[1]
    assert NOT_PASSED in refused(attacker, f"/login/oidc/back/?code={stolen}&state={state}")


@pytest.mark.django_db(transaction=True)
def test_of_six_who_bring_one_answer_at_once_one_is_asked_about(provider: Provider, person: Person) -> None:
    client = Client()
    back = provider.consent(sent(client))
    key = client.cookies["sessionid"].value

    def bring(_number: int) -> None:
        browser = Client()
        browser.cookies["sessionid"] = key
        try:
            browser.get(back)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(bring, range(6)))
    assert provider.spent <= 1
    assert len(provider.codes) + provider.spent == 1


def test_an_answer_after_ten_minutes_is_too_late(client: Client, provider: Provider, person: Person) -> None:
    back = provider.consent(sent(client))
    session = client.session
    session["oidc"] |= {"at": (now() - timedelta(minutes=11)).isoformat()}
    session.save()
    assert "已经超时" in refused(client, back)


@pytest.mark.parametrize("wrong", ["issuer", "http", "no address", "failing", "moved", "gone"])
def test_a_provider_that_does_not_answer_as_it_should_is_told_in_words(
    client: Client, provider: Provider, person: Person, settings: Any, wrong: str
) -> None:
    match wrong:
        case "issuer":
            provider.described = {"issuer": "https://elsewhere.example"}
        case "http":
            settings.OIDC_ISSUER = "http://id.example.cn"
        case "no address":
            provider.described = {"authorization_endpoint": None}
        case "failing":
            provider.status = 500
        case "moved":
            provider.status = 302
        case "gone":
            settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "统一身份认证暂时不能使用" in refused(client, "/login/oidc/")


def test_the_way_back_leads_to_no_other_host(client: Client, provider: Provider, person: Person) -> None:
    back = provider.consent(sent(client, next="https://elsewhere.example/"))
    assert client.get(back)["Location"] == "/"


def test_answers_are_counted_by_network(client: Client, provider: Provider, person: Person) -> None:
    for _number in range(100):
        client.get("/login/oidc/back/")
    assert "尝试次数过多" in refused(client, "/login/oidc/")
