"""What was read in a case is kept beside it, once; it changes nothing of the case."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from jieban.cases.actions.intake.receive import Received
from jieban.cases.checks.proposal import Proposal, wordlist_version
from jieban.cases.models import Case, CaseText, Reading
from jieban.registry.identity.posts import Actor

LONGEST_PIECE = 40  # characters of a piece of text that is kept


@transaction.atomic
def receive_with_proposals(
    receive: Callable[[Actor, datetime], Received],
    proposals: Sequence[Proposal],
    *,
    actor: Actor,
    at: datetime,
) -> Received:
    """A call is received by `receive`, and what was proposed while it was taken down is kept, both or neither."""
    received = receive(actor, at)
    if received.created:
        text = CaseText.objects.values_list("text", flat=True).get(case=received.case)
        _build_reading(received.case, text, proposals, at, shown=True).save(force_insert=True)
    return received


@transaction.atomic
def save_readings(found: Sequence[tuple[Case, Sequence[Proposal]]], *, actor: Actor, at: datetime) -> int:
    """What was read in cases that nobody had read to before; of two readings of a case the first stays.

    Returns how many rows were given.
    """
    rows = [_build_reading(case, case.words.text, proposals, at, shown=False) for case, proposals in found]
    return len(Reading.objects.bulk_create(rows, ignore_conflicts=True))


def _build_reading(case: Case, text: str, found: Sequence[Proposal], at: datetime, *, shown: bool) -> Reading:
    """What was proposed for a case, as it is kept; unsaved."""
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
        # Pieces of a sealed address are not kept.
        words={one.field: [word for word in one.words if word in text and len(word) <= LONGEST_PIECE] for one in found},
    )  # fmt: skip


def _confidence_record(one: Proposal) -> dict[str, Any]:
    """How far what words mark was relied on, as it is kept."""
    kept: dict[str, Any] = {"share": one.confidence, "prior": one.is_prior, "way": one.way}
    if len(one.among) > 1:
        kept["among"] = [[option.value, option.share] for option in one.among]
    return kept


def _int_or_none(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None


def _candidate_ids(one: Proposal | None) -> list[int]:
    if one is None or one.sure:
        return []
    return [int(option.value) for option in one.options if option.value.isdecimal()]
