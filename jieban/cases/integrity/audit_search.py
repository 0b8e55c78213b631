"""Search for the auditor: events, views of contact data, seals. Read only; texts and requesters stay hidden.

Pagination by key; a fixed number of queries per page.
"""

import base64
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.errors import Invalid, NotFound
from jieban.cases.history.case_ledger import CASES
from jieban.cases.models import AccessLog, Case, CaseEvent
from jieban.registry.ledger import seals, verification
from jieban.registry.ledger.chain import merkle_root
from jieban.registry.models import LedgerEvent, Person, Seal, Unit
from jieban.registry.roles import REQUESTER_ROLES

PAGE_SIZE = 50
# Reasons have no text index: without another filter only the newest days are searched.
REASON_SEARCH_WINDOW = timedelta(days=31)
PageKey = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class EventPage:
    """Page of events, and for each case on it whether its hash chain is sound."""

    events: list[CaseEvent]
    sound: dict[int, bool]
    next: str


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Page of the access log."""

    looks: list[AccessLog]
    next: str


def _encode_key(at: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{pk}".encode()).decode()


def _decode_key(text: str) -> PageKey:
    try:
        at, pk = base64.urlsafe_b64decode(text.encode()).decode().split("|")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or not 0 < int(pk) < 2**63:
            raise ValueError
        return instant, int(pk)
    except (ValueError, UnicodeError):
        raise Invalid(_("翻页标记无效，请回到第一页。"), fields={"after": _("无效")}) from None


def _page_of(rows: QuerySet[Any], by: str, after: str, size: int) -> tuple[list[Any], str]:
    """The newest rows before a key, and the key of the next page."""
    if after:
        at, pk = _decode_key(after)
        rows = rows.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": pk}), **{f"{by}__lte": at})
    found = list(rows.order_by(f"-{by}", "-pk")[: size + 1])
    more = _encode_key(getattr(found[size - 1], by), found[size - 1].pk) if len(found) > size else ""
    return found[:size], more


def _filter_rows(rows: QuerySet[Any], chosen: dict[str, Any], by: str) -> QuerySet[Any]:
    """Filters by case number, person and time. Names are resolved to ids first, so that an index can be used."""
    if chosen.get("number"):
        number = str(chosen["number"]).strip().upper()
        rows = rows.filter(case__in=list(Case.objects.filter(number=number).values_list("pk", flat=True)))
    if chosen.get("person"):
        rows = rows.filter(person__in=_person_ids(str(chosen["person"])))
    if chosen.get("since"):
        rows = rows.filter(**{f"{by}__gte": chosen["since"]})
    if chosen.get("until"):
        rows = rows.filter(**{f"{by}__lt": chosen["until"]})
    return rows


def _person_ids(written: str) -> list[int]:
    """Ids of people by user name or full name; at most 20."""
    people = Person.objects.filter(Q(username=written.strip().lower()) | Q(name=written.strip()))
    return list(people.values_list("pk", flat=True)[:20])


def event_page(chosen: dict[str, Any], *, after: str = "", size: int = PAGE_SIZE) -> EventPage:
    """Page of events, the newest by `recorded_at` first. A search by person does not find requesters.

    Four queries, and one for each filter that names something.
    """
    found, more = _page_of(_event_rows(chosen), "recorded_at", after, size)
    return EventPage(found, chain_soundness({event.case for event in found}), more)


def events_for_export(chosen: dict[str, Any], *, size: int) -> list[CaseEvent]:
    """The newest events for an exported file; chains are not verified."""
    return _page_of(_event_rows(chosen), "recorded_at", "", size)[0]


def _event_rows(chosen: dict[str, Any]) -> QuerySet[CaseEvent]:
    rows = CaseEvent.objects.select_related("case", "person", "unit").defer("body", "mac")
    rows = _filter_rows(rows, chosen, "recorded_at")
    if chosen.get("person"):
        rows = rows.exclude(role__in=sorted(REQUESTER_ROLES))
    if chosen.get("unit"):
        rows = rows.filter(
            unit__in=list(Unit.objects.filter(code=chosen["unit"]).values_list("pk", flat=True))
        )
    if chosen.get("action"):
        rows = rows.filter(action=chosen["action"])
    return rows


def chain_soundness(cases: Iterable[Case]) -> dict[int, bool]:
    """Whether each case's hash chain is sound now, and the case equals what its events say. One query.

    Somebody may change a case between the read of the case and that of its events, so a case that looks wrong is read
    again under a lock.
    """
    found = _check_chains({case.pk: case for case in cases})
    suspect = [pk for pk, fine in found.items() if not fine]
    if suspect:
        with transaction.atomic():
            found |= _check_chains(
                Case.objects.select_for_update(no_key=True).order_by("pk").in_bulk(suspect)
            )
    return found


def _check_chains(named: dict[int, Case]) -> dict[int, bool]:
    chains: dict[int, list[LedgerEvent]] = defaultdict(list)
    for event in CaseEvent.objects.filter(case__in=list(named)).order_by("case_id", "seq"):
        chains[event.case_id].append(event)
    return {pk: verification.chain_is_sound(CASES, case, chains[pk]) for pk, case in named.items()}


def access_page(
    chosen: dict[str, Any], *, at: datetime, after: str = "", size: int = PAGE_SIZE
) -> AccessPage:
    """Page of the access log, the newest first. One query, and one for each filter that names something."""
    rows = _filter_rows(AccessLog.objects.select_related("case", "person", "post__unit"), chosen, "at")
    if chosen.get("how"):
        rows = rows.filter(how=chosen["how"])
    if chosen.get("words"):
        rows = rows.filter(reason__icontains=chosen["words"])
        if not {"number", "person", "since"} & set(chosen):
            rows = rows.filter(at__gte=at - REASON_SEARCH_WINDOW)
    return AccessPage(*_page_of(rows, "at", after, size))


@dataclass(frozen=True, slots=True)
class CheckedSeal:
    """Seal with two checks: whether its signature is valid, and whether its file outside the database matches."""

    seal: Seal
    signed: bool
    outside: bool


def checked_seals(*, after: str = "", size: int = PAGE_SIZE) -> tuple[list[CheckedSeal], str]:
    """Page of seals, the newest first. One query."""
    found, more = _page_of(Seal.objects.all(), "made_at", after, size)
    return [_check_seal(seal) for seal in found], more


def _check_seal(seal: Seal) -> CheckedSeal:
    signed = vault.verify_signature(seal.key_id, seals.statement(seal), bytes(seal.signature))
    return CheckedSeal(seal, signed, seals.has_matching_file(seal))


def checked_seal(pk: int) -> tuple[CheckedSeal, bool, int]:
    """One seal, whether the events under it still give its root, and their number. Raises NotFound.

    Reads the hashes of all events under it: those of one day.
    """
    found = Seal.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这份封存记录，请回到列表。"))
    hashes = seals.event_hashes(found.first_id, found.last_id)
    same = len(hashes) == found.count and merkle_root(hashes) == bytes(found.root)
    return _check_seal(found), same, len(hashes)
