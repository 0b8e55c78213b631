"""Passkeys: adding one, and showing it. allauth and fido2 do the ceremony; the challenge is in the session."""

import struct
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import InvalidSignature
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, NotAllowed
from jieban.registry.identity.second_factors import MOST_PASSKEYS
from jieban.registry.models import Person

LONGEST_NAME = 40
# All that a made-up answer can make the libraries raise.
INVALID_RESPONSE_ERRORS = (
    ValidationError, InvalidSignature, ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error,
)  # fmt: skip


def begin_registration(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What the browser needs to make a passkey that also signs in without a password."""
    with context.request_context(request):
        return dict(webauthn.begin_registration(person, passwordless=True))


def complete_registration(request: HttpRequest, person: Person, name: str, answer: dict[str, Any]) -> None:
    """Keeps a passkey that the browser has made. Raises Invalid when it does not fit or there are too many."""
    with context.request_context(request):
        try:
            webauthn.parse_registration_response(answer)
            webauthn.complete_registration(answer)
        except INVALID_RESPONSE_ERRORS:
            raise Invalid(_("通行密钥没有添加成功，请再试一次。")) from None
        finally:
            webauthn.clear_state()
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        held = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).count()
        if held >= MOST_PASSKEYS:
            raise Invalid(_("最多保存 %d 个通行密钥，请先删除不用的。") % MOST_PASSKEYS)
        label = name.strip()[:LONGEST_NAME] or _("通行密钥 %d") % (held + 1)
        webauthn.WebAuthn.add(person, label, answer)


def begin_authentication(request: HttpRequest, person: Person | None) -> dict[str, Any]:
    """What the browser needs to show a passkey: of this person, or of whoever sits there."""
    with context.request_context(request):
        return dict(webauthn.begin_authentication(person))


def complete_authentication(request: HttpRequest, person: Person | None, answer: dict[str, Any]) -> Person:
    """Whose passkey was shown. Raises NotAllowed when it is none of an active account's."""
    with context.request_context(request):
        try:
            webauthn.parse_authentication_response(answer)
            owner = person or webauthn.extract_user_from_response(answer)
            if not owner.is_active:
                raise ValueError("suspended")
            row = webauthn.complete_authentication(owner, answer)
        except INVALID_RESPONSE_ERRORS:
            raise NotAllowed(_("通行密钥无法确认，请再试一次，或改用密码登录。")) from None
        finally:
            webauthn.clear_state()
    row.record_usage()
    return owner
