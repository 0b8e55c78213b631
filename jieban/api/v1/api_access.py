"""Access marks of API operations: which roles may call them."""

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
    """Mark of an operation: only these roles may call it; others are refused before anything is read."""
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
