"""The one place that reads the clock. Actions take `at`; only the edges call `now()`."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def local(at: datetime) -> datetime:
    """The instant as the clock on the wall in China shows it."""
    return at.astimezone(SHANGHAI)


def local_date(at: datetime) -> date:
    """The Chinese calendar day in which the instant falls."""
    return local(at).date()
