"""Every address, page or API, by every role and method, on cases of every ownership: each cell is asked.

The addresses come from the URL resolver and the API's own list, what is expected from what each declares and
from the table below, which is written by hand and not taken from the rules.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Case
from jieban.registry.models import Holding, Person, Place
from jieban.registry.roles import EVERY_ROLE, Role
from jieban.web.shell.middleware import EXEMPT_PREFIXES
from tests.api.programs import Program, program
from tests.cases.scene import FROM, Scene, make_actor, make_case, make_unit
from tests.web.endpoints import CALLS, METHODS, OF_PROGRAMS, PAGES, Endpoint, every_page
from tests.web.signed_in import at_desk

UNITS = frozenset({Role.STREET, Role.DEPARTMENT, Role.COMMUNITY, Role.PROPERTY})
DISTRICT = frozenset({Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR})
# Who may know of a case that is being handled, by what it is to them.
VISIBLE: dict[str, frozenset[Role]] = {
    "own": DISTRICT | UNITS | {Role.ANALYST, Role.RESIDENT, Role.ENTERPRISE, Role.PATROL},
    "own, sensitive": DISTRICT | UNITS | {Role.RESIDENT, Role.ENTERPRISE, Role.PATROL},
    "of another unit": DISTRICT | {Role.ANALYST, Role.STREET},
    "of another unit, sensitive": DISTRICT,
    "of another street": DISTRICT | {Role.ANALYST},
}
# Paths that belong to a program of its own kind and know no roles.
NO_ROLES = re.compile(r"/(healthz|metrics|open311/|api/v1/(openapi\.json|docs))")


@dataclass
class Field:
    """The scene, and for a role the case of each ownership."""

    scene: Scene
    cases: dict[str, Case] = field(default_factory=dict)
    elsewhere: Place | None = None


def test_every_address_declares_who_may_reach_it() -> None:
    assert [endpoint.path for endpoint in [*PAGES, *CALLS] if not endpoint.roles] == []


def test_addresses_without_roles_are_those_we_know() -> None:
    outside = {
        "/" + route.lstrip("/")
        for _name, route, entry in every_page(get_resolver())
        if route.startswith(EXEMPT_PREFIXES) and route.lstrip("/") and not _is_call(route)
    }
    assert [route for route in sorted(outside) if not NO_ROLES.match(route)] == []


def _is_call(route: str) -> bool:
    plain = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).replace("{pk}", "987654321")
    known = {endpoint.path.rstrip("/") for endpoint in CALLS} | OF_PROGRAMS | {"/api/v1"}
    return plain.rstrip("/") in known


@pytest.fixture(autouse=True)
def only_the_status_counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of thousands of answers no line is logged for one that is refused, and no template's context is kept."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)
    log = logging.getLogger("django.request")
    log.setLevel(logging.ERROR)
    yield
    log.setLevel(logging.NOTSET)


@pytest.fixture
def here(scene: Scene) -> Field:
    """Beside the scene's street another one, with cases of every ownership."""
    district = Place.objects.get(code="110107")
    other = Place.objects.create(
        code="110107009", level="street", name="广宁街道", parent=district, opened_on=FROM
    )
    make_unit(scene, "S2", "street", place=other)
    make_unit(scene, "SC2", "street_centre", "S2")
    make_actor(scene, "street2", Role.STREET, "SC2")
    found = Field(scene, elsewhere=other)
    street = scene.unit("S").place
    assert street is not None
    for sensitive, words in ((False, ""), (True, ", sensitive")):
        found.cases[f"own{words}"] = _own(scene, street, sensitive)
        found.cases[f"of another unit{words}"] = _led_by(scene, "D2", street, sensitive)
    found.cases["of another street"] = _led_by(scene, "D2", other, False)
    return found


def _led_by(scene: Scene, lead: str, place: Place, sensitive: bool) -> Case:
    at = now() - timedelta(minutes=30)
    case = make_case(scene, at=at, place_id=place.pk, sensitive=sensitive)
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit(lead).pk)
    return actions.sign(case.pk, actor=scene.actor("department2"), at=at)


def _own(scene: Scene, place: Place, sensitive: bool) -> Case:
    """Every unit of the scene takes part in it; the resident asked for it."""
    at = now() - timedelta(minutes=30)
    case = make_case(scene, at=at, place_id=place.pk, sensitive=sensitive)
    Case.objects.filter(pk=case.pk).update(requester=scene.actor("resident").person_id)
    actions.dispatch(
        case.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit("S").pk,
        co_handler_ids=[scene.unit("D1").pk], property_id=scene.unit("P").pk,
    )  # fmt: skip
    actions.sign(case.pk, actor=scene.actor("street"), at=at)
    return actions.hand_down(case.pk, actor=scene.actor("street"), at=at, unit_id=scene.unit("C").pk)


def _belongs_to(role: Role, here: Field) -> None:
    """Of the own cases the one who asked, or found them, is this role's person."""
    own = Case.objects.filter(pk__in=[here.cases["own"].pk, here.cases["own, sensitive"].pk])
    person = here.scene.actor(role.value).person_id
    if role in {Role.RESIDENT, Role.ENTERPRISE}:
        own.update(requester=person)
    elif role == Role.PATROL:
        own.update(found_by=person)


def undone(client: Client | Program, endpoint: Endpoint, role: Role, method: str, number: str) -> int:
    """The status of one request; whatever it did is undone. One that must be refused has nothing to undo."""
    if role not in endpoint.roles:
        return asked(client, endpoint, method, number)
    with transaction.atomic():
        status = asked(client, endpoint, method, number)
        transaction.set_rollback(True)
    return status


def asked(client: Client | Program, endpoint: Endpoint, method: str, number: str) -> int:
    path = endpoint.path.replace("{number}", number)
    if isinstance(client, Program):
        kind = {"content_type": "application/json"} if method != "get" else {}
        sent = {"data": "{}"} if method != "get" else {}
        answer = getattr(client.client, method)(path, headers=client.headers, **sent, **kind)
    else:
        answer = getattr(client, method)(path)
    if answer.status_code == 302 and answer["Location"].split("?")[0] in {"/login/", "/posts/"}:
        return 401
    return int(answer.status_code)


def wrong(endpoint: Endpoint, role: Role, ownership: str, method: str, status: int) -> str:
    """What is wrong with this answer; empty when nothing is."""
    cell = f"{method} {endpoint.path} by {role} on {ownership}: {status}"
    if status >= 500 or status == 401:
        return cell
    if role not in endpoint.roles:
        return "" if status == 403 else cell
    if method not in endpoint.methods or status == 405:
        return ""
    if endpoint.of_case and role not in VISIBLE[ownership]:
        return "" if status == 404 else cell
    if endpoint.of_case and status == 404 and "987654321" not in endpoint.path:
        return cell
    if not endpoint.of_case and method == "get" and status == 403:
        return f"{cell}, though it declares the role"
    return ""


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_each_cell_of_pages(here: Field, role: Role) -> None:
    _belongs_to(role, here)
    desk = at_desk(here.scene, role.value)
    desk.raise_request_exception = False
    faults = []
    for endpoint in PAGES:
        for ownership, case in here.cases.items() if endpoint.of_case else [("", None)]:
            # What may be done to a case the cells of the table of moves try; here it is who reaches it.
            methods = METHODS[:2] if endpoint.of_case else METHODS
            for method in methods:
                status = undone(desk, endpoint, role, method, case.number if case else "")
                faults.append(wrong(endpoint, role, ownership, method, status))
    assert [fault for fault in faults if fault] == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_each_cell_of_the_api(here: Field, role: Role) -> None:
    _belongs_to(role, here)
    client = program(here.scene, role.value)
    faults = []
    for endpoint in CALLS:
        for ownership, case in here.cases.items() if endpoint.of_case else [("", None)]:
            for method in endpoint.methods:
                status = undone(client, endpoint, role, method, case.number if case else "")
                faults.append(wrong(endpoint, role, ownership, method, status))
    assert [fault for fault in faults if fault] == []


def _suspended(scene: Scene, name: str) -> None:
    Person.objects.filter(pk=scene.actor(name).person_id).update(is_active=False)


def _ended(scene: Scene, name: str) -> None:
    Holding.objects.filter(person=scene.actor(name).person_id).update(valid_to=date(2020, 1, 1))


@pytest.mark.django_db
@pytest.mark.parametrize("end", [_suspended, _ended])
@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_nobody_whose_account_or_post_has_ended_reaches_anything(here: Field, role: Role, end: Any) -> None:
    _belongs_to(role, here)
    desk, client = at_desk(here.scene, role.value), program(here.scene, role.value)
    end(here.scene, role.value)
    number = here.cases["own"].number
    pages = {(e.path, m, asked(desk, e, m, number)) for e in PAGES for m in METHODS[:2]}
    calls = {(e.path, m, asked(client, e, m, number)) for e in CALLS for m in e.methods}
    assert [cell for cell in pages if cell[2] != 401] == []
    assert [cell for cell in calls if cell[2] != 403] == []
