"""Small lists of words that mark danger, nature or need of care in a text: data with their source, not code."""

import csv
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from jieban.cases.flow import Nature, Urgency

WHERE = settings.BASE_DIR / "data" / "lexicon"
MARKED = {"urgency": Urgency, "nature": Nature, "sensitive": None}


@lru_cache(maxsize=len(MARKED))
def words(name: str) -> Mapping[str, str]:
    """The words of a list and what each marks; "on" in a list that only says yes. Read once by each process.

    Raises ValueError, with the line, when a row marks what there is not.
    """
    known = MARKED[name]
    marked: dict[str, str] = {}
    with (WHERE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            value = row[name] if known else "on"
            if not row["word"] or not row["source"] or (known and value not in known.values):
                raise ValueError(f"data/lexicon/{name}.csv, line {number}: {row}")
            marked[row["word"]] = value
    return marked
