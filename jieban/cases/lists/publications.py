"""The cases that everybody may see: lists, one of them, and those like what somebody is writing."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jieban.base.sql.among import only
from jieban.base.text.search_tokens import query_tokens, tokens
from jieban.cases.flow.states import SHOWABLE
from jieban.cases.models import Publication, Support
from jieban.language.similarity.near_duplicates import said, share

PAGE = 20
MOST_LIKE = 3
LOOKED_AT = 200  # of the newest that share a pair of characters
ENOUGH = 0.3  # share of the shorter text's pairs


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Publication]
    next: int | None  # the key after which the next page begins


def shown() -> QuerySet[Publication]:
    """What everybody may see now. A merged case is shown under the one it follows, if that is public."""
    rows = Publication.objects.filter(ended_at=None, case__state__in=sorted(SHOWABLE), case__sensitive=False)
    return rows.select_related("case__street", "case__category", "case__lead")


def listed(street: str = "", q: str = "", after: int | None = None) -> Page:
    """One page, the newest first; one query."""
    rows = shown()
    if street:
        rows = rows.filter(case__street__code=street)
    if q.strip():
        rows = _with_words(rows, q)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def _with_words(rows: QuerySet[Publication], q: str) -> QuerySet[Publication]:
    words = query_tokens(q)[:40]
    whole = [word for word in words if not word.endswith("*")]
    for start in (word.rstrip("*") for word in words if word.endswith("*")):
        rows = rows.filter(summary__contains=start) | rows.filter(title__contains=start)
    return rows.filter(search__contains=whole) if words else rows.none()


def of(pk: int) -> Publication | None:
    return only(shown().filter(pk=pk))


def like(text: str, street_id: int | None = None) -> list[Publication]:
    """Those of the same street, or of any where it is not known, that tell of the same, the most alike first."""
    words = tokens(text)
    if not words:
        return []
    rows = shown().exclude(case__state="closed").filter(search__overlap=words)
    if street_id is not None:
        rows = rows.filter(case__street=street_id)
    own = said(text).pairs
    told = [(said(f"{row.title}。{row.summary}").pairs, row) for row in rows.order_by("-pk")[:LOOKED_AT]]
    alike = [(share(own, pairs), row) for pairs, row in told]
    best = sorted((pair for pair in alike if pair[0] >= ENOUGH), key=lambda pair: (-pair[0], -pair[1].pk))
    return [row for _share, row in best[:MOST_LIKE]]


def supported(phone_index: bytes, at: datetime) -> set[int]:
    """The cases that this telephone supports."""
    return set(Support.objects.filter(phone_index=phone_index, at__lte=at).values_list("case_id", flat=True))
