"""Verification codes for phone numbers: six digits by text message, valid for ten minutes and five tries."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.errors import Invalid
from jieban.base.masking import normalize_phone
from jieban.channels import outbox, sms
from jieban.channels.message_types import CODE, PHONE_CODE, Language
from jieban.channels.models import PhoneCode
from jieban.registry.identity.attempts import RateLimit, record_attempt

VALID_FOR = timedelta(minutes=10)
MOST_TRIES = 5
# Rate limits; a number may belong to anybody, so it gets no more messages than this.
PER_MINUTE = RateLimit("code.minute", 1, timedelta(minutes=1))
PER_DAY = RateLimit("code.day", 20, timedelta(days=1))
PER_ADDRESS = RateLimit("code.address", 30, timedelta(hours=1))
TRIES_PER_ADDRESS = RateLimit("code.tries", 60, timedelta(hours=1))

# One statement, so that concurrent tries are all counted.
_TRY = """
UPDATE channels_phonecode SET tries = tries + 1
WHERE phone_index = %s AND used_at IS NULL AND sent_at > %s AND tries < %s RETURNING digest
"""


def send_code(
    phone: str, *, network: str, at: datetime, language: Language = Language.CHINESE, really: bool = True
) -> None:
    """Sends a code in the language. Without `really` it does the same but sends nothing; the response is the same.

    Raises TooManyAttempts; Invalid when text messages cannot reach the number.
    """
    if not sms.can_reach(phone):
        raise Invalid(_("请填写能收短信的手机号（11 位）。"), fields={"phone": _("请填写 11 位手机号")})
    number = normalize_phone(phone)
    record_attempt(PER_ADDRESS, network, at)
    record_attempt(PER_MINUTE, number, at)
    record_attempt(PER_DAY, number, at)
    code = f"{secrets.randbelow(10**6):06d}"
    index = vault.blind_index(phone)
    note = outbox.OutgoingMessage(PHONE_CODE, "", phone=number, language=language, values=((CODE, code),))
    values = {"digest": _digest(index, code), "sent_at": at, "tries": 0, "used_at": None}
    if really:
        PhoneCode.objects.update_or_create(phone_index=index, defaults=values)
        outbox.queue_all([note], at=at)


def verify_code(phone: str, code: str, *, network: str, at: datetime) -> None:
    """Verifies and consumes the code of the number. Raises Invalid, the same for every reason; TooManyAttempts."""
    record_attempt(TRIES_PER_ADDRESS, network, at)
    index = vault.blind_index(phone)
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [index, at - VALID_FOR, MOST_TRIES])
        found = cursor.fetchone()
    right = found is not None and hmac.compare_digest(bytes(found[0]), _digest(index, code.strip()))
    fresh = PhoneCode.objects.filter(phone_index=index, used_at=None)
    if not right or not fresh.update(used_at=at):
        wrong = _("验证码不对或已过期。请核对短信里的 6 位数字；试过几次仍不对，请重新获取。")
        raise Invalid(wrong, fields={"code": wrong}, code="wrong_code")


def _digest(index: bytes, code: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), hashlib.sha256(index + code.encode()).digest(), "sha256")
