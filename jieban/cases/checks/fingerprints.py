"""Index of near duplicates: fingerprints are written with the case, and searched by value and day, the newest first."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from jieban.base.clock import local_date
from jieban.base.sql.param import Param
from jieban.cases.models import Case
from jieban.language.similarity import near_duplicates

# Most cases per value; a text that thousands send within days is still found.
MOST_CASES_OF_ONE = 20
BATCH = 500

_INSERT_SQL = """
INSERT INTO cases_fingerprint (value, received_on, case_id)
SELECT * FROM unnest(%s::int[], %s::date[], %s::bigint[]) ON CONFLICT DO NOTHING
"""
_INSERT_ONE_SQL = """
INSERT INTO cases_fingerprint (value, received_on, case_id)
SELECT value, %s::date, %s::bigint FROM unnest(%s::int[]) AS value ON CONFLICT DO NOTHING
"""
_SHARING_SQL = """
SELECT found.case_id FROM unnest(%s::int[]) AS sought (value) CROSS JOIN LATERAL (
    SELECT case_id FROM cases_fingerprint WHERE value = sought.value AND received_on BETWEEN %s AND %s
    ORDER BY received_on DESC, case_id DESC LIMIT %s
) found
"""


def insert_statement(cases: Sequence[tuple[int, datetime, str]]) -> tuple[str, list[Any]]:
    """SQL and parameters that insert the fingerprints of cases, given by id, time of receipt and text.

    Idempotent.
    """
    if len(cases) == 1:
        ((case_id, received_at, text),) = cases
        return _INSERT_ONE_SQL, [
            local_date(received_at),
            case_id,
            list(near_duplicates.text_fingerprints(text)),
        ]
    columns: tuple[list[int], list[date], list[int]] = ([], [], [])
    for case_id, received_at, text in cases:
        for value in near_duplicates.text_fingerprints(text):
            columns[0].append(value)
            columns[1].append(local_date(received_at))
            columns[2].append(case_id)
    return _INSERT_SQL, list(columns)


def cases_sharing(fingerprints: list[int] | Param, first: date | Param, last: date | Param) -> RawSQL:
    """Subquery for the ids of the newest cases of these days that share a fingerprint."""
    return RawSQL(_SHARING_SQL, (fingerprints, first, last, MOST_CASES_OF_ONE))  # noqa: S611 - no value is in the text


def index_missing(first: date | None = None) -> Iterator[int]:
    """Adds missing fingerprints from day `first` on, the newest cases first; yields the size of each batch.

    May be stopped and started again, and run while cases come in.
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
            cursor.execute(*insert_statement(batch))
        last = batch[-1][0]
        yield len(batch)
