"""The index of what cases say: written with the case, sought by trace and day, the newest first."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from jieban.base.clock import local_date
from jieban.cases.models import Case
from jieban.language.similarity import near_duplicates

MOST_OF_ONE = 20  # cases that are looked at for a trace: what thousands say within days is found all the same
BATCH = 500

_INSERT = """
INSERT INTO cases_trace (trace, received_on, case_id)
SELECT * FROM unnest(%s::int[], %s::date[], %s::bigint[]) ON CONFLICT DO NOTHING
"""
_INSERT_ONE = """
INSERT INTO cases_trace (trace, received_on, case_id)
SELECT trace, %s::date, %s::bigint FROM unnest(%s::int[]) AS trace ON CONFLICT DO NOTHING
"""
_HOLDING = """
SELECT found.case_id FROM unnest(%s::int[]) AS sought (trace) CROSS JOIN LATERAL (
    SELECT case_id FROM cases_trace WHERE trace = sought.trace AND received_on BETWEEN %s AND %s
    ORDER BY received_on DESC, case_id DESC LIMIT %s
) found
"""


def rows(cases: Sequence[tuple[int, datetime, str]]) -> tuple[str, list[Any]]:
    """The statement that adds the traces of cases, each with its key, receipt and text, and its values.

    Adding them again adds nothing.
    """
    if len(cases) == 1:
        ((case_id, received_at, text),) = cases
        return _INSERT_ONE, [local_date(received_at), case_id, list(near_duplicates.traces(text))]
    columns: tuple[list[int], list[date], list[int]] = ([], [], [])
    for case_id, received_at, text in cases:
        for trace in near_duplicates.traces(text):
            columns[0].append(trace)
            columns[1].append(local_date(received_at))
            columns[2].append(case_id)
    return _INSERT, list(columns)


def holding(traces: Sequence[int], first: date, last: date) -> RawSQL:
    """The keys of the newest cases of these days that have one of the traces."""
    return RawSQL(_HOLDING, (list(traces), first, last, MOST_OF_ONE))  # noqa: S611 - no value is in the text


def index(first: date | None = None) -> Iterator[int]:
    """Adds the traces of cases that have none, the newest first, from day `first` on; yields each batch's size.

    May be stopped and begun again, and run while cases come in.
    """
    last: int | None = None
    while True:
        found = Case.objects.exclude(words=None).order_by("-pk")
        if first is not None:
            found = found.filter(received_at__date__gte=first)
        if last is not None:
            found = found.filter(pk__lt=last)
        batch = list(found.values_list("pk", "received_at", "words__text")[:BATCH])
        if not batch:
            return
        with connection.cursor() as cursor:
            cursor.execute(*rows(batch))
        last = batch[-1][0]
        yield len(batch)
