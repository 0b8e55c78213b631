"""A thousand invented people, whose names, numbers and addresses are looked for wherever they must not be.

Each name, number and address holds a mark that nothing else in the platform has. After every page and call has
been asked by every role, no page source, address, table, log line or table of the database holds one.
"""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Case, CaseText
from jieban.registry.roles import EVERY_ROLE, Role
from tests.api.programs import program
from tests.cases.scene import Scene, make_case
from tests.web.endpoints import CALLS, PAGES
from tests.web.signed_in import at_desk

PEOPLE = 1_000
MARKS = ("禤鸑", "1009911", "鷟里")
# Whoever presses there sees the number, and the look is logged: test_field_views.py, test_visit_back_views.py.
REVEALS = re.compile(r"^/(field/[^/]+/call|cases/[^/]+/visit-back/number)/$")
IN_HEX = tuple(mark.encode().hex() for mark in MARKS)

pytestmark = pytest.mark.django_db


class Heard(logging.Handler):
    """Everything that was logged, at every level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Database statements are left out: no installation logs them, and their values are what is being stored."""
    handler, root = Heard(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def people(scene: Scene) -> list[Case]:
    """A case of each; every third at work, all of them of the units of the scene."""
    at, street = now() - timedelta(hours=1), scene.unit("S").place
    assert street is not None
    found = []
    for number in range(PEOPLE):
        by, channel = ("resident", "web") if number % 10 == 0 else ("operator", "phone")
        case = make_case(
            scene, at=at, by=by, channel=channel, place_id=street.pk, category_id=scene.category.pk,
            name=f"禤鸑{number}", phone=f"1009911{number:04d}", address=f"鷟里{number}号",
        )  # fmt: skip
        if number % 3 == 0:
            actions.dispatch(
                case.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit("S").pk,
                co_handler_ids=[scene.unit("D1").pk], property_id=scene.unit("P").pk,
            )  # fmt: skip
        found.append(case)
    return found


def marked(text: str) -> list[str]:
    return [mark for mark in (*MARKS, *IN_HEX) if mark in text]


def said(answer: Any) -> str:
    """All of an answer: its headers and its content."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.headers)} {content.decode(errors='replace')}"


def by_pages(scene: Scene, role: Role, cases: list[Case]) -> Iterator[tuple[str, str]]:
    desk = at_desk(scene, role.value)
    desk.raise_request_exception = False
    for endpoint in PAGES:
        reached = role in endpoint.roles  # of what is refused, one page says what all say
        for case in cases if endpoint.of_case and reached else cases[:1]:
            path = endpoint.path.replace("{number}", case.number)
            for method in (desk.get, desk.post) if reached else (desk.get,):
                text = said(method(path))
                if method == desk.get or not REVEALS.search(path):
                    yield path, text
    yield "table", said(desk.post("/cases/export/", {"query": "state=dispatched", "format": "csv"}))


def by_calls(scene: Scene, role: Role, cases: list[Case]) -> Iterator[tuple[str, str]]:
    client = program(scene, role.value)
    for endpoint in CALLS:
        for case in cases if endpoint.of_case else cases[:1]:
            path = endpoint.path.replace("{number}", case.number)
            for method in endpoint.methods:
                sent = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
                yield path, said(getattr(client.client, method)(path, headers=client.headers, **sent))


# Digests and sealed values as hexadecimal digits: among a million of them a mark stands by chance.
DIGEST = re.compile(r"[0-9a-f]{32,}")


def rows_of_all_tables() -> Iterator[tuple[str, str]]:
    """Each row of each table as a dump has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, DIGEST.sub("", row)


def test_people_are_found_nowhere_they_should_not_be(scene: Scene, heard: Heard) -> None:
    cases = people(scene)
    looked_at = cases[:2]  # one at work that its resident sent, one that a call brought
    wrong = [
        (role.value, where, marked(text))
        for role in sorted(EVERY_ROLE)
        for where, text in (*by_pages(scene, role, looked_at), *by_calls(scene, role, looked_at))
        if marked(text)
    ]
    assert wrong == []
    assert [(table, marked(row)) for table, row in rows_of_all_tables() if marked(row)] == []
    assert [line for line in heard.lines if marked(line)] == []
    assert len(heard.lines) > 100  # it did listen
    assert CaseText.objects.count() == PEOPLE


def test_what_went_wrong_says_nothing_of_who_asked(scene: Scene, heard: Heard) -> None:
    sent = {"name": "禤鸑1", "phone": "10099110001", "address": "鷟里1号", "place": "nonsense"}
    operator, program_ = at_desk(scene, "operator"), program(scene, "operator")
    assert operator.post("/cases/new/", sent).status_code == 422
    answers = [
        program_.post("/cases", {**sent, "text": "灯"}, **{"idempotency-key": "k"}),
        program_.post("/cases", '{"name": "禤鸑1"', **{"idempotency-key": "k"}),
        Client(raise_request_exception=False).post("/cases/new/", sent),
        at_desk(scene, "auditor").post("/cases/new/", sent),
        operator.post("/calls/beside/", sent | {"place": "9" * 30}),
    ]
    assert [marked(said(answer)) for answer in answers] == [[]] * len(answers)
    assert [line for line in heard.lines if marked(line)] == []
    assert [(table, marked(row)) for table, row in rows_of_all_tables() if marked(row)] == []
