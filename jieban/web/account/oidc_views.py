"""OpenID Connect sign-in: the redirect to the district's identity provider, and its callback."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from jieban.base.clock import now
from jieban.base.errors import NotAllowed, NotFound, Refused
from jieban.registry.identity import attempts, oidc
from jieban.registry.models import Person
from jieban.web.account import signin_limits
from jieban.web.account.signin_views import next_page
from jieban.web.page.access import public
from jieban.web.shell import assurance

REQUEST_KEY = "oidc"  # session key
REQUEST_LIFETIME = timedelta(minutes=10)


@public
@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Redirect view to the provider; the request's state ties the answer to this browser."""
    client = _client()
    try:
        attempts.record_attempt(signin_limits.OIDC_OF_NETWORK, signin_limits.network(request), now())
        address, question = oidc.begin_sign_in(client, request.build_absolute_uri(reverse("oidc-back")))
    except Refused as refused:
        return _back_to_login(request, refused)
    request.session[REQUEST_KEY] = {
        **question.session_data(), "at": now().isoformat(), "next": next_page(request),
    }  # fmt: skip
    return redirect(address)


@public
@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Callback view: an existing, active account of that name goes on to its second factor, or is signed in."""
    client, pending = _client(), request.session.pop(REQUEST_KEY, None)
    try:
        attempts.record_attempt(signin_limits.OIDC_OF_NETWORK, signin_limits.network(request), now())
        person = _authenticated_person(request, client, pending)
    except Refused as refused:
        return _back_to_login(request, refused)
    return assurance.after_first_factor(request, person, pending["next"])


def _authenticated_person(request: HttpRequest, client: oidc.OidcClient, pending: Any) -> Person:
    if not pending or now() - datetime.fromisoformat(pending["at"]) > REQUEST_LIFETIME:
        raise NotAllowed(_("登录已经超时，或这次登录不是从本页开始的，请重新登录。"))
    attempts.record_attempt(signin_limits.OIDC_ANSWERS, pending["state"], now())
    question = oidc.PendingSignIn(pending["state"], pending["nonce"], pending["verifier"], pending["back"])
    name = oidc.complete_sign_in(client, question, request.GET.dict())
    person = Person.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise NotAllowed(_("您在本系统没有可用的账号，请联系本单位的系统管理员。"))
    return person


def _client() -> oidc.OidcClient:
    """The OIDC client. Raises NotFound when no provider is configured."""
    if not settings.OIDC_ISSUER:
        raise NotFound(_("本系统没有接入统一身份认证。"))
    return oidc.OidcClient(
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, settings.OIDC_CLAIM,
        tuple(settings.OIDC_ADDRESSES), settings.OIDC_CERTIFICATE,
    )  # fmt: skip


def _back_to_login(request: HttpRequest, refused: Refused) -> HttpResponse:
    messages.error(request, refused.message)
    return redirect(settings.LOGIN_URL)
