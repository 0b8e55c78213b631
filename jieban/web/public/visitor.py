"""Visitors without a sign-in: their network, and the telephone number they have verified.

The verified number is in the session for half an hour, encrypted, apart from the sign-in of accounts.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from jieban.base import vault
from jieban.base.client_address import client_address, network_of
from jieban.base.errors import Invalid, NotAllowed, NotFound
from jieban.base.masking import normalize_phone
from jieban.channels import phone_codes, sms
from jieban.registry.identity import posts
from jieban.registry.identity.attempts import RateLimit, record_attempt
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES
from jieban.web.page.access import public
from jieban.web.page.page_language import chosen_language
from jieban.web.shell.middleware import POST_KEY

PROOF_LIFETIME = timedelta(minutes=30)
# Session keys.
PROVEN_KEY, UNTIL_KEY, ASKED_KEY = "public.phone", "public.until", "public.asked"
SEAL_PURPOSE = "session.phone"
View = TypeVar("View", bound=Callable[..., Any])


def open_page(view: View) -> View:
    """Decorator of public views: open to anybody, never cached by browsers."""
    return public(never_cache(view))


def sent(request: HttpRequest) -> QueryDict | None:
    """The data of a sent form, which may be empty; None when the page is only opened."""
    return request.POST if request.method == "POST" else None


def network(request: HttpRequest) -> str:
    """Network of the visitor, by which rate limits count."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return network_of(client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES))


def count_attempt(request: HttpRequest, allowance: RateLimit, at: datetime) -> None:
    """Counts an attempt from this network. Raises TooManyAttempts."""
    record_attempt(allowance, network(request), at)


def send_code(request: HttpRequest, phone: str, at: datetime, *, really: bool = True) -> None:
    """Sends a code and keeps the number in the session, so that it is in no URL and no page."""
    language = chosen_language(request)
    phone_codes.send_code(phone, network=network(request), at=at, language=language, really=really)
    request.session[ASKED_KEY] = vault.seal(normalize_phone(phone), SEAL_PURPOSE).hex()


def pending_phone(request: HttpRequest) -> str:
    """The number to which the last code was sent; empty when none was."""
    return _decrypt(request.session.get(ASKED_KEY, ""))


def prove_phone(request: HttpRequest, code: str, at: datetime) -> str:
    """Checks the code; the session may then see the cases of the number. Raises Invalid, TooManyAttempts."""
    phone = pending_phone(request)
    if not phone:
        raise Invalid(_("请先填写手机号，获取验证码。"), code="wrong_code")
    phone_codes.verify_code(phone, code, network=network(request), at=at)
    request.session.cycle_key()
    del request.session[ASKED_KEY]
    request.session[PROVEN_KEY] = vault.seal(phone, SEAL_PURPOSE).hex()
    request.session[UNTIL_KEY] = (at + PROOF_LIFETIME).timestamp()
    return phone


def proven_phone(request: HttpRequest, at: datetime) -> str:
    """The number that this session has verified within half an hour; else empty."""
    until = request.session.get(UNTIL_KEY)
    if not isinstance(until, float) or datetime.fromtimestamp(until, UTC) <= at:
        return ""
    return _decrypt(request.session.get(PROVEN_KEY, ""))


def _decrypt(sealed: str) -> str:
    try:
        return vault.unseal(bytes.fromhex(sealed), SEAL_PURPOSE) if sealed else ""
    except (ValueError, vault.Unreadable):
        return ""


def drop_proof(request: HttpRequest) -> None:
    """Ends the verification at once."""
    for name in (PROVEN_KEY, UNTIL_KEY, ASKED_KEY):
        request.session.pop(name, None)


def requester_or_none(request: HttpRequest, at: datetime) -> Actor | None:
    """The requester as actor: by account, by telephone, or by both; None when nothing was verified."""
    index = vault.blind_index(proven_phone(request, at))
    known = _by_account(request, at)
    if known is not None:
        return replace(known, phone_index=index)
    return replace(posts.RESIDENT, phone_index=index) if index else None


def require_requester(request: HttpRequest, at: datetime) -> Actor:
    """The requester as actor. Raises NotFound, which does not reveal whether there is such a case."""
    requester = requester_or_none(request, at)
    if requester is None:
        raise NotFound(_("没有这件诉求，或者查询已超过 30 分钟。请凭单号和手机号重新查询。"))
    return requester


def _by_account(request: HttpRequest, at: datetime) -> Actor | None:
    """The account's post, where it is one of a resident or an enterprise."""
    if not request.user.is_authenticated or POST_KEY not in request.session:
        return None
    try:
        actor = posts.actor_in_post(request.user.pk, request.session[POST_KEY], at)
    except NotAllowed:
        return None
    return actor if actor.role in REQUESTER_ROLES else None


def can_send_codes() -> bool:
    """Whether codes can be sent."""
    return sms.configured()
