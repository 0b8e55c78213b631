"""Storage of the proposals for a case, once per case; the case itself is not changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from jieban.cases.actions.intake.receive import Received
from jieban.cases.checks.proposal import Proposal, wordlist_version
from jieban.cases.models import Case, CaseText, Reading
from jieban.registry.identity.posts import Actor

LONGEST_PIECE = 40  # characters of a stored piece of text


def save_shown_proposals(received: Received, proposals: Sequence[Proposal], at: datetime) -> None:
    """Stores the proposals that an operator saw, for a case that was just made; inside of its transaction."""
    if received.created:
        text = CaseText.objects.values_list("text", flat=True).get(case=received.case)
        _build_reading(received.case, text, proposals, at, shown=True).save(force_insert=True)


@transaction.atomic
def save_readings(found: Sequence[tuple[Case, Sequence[Proposal]]], *, actor: Actor, at: datetime) -> int:
    """Stores proposals for cases that came without an operator; the first row of a case stays.

    Returns the number of rows passed to the database.
    """
    rows = [_build_reading(case, case.words.text, proposals, at, shown=False) for case, proposals in found]
    return len(Reading.objects.bulk_create(rows, ignore_conflicts=True))


def _build_reading(case: Case, text: str, found: Sequence[Proposal], at: datetime, *, shown: bool) -> Reading:
    """Builds the row of proposals for a case, unsaved."""
    by = {one.field: one for one in found}
    first = {name: one.first.value for name, one in by.items()}
    category = by.get("category")
    return Reading(
        case=case, at=at, shown=shown,
        category_version=category.version if category else "", words_version=wordlist_version(),
        category_id=_int_or_none(first.get("category")), category_among=_candidate_ids(category),
        category_confidence=category.confidence if category else None,
        place_id=_int_or_none(first.get("place")), place_among=_candidate_ids(by.get("place")),
        nature=first.get("nature", ""), urgency=first.get("urgency", ""), grade=first.get("grade", ""),
        sensitive="sensitive" in first, is_property="is_property" in first,
        certainty={one.field: _confidence_record(one) for one in found if one.calibration},
        certainty_version=next((one.calibration for one in found if one.calibration), ""),
        # Pieces of a sealed address are not stored.
        words={one.field: [word for word in one.words if word in text and len(word) <= LONGEST_PIECE] for one in found},
    )  # fmt: skip


def _confidence_record(one: Proposal) -> dict[str, Any]:
    """JSON of the confidence in a proposal read from key words."""
    record: dict[str, Any] = {"share": one.confidence, "prior": one.is_prior, "way": one.way}
    if len(one.among) > 1:
        record["among"] = [[option.value, option.share] for option in one.among]
    return record


def _int_or_none(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None


def _candidate_ids(one: Proposal | None) -> list[int]:
    if one is None or one.sure:
        return []
    return [int(option.value) for option in one.options if option.value.isdecimal()]
