"""Small ways of reading rows."""

from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def only(rows: QuerySet[M]) -> M | None:
    """A row of a query where any will do, mostly because there can be one only; or None.

    `first` would sort by key, and a sorted query of many columns takes Django twice as long to write.
    """
    return next(iter(rows.order_by()[:1]), None)
