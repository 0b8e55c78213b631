"""Prepared queries: compiled once by Django, planned once by PostgreSQL, and run with different values.

They use private parts of Django and psycopg: `_prepare_cursor` of the connection; `_iterable_class` of `QuerySet`;
`select`, `klass_info`, `annotation_col_map` and the converters of `SQLCompiler`; `get_related_populators`; `_query` of
`psycopg.Cursor`. tests/base/sql/test_prepared.py fails when an upgrade changes one of them.
"""

import re
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from psycopg import ClientCursor, Cursor

from jieban.base.sql.param import Convert, Param, converters, unchanged

Row = tuple[Any, ...]
PLACEHOLDERS = re.compile("(%%|%s)")


class _BoundQuery(NamedTuple):
    query: bytes


class _PreparingCursor(Cursor[Row]):
    """Cursor that prepares every statement on the server, for the lifetime of the connection."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> "_PreparingCursor":
        super().execute(query, params, prepare=True, **more)
        if self._query is None:  # Django's query log reads the text here
            self._query = _BoundQuery(query.encode())  # type: ignore[assignment]
        return self


def planned_once() -> CursorWrapper:
    """Cursor for statements with constant text and bound parameters; Django's own writes values into the text.

    Planning a join of six tables takes PostgreSQL ten times as long as running it.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = _PreparingCursor(connection.connection)
    prepared: CursorWrapper = connection._prepare_cursor(cursor)  # type: ignore[attr-defined]
    return prepared


class Prepared:
    """Prepared query: compiles a queryset to SQL on its first run, and re-runs it with new parameters.

    Compiling a query of a dozen conditions takes Django longer than running it takes PostgreSQL, and some run at every
    request. `build` makes the queryset, with a `Param` for each value. A value is never None: that would match nothing,
    also where the column is null.
    """

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._compiled: _Compiled | None = None

    def __repr__(self) -> str:
        code = self._build.__code__
        return f"{self._build.__module__}.{self._build.__qualname__}, line {code.co_firstlineno}"

    @property
    def names(self) -> frozenset[str]:
        """Names of its parameters."""
        return frozenset(self._ready().converters)

    def rows(self, **values: Any) -> list[Row]:
        """Rows for these values of the parameters, as tuples."""
        return self._run(self._ready(), "{}", values)

    def objects(self, **values: Any) -> list[Any]:
        """Rows as instances of the query's model, with annotations and `select_related`; without prefetching."""
        compiled = self._ready()
        return compiled.make(self._run(compiled, "{}", values))

    def count(self, **values: Any) -> int:
        """Number of rows for these values."""
        rows = self._run(self._ready(), "SELECT count(*) FROM ({}) counted", values)
        return int(rows[0][0]) if rows else 0

    def _ready(self) -> "_Compiled":
        self._compiled = self._compiled or self._compile()
        return self._compiled

    def _run(self, compiled: "_Compiled", around: str, values: dict[str, Any]) -> list[Row]:
        self._check_values(compiled.converters, values)
        if not compiled.text:
            return []
        prepared = {name: convert(values[name]) for name, convert in compiled.converters.items()}
        with planned_once() as cursor:
            cursor.execute(around.replace("{}", compiled.text), prepared)
            return list(cursor.fetchall())

    def _check_values(self, converters: dict[str, Convert], values: dict[str, Any]) -> None:
        if values.keys() != converters.keys():
            wanted, given = ", ".join(sorted(converters)) or "none", ", ".join(sorted(values)) or "none"
            raise TypeError(f"The query {self} has the parameters {wanted}; given were {given}.")
        if any(value is None for value in values.values()):
            empty = ", ".join(sorted(name for name, value in values.items() if value is None))
            raise TypeError(f"The query {self} was given None for {empty}: that needs a query with isnull.")

    def _compile(self) -> "_Compiled":
        rows = self._build()
        try:
            names = converters(rows.query)
        except ValueError as error:
            raise ValueError(f"The query {self} can't be prepared: {error}.") from error
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            text, parameters = compiler.as_sql()
        except EmptyResultSet:
            return _Compiled("", names, list)
        text, others = _with_names(text, parameters)
        of_models = rows._iterable_class is ModelIterable
        return _Compiled(text, others | names, _maker(compiler) if of_models else list)


class _Compiled(NamedTuple):
    text: str  # SQL with a placeholder per name; empty if the query can have no rows
    converters: dict[str, Convert]
    make: Callable[[list[Row]], list[Any]]


def _with_names(text: str, parameters: Iterable[Any]) -> tuple[str, dict[str, Convert]]:
    """Replaces parameters in the SQL by named placeholders, and other values by literals.

    PostgreSQL plans better with literals, and needs them to use a partial index.
    """
    connection.ensure_connection()
    own, left = ClientCursor(connection.connection), iter(parameters)
    pieces = PLACEHOLDERS.split(text)
    names: dict[str, Convert] = {}
    for at, piece in enumerate(pieces):
        if piece != "%s":
            continue
        parameter = next(left)
        if isinstance(parameter, Param):
            pieces[at] = f"%({parameter.name})s"
            names[parameter.name] = unchanged
        else:
            pieces[at] = own.mogrify("%s", [parameter]).replace("%", "%%")
    return "".join(pieces), names


def _maker(compiler: Any) -> Callable[[list[Row]], list[Any]]:
    """Converter of rows to instances: what Django's iteration does, without looking at the query each time."""
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
