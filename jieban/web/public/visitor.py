"""Who is there without a sign-in: from which network, and which telephone they have proven to hold.

The proof lasts half an hour, in the session, sealed, apart from the sign-in of accounts.
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
from jieban.base.errors import Missing, NotAllowed, NotFound
from jieban.base.masking import normal_phone
from jieban.cases.access.rules import REQUESTERS
from jieban.channels import phone_codes, sms
from jieban.registry.identity import posts
from jieban.registry.identity.attempts import Allowance, take
from jieban.registry.identity.posts import Actor
from jieban.web.page.access import public
from jieban.web.shell.middleware import POST_KEY

LASTS = timedelta(minutes=30)
# The keys of the session.
PROVEN, UNTIL, ASKED = "public.phone", "public.until", "public.asked"
PURPOSE = "session.phone"
View = TypeVar("View", bound=Callable[..., Any])


def open_page(view: View) -> View:
    """Anybody may see this page, and no browser keeps it."""
    return public(never_cache(view))


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, be it nothing; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def network(request: HttpRequest) -> str:
    """What limits count by."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return network_of(client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES))


def count(request: HttpRequest, allowance: Allowance, at: datetime) -> None:
    """Counts one try from this network. Raises TooMany."""
    take(allowance, network(request), at)


def ask_code(request: HttpRequest, phone: str, at: datetime, *, really: bool = True) -> None:
    """Sends a code and remembers to which number, so that it stands in no address and no page."""
    phone_codes.ask(phone, network=network(request), at=at, really=really)
    request.session[ASKED] = vault.seal(normal_phone(phone), PURPOSE).hex()


def asked(request: HttpRequest) -> str:
    """The number to which a code was sent last; empty when none was."""
    return _opened(request.session.get(ASKED, ""))


def prove(request: HttpRequest, code: str, at: datetime) -> str:
    """Takes the code; from now on the session may see what belongs to the number. Raises Missing, TooMany."""
    phone = asked(request)
    if not phone:
        raise Missing(_("请先填写手机号，获取验证码。"), code="wrong_code")
    phone_codes.prove(phone, code, network=network(request), at=at)
    request.session.cycle_key()
    del request.session[ASKED]
    request.session[PROVEN] = vault.seal(phone, PURPOSE).hex()
    request.session[UNTIL] = (at + LASTS).timestamp()
    return phone


def proven(request: HttpRequest, at: datetime) -> str:
    """The number that this session has proven to hold within half an hour; else empty."""
    until = request.session.get(UNTIL)
    if not isinstance(until, float) or datetime.fromtimestamp(until, UTC) <= at:
        return ""
    return _opened(request.session.get(PROVEN, ""))


def _opened(kept: str) -> str:
    try:
        return vault.open_sealed(bytes.fromhex(kept), PURPOSE) if kept else ""
    except (ValueError, vault.Unreadable):
        return ""


def leave(request: HttpRequest) -> None:
    """Ends the proof at once."""
    for name in (PROVEN, UNTIL, ASKED):
        request.session.pop(name, None)


def actor(request: HttpRequest, at: datetime) -> Actor | None:
    """The requester who is there: by account, by telephone, or by both; None when nothing was proven."""
    index = vault.blind_index(proven(request, at))
    known = _by_account(request, at)
    if known is not None:
        return replace(known, phone_index=index)
    return replace(posts.RESIDENT, phone_index=index) if index else None


def requester(request: HttpRequest, at: datetime) -> Actor:
    """The same. Raises NotFound, which tells nothing of whether there is such a case."""
    found = actor(request, at)
    if found is None:
        raise NotFound(_("没有这件诉求，或者查询已超过 30 分钟。请凭单号和手机号重新查询。"))
    return found


def _by_account(request: HttpRequest, at: datetime) -> Actor | None:
    """The account's post, where it is that of a resident or an enterprise."""
    if not request.user.is_authenticated or POST_KEY not in request.session:
        return None
    try:
        found = posts.acting(request.user.pk, request.session[POST_KEY], at)
    except NotAllowed:
        return None
    return found if found.role in REQUESTERS else None


def can_prove() -> bool:
    """Whether codes can be sent at all."""
    return sms.configured()
