"""Assurance level of a session: which factors were shown, and what the session may do with them.

When somebody with a second factor gives the right password, nobody is signed in yet: the session remembers it for ten
minutes, until the second factor follows. Somebody who needs one and has none is signed in, but may only set one up.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.base.errors import NotAllowed
from jieban.registry.identity import second_factors, sessions
from jieban.registry.models import Person
from jieban.registry.roles import PROFILES, Role

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Session keys.
ASSURED_KEY = "assured"
PROVED_KEY = "proved_at"
PENDING_KEY = "sign-in"
# Values of ASSURED_KEY: a second factor was shown; or none was needed at sign-in.
WITH_SECOND_FACTOR, NO_FACTOR_NEEDED = "second", "open"
PENDING_LIFETIME = timedelta(minutes=10)
CONFIRMATION_LIFETIME = timedelta(minutes=15)


def is_assured(request: HttpRequest) -> bool:
    """Whether the session may do anything at all."""
    return settings.SECOND_FACTOR != "required" or request.session.get(ASSURED_KEY) in {
        WITH_SECOND_FACTOR,
        NO_FACTOR_NEEDED,
    }


def is_assured_for(request: HttpRequest, role: Role) -> bool:
    """Whether the session may act in this role; the post may have been given after the sign-in."""
    if settings.SECOND_FACTOR != "required" or not PROFILES[role].second_factor:
        return is_assured(request)
    return request.session.get(ASSURED_KEY) == WITH_SECOND_FACTOR


def needs_second_factor(person: Person, at: datetime) -> bool:
    """Whether this person must have a second factor."""
    return settings.SECOND_FACTOR == "required" and second_factors.is_staff(person, at)


def after_first_factor(request: HttpRequest, person: Person, back: str) -> HttpResponse:
    """Redirect after the first factor (password or identity provider): to the second factor, or in."""
    if not second_factors.has_any(person):
        sign_in(request, person)
        return redirect(back)
    request.session.cycle_key()
    request.session[PENDING_KEY] = {
        "id": secrets.token_urlsafe(16),
        "person": person.pk,
        "password": person.get_session_auth_hash(),
        "at": now().isoformat(),
        "next": back,
    }
    return redirect(reverse("second"))


def pending_sign_in(request: HttpRequest) -> tuple[Person, str, str] | None:
    """The sign-in that waits for a second factor: person, its key, and where to go then; None without one."""
    noted: dict[str, Any] = request.session.get(PENDING_KEY) or {}
    if not noted or now() - datetime.fromisoformat(noted["at"]) > PENDING_LIFETIME:
        return None
    person = Person.objects.filter(pk=noted["person"], is_active=True).first()
    if person is None or not constant_time_compare(person.get_session_auth_hash(), noted["password"]):
        return None
    return person, noted["id"], noted["next"]


def drop_pending_sign_in(request: HttpRequest) -> None:
    request.session.pop(PENDING_KEY, None)


def sign_in(request: HttpRequest, person: Person, *, second: bool = False) -> None:
    """Signs the person in, in a session with a new key."""
    at = now()
    drop_pending_sign_in(request)
    auth.login(request, person, backend=BACKEND)
    request.session.pop(ASSURED_KEY, None)
    if second:
        request.session[ASSURED_KEY] = WITH_SECOND_FACTOR
    elif not second_factors.is_staff(person, at):
        request.session[ASSURED_KEY] = NO_FACTOR_NEEDED
    request.session[PROVED_KEY] = at.isoformat()
    sessions.begin(request.session, at, request.headers.get("User-Agent", ""))


def after_factor_added(request: HttpRequest, person: Person) -> None:
    """A second factor was set up in this session: it counts as shown, and all other sessions end."""
    request.session.cycle_key()
    request.session[ASSURED_KEY] = WITH_SECOND_FACTOR
    sessions.end_others(person, request.session.session_key)


def mark_password_confirmed(request: HttpRequest) -> None:
    """Records that the password was asked for again and was right."""
    request.session[PROVED_KEY] = now().isoformat()


def is_password_confirmed(request: HttpRequest) -> bool:
    proved = request.session.get(PROVED_KEY)
    return proved is not None and now() - datetime.fromisoformat(proved) <= CONFIRMATION_LIFETIME


def check_may_change(request: HttpRequest, person: Person) -> None:
    """Raises NotAllowed when the account has a second factor that this session has not shown."""
    if request.session.get(ASSURED_KEY) != WITH_SECOND_FACTOR and second_factors.has_any(person):
        raise NotAllowed(_("修改账号安全设置前，请先退出，再用两步验证重新登录。"))


def proved(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """View decorator for changes of an account: asks for the password again when a quarter of an hour has passed."""

    @wraps(view)
    def confirmed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_may_change(request, person_of(request))
        if is_password_confirmed(request):
            return view(request, *args, **kwargs)
        back = request.get_full_path() if request.method == "GET" else reverse("account")
        return redirect(f"{reverse('confirm')}?{urlencode({'next': back})}")

    return confirmed


def person_of(request: HttpRequest) -> Person:
    """The person who has signed in."""
    assert isinstance(request.user, Person)
    return request.user
