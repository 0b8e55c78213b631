"""Second factors of a person: TOTP codes, passkeys, recovery codes.

allauth creates and checks them and has the table. Consuming a code is ours: allauth remembers used codes in a cache
of one process, so that with two processes the same code would pass twice.
"""

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.clock import local_date
from jieban.base.errors import Invalid, WrongState
from jieban.registry.identity import sessions
from jieban.registry.models import Delegation, Holding, Person
from jieban.registry.roles import PROFILES

PURPOSE = "second factor"
PERIOD_SECONDS = 30
# Periods of TOTP by which a clock may be wrong.
TOLERANCE = 1
MOST_PASSKEYS = 10
# Staff need a second factor; others may have one.
_STAFF = sorted(role for role, profile in PROFILES.items() if profile.second_factor)
_FactorType = Authenticator.Type
PRIMARY = (_FactorType.TOTP, _FactorType.WEBAUTHN)


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Adapter for allauth that encrypts the secrets in the database."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(vault.seal(text, PURPOSE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unseal(base64.b64decode(encrypted_text), PURPOSE)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "接办"}


def is_staff(person: Person, at: datetime) -> bool:
    """Whether the person holds any post but those of residents and enterprises, today or from a later day."""
    today = local_date(at)
    own = Holding.objects.filter(person=person, post__role__in=_STAFF).exclude(valid_to__lte=today)
    given = Delegation.objects.filter(person=person, revoked_at=None, valid_to__gt=today)
    return own.exists() or given.exists()


def of_person(person: Person) -> list[Authenticator]:
    """The person's second factors, in the order in which they were added."""
    return list(Authenticator.objects.filter(user=person).order_by("created_at", "pk"))


def has_any(person: Person) -> bool:
    """Whether the person has a second factor; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=person, type__in=PRIMARY).exists())


def new_secret() -> str:
    return str(totp.generate_totp_secret())


def provisioning_uri(person: Person, secret: str) -> str:
    """Provisioning URI, the content of the QR code."""
    return str(Adapter().build_totp_url(person, secret))


def add_totp(person: Person, secret: str, code: str, at: datetime) -> None:
    """Adds TOTP after a first correct code, which is then used up.

    Raises Invalid when the code is wrong, WrongState when the person has such codes already.
    """
    counter = _counter(secret, code, at)
    if counter is None:
        raise Invalid(
            _("动态码不对。请核对手机时间，输入验证器现在显示的 6 位数字。"), fields={"code": _("动态码不对")}
        )
    try:
        with transaction.atomic():
            Authenticator.objects.create(
                user=person,
                type=_FactorType.TOTP,
                data={"secret": Adapter().encrypt(secret), "used": counter},
            )
    except IntegrityError:
        raise WrongState(_("您已经设置了动态码。如需更换，请先停用原来的。")) from None


@transaction.atomic
def consume_code(person: Person, code: str, at: datetime) -> bool:
    """Consumes a TOTP or recovery code; returns whether it was right and not used before."""
    code = "".join(code.split())
    rows = Authenticator.objects.select_for_update().filter(
        user=person, type__in=(_FactorType.TOTP, _FactorType.RECOVERY_CODES)
    )
    found = {row.type: row for row in rows.order_by("pk")}
    if _FactorType.TOTP in found and len(code) == 6:
        return _spend_totp(found[_FactorType.TOTP], code, at)
    if _FactorType.RECOVERY_CODES in found and len(code) == 10:
        return bool(RecoveryCodes(found[_FactorType.RECOVERY_CODES]).validate_code(code))
    return False


def new_recovery_codes(person: Person) -> list[str]:
    """Ten new recovery codes for one use each, which replace the earlier ones. Shown only once."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        Authenticator.objects.filter(user=person, type=_FactorType.RECOVERY_CODES).delete()
        return list(RecoveryCodes.activate(person).generate_codes())


def recovery_codes_left(factors: list[Authenticator]) -> int | None:
    """Number of unused recovery codes; None where there are none at all."""
    codes = [factor for factor in factors if factor.type == _FactorType.RECOVERY_CODES]
    return len(RecoveryCodes(codes[0]).get_unused_codes()) if codes else None


@transaction.atomic
def remove(person: Person, pk: int, *, keep_one: bool) -> None:
    """Takes one away; with the last one the recovery codes go too.

    Raises WrongState when it is the last of somebody who must have one.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    primary = list(Authenticator.objects.filter(user=person, type__in=PRIMARY))
    rest = [factor for factor in primary if factor.pk != pk]
    if len(rest) == len(primary):
        return  # another person's, or deleted already
    if keep_one and not rest:
        raise WrongState(_("工作人员须保留至少一种两步验证。请先添加另一种，再停用这一种。"))
    Authenticator.objects.filter(user=person, pk=pk).delete()
    if not rest:
        Authenticator.objects.filter(user=person).delete()


@transaction.atomic
def reset(username: str) -> int:
    """Removes all second factors of somebody who lost them, and ends their sessions; returns how many there were.

    Raises Invalid when there is no such person.
    """
    person = Person.objects.select_for_update().filter(username=username).first()
    if person is None:
        raise Invalid(_("没有用户“%s”。请核对用户名。") % username, fields={"username": _("没有这个用户")})
    sessions.end_others(person, None)
    return int(Authenticator.objects.filter(user=person).delete()[0])


def reseal() -> Iterator[int]:
    """Re-encrypts the secrets that are under an earlier key; returns how many."""
    for pk in Authenticator.objects.exclude(type=_FactorType.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            names = [name for name in ("secret", "seed") if row and _is_old(row.data.get(name))]
            for name in names:
                row.data[name] = Adapter().encrypt(Adapter().decrypt(row.data[name]))
            if names:
                row.save(update_fields=["data"])
        yield len(names)


def _is_old(sealed: str | None) -> bool:
    return bool(sealed) and vault.needs_new_key(base64.b64decode(sealed or ""))


def _spend_totp(row: Any, code: str, at: datetime) -> bool:
    """Consumes a TOTP code: it must be later than the last one used, so that each passes only once."""
    counter = _counter(Adapter().decrypt(row.data["secret"]), code, at)
    if counter is None or counter <= row.data["used"]:
        return False
    row.data["used"], row.last_used_at = counter, at
    row.save(update_fields=["data", "last_used_at"])
    return True


def _counter(secret: str, code: str, at: datetime) -> int | None:
    """TOTP counter: the period of a code; None when it fits none near now."""
    code = "".join(code.split())
    present = int(at.timestamp()) // PERIOD_SECONDS
    for counter in range(present - TOLERANCE, present + TOLERANCE + 1):
        if constant_time_compare(totp.format_hotp_value(totp.hotp_value(secret, counter)), code):
            return counter
    return None
