"""Which roles may ask what of the API."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jieban.base.errors import NotAllowed
from jieban.registry.roles import Role

Operation = Callable[..., HttpResponse]


def for_roles(roles: Iterable[Role]) -> Callable[[Operation], Operation]:
    """Who acts in a post of one of these roles may ask this; others are refused before anything is looked up."""
    allowed = frozenset(roles)

    def wrap(operation: Operation) -> Operation:
        @wraps(operation)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.auth.role not in allowed:  # type: ignore[attr-defined]
                raise NotAllowed(_("您的岗位不能使用这个接口。"))
            return operation(request, *args, **kwargs)

        checked.roles = allowed  # type: ignore[attr-defined]
        return checked

    return wrap
