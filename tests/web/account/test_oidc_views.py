"""Sign-in by the district's identity provider: whatever is not in order signs nobody in."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import connection
from django.test import Client

from jieban.base.clock import now
from jieban.registry.models import Person
from tests.web.factors import shown_code, with_totp
from tests.web.people import make_person, make_post
from tests.web.provider import (
    ACCESS_TOKEN,
    CLIENT_ID,
    KEY,
    OTHER_KEY,
    SECRET,
    Provider,
    public,
    running,
)

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
        {"nonce": ["made up"]},
        {"exp": PRESENT - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("nan")},
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


def half_of_hash(text: str) -> str:
    """What at_hash is of a token signed with RS256."""
    return coded(hashlib.sha256(text.encode()).digest()[:16])


def test_a_token_that_belongs_to_another_access_token_is_refused(
    client: Client, provider: Provider, person: Person
) -> None:
    provider.claims = {"at_hash": half_of_hash("another access token")}
    assert NOT_PASSED in refused(client, provider.consent(sent(client)))
    provider.claims = {"at_hash": half_of_hash(ACCESS_TOKEN)}
    client.get(provider.consent(sent(client)))
    assert signed_in(client)


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["of-ours"], "of-ours": 1}, {"crit": ["b64"], "b64": False}, {"kid": ["k1"]}, {"kid": 1},
        {"alg": "RS384"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_with_a_header_that_does_not_hold_is_refused(
    client: Client, provider: Provider, person: Person, header: dict[str, Any]
) -> None:
    """The signature is right: only what the header says of it is not."""
    back = provider.consent(sent(client))
    provider.keys[0]["alg"] = "RS256"  # this key is for no other algorithm
    provider.token = forged(
        provider, client, header, signed=lambda text: KEY.sign(text, PKCS1v15(), SHA256())
    )
    assert NOT_PASSED in refused(client, back)


def test_a_token_forged_like_these_but_right_is_taken(
    client: Client, provider: Provider, person: Person
) -> None:
    """Otherwise the tests that forge one would show nothing; a header that nobody knows is ignored."""
    back = provider.consent(sent(client))
    header = {"of-ours": 1, "x5t": "abc"}
    provider.token = forged(
        provider, client, header, signed=lambda text: KEY.sign(text, PKCS1v15(), SHA256())
    )
    client.get(back)
    assert signed_in(client)


def coded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def forged(
    provider: Provider, client: Client, header: dict[str, Any], *, signed: Callable[[bytes], bytes]
) -> str:
    """A token made by hand, with the right claims."""
    claims = {
        "iss": provider.issuer, "aud": CLIENT_ID, "sub": "1", "iat": PRESENT, "exp": PRESENT + 3600,
        "nonce": client.session["oidc"]["nonce"], "preferred_username": "zhoumin",
    }  # fmt: skip
    parts = ({"alg": "RS256", "kid": "k1"} | header, claims)
    text = ".".join(coded(json.dumps(part).encode()) for part in parts)
    return f"{text}.{coded(signed(text.encode()))}"


@pytest.mark.parametrize("algorithm", ["none", "None", "", None])
def test_an_unsigned_token_is_refused(
    client: Client, provider: Provider, person: Person, algorithm: str | None
) -> None:
    back = provider.consent(sent(client))
    provider.token = forged(provider, client, {"alg": algorithm}, signed=lambda text: b"")
    assert NOT_PASSED in refused(client, back)


@pytest.mark.parametrize("token", ["a", "a.b.c", "....", "é.b.c", 1, ["a"], {"a": 1}], ids=str)
def test_what_is_no_token_is_refused(client: Client, provider: Provider, person: Person, token: Any) -> None:
    back = provider.consent(sent(client))
    provider.token = token
    assert NOT_PASSED in refused(client, back)


@pytest.mark.parametrize("embedded", [True, False])
def test_a_token_signed_with_another_key_is_refused(
    client: Client, provider: Provider, person: Person, embedded: bool
) -> None:
    provider.key = OTHER_KEY
    if embedded:  # the key that the token brings along proves nothing
        provider.header = {"jwk": public(OTHER_KEY, "k1"), "jku": provider.issuer + "/keys"}
    assert NOT_PASSED in refused(client, provider.consent(sent(client)))


@pytest.mark.parametrize("key", ["the secret", "the public key"])
@pytest.mark.parametrize("kid", ["k1", "k2"])
def test_a_token_signed_with_what_others_know_is_refused(
    client: Client, provider: Provider, person: Person, key: str, kid: str
) -> None:
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    known = SECRET.encode() if key == "the secret" else pem
    provider.keys.append({"kty": "oct", "kid": "k2", "k": coded(known)})
    back = provider.consent(sent(client))
    provider.token = forged(
        provider, client, {"alg": "HS256", "kid": kid}, signed=lambda text: hmac.digest(known, text, "sha256")
    )
    assert NOT_PASSED in refused(client, back)


def test_a_key_of_a_kind_nobody_knows_yet_keeps_nobody_out(
    client: Client, provider: Provider, person: Person
) -> None:
    provider.keys[:0] = [{"kty": "AKP", "kid": "k0"}, {"kty": "RSA", "kid": "k3", "use": "enc", "n": "?"}]
    client.get(provider.consent(sent(client)))
    assert signed_in(client)


@pytest.mark.parametrize(
    "keys", [[], "keys", None, [{"kty": "RSA", "kid": "k1", "n": "?", "e": "AQAB"}], [{}]], ids=str
)
def test_keys_that_are_none_are_refused(
    client: Client, provider: Provider, person: Person, keys: Any
) -> None:
    provider.keys = keys
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


@pytest.mark.parametrize("named", [True, False])
def test_keys_at_another_host_are_taken_where_the_settings_name_it(
    client: Client, provider: Provider, person: Person, settings: Any, named: bool
) -> None:
    with running() as other:
        provider.described = {"jwks_uri": other.issuer + "/keys"}
        settings.OIDC_ADDRESSES = [other.issuer] if named else []
        back = provider.consent(sent(client))
        if named:
            client.get(back)
            assert signed_in(client)
        else:
            assert "统一身份认证暂时不能使用" in refused(client, back)


def test_a_provider_without_its_pinned_certificate_is_asked_nothing(
    client: Client, provider: Provider, person: Person, settings: Any
) -> None:
    settings.OIDC_CERTIFICATE = "0" * 64
    assert "统一身份认证暂时不能使用" in refused(client, "/login/oidc/")


def test_the_way_back_leads_to_no_other_host(client: Client, provider: Provider, person: Person) -> None:
    back = provider.consent(sent(client, next="https://elsewhere.example/"))
    assert client.get(back)["Location"] == "/"


def test_answers_are_counted_by_network(client: Client, provider: Provider, person: Person) -> None:
    for _number in range(100):
        client.get("/login/oidc/back/")
    assert "尝试次数过多" in refused(client, "/login/oidc/")
