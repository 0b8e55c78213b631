"""Lookup `among`: a list of keys passed as one array parameter."""

from typing import Any

from django.db.models import BigAutoField, ForeignKey, Lookup


@BigAutoField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup):
    """Lookup `pk__among=[3, 5]`: as `in`, with all keys in one array value; or with a `Param` for the list.

    With `in`, a thousand keys become a thousand parameters, and formatting them takes most of a page's query time.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        keys, values = ("%s", [list(self.rhs)]) if self.rhs_is_direct_value() else compiler.compile(self.rhs)
        return f"{column} = ANY({keys})", (*parameters, *values)
