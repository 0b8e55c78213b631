"""Named parameters of prepared queries, as Django expressions.

They use private parts of Django: `where`, `annotations` and `combined_queries` of `Query`; `lhs`, `rhs` and
`prepare_rhs` of `Lookup`; `ExpressionList`. tests/base/sql/test_param.py fails when an upgrade changes one of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    Expression,
    Field,
    ForeignKey,
    IntegerField,
    Lookup,
    TextField,
)
from django.db.models.expressions import ExpressionList
from django.db.models.lookups import In, Range
from django.db.models.sql.query import Query

from jieban.base.sql.among import Among

Column: TypeAlias = "Field[Any, Any] | None"
Convert = Callable[[Any], Any]
# Groups of column types that may share a parameter; otherwise the classes must be equal.
_KINDS = ((CharField, TextField), (IntegerField,), (DateTimeField,), (DateField,))


class Param(Expression):
    """Named parameter: `Param("case")` is the value passed to a `Prepared` query as `case` when it runs.

    It is used where Django takes an expression, and has the type of the column with which it is compared. In a SELECT
    list the type must be declared: `Param("day", DateField())`.
    """

    def __init__(self, name: str, output_field: Column = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name
        self.declared = output_field

    def __repr__(self) -> str:
        return f"Param({self.name!r})"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]  # `Prepared` looks for it among the values

    def get_group_by_cols(self) -> list[Any]:
        return []


@dataclass(frozen=True, slots=True)
class _Use:
    """Occurrence of a parameter, with the column that gives its type, if any; `many`: it is a list of such values."""

    param: Param
    column: Column
    many: bool = False

    @property
    def kind(self) -> tuple[object, bool]:
        column = self.column
        while isinstance(column, ForeignKey):
            column = column.target_field
        return next((kind for kind in _KINDS if isinstance(column, kind)), type(column)), self.many

    @property
    def convert(self) -> Convert:
        if self.many:
            return list
        return partial(self.column.get_db_prep_value, connection=connection) if self.column else unchanged


def converters(query: Query) -> dict[str, Convert]:
    """Converters of a query's parameters by name; each prepares a value for the database.

    Raises ValueError for a parameter that cannot be bound.
    """
    typed: dict[str, _Use] = {}
    found: dict[str, Convert] = {}
    for use in _uses(query):
        name = use.param.name
        found.setdefault(name, unchanged)
        if use.column is None:
            continue
        first = typed.setdefault(name, use)
        if first.kind != use.kind:
            raise ValueError(f"{use.param} is one name for two types: {first.column} and {use.column}")
        found[name] = first.convert
    return found


def _uses(node: Any, lookup: Any = None) -> Iterator[_Use]:
    """Finds the parameters in a query or expression. `lookup`: the comparison of which this node is a side."""
    if isinstance(node, Param):
        yield _use(node, lookup)
        return
    inner = node if isinstance(node, Lookup) else lookup if isinstance(node, ExpressionList) else None
    if isinstance(node, Query):
        children = [node.where, *node.annotations.values(), *node.combined_queries]
    else:
        children = getattr(node, "get_source_expressions", list)()
    for child in children:
        yield from _uses(child, inner)


def _use(param: Param, lookup: Any) -> _Use:
    """Occurrence of a parameter; not converted in lookups whose value Django does not prepare (`startswith`)."""
    if param.declared or lookup is None:
        return _Use(param, param.declared)
    if isinstance(lookup, In | Range) and lookup.rhs is param:
        raise ValueError(f"{param} can't stand for a list in `{lookup.lookup_name}`: use `among`")
    if isinstance(lookup, Among):
        return _Use(param, lookup.lhs.output_field, many=True)
    return _Use(param, lookup.lhs.output_field if lookup.prepare_rhs else None)


def unchanged(value: Any) -> Any:
    return value
