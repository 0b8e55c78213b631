"""The moment at which somebody looks at what waits, in queries that are written once for every moment."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from jieban.base.clock import local_date
from jieban.base.sql.prepared import Prepared

SOON = timedelta(hours=4)


class AsOf(NamedTuple):
    """An instant, its day in Beijing, and until when something is due soon."""

    at: datetime
    today: date
    soon: datetime


def as_of(at: datetime) -> AsOf:
    return AsOf(at, local_date(at), at + SOON)


_SOME = AsOf(datetime(1900, 1, 1, tzinfo=UTC), date(1900, 1, 2), datetime(1900, 1, 3, tzinfo=UTC))


def prepared_as_of(build: Callable[[AsOf], QuerySet[Any, Any]], asks: Iterable[str]) -> Prepared:
    """The query for every moment. `asks`: the names of what of the moment it holds."""
    return Prepared(lambda **asked: build(_SOME._replace(**asked)), **values_of(_SOME, asks))


def values_of(when: AsOf, asks: Iterable[str]) -> dict[str, Any]:
    """What of a moment such a query is run with."""
    return {name: getattr(when, name) for name in asks}
