"""Queries of public cases: list, detail, and similar ones for somebody who is writing."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jieban.base.text.search_tokens import query_tokens, tokens
from jieban.cases.flow.states import PUBLISHABLE_STATES
from jieban.cases.models import Publication, Support
from jieban.language.similarity.near_duplicates import comparable_text, overlap_share

PAGE_SIZE = 20
MOST_LIKE = 3
MOST_COMPARED = 200  # of the newest that share a token
MIN_SHARE = 0.3  # overlap of character pairs, as a share of the shorter text's


@dataclass(frozen=True, slots=True)
class PublicationPage:
    rows: list[Publication]
    next: int | None  # key of the next page


def published() -> QuerySet[Publication]:
    """Queryset of public cases. A merged case appears as its primary, if that is public."""
    rows = Publication.objects.filter(
        ended_at=None, case__state__in=sorted(PUBLISHABLE_STATES), case__sensitive=False
    )
    return rows.select_related("case__street", "case__category", "case__lead")


def publication_page(street: str = "", q: str = "", after: int | None = None) -> PublicationPage:
    """Page of public cases, the newest first; one query."""
    rows = published()
    if street:
        rows = rows.filter(case__street__code=street)
    if q.strip():
        rows = _with_words(rows, q)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    return PublicationPage(found[:PAGE_SIZE], found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None)


def _with_words(rows: QuerySet[Publication], q: str) -> QuerySet[Publication]:
    words = query_tokens(q)[:40]
    whole = [word for word in words if not word.endswith("*")]
    for start in (word.rstrip("*") for word in words if word.endswith("*")):
        rows = rows.filter(summary__contains=start) | rows.filter(title__contains=start)
    return rows.filter(search__contains=whole) if words else rows.none()


def get_publication(pk: int) -> Publication | None:
    # Not `first`, which adds an ORDER BY that Django takes long to compile.
    return next(iter(published().filter(pk=pk)), None)


def similar_publications(text: str, street_id: int | None = None) -> list[Publication]:
    """Public cases similar to the text, in the same street or, if it is unknown, in any; the most similar first."""
    words = tokens(text)
    if not words:
        return []
    rows = published().exclude(case__state="closed").filter(search__overlap=words)
    if street_id is not None:
        rows = rows.filter(case__street=street_id)
    own = comparable_text(text).pairs
    compared = [
        (comparable_text(f"{row.title}。{row.summary}").pairs, row)
        for row in rows.order_by("-pk")[:MOST_COMPARED]
    ]
    alike = [(overlap_share(own, pairs), row) for pairs, row in compared]
    best = sorted((pair for pair in alike if pair[0] >= MIN_SHARE), key=lambda pair: (-pair[0], -pair[1].pk))
    return [row for _share, row in best[:MOST_LIKE]]


def supported_case_ids(phone_index: bytes, at: datetime) -> set[int]:
    """Ids of the cases that this phone number supports."""
    return set(Support.objects.filter(phone_index=phone_index, at__lte=at).values_list("case_id", flat=True))
