"""JSON views for the passkey script: each ceremony has a begin and a finish."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jieban.base.clock import now
from jieban.base.errors import Invalid, NotAllowed, Refused
from jieban.registry.identity import attempts
from jieban.registry.models import Person
from jieban.web.account import signin_limits, webauthn
from jieban.web.account.signin_views import next_page
from jieban.web.page.access import first_step, public
from jieban.web.shell import assurance

MOST_BYTES = 32 * 1024  # a passkey's answer has about two thousand
JsonView = Callable[[HttpRequest], dict[str, Any]]


def json_view(view: JsonView) -> Callable[[HttpRequest], HttpResponse]:
    """View decorator: the answer, or a refusal with its message, as JSON."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            answer = JsonResponse(view(request))
        except Refused as refused:
            answer = JsonResponse({"words": refused.message}, status=refused.status)
        answer["Cache-Control"] = "no-store"
        return answer

    return answered


@public
@require_POST
@json_view
def begin(request: HttpRequest) -> dict[str, Any]:
    """JSON view: begins a sign-in with a passkey alone."""
    _count_attempt(request)
    return webauthn.begin_authentication(request, None)


@public
@require_POST
@json_view
def finish(request: HttpRequest) -> dict[str, Any]:
    """JSON view: signs in the owner of the passkey."""
    _count_attempt(request)
    person = webauthn.complete_authentication(request, None, _credential_body(request)["credential"])
    assurance.sign_in(request, person, second=True)
    return {"to": next_page(request)}


@public
@require_POST
@json_view
def begin_second(request: HttpRequest) -> dict[str, Any]:
    """JSON view: begins the second step with a passkey."""
    _count_attempt(request)
    return webauthn.begin_authentication(request, _require_pending(request)[0])


@public
@require_POST
@json_view
def finish_second(request: HttpRequest) -> dict[str, Any]:
    """JSON view: finishes the second step with a passkey."""
    _count_attempt(request)
    person, key, back = _require_pending(request)
    attempts.record_attempt(signin_limits.CODES_OF_SIGN_IN, key, now())
    webauthn.complete_authentication(request, person, _credential_body(request)["credential"])
    assurance.sign_in(request, person, second=True)
    return {"to": back}


@first_step
@require_POST
@json_view
def begin_adding(request: HttpRequest) -> dict[str, Any]:
    return webauthn.begin_registration(request, _require_may_change(request))


@first_step
@require_POST
@json_view
def add(request: HttpRequest) -> dict[str, Any]:
    """JSON view: saves a new passkey; an account without recovery codes gets them next."""
    person, sent = _require_may_change(request), _credential_body(request)
    webauthn.complete_registration(request, person, str(sent.get("name", "")), sent["credential"])
    assurance.after_factor_added(request, person)
    return {"to": reverse("factor-added")}


def _require_may_change(request: HttpRequest) -> Person:
    person = assurance.person_of(request)
    assurance.check_may_change(request, person)
    if not assurance.is_password_confirmed(request):
        raise NotAllowed(_("离上次输入密码已超过 15 分钟。请刷新页面，重新输入密码后再添加。"))
    return person


def _require_pending(request: HttpRequest) -> tuple[Person, str, str]:
    pending = assurance.pending_sign_in(request)
    if pending is None:
        raise NotAllowed(_("登录已经超时，请重新输入用户名和密码。"))
    return pending


def _count_attempt(request: HttpRequest) -> None:
    attempts.record_attempt(signin_limits.PASSKEYS_OF_NETWORK, signin_limits.network(request), now())


def _credential_body(request: HttpRequest) -> dict[str, Any]:
    """The credential in the request's body. Raises Invalid when the body is malformed."""
    try:
        sent = json.loads(request.body) if len(request.body) <= MOST_BYTES else None
    except ValueError:
        sent = None
    if not (isinstance(sent, dict) and isinstance(sent.get("credential"), dict)):
        raise Invalid(_("通行密钥的内容不完整，请刷新页面再试。"))
    return sent
