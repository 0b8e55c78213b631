"""How often somebody may try: counted in the database, so that many tries at once are counted one by one.

Outside of a transaction each try is kept whatever becomes of the request that made it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from jieban.base.errors import TooManyAttempts
from jieban.registry.models import Attempt

RETENTION = timedelta(days=2)
_RECORD_ATTEMPT = """
INSERT INTO registry_attempt (name, key, since, count) VALUES (%(name)s, %(key)s, %(at)s, 1)
ON CONFLICT (name, key) DO UPDATE SET
  count = CASE WHEN registry_attempt.since <= %(start)s THEN 1 ELSE registry_attempt.count + 1 END,
  since = CASE WHEN registry_attempt.since <= %(start)s THEN %(at)s ELSE registry_attempt.since END
RETURNING count, since
"""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many tries within a time, counted under a name: by an account, an address, a telephone number."""

    name: str
    most: int
    within: timedelta


def record_attempt(allowance: RateLimit, key: str, at: datetime) -> None:
    """Counts one try. Raises TooMany when it is one more than allowed; it says from when on to try again."""
    values: dict[str, Any] = {
        "name": allowance.name,
        "key": _digest(key),
        "at": at,
        "start": at - allowance.within,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_ATTEMPT, values)
        (count, since) = cursor.fetchone()
    if count > allowance.most:
        minutes = max(1, -int((at - since - allowance.within).total_seconds() // 60))
        raise TooManyAttempts(_("尝试次数过多，请等 %d 分钟再试。") % minutes)


def reset_attempts(allowance: RateLimit, key: str) -> None:
    """It went well: what was counted does not stand against the next try."""
    Attempt.objects.filter(name=allowance.name, key=_digest(key)).delete()


def uncount_attempt(allowance: RateLimit, key: str) -> None:
    """It went well where many share a key: this one try does not count, the others still do."""
    rows = Attempt.objects.filter(name=allowance.name, key=_digest(key), count__gt=0)
    rows.update(count=F("count") - 1)


def delete_expired(at: datetime) -> int:
    """Drops what no allowance looks at any more; returns how many rows."""
    return Attempt.objects.filter(since__lt=at - RETENTION).delete()[0]


def _digest(key: str) -> bytes:
    """A telephone number must not stand in the table."""
    return hmac.new(settings.SECRET_KEY.encode(), key.encode(), hashlib.sha256).digest()
