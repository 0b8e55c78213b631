"""Which roles may ask what of the API."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jieban.base.errors import NotAllowed
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Role


class TokenRequest(HttpRequest):
    """A request with a token: it acts for the token's person in its post."""

    auth: Actor


Operation = Callable[..., HttpResponse]


def for_roles(roles: Iterable[Role]) -> Callable[[Operation], Operation]:
    """Who acts in a post of one of these roles may ask this; others are refused before anything is looked up."""
    allowed = frozenset(roles)

    def wrap(operation: Operation) -> Operation:
        @wraps(operation)
        def checked(request: TokenRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.auth.role not in allowed:
                raise NotAllowed(_("您的岗位不能使用这个接口。"))
            return operation(request, *args, **kwargs)

        checked.roles = allowed  # type: ignore[attr-defined]
        return checked

    return wrap
