"""What the auditor searches: the history, looks at contact data, seals. Reads only; texts and requesters stay hidden.

Pages go by key, each in a fixed number of queries.
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
from jieban.base.errors import Missing, NotFound
from jieban.cases.access.rules import REQUESTERS
from jieban.cases.history import event_digests
from jieban.cases.integrity import seals, verification
from jieban.cases.models import AccessLog, Case, CaseEvent, Seal
from jieban.registry.models import Person, Unit

PAGE = 50
# Words in reasons have no index: without another condition they are sought in the newest days only.
SOUGHT = timedelta(days=31)
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Events:
    """A page of the history, and for each case on it whether its chain is as it was written."""

    events: list[CaseEvent]
    sound: dict[int, bool]
    next: str


@dataclass(frozen=True, slots=True)
class Looks:
    """A page of the access log."""

    looks: list[AccessLog]
    next: str


def _encoded(at: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{pk}".encode()).decode()


def _key(text: str) -> Key:
    try:
        at, pk = base64.urlsafe_b64decode(text.encode()).decode().split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 < int(pk) < 2**63:
            raise ValueError
        return moment, int(pk)
    except (ValueError, UnicodeError):
        raise Missing(_("翻页标记无效，请回到第一页。"), fields={"after": _("无效")}) from None


def _paged(rows: QuerySet[Any], by: str, after: str, size: int) -> tuple[list[Any], str]:
    """The newest rows before a key, and the key of the next page."""
    if after:
        at, pk = _key(after)
        rows = rows.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": pk}), **{f"{by}__lte": at})
    found = list(rows.order_by(f"-{by}", "-pk")[: size + 1])
    more = _encoded(getattr(found[size - 1], by), found[size - 1].pk) if len(found) > size else ""
    return found[:size], more


def _narrowed(rows: QuerySet[Any], chosen: dict[str, Any], by: str) -> QuerySet[Any]:
    """By case number, by who did it, by time; each name is looked up first, so that an index is walked."""
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
    """By user name, or by the whole name: few have the same."""
    people = Person.objects.filter(Q(username=written.strip().lower()) | Q(name=written.strip()))
    return list(people.values_list("pk", flat=True)[:20])


def events(chosen: dict[str, Any], *, after: str = "", size: int = PAGE) -> Events:
    """The newest events first, by when they were written down; those of requesters are not found by person.

    Four queries, and one for each condition that names something.
    """
    found, more = _paged(_sought(chosen), "recorded_at", after, size)
    return Events(found, sound({event.case for event in found}), more)


def exported_events(chosen: dict[str, Any], *, size: int) -> list[CaseEvent]:
    """The newest events, for a file; chains are not looked at."""
    return _paged(_sought(chosen), "recorded_at", "", size)[0]


def _sought(chosen: dict[str, Any]) -> QuerySet[CaseEvent]:
    rows = CaseEvent.objects.select_related("case", "person", "unit").defer("body", "mac")
    rows = _narrowed(rows, chosen, "recorded_at")
    if chosen.get("person"):
        rows = rows.exclude(role__in=sorted(REQUESTERS))
    if chosen.get("unit"):
        rows = rows.filter(
            unit__in=list(Unit.objects.filter(code=chosen["unit"]).values_list("pk", flat=True))
        )
    if chosen.get("action"):
        rows = rows.filter(action=chosen["action"])
    return rows


def sound(cases: Iterable[Case]) -> dict[int, bool]:
    """Whether each case's chain is whole and authentic now, and the case as its history tells. One query.

    Somebody may have worked on a case between its reading and that of its events: one that looks wrong is read
    again, held still.
    """
    found = _sound({case.pk: case for case in cases})
    suspect = [pk for pk, fine in found.items() if not fine]
    if suspect:
        with transaction.atomic():
            found |= _sound(Case.objects.select_for_update(no_key=True).order_by("pk").in_bulk(suspect))
    return found


def _sound(named: dict[int, Case]) -> dict[int, bool]:
    chains: dict[int, list[CaseEvent]] = defaultdict(list)
    for event in CaseEvent.objects.filter(case__in=list(named)).order_by("case_id", "seq"):
        chains[event.case_id].append(event)
    return {pk: verification.chain_is_sound(case, chains[pk]) for pk, case in named.items()}


def looks(chosen: dict[str, Any], *, at: datetime, after: str = "", size: int = PAGE) -> Looks:
    """The newest looks at contact data first. One query, and one for each condition that names something."""
    rows = _narrowed(AccessLog.objects.select_related("case", "person", "post__unit"), chosen, "at")
    if chosen.get("how"):
        rows = rows.filter(how=chosen["how"])
    if chosen.get("words"):
        rows = rows.filter(reason__icontains=chosen["words"])
        if not {"number", "person", "since"} & set(chosen):
            rows = rows.filter(at__gte=at - SOUGHT)
    return Looks(*_paged(rows, "at", after, size))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal, whether its signature is ours, and whether its file lies outside the database."""

    seal: Seal
    signed: bool
    outside: bool


def sealed(*, after: str = "", size: int = PAGE) -> tuple[list[Sealed], str]:
    """The newest seals first. One query."""
    found, more = _paged(Seal.objects.all(), "made_at", after, size)
    return [_looked_at(seal) for seal in found], more


def _looked_at(seal: Seal) -> Sealed:
    signed = vault.verify_signature(seal.key_id, seals.statement(seal), bytes(seal.signature))
    return Sealed(seal, signed, seals.is_kept_outside(seal))


def seal(pk: int) -> tuple[Sealed, bool, int]:
    """One seal, whether the events under it give its root now, and how many they are. Raises NotFound.

    Reads the hashes of all events under it: a day of them.
    """
    found = Seal.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这份封存记录，请回到列表。"))
    rows = CaseEvent.objects.filter(id__gte=found.first_id, id__lte=found.last_id).order_by("id")
    hashes = [bytes(row) for row in rows.values_list("hash", flat=True).iterator(chunk_size=20_000)]
    same = len(hashes) == found.count and event_digests.merkle_root(hashes) == bytes(found.root)
    return _looked_at(found), same, len(hashes)


def unsealed_count() -> int:
    """How many events are under no seal yet."""
    last = Seal.objects.order_by("-last_id").values_list("last_id", flat=True).first() or 0
    return CaseEvent.objects.filter(id__gt=last).count()
