"""Rate limiter with counters in the database, so that concurrent attempts are counted one by one.

Called outside of a transaction, so that an attempt counts whatever happens to its request.
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
    """Rate limit: so many attempts within a period, counted under a name, per account, address or telephone."""

    name: str
    most: int
    within: timedelta


def record_attempt(allowance: RateLimit, key: str, at: datetime) -> None:
    """Counts an attempt. Raises TooManyAttempts, with the time of the next attempt, when the limit is exceeded."""
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
    """Resets the counter after a success."""
    Attempt.objects.filter(name=allowance.name, key=_digest(key)).delete()


def uncount_attempt(allowance: RateLimit, key: str) -> None:
    """Takes back one attempt after a success, where many people share a key; the others still count."""
    rows = Attempt.objects.filter(name=allowance.name, key=_digest(key), count__gt=0)
    rows.update(count=F("count") - 1)


def delete_expired(at: datetime) -> int:
    """Deletes expired counters; returns how many rows."""
    return Attempt.objects.filter(since__lt=at - RETENTION).delete()[0]


def _digest(key: str) -> bytes:
    """Digest of a key, so that no telephone number is stored."""
    return hmac.new(settings.SECRET_KEY.encode(), key.encode(), hashlib.sha256).digest()
