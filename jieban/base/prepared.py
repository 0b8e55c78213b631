"""Queries that Django writes once and that run again and again with other values."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """A query as a function of its values, written on its first run and from then on only filled in.

    Writing a query of a dozen conditions takes Django longer than it takes PostgreSQL to run it, and some are
    run at every request. The rule stays in the one place where other queries have it: `build` is called once,
    with the stand-ins in the place of the values. A stand-in is a value of the same type that the query itself
    doesn't hold, and that stands for one value only.
    """

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], **stand_ins: Any) -> None:
        self._build = build
        self._stand_ins = stand_ins
        self._written: _Written | None = None

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows for these values, which have the names of the stand-ins; as PostgreSQL gives them."""
        self._written = self._written or self._write()
        text, parameters = self._written
        if not text:
            return []
        with connection.cursor() as cursor:
            cursor.execute(text, [values[p.name] if isinstance(p, _Blank) else p for p in parameters])
            return list(cursor.fetchall())

    def _write(self) -> "_Written":
        try:
            text, parameters = self._build(**self._stand_ins).query.sql_with_params()
        except EmptyResultSet:
            return "", []
        filled = [self._blank(getattr(parameter, "obj", parameter)) for parameter in parameters]
        unused = self._stand_ins.keys() - {p.name for p in filled if isinstance(p, _Blank)}
        if unused:
            raise ValueError(f"not in the query: {', '.join(sorted(unused))}")
        return text, filled

    def _blank(self, parameter: Any) -> Any:
        names = [name for name, stand_in in self._stand_ins.items() if stand_in == parameter]
        return _Blank(names[0]) if names else parameter


class _Blank:
    """Where a value goes."""

    def __init__(self, name: str) -> None:
        self.name = name


_Written = tuple[str, list[Any]]  # no text when the query can have no rows
