"""Passkeys (WebAuthn): registration and authentication. allauth and fido2 verify; the challenge is in the session."""

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
# All exceptions that a forged answer can raise in the libraries.
INVALID_RESPONSE_ERRORS = (
    ValidationError, InvalidSignature, ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error,
)  # fmt: skip


def begin_registration(request: HttpRequest, person: Person) -> dict[str, Any]:
    """Options for the browser to create a passkey that also signs in without a password."""
    with context.request_context(request):
        return dict(webauthn.begin_registration(person, passwordless=True))


def complete_registration(request: HttpRequest, person: Person, name: str, answer: dict[str, Any]) -> None:
    """Saves a passkey that the browser has created. Raises Invalid when it is not valid or there are too many."""
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
        count = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).count()
        if count >= MOST_PASSKEYS:
            raise Invalid(_("最多保存 %d 个通行密钥，请先删除不用的。") % MOST_PASSKEYS)
        label = name.strip()[:LONGEST_NAME] or _("通行密钥 %d") % (count + 1)
        webauthn.WebAuthn.add(person, label, answer)


def begin_authentication(request: HttpRequest, person: Person | None) -> dict[str, Any]:
    """Options for the browser to use a passkey: of this person, or of anybody."""
    with context.request_context(request):
        return dict(webauthn.begin_authentication(person))


def complete_authentication(request: HttpRequest, person: Person | None, answer: dict[str, Any]) -> Person:
    """The person whose passkey was used. Raises NotAllowed when it belongs to no active account."""
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
