"""Among: a lookup that passes a list of keys as one value; and the read of any one row."""

from typing import Any, TypeVar

from django.db.models import BigAutoField, ForeignKey, Lookup, Model, QuerySet

M = TypeVar("M", bound=Model)


@BigAutoField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup):
    """`pk__among=[3, 5]`: what `in` says, with the keys as one value; or with a `Param` for the list.

    Of a thousand keys `in` makes a thousand values, and of a page's queries most of the time goes into writing them.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        keys, values = ("%s", [list(self.rhs)]) if self.rhs_is_direct_value() else compiler.compile(self.rhs)
        return f"{column} = ANY({keys})", (*parameters, *values)


def first_or_none(rows: QuerySet[M]) -> M | None:
    """A row of a query where any will do, mostly because there can be one only; or None.

    `first` would sort by key, and a sorted query of many columns takes Django twice as long to write.
    """
    return next(iter(rows.order_by()[:1]), None)
