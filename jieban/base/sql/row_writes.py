"""Row statements: SELECT, INSERT and UPDATE of whole rows, with cached SQL text.

Every transition of a case needs the same few statements, and Django's compiler takes longer for them than PostgreSQL
takes to run them. They read and write the same as `save` and `filter`.

They use private parts of Django and psycopg: `_state` of a model's instance, `Transformer` of psycopg.
tests/base/sql/test_row_writes.py fails when an upgrade changes one of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from psycopg import sql
from psycopg.adapt import Transformer

from jieban.base.sql.prepared import planned_once

Row = TypeVar("Row", bound=models.Model)
Columns = tuple[str, ...]
# Columns that PostgreSQL computes from a text, as SearchVector(config="simple") does.
COMPUTED_COLUMNS = frozenset({"search"})


@dataclass(frozen=True, slots=True)
class StatementPart:
    """Part of a combined statement (a common table expression); later parts refer to it by `name`."""

    text: str
    values: Sequence[Any]
    name: str = ""


def fetch(model: type[Row], rest: str, parameters: Sequence[Any]) -> list[Row]:
    """Rows of a model; `rest` is the SQL after FROM and the table, such as `WHERE case_id = %s ORDER BY id`."""
    names = [field.attname for field in model._meta.concrete_fields]
    with planned_once() as cursor:
        cursor.execute(_select(model) + rest, parameters)
        return [model.from_db(DEFAULT_DB_ALIAS, names, values) for values in cursor.fetchall()]


def write(
    new: Iterable[models.Model],
    changed: Iterable[tuple[models.Model, Iterable[str]]] = (),
    extra: Sequence[StatementPart] = (),
) -> None:
    """Inserts rows, updates the named columns of others, and runs `extra` parts, all in one statement.

    A row without a key gets one from its table; the instance does not learn it.
    """
    new = list(new)
    run_statement([*_inserts(new), *_updates(changed), *extra])
    for row in new:
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS


def _inserts(new: Iterable[models.Model]) -> Iterator[StatementPart]:
    """INSERT for each table, with the columns that have a value in any row."""
    tables: dict[tuple[type[models.Model], bool], list[models.Model]] = {}
    for row in new:
        tables.setdefault((type(row), row.pk is not None), []).append(row)
    for model, rows in ((model, rows) for (model, _keyed), rows in tables.items()):
        every = _attributes(model)
        values = [every.get(row) for row in rows]
        used = [i for i in range(len(every.names)) if any(of_row[i] is not None for of_row in values)]
        text = _insert(model, tuple(every.names[i] for i in used), len(rows))
        yield StatementPart(text, [of_row[i] for of_row in values for i in used])


def _updates(changed: Iterable[tuple[models.Model, Iterable[str]]]) -> Iterator[StatementPart]:
    for row, names in changed:
        columns = tuple(names)
        yield StatementPart(_update(type(row), columns), [*(getattr(row, name) for name in columns), row.pk])


def run_statement(parts: Sequence[StatementPart]) -> None:
    """Runs parts as one statement: the last is the main one, the others are its common table expressions."""
    *first, last = parts
    named = [f"{part.name or f'part{number}'} AS ({part.text})" for number, part in enumerate(first)]
    text = f"WITH {', '.join(named)} {last.text}" if named else last.text
    with connection.cursor() as cursor:
        cursor.execute(_inline_values(text, [value for part in parts for value in part.values]))


def _inline_values(text: str, values: Sequence[Any]) -> str:
    """SQL with its values as literals, quoted by psycopg.

    Psycopg parses a text of more than 50 values anew each time, which costs more than all the rest.
    """
    connection.ensure_connection()
    quote = Transformer(connection.connection).as_literal
    with connection.wrap_database_errors:
        literals = [bytes(quote(value)).decode() for value in values]
    return "".join(chain.from_iterable(zip_longest(_split_placeholders(text), literals, fillvalue="")))


@lru_cache(maxsize=300)
def _split_placeholders(text: str) -> list[str]:
    return text.split("%s")


@dataclass(frozen=True, slots=True)
class _Attributes:
    names: Columns
    get: Callable[[models.Model], tuple[Any, ...]]


@lru_cache(maxsize=100)
def _attributes(model: type[models.Model]) -> _Attributes:
    """Names and getter of a model's columns; psycopg takes their values as they are. Raises TypeError for JSON."""
    fields = model._meta.concrete_fields
    if any(isinstance(field, models.JSONField) for field in fields):
        raise TypeError(f"{model.__name__} has a column that must be prepared")
    names = tuple(field.attname for field in fields)
    return _Attributes(names, attrgetter(*names))


@lru_cache(maxsize=500)
def _fields(model: type[models.Model], names: Columns) -> "tuple[models.Field[Any, Any], ...]":
    by_name = {name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    return tuple(by_name[name] for name in names)


def _name(field: "models.Field[Any, Any]") -> sql.Identifier:
    return sql.Identifier(field.column or "")


def _table(model: type[models.Model]) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)


def _comma_separated(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(list(parts))


@lru_cache(maxsize=100)
def _select(model: type[models.Model]) -> str:
    columns = _comma_separated(_name(field) for field in model._meta.concrete_fields)
    return sql.SQL("SELECT {} FROM {} ").format(columns, _table(model)).as_string()


@lru_cache(maxsize=300)
def _insert(model: type[models.Model], names: Columns, count: int) -> str:
    fields = _fields(model, names)
    row = sql.SQL("({})").format(_comma_separated(_placeholder(field) for field in fields))
    return (
        sql.SQL("INSERT INTO {} ({}) VALUES {}")
        .format(_table(model), _comma_separated(map(_name, fields)), _comma_separated([row] * count))
        .as_string()
    )


def _placeholder(field: "models.Field[Any, Any]") -> sql.Composable:
    return sql.SQL("to_tsvector('simple', %s)") if field.attname in COMPUTED_COLUMNS else sql.SQL("%s")


@lru_cache(maxsize=1000)
def _update(model: type[models.Model], names: Columns) -> str:
    changes = _comma_separated(sql.SQL("{} = %s").format(_name(field)) for field in _fields(model, names))
    key = model._meta.pk
    return (
        sql.SQL("UPDATE {} SET {} WHERE {} = %s")
        .format(_table(model), changes, _name(key) if key else sql.SQL("id"))
        .as_string()
    )
