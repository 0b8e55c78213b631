"""Readings: proposals computed from a case's words, stored with the case, and offered to whoever decides."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.cases import actions
from jieban.cases.checks.district_gazetteer import gazetteer
from jieban.cases.checks.proposal import CHECKED, Proposal, ProposedValue
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import Nature, State, Urgency
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.models import Case, CaseEvent, Reading
from jieban.cases.suggestions import proposing, similar_cases
from jieban.language.classify.calibration import is_sure
from jieban.registry.identity.posts import SYSTEM
from jieban.registry.models import Category

log = logging.getLogger("jieban.readings")

RUN_SIZE = 200  # cases that one run of the job reads
MOST_EARLIER = 5  # earlier cases of the caller whose places are used
# Events by which somebody has set the urgency.
_URGENCY_EVENTS = CaseEvent.objects.filter(action=Action.MARK_URGENT)


def read_waiting(at: datetime, most: int = RUN_SIZE) -> int:
    """Reads waiting cases that came in without an operator; returns how many.

    May run twice at once: of two readings of a case only one is stored.
    """
    waiting = Case.objects.filter(state=State.RECEIVED, reading=None).order_by("received_at", "pk")
    return read_cases(waiting[:most], at)


def read_cases(cases: QuerySet[Case], at: datetime) -> int:
    """Reads cases and stores their proposals."""
    found = [(case, _proposals_or_none(case)) for case in cases.select_related("words")]
    return actions.save_readings(found, actor=SYSTEM, at=at)


def _proposals_or_none(case: Case) -> list[Proposal]:
    """Proposals of a case; after an error none, so that one case does not block the others. The error is logged."""
    try:
        return proposals_of(case)
    except DatabaseError:
        raise
    except Exception as error:  # whatever its words are made of; they stay out of the log
        log.error("case %s could not be read: %s", case.number, type(error).__name__)
        return []


def proposals_of(case: Case) -> list[Proposal]:
    """Proposals from the words of a case, with all hints about its place."""
    on = local_date(case.received_at)
    known = proposing.known_places(_earlier_places(case), case.lat, case.long, on)
    address = unseal_text(case.words.address, "address")
    return proposing.proposals(
        case.words.text, on, lambda: similar_cases.similar_cases(case, SYSTEM), known, address, case.subject
    )


def _earlier_places(case: Case) -> Iterator[int | None]:
    if not case.phone_index:
        return iter(())
    rows = Case.objects.filter(phone_index=case.phone_index, received_at__lt=case.received_at)
    return iter(rows.order_by("-received_at").values_list("place_id", flat=True)[:MOST_EARLIER])


@dataclass(frozen=True, slots=True)
class ReadingOffer:
    """Offer on the desk: proposals that the case does not have yet, and the spans of the text that led there."""

    proposals: tuple[Proposal, ...] = ()
    words: tuple[str, ...] = ()


def open_proposals(case: Case) -> ReadingOffer:
    """Open proposals for the dispatcher. One query, and one each for a category, a place, an urgency."""
    row = Reading.objects.filter(case=case).first()
    if row is None:
        return ReadingOffer()
    found = (_category(case, row), _place(case, row), *_field_proposals(case, row))
    words = sorted({word for words in row.words.values() for word in words})
    return ReadingOffer(tuple(one for one in found if one is not None), tuple(words))


def dangers(cases: Iterable[Case]) -> frozenset[int]:
    """Cases with a reading of danger to life whose urgency nobody has set, by id. One query."""
    ids = [case.pk for case in cases if case.urgency != Urgency.LIFE]
    urgency_set = Exists(_URGENCY_EVENTS.filter(case=OuterRef("case")))
    rows = Reading.objects.filter(~urgency_set, case__among=ids, urgency=Urgency.LIFE)
    return frozenset(rows.values_list("case_id", flat=True))


def _category(case: Case, row: Reading) -> Proposal | None:
    if row.category_id is None:
        return None
    keys = row.category_among or [row.category_id]
    if case.category_id in keys or (row.category_among and case.category_id):  # somebody has chosen
        return None
    rows = Category.objects.in_bulk(keys)
    return _listed_proposal(row, "category", {pk: one.path for pk, one in rows.items()}, keys)


def _place(case: Case, row: Reading) -> Proposal | None:
    if row.place_id is None or case.place_id is not None:
        return None
    keys = row.place_among or [row.place_id]
    places = gazetteer(local_date(case.received_at))
    return _listed_proposal(
        row, "place", {key: places.path(key, " › ") for key in keys if key in places.entries}, keys
    )


def _listed_proposal(
    row: Reading, field: str, paths: Mapping[int, str], keys: Sequence[int]
) -> Proposal | None:
    """Proposal with the options that still exist, in their order."""
    ground = _ground(row, field)
    options = tuple(ProposedValue(str(key), paths[key], ground) for key in keys if key in paths)
    version = row.category_version if field == "category" else row.words_version
    return Proposal(field, options, version, len(keys) == 1) if options else None


def _field_proposals(case: Case, row: Reading) -> Iterator[Proposal]:
    labels = {"nature": Nature, "urgency": Urgency, "grade": Category.Grade}
    for field, values in labels.items():
        value = getattr(row, field)
        if (
            value
            and value != getattr(case, field)
            and not _chosen_among(case, row, field)
            and not (field == "urgency" and _URGENCY_EVENTS.filter(case=case).exists())
        ):
            yield _stored_proposal(row, field, value, str(values(value).label))
    if row.sensitive and not case.sensitive:
        yield _stored_proposal(row, "sensitive", CHECKED, _("敏感，控制知悉范围"))
    if row.is_property and not case.is_property:
        yield _stored_proposal(row, "is_property", CHECKED, _("涉物业服务"))


def _chosen_among(case: Case, row: Reading, field: str) -> bool:
    """Whether somebody saw the options at intake and chose one of them."""
    among = row.certainty.get(field, {}).get("among", [])
    return row.shown and getattr(case, field) in {value for value, _share in among}


def _stored_proposal(row: Reading, field: str, value: str, label: str) -> Proposal:
    """Proposal as stored; a reading without a confidence, from an older version, counts as sure."""
    certain = row.certainty.get(field, {})
    share = certain.get("share")
    own = next((share for among, share in certain.get("among", []) if among == value), None)
    option = ProposedValue(value, label, _ground(row, field), own)
    return Proposal(
        field, (option, *_alternatives(certain)), row.words_version, share is None or is_sure(field, value, share),
        confidence=share, way=certain.get("way", ""), calibration=row.certainty_version,
        is_prior=certain.get("prior", False),
    )  # fmt: skip


def _alternatives(certain: Mapping[str, Any]) -> list[ProposedValue]:
    """Alternatives to the nature that was read."""
    return [
        ProposedValue(value, str(Nature(value).label), "", share)
        for value, share in certain.get("among", [])[1:]
    ]


def _ground(row: Reading, field: str) -> str:
    words = row.words.get(field, [])[: proposing.SHOWN_WORDS]
    return proposing.mention_ground(words) if words else ""
