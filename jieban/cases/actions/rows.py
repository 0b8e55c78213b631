"""Rows read and written by statements that are put together once, not anew for every row.

Every step of every case needs the same few statements; Django's compiler takes longer over them than
PostgreSQL takes to run them. What is read and written is the same as with `save` and `filter`.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from psycopg import sql

Row = TypeVar("Row", bound=models.Model)
# Made by PostgreSQL of the text that stands in the column's place, as SearchVector(config="simple") does.
COMPUTED = frozenset({"search"})


def fetch(model: type[Row], rest: str, parameters: Sequence[Any]) -> list[Row]:
    """Rows by what follows FROM and the table: `WHERE case_id = %s ORDER BY id`, written in the code."""
    with connection.cursor() as cursor:
        cursor.execute(_select(model) + rest, parameters)
        names = [field.attname for field in model._meta.concrete_fields]
        return [model.from_db(DEFAULT_DB_ALIAS, names, values) for values in cursor.fetchall()]


def write(new: Iterable[models.Model], changed: Sequence[tuple[models.Model, Collection[str]]] = ()) -> None:
    """Inserts rows and updates the named columns of others, by one statement.

    A row without key gets one by its table, which it is not told.
    """
    tables: dict[tuple[type[models.Model], bool], list[models.Model]] = {}
    for row in new:
        tables.setdefault((type(row), row.pk is not None), []).append(row)
    parts: list[str] = []
    values: list[Any] = []
    for (model, keyed), rows in tables.items():
        fields = _written(model, keyed)
        parts.append(_insert(model, keyed, len(rows)))
        values += [value for row in rows for value in _values(row, fields)]
    for row, names in changed:
        fields = _fields(type(row), tuple(names))
        parts.append(_update(type(row), tuple(names)))
        values += [*_values(row, fields), row.pk]
    with connection.cursor() as cursor:
        cursor.execute(_together(parts), values)
    for rows in tables.values():
        for row in rows:
            row._state.adding = False
            row._state.db = DEFAULT_DB_ALIAS


def _together(parts: list[str]) -> str:
    *first, last = parts
    before = ", ".join(f"part{number} AS ({part})" for number, part in enumerate(first))
    return f"WITH {before} {last}" if before else last


def _values(row: models.Model, fields: "Iterable[models.Field[Any, Any]]") -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]


@lru_cache(maxsize=100)
def _fields(model: type[models.Model], names: tuple[str, ...]) -> "tuple[models.Field[Any, Any], ...]":
    by_name = {name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    return tuple(by_name[name] for name in names)


def _name(field: "models.Field[Any, Any]") -> sql.Identifier:
    return sql.Identifier(field.column or "")


def _table(model: type[models.Model]) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)


def _joined(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(list(parts))


@lru_cache(maxsize=100)
def _select(model: type[models.Model]) -> str:
    columns = _joined(_name(field) for field in model._meta.concrete_fields)
    return sql.SQL("SELECT {} FROM {} ").format(columns, _table(model)).as_string()


def _written(model: type[models.Model], keyed: bool) -> "tuple[models.Field[Any, Any], ...]":
    return tuple(field for field in model._meta.concrete_fields if keyed or not field.primary_key)


@lru_cache(maxsize=100)
def _insert(model: type[models.Model], keyed: bool, count: int) -> str:
    fields = _written(model, keyed)
    row = sql.SQL("({})").format(_joined(_placeholder(field) for field in fields))
    return (
        sql.SQL("INSERT INTO {} ({}) VALUES {}")
        .format(_table(model), _joined(map(_name, fields)), _joined([row] * count))
        .as_string()
    )


def _placeholder(field: "models.Field[Any, Any]") -> sql.Composable:
    return sql.SQL("to_tsvector('simple', %s)") if field.attname in COMPUTED else sql.SQL("%s")


@lru_cache(maxsize=1000)
def _update(model: type[models.Model], names: tuple[str, ...]) -> str:
    changes = _joined(sql.SQL("{} = %s").format(_name(field)) for field in _fields(model, names))
    key = model._meta.pk
    return (
        sql.SQL("UPDATE {} SET {} WHERE {} = %s")
        .format(_table(model), changes, _name(key) if key else sql.SQL("id"))
        .as_string()
    )
