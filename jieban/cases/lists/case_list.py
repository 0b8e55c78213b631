"""Case list: filters, full-text search, and pagination by key; always through `visible_to`."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, Count, F, Func, Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.base.text.search_tokens import query_tokens
from jieban.cases.access import rules
from jieban.cases.access.rules import NEWEST_FIRST, AccessPath
from jieban.cases.clocks.deadlines import overdue
from jieban.cases.flow.states import OPEN_STATES
from jieban.cases.models import Case, CaseText
from jieban.registry.identity.posts import Actor

PAGE_SIZE = 50
MOST_ON_PAGE = 200
MOST_WORDS = 40  # in a search
SOUGHT_FIRST = 2_000  # newest cases that are searched before the index is used
FEW = 5_000  # most hits of the index for which the hits are filtered, not the cases
SOUGHT_NEXT = 20_000  # newest cases that are searched for a word that is neither common nor rare
NUMBER_PATTERN = re.compile(r"SJ[0-9]{8}-[0-9]{5,}-[0-9]")
PageKey = tuple[datetime, int]  # time of receipt and id of the last case on a page


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Filter of a case list; empty fields match all. It has codes instead of ids, so that links can be shared."""

    state: str = ""
    kind: str = ""
    unit: str = ""
    street: str = ""
    category: str = ""
    received_from: datetime | None = None
    received_to: datetime | None = None
    overdue_at: datetime | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    cases: list[Case]
    next: str  # the key of the next page; empty on the last


def visible_to(actor: Actor) -> QuerySet[Case]:
    """Queryset of the visible cases, with the related rows that a list shows."""
    return rules.visible(Case.objects.all(), actor).select_related("category", "street", "community", "lead")


def list_cases(actor: Actor, chosen: CaseFilter, *, after: str = "", size: int = PAGE_SIZE) -> CasePage:
    """Page of the visible cases, the newest first. Raises Invalid for a malformed page key."""
    if chosen.q and not rules.may_see_text(actor) and not NUMBER_PATTERN.fullmatch(chosen.q.strip().upper()):
        return CasePage([], "")
    rows = [
        rules.with_masked_subject(case, actor)
        for case in _newest(actor, chosen, _decode_key(after) if after else None, size + 1)
    ]
    return CasePage(
        rows[:size], _encode_key(rows[size - 1], rows[size - 1].received_at) if len(rows) > size else ""
    )


def texts_of(cases: Sequence[Case], actor: Actor) -> dict[int, str]:
    """Texts of these cases, masked as in lists; one query, none if the actor may not read texts."""
    if not rules.may_see_text(actor):
        return {}
    rows = CaseText.objects.filter(pk__among=[case.pk for case in cases]).values_list("pk", "text")
    return {pk: rules.mask_for_list(text, actor) for pk, text in rows}


def _newest(actor: Actor, chosen: CaseFilter, before: PageKey | None, size: int) -> list[Case]:
    """The newest visible cases before a key; merged from the newest of each access path where there are several."""
    ends = [end for end in (before and before[0], chosen.received_to) if end]
    still_open = chosen.state == "open" or chosen.state in OPEN_STATES
    ways = rules.access_paths(actor, min(ends, default=None), still_open=still_open)
    words = _search_query(chosen.q)
    if not ways and words is None:
        cases = _before(apply_filter(visible_to(actor), chosen), before)
        return list(cases.order_by(*NEWEST_FIRST)[:size])
    found: set[PageKey] = set()
    for way in ways or [AccessPath(rules.visible(Case.objects.all(), actor))]:
        cases = _before(apply_filter(way.cases, chosen), before).order_by(*way.order)
        found |= set(_keys(cases, size) if words is None else _keys_with(words, cases, size))
    newest = [pk for _at, pk in sorted(found, reverse=True)[:size]]
    return list(visible_to(actor).filter(pk__in=newest).order_by(*NEWEST_FIRST))


def _keys(cases: QuerySet[Case], size: int) -> list[PageKey]:
    return list(cases.values_list("received_at", "pk")[:size])


def _keys_with(words: SearchQuery, cases: QuerySet[Case], size: int) -> list[PageKey]:
    """Keys of the first of these cases that contain the words.

    A common word is soon found among the newest cases, while its index would return every case that ever had it; a rare
    word is found by the index. PostgreSQL cannot tell the two apart: it assumes that neighbouring pairs of characters
    are independent, and expects far fewer cases than there are.
    """
    found, all_seen = _among_newest(words, cases, SOUGHT_FIRST)
    if all_seen or len(found) >= size:
        return found[:size]
    few = list(CaseText.objects.filter(search=words).values_list("pk", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return _keys(cases.filter(pk__among=few), size)
    found, all_seen = _among_newest(words, cases, SOUGHT_NEXT)
    return found[:size] if all_seen or len(found) >= size else _keys(cases.filter(words__search=words), size)


def _among_newest(words: SearchQuery, cases: QuerySet[Case], width: int) -> tuple[list[PageKey], bool]:
    """Keys of those of the newest `width` cases that contain the words, and whether these are all cases."""
    newest = _keys(cases, width)
    # As a function call, because PostgreSQL would use the index for the operator.
    holds = Func(F("search"), words, function="ts_match_vq", output_field=BooleanField())
    rows = CaseText.objects.filter(holds, pk__among=[pk for _at, pk in newest])
    with_words = set(rows.values_list("pk", flat=True))
    return [key for key in newest if key[1] in with_words], len(newest) < width


def _before(cases: QuerySet[Case], key: PageKey | None) -> QuerySet[Case]:
    if key is None:
        return cases
    at, pk = key
    return cases.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=pk), received_at__lte=at)


def _condition(chosen: CaseFilter) -> Q:
    """Condition of the filter on state and limit."""
    condition = Q()
    if chosen.state:
        condition &= Q(state__in=sorted(OPEN_STATES) if chosen.state == "open" else [chosen.state])
    if chosen.overdue_at:
        condition &= overdue(chosen.overdue_at)
    return condition


def apply_filter(cases: QuerySet[Case], chosen: CaseFilter) -> QuerySet[Case]:
    cases = cases.filter(_condition(chosen))
    if chosen.kind:
        cases = cases.filter(kind=chosen.kind)
    if chosen.unit:
        cases = cases.filter(lead__code=chosen.unit)
    if chosen.street:
        cases = cases.filter(street__code=chosen.street)
    if chosen.category:
        cases = cases.filter(category__code__startswith=chosen.category)
    if chosen.received_from:
        cases = cases.filter(received_at__gte=chosen.received_from)
    if chosen.received_to:
        cases = cases.filter(received_at__lt=chosen.received_to)
    if chosen.q and _search_query(chosen.q) is None:
        cases = cases.filter(number=_as_number(chosen.q))
    return cases


def _search_query(q: str) -> SearchQuery | None:
    """Query for all words of `q`; None for a case number, or without searchable words."""
    words = query_tokens(q)[:MOST_WORDS]
    if NUMBER_PATTERN.fullmatch(_as_number(q)) or not words:
        return None
    # Safe as raw syntax: tokens consist of letters, digits and Chinese characters only.
    raw = " & ".join(word.replace("*", ":*") for word in words)
    return SearchQuery(raw, config="simple", search_type="raw")


def _encode_key(case: Case, at: datetime | None) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat() if at else ''}|{case.pk}".encode()).decode()


def _decode_key(text: str) -> PageKey:
    try:
        at, pk = base64.urlsafe_b64decode(text.encode()).decode().split("|")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or not 0 < int(pk) < 2**63:
            raise ValueError
        return instant, int(pk)
    except (ValueError, UnicodeError):
        raise Invalid(_("翻页标记无效，请回到第一页。"), fields={"next": _("无效")}) from None


def _as_number(text: str) -> str:
    return text.replace("\0", "").strip().upper()


def count_by_filter(actor: Actor, filters: Sequence[CaseFilter], *, most: int) -> list[int]:
    """Number of visible cases for each filter of open cases; `most` + 1 means more.

    One query per filter, or one for all filters for an actor who sees the cases of their units.
    """
    if not rules.sees_by_unit(actor):
        cases = rules.visible(Case.objects.all(), actor)
        return [apply_filter(cases, chosen).order_by()[: most + 1].count() for chosen in filters]
    sums = {f"n{i}": Count("pk", filter=_condition(chosen)) for i, chosen in enumerate(filters)}
    return [min(found, most + 1) for found in rules.open_cases_of_units(actor).aggregate(**sums).values()]
