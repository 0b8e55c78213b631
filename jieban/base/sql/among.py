"""Among: a lookup that passes a list of keys as one value."""

from typing import Any

from django.db.models import BigAutoField, ForeignKey, Lookup


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
