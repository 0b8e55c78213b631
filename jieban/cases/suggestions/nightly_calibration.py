"""Nightly calibration of the keyword readings by people's decisions, activated only when it is better.

Counted on all but the newest decided readings, and measured on the newest, as in `nightly_learning.py`.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Count, F, FloatField, QuerySet, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Floor

from jieban.cases.checks import confidences, model_store
from jieban.cases.checks.model_store import LearnedModel
from jieban.cases.checks.proposal import CHECKED
from jieban.cases.models import CertaintyBand, Reading
from jieban.cases.suggestions import nightly_learning
from jieban.cases.suggestions.nightly_learning import LearningOutcome, LearningRun
from jieban.cases.suggestions.reading_quality import (
    BANDS,
    PERIOD,
    PROPOSED,
    decided_readings,
    is_accepted,
    matches_case,
)
from jieban.language.classify import calibration
from jieban.language.classify.calibration import FIELDS, PRIOR, ReadingCount, ReadingKind

WINDOW = timedelta(days=180)
FEWEST_READINGS = 250
FEWEST_UNSEEN = 50
UNSEEN_SHARE = 5  # one in so many cases, the newest, is not counted from
MARGIN = 0.002  # of the Brier score, by which a new calibration must be better


def calibrate(at: datetime) -> LearningRun:
    """The nightly run; idempotent. Counts in the outcome are of readings, of which a case may have several."""
    with nightly_learning.learning_lock() as first:
        if not first:
            return LearningRun(LearningOutcome.BUSY)
        save_confidence_bands(at)
        return _calibrate(at)


def _calibrate(at: datetime) -> LearningRun:
    begun = time.perf_counter()
    live, in_use = model_store.model_in_use(confidences.CALIBRATION), confidences.live_calibration()
    rows = decided_readings(at - WINDOW, at)
    border = _training_cutoff(rows)
    if border is None:
        return LearningRun(LearningOutcome.TOO_FEW)
    since = max(border, live.learned_until_at or border)
    known = list(_outcome_counts(rows.filter(case__received_at__lte=border)))
    unseen = list(_outcome_counts(rows.filter(case__received_at__gt=since)))
    counts = _case_total(known), _case_total(unseen)
    if sum(counts) < FEWEST_READINGS or counts[1] < FEWEST_UNSEEN:
        return LearningRun(LearningOutcome.TOO_FEW, *counts)
    version, content = calibration.serialize(known, {"readings": counts[0]})
    if model_store.is_known(confidences.CALIBRATION, version):
        return LearningRun(LearningOutcome.SAME, *counts)
    new = calibration.Calibration(tuple(known), version)
    marks = [calibration.brier(one, unseen) for one in (new, in_use, PRIOR)]
    learned = LearnedModel(
        version, content, border, counts[0], new.kind_count, counts[1], marks[0], in_use.version, *marks[1:]
    )
    what = nightly_learning.activate_if_better(
        confidences.CALIBRATION, learned, live, at, better=marks[0] <= marks[1] - MARGIN
    )
    return LearningRun(what, *counts, learned, time.perf_counter() - begun)


def _training_cutoff(rows: QuerySet[Reading]) -> datetime | None:
    """Receipt of the newest case that is still counted; None where there is no case."""
    count = rows.count()
    if not count:
        return None
    newest = rows.order_by("-case__received_at", "-pk").values_list("case__received_at", flat=True)
    return newest[count // UNSEEN_SHARE]


def _outcome_counts(rows: QuerySet[Reading]) -> Iterator[ReadingCount]:
    """Counts of readings with the values that the cases have now; one query per field."""
    for field in FIELDS:
        right = Case(When(is_accepted(field), then=Value(True)), default=Value(False))
        read = rows.filter(PROPOSED[field]).annotate(way=KT(f"certainty__{field}__way"), right=right)
        by = read.order_by().values_list(field, "way", f"case__{field}", "right")
        for value, way, current, is_right, cases in by.annotate(Count("pk")):
            yield ReadingCount(
                ReadingKind(field, _value_text(value), way or ""), _value_text(current), is_right, cases
            )


def _value_text(value: str | bool) -> str:
    """A value as in proposals."""
    return value if isinstance(value, str) else CHECKED if value else ""


def _case_total(counted: list[ReadingCount]) -> int:
    return sum(one.cases for one in counted)


@transaction.atomic
def save_confidence_bands(at: datetime) -> None:
    """Stores how well the confidences of the last 90 days were calibrated, for the quality page."""
    rows = decided_readings(at - PERIOD, at)
    found: Counter[tuple[str, int, bool]] = Counter()
    for field in ("category", *FIELDS):
        for low, right, cases in _by_band(rows, field):
            found[field, low, right] += cases
    for field, low in sorted({(field, low) for field, low, _right in found}):
        accepted, lost = found[field, low, True], found[field, low, False]
        CertaintyBand.objects.get_or_create(
            at=at, field=field, low=low, defaults={"proposed": accepted + lost, "accepted": accepted}
        )


def _by_band(rows: QuerySet[Reading], field: str) -> Iterator[tuple[int, bool, int]]:
    """Counts by band of confidence and by acceptance. One query."""
    share = F("category_confidence") if field == "category" else KT(f"certainty__{field}__share")
    tenths = Floor(Cast(share, FloatField()) * 10)
    right = Case(When(matches_case(field), then=Value(True)), default=Value(False))
    by = (
        rows.annotate(tenths=tenths, right=right)
        .exclude(tenths=None)
        .order_by()
        .values_list("tenths", "right")
    )
    for number, is_right, cases in by.annotate(Count("pk")):
        yield max(low for low in BANDS if low <= number), is_right, cases
