"""Prepared queries as of an instant: what is due, late or to be checked then."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from jieban.base.clock import local_date
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared, Row

AT = Param("at")
TODAY = Param("today")  # the date in Beijing


class PreparedAsOf:
    """Prepared query whose parameters are `AT` and `TODAY`, or fewer; it runs with the instant alone."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._query = Prepared(build)

    def rows(self, at: datetime) -> list[Row]:
        return self._query.rows(**self._values(at))

    def objects(self, at: datetime) -> list[Any]:
        return self._query.objects(**self._values(at))

    def count(self, at: datetime) -> int:
        return self._query.count(**self._values(at))

    def _values(self, at: datetime) -> dict[str, Any]:
        values = {AT.name: at, TODAY.name: local_date(at)}
        return {name: value for name, value in values.items() if name in self._query.names}
