"""Clock: the only module that reads the time. Actions take `at`; only views, jobs and commands call `now()`."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


def local(at: datetime) -> datetime:
    """Local time in China (Asia/Shanghai)."""
    return at.astimezone(SHANGHAI)


def local_date(at: datetime) -> date:
    """Local date in China (Asia/Shanghai)."""
    return local(at).date()
