"""Similarity search: duration by the number of cases, and recall for texts that were changed."""

import random
import statistics
import time
from collections.abc import Iterator

import psycopg

from bench.figure import Figure, Sizes
from bench.place import Place, database

BATCH = 20_000
LOOKS = 300  # searches at the largest size of a full run; a quarter of them with typed text instead of a case
_ADD = """
INSERT INTO cases_fingerprint (value, received_on, case_id)
SELECT t.value, (c.received_at AT TIME ZONE 'Asia/Shanghai')::date, c.id
FROM cases_case c JOIN cases_casetext w ON w.case_id = c.id JOIN said_traces t ON t.words = w.text
WHERE c.id > %s AND c.id <= %s ON CONFLICT DO NOTHING
"""


def measured(place: Place, sizes: Sizes) -> Figure:
    """Duration of `similar_cases` for cases and for typed text, spread over all days: median and 95th percentile."""
    figure = Figure("Like cases")
    for size, name in place.databases.items():
        with place.sql(name) as straight:
            _index(straight)
        with database(place, name):
            taken = sorted(_looks(min(LOOKS, max(sizes.rounds * 8, 8))))
        figure.values[f"half below (ms) at {size}"] = round(statistics.median(taken), 1)
        figure.values[f"95 of 100 below (ms) at {size}"] = round(taken[int(len(taken) * 0.95)], 1)
    return figure


def _index(straight: psycopg.Connection) -> None:
    """Builds the fingerprint index of the cases that were written by SQL: once for each different text, then joined."""
    from jieban.language.similarity.near_duplicates import text_fingerprints

    straight.execute("CREATE TEMP TABLE said_traces (words text, value int)")
    texts = [words for (words,) in straight.execute("SELECT DISTINCT text FROM cases_casetext").fetchall()]
    with straight.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO said_traces SELECT %s, unnest(%s::int[])",
            [(text, list(text_fingerprints(text))) for text in texts],
        )
    first, last = straight.execute("SELECT min(id), max(id) FROM cases_case").fetchone() or (0, 0)
    for start in range(first - 1, last, BATCH):
        straight.execute(_ADD, [start, start + BATCH])
    straight.execute("DROP TABLE said_traces")
    straight.execute("VACUUM (ANALYZE) cases_fingerprint")


def _looks(count: int) -> Iterator[float]:
    """Milliseconds of each search, after a few that are not counted."""
    from bench.people import actor
    from jieban.cases.models import Case
    from jieban.cases.suggestions.similar_cases import UnsavedConcern, similar_cases

    rng, asks = random.Random(11), actor("dispatcher")
    keys = list(
        Case.objects.order_by("pk").values_list("pk", flat=True)[:: max(Case.objects.count() // count, 1)]
    )
    rows = list(Case.objects.select_related("words", "place", "street", "community").filter(pk__in=keys))
    rng.shuffle(rows)
    for number, case in enumerate(rows[:count]):
        typed = UnsavedConcern(case.words.text[:-4], case.received_at, case.category_id, case.community)
        began = time.perf_counter()
        similar_cases(typed if number % 4 == 0 else case, asks)
        if number >= 8 or len(rows) <= 16:
            yield (time.perf_counter() - began) * 1000
