"""Queries that Django writes once and PostgreSQL plans once, and that run again and again with other values."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from psycopg import ClientCursor, Cursor

Row = tuple[Any, ...]
SOME_TIME = datetime(1900, 1, 1, tzinfo=UTC)  # a stand-in for the moment at which somebody asks
PLACEHOLDERS = re.compile("(%%|%s)")


class _BoundQuery(NamedTuple):
    query: bytes


class _Keeping(Cursor[Row]):
    """Has the server keep the plan of every statement, for as long as the connection lives."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> "_Keeping":
        super().execute(query, params, prepare=True, **more)
        if self._query is None:  # where Django's log of queries looks for the text
            self._query = _BoundQuery(query.encode())  # type: ignore[assignment]
        return self


def planned_once() -> CursorWrapper:
    """A cursor for statements whose text stays the same; Django's own writes the values into the text.

    Planning a join of six tables takes PostgreSQL ten times as long as running it.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = _Keeping(connection.connection)
    prepared: CursorWrapper = connection._prepare_cursor(cursor)  # type: ignore[attr-defined]
    return prepared


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

    def rows(self, **values: Any) -> list[Row]:
        """The rows for these values, which have the names of the stand-ins; as PostgreSQL gives them."""
        return self._run(self._ready(), "{}", values)

    def objects(self, **values: Any) -> list[Any]:
        """The same as instances of the query's model, with what it selects beside; nothing is prefetched."""
        written = self._ready()
        return written.make(self._run(written, "{}", values))

    def count(self, **values: Any) -> int:
        """How many rows there are for these values."""
        rows = self._run(self._ready(), "SELECT count(*) FROM ({}) counted", values)
        return int(rows[0][0]) if rows else 0

    def _ready(self) -> "_Written":
        self._written = self._written or self._write()
        return self._written

    @staticmethod
    def _run(written: "_Written", around: str, values: dict[str, Any]) -> list[Row]:
        if not written.text:
            return []
        with planned_once() as cursor:
            cursor.execute(around.replace("{}", written.text), [values[name] for name in written.names])
            return list(cursor.fetchall())

    def _write(self) -> "_Written":
        rows = self._build(**self._stand_ins)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            text, parameters = compiler.as_sql()
        except EmptyResultSet:
            return _Written("", [], list)
        connection.ensure_connection()
        own, left, names = ClientCursor(connection.connection), iter(parameters), []
        pieces = PLACEHOLDERS.split(text)
        for at, piece in enumerate(pieces):
            if piece == "%s":
                parameter = next(left)
                if name := self._named(parameter):
                    names.append(name)
                else:  # PostgreSQL plans better for what it knows, and takes no partial index for what it does not
                    pieces[at] = own.mogrify("%s", [parameter]).replace("%", "%%")
        unused = self._stand_ins.keys() - set(names)
        if unused:
            raise ValueError(f"not in the query: {', '.join(sorted(unused))}")
        of_models = rows._iterable_class is ModelIterable
        return _Written("".join(pieces), names, _maker(compiler) if of_models else list)

    def _named(self, parameter: Any) -> str:
        """The name of the stand-in that this is; empty for a value of the query's own."""
        value = getattr(parameter, "obj", parameter)
        return next((name for name, stand_in in self._stand_ins.items() if stand_in == value), "")


class _Written(NamedTuple):
    text: str  # with a placeholder for each name; empty when the query can have no rows
    names: list[str]
    make: Callable[[list[Row]], list[Any]]


def _maker(compiler: Any) -> Callable[[list[Row]], list[Any]]:
    """How rows become instances: what Django's own iteration does, without asking the query each time."""
    select, info, annotations = compiler.select, compiler.klass_info, dict(compiler.annotation_col_map or {})
    columns = [column for column, *_ in select]
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column in columns[start:end]]
    related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
    convert, converters = compiler.apply_converters, compiler.get_converters(columns)
    extra = {name: itemgetter(at) for name, at in annotations.items()}

    def make(rows: list[Row]) -> list[Any]:
        made = []
        for row in convert(rows, converters) if converters else rows:
            one = info["model"].from_db(DEFAULT_DB_ALIAS, names, row[start:end])
            for populator in related:
                populator.populate(row, one)
            for name, value in extra.items():
                setattr(one, name, value(row))
            made.append(one)
        return made

    return make
