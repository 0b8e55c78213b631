"""Every endpoint of the platform, pages and API, from the URL resolver and the API's own list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from jieban.api.v1.routes import api
from jieban.cases.flow.action import Action
from jieban.registry.roles import Role
from jieban.web.page.access import access_of, roles_of
from jieban.web.shell.middleware import EXEMPT_PREFIXES

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Endpoint:
    """A path with a placeholder for the case's number, the roles it declares, and its methods where it names them."""

    path: str
    roles: frozenset[Role]
    methods: tuple[str, ...]
    is_api: bool

    @property
    def of_case(self) -> bool:
        return "{number}" in self.path


def every_page(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, str, Any]]:
    """Name, route and pattern of each URL below this resolver."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_page(entry, route)
        else:
            yield entry.name or "", route.replace("<str:number>", "{number}"), entry


# Values for other path parameters, so that something is found; or samples.
# One action of each kind: tests/cases/actions/test_cells.py tries them all.
SOME = (Action.ADD_NOTE, Action.MERGE, Action.RECORD_VISIT, Action.WITHDRAW, Action.SUPERVISE, Action.ERASE)


MORE: dict[str, tuple[str, ...]] = {
    "act": tuple(do.value for do in SOME),
    "field-act": (Action.RECORD_VISIT.value, Action.ADD_NOTE.value),
}


def page_endpoints() -> list[Endpoint]:
    found = []
    for name, route, entry in every_page(get_resolver()):
        if route.startswith(EXEMPT_PREFIXES) or access_of(entry.callback) != "post":
            continue
        for filling in MORE.get(name, ("",)):
            path = re.sub(r"<str:name>", filling, route) if filling else route
            path = _sampled(path, entry)
            found.append(Endpoint(path, roles_of(entry.callback), METHODS, is_api=False))
    return found


def _sampled(path: str, entry: URLPattern) -> str:
    if "<" not in path:
        return path
    samples = {"int": "987654321", "str": "a", "slug": "a", "uuid": "0" * 8 + "-0000-0000-0000-" + "0" * 12}
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: samples.get(match[1] or "str", "a"), path)


# Endpoints for programs with a secret and no post: tests/api/v1/test_telephone_events.py tests their refusals.
OF_PROGRAMS = {"/api/v1/calls"}


def api_endpoints() -> list[Endpoint]:
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                roles = getattr(operation.view_func, "roles", frozenset())
                methods = tuple(method.lower() for method in operation.methods)
                address = f"/api/v1{prefix}{path}".replace("//", "/").replace("{pk}", "987654321")
                found.append(Endpoint(address, roles, methods, is_api=True))
    return [endpoint for endpoint in found if endpoint.path.rstrip("/") not in OF_PROGRAMS]


PAGES, CALLS = page_endpoints(), api_endpoints()
