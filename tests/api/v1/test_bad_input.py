"""Whatever is sent, the answer is JSON with a code and a sentence, and never a 5xx."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jieban.api.v1.body_builder import BODIES
from jieban.cases.models import Case
from tests.api.programs import BODY, program
from tests.cases.scene import Scene, make_case

HOSTILE_BODIES = [
    b"", b"[]", b"null", b"1", b'"text"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"text": NaN}',
    b'{"text": "\\ud800"}', b'{"text": "a\\u0000b"}', b'{"lat": 1e400, "text": "x", "long": 1}',
    b'{"lat": NaN, "text": "x", "long": 1}', b'{"lat": ' + b"9" * 5000 + b', "text": "x"}',
    b'{"text": ["x"]}', b'{"text": "x", "requester": []}', b'{"text": "x", "requester": {"phone": 5}}',
    b'{"text": "x", "kind": "patrol2"}', b'{"text": "x", "lat": 91, "long": 0}', b'{"text": "x", "lat": 39.9}',
    b'{"text": "   "}', b'{"text": "x", "place": ""}', b'{"text": "x", "unknown": 1}', b'{"text": {}}',
]  # fmt: skip


def polite(answer: Any) -> dict[str, Any]:
    """The answer, which is JSON with code, message and fields."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:300])
    told: dict[str, Any] = answer.json()
    assert set(told) == {"code", "message", "fields"}
    assert told["code"] and any("一" <= letter <= "鿿" for letter in told["message"])
    return told


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=lambda body: repr(body[:40]))
def test_a_body_that_does_not_fit_is_refused(scene: Scene, body: bytes) -> None:
    polite(program(scene, "operator").post("/cases", body, **{"idempotency-key": "k"}))
    assert Case.objects.count() == 0


def test_a_body_that_is_too_large_is_refused(scene: Scene) -> None:
    sender = program(scene, "operator")
    assert polite(sender.create("k", text="长" * 200_001))["fields"] == {"text": "太长"}
    answer = sender.post("/cases", b'{"text": "' + b"x" * 27_000_000 + b'"}', **{"idempotency-key": "k"})
    assert (answer.status_code, polite(answer)["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "query",
    [
        {"received_from": "yesterday"}, {"received_from": "0001-01-01T00:00:00+08:00"},
        {"received_to": "9999-12-31T23:59:59+00:00"}, {"received_from": "2026-01-01T00:00:00"},
        {"size": "0"}, {"size": "201"}, {"size": "x"}, {"next": "x"}, {"next": "eA=="}, {"next": "x" * 300},
        {"overdue": "maybe"}, {"kind": "x"}, {"q": "\0"}, {"unit": "\0"}, {"q": "x" * 300},
    ],
)  # fmt: skip
def test_a_filter_that_does_not_fit_is_refused(scene: Scene, query: dict[str, str]) -> None:
    polite(program(scene, "dispatcher").get("/cases", **query))


def test_addresses_and_methods_that_are_not_there(scene: Scene) -> None:
    case = make_case(scene)
    reader = program(scene, "dispatcher")
    for path in (
        "/nothing",
        "/cases/x",
        "/cases/%00",
        "/cases/" + "9" * 300,
        f"/cases/{case.number}/actions/warn",
    ):
        polite(reader.get(path))
    assert polite(reader.client.delete(f"/api/v1/cases/{case.number}", headers=reader.headers))["code"] == (
        "wrong_method"
    )
    assert Client().get("/api/v2/anything").json()["code"] == "not_found"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
NAMES = sorted({name for body in BODIES.values() for name in body.model_fields} | set(BODY) | {"lat", "long"})
FUZZ = settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def sane(answer: Any) -> None:
    assert answer.status_code < 500, answer.content[:500]
    assert answer.status_code in {200, 201} or set(answer.json()) == {"code", "message", "fields"}


@FUZZ
@given(body=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6), key=st.text(max_size=120))
def test_no_body_of_a_new_case_breaks_the_api(scene: Scene, body: dict[str, Any], key: str) -> None:
    headers = {"idempotency-key": key.encode("ascii", "ignore").decode() or "k"}
    sane(program(scene, "operator").post("/cases", json.dumps(BODY | body), **headers))


@FUZZ
@given(
    action=st.sampled_from(sorted(BODIES)), body=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6),
    name=st.sampled_from(["operator", "dispatcher", "supervisor"]),
)  # fmt: skip
def test_no_body_of_an_action_breaks_the_api(
    scene: Scene, action: str, body: dict[str, Any], name: str
) -> None:
    case = make_case(scene)
    sane(program(scene, name).post(f"/cases/{case.number}/actions/{action}", json.dumps(body)))


@FUZZ
@given(
    query=st.dictionaries(
        st.sampled_from(["state", "unit", "street", "category", "received_from", "q", "next", "size", "overdue"]),
        st.text(max_size=40), max_size=4,
    )
)  # fmt: skip
def test_no_query_breaks_the_api(scene: Scene, query: dict[str, str]) -> None:
    clean = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    sane(program(scene, "dispatcher").get("/cases", **clean))
