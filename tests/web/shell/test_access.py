"""Every page refuses whoever has not signed in, unless it says that anybody may see it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from jieban.registry.models import Person
from jieban.web.page.access import access_of
from jieban.web.shell.middleware import EXEMPT_PREFIXES, POST_KEY
from tests.cases.scene import Scene
from tests.web.signed_in import at_desk

SAMPLES = {"int": "1", "slug": "a", "str": "a", "path": "a", "date": "2026-11-23"}


def pages(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    """The address, with sample values, and the view of every route."""
    for entry in resolver.url_patterns:
        assert isinstance(entry.pattern, RoutePattern), "an address must be a path() for this test to read it"
        route = prefix + sample(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        else:
            yield from pages(entry, route)


def sample(pattern: RoutePattern) -> str:
    route = str(pattern)
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        for written in (f"<{kind}:{name}>", f"<{name}>"):
            route = route.replace(written, SAMPLES.get(kind, "a"))
    return route


PAGES = [(route, view) for route, view in pages(get_resolver()) if not route.startswith(EXEMPT_PREFIXES)]
PUBLIC = {route for route, view in PAGES if access_of(view) == "public"}

# What they show hangs on what the visitor has proven: tests/web/public/test_following_views.py.
OF_THE_PUBLIC = (
    "", "size/", "language/", "streets/", "new/", "new/photo/", "new/same/", "new/where/", "new/who/", "new/code/",
    "new/check/", "new/done/", "follow/", "follow/code/", "leave/", "cases/", "cases/a/", "cases/a/attachments/1/",
    "cases/a/a/", "open/", "open/1/", "open/1/support/", "open/1/code/",
)  # fmt: skip


def test_only_these_pages_are_public() -> None:
    public = {route for route in PUBLIC if route.startswith("/public/")}
    assert {
        "/field-sw.js",
        "/field/shell/",
        "/login/",
        "/login/oidc/",
        "/login/oidc/back/",
        "/login/passkey/",
        "/login/passkey/begin/",
        "/login/second/",
        "/login/second/passkey/",
        "/login/second/passkey/begin/",
        "/logout/",
    } == PUBLIC - public
    assert public == {f"/public/{page}" for page in OF_THE_PUBLIC}


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted({route for route, view in PAGES} - PUBLIC))
def test_page_sends_whoever_has_not_signed_in_to_the_login(client: Client, route: str) -> None:
    for answer in (client.get(route), client.post(route)):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


def test_the_desks_of_tests_hold_what_a_sign_in_leaves(scene: Scene) -> None:
    actor, forced = scene.actor("operator"), Client()
    forced.force_login(Person.objects.get(pk=actor.person_id))
    session = forced.session
    session[POST_KEY] = actor.post_id
    session.save()
    assert dict(at_desk(scene, "operator").session.items()) == dict(session.items())
