"""Search for similar cases, each with its reasons: nearly the same words, the same matter nearby, the same caller."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet, Value
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared, planned_once
from jieban.base.sql.row_writes import fetch
from jieban.base.text.search_tokens import tokens
from jieban.cases.access import rules
from jieban.cases.checks import fingerprints
from jieban.cases.models import Case
from jieban.language.similarity import near_duplicates as language
from jieban.language.similarity.near_duplicates import ComparableText
from jieban.registry.district import geo
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Place, Unit
from jieban.registry.roles import Right

WINDOW = timedelta(days=30)
# Candidates of each kind, the newest first.
MOST_OF_CALLER, MOST_OF_COMMUNITY, MOST_OF_STREET, MOST_BY_FINGERPRINT = 40, 150, 100, 100
MOST_READ = 30  # candidates whose whole texts are read
MOST_SIMILAR = 8
MIN_SHARE = 0.4  # share of the shorter subject's pairs of characters
SAME_MATTER = 0.3  # share of the shorter text's pairs from which the same caller means the same matter
NEAR_METRES = 300
CALLER, REPEATED, COMMUNITY, CATEGORY, NEAR, POINTS_A_DAY = 1.0, 1.0, 0.3, 0.4, 0.4, 0.005


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """Similar case with its reasons in words; `metres` where both points are known.

    `by_words`: the texts are similar, whatever the categories.
    """

    case: Case
    why: str
    reasons: tuple[str, ...] = ()
    days: int = 0
    metres: int | None = None
    by_words: bool = False


@dataclass(frozen=True, slots=True)
class UnsavedConcern:
    """Concern that is not saved yet; has the same fields as a case."""

    subject: str
    received_at: datetime
    category_id: int | None = None
    place: Place | None = None
    pk: None = None
    phone_index: bytes = b""
    lat: float | None = None
    long: float | None = None

    @property
    def community(self) -> Place | None:
        return self.place if self.place and self.place.level == Place.Level.COMMUNITY else None

    @property
    def street(self) -> Place | None:
        return self.place.parent if self.place and self.community else self.place

    @property
    def community_id(self) -> int | None:
        return self.community.pk if self.community else None

    @property
    def street_id(self) -> int | None:
        return self.street.pk if self.street else None


def similar_cases(
    case: Case | UnsavedConcern, actor: Actor, *, most: int = MOST_SIMILAR
) -> list[SimilarCase]:
    """Visible similar cases received within 30 days before or after, the most similar first; seven queries.

    Similar is a case of the same telephone number, one with nearly the same words anywhere, or one in the same street
    (anywhere, where it is unknown) with the same category or with similar subjects. Empty for posts that may not read
    the texts.
    """
    best = _ranked_cases(case, actor, WINDOW)[:most]
    rows = _rows([one.pk for one in best])
    return [_build_similar(rows[one.pk], one, actor) for one in best]


def similar_by_text(case: Case, actor: Actor, within: timedelta) -> list[int]:
    """Visible cases within this time before or after with the same or, nearby, a similar text; four queries."""
    return [one.pk for one in _ranked_cases(case, actor, within) if one.by_words]


def _ranked_cases(case: Case | UnsavedConcern, actor: Actor, within: timedelta) -> "list[_Scored]":
    """All similar cases, the most similar first."""
    if not rules.may_see_text(actor):
        return []
    own = _own_text(case)
    caller = bytes(case.phone_index) if Right.FIND_BY_PHONE in actor.profile.rights else b""
    known = list({row.pk: row for row in _candidates(case, actor, own, caller, within)}.values())
    names = _names(
        place for row in (case, *known) for place in (row.street_id, row.community_id, _place_id(row))
    )
    subject, matters = _subject_tokens(case, names), {row.pk: _subject_tokens(row, names) for row in known}
    shares = {pk: language.overlap_share(subject, matter) for pk, matter in matters.items()}
    first = sorted(known, key=lambda row: -_prescore(case, shares[row.pk], row, caller))[:MOST_READ]
    texts, own_text = _texts([row.pk for row in first]), language.comparable_text(own)
    scored = [
        _score(case, own_text, shares[row.pk], row, language.comparable_text(texts.get(row.pk, "")), caller)
        for row in first
    ]
    return sorted((one for one in scored if one.points), key=lambda one: (-one.points, -one.pk))


def _own_text(case: Case | UnsavedConcern) -> str:
    """Text of the case; a query only where the case was loaded without it."""
    if isinstance(case, UnsavedConcern):
        return case.subject
    if Case.words.is_cached(case):
        return str(case.words.text)
    return _texts([case.pk]).get(case.pk, case.subject)


def _rows(keys: list[int]) -> dict[int, Case]:
    """Loads the cases with street, community and lead, by prepared queries."""
    cases = fetch(Case, "WHERE id = ANY(%s)", [keys])
    near = [pk for case in cases for pk in (case.street_id, case.community_id) if pk is not None]
    places = {place.pk: place for place in fetch(Place, "WHERE id = ANY(%s)", [near])}
    units = {unit.pk: unit for unit in fetch(Unit, "WHERE id = ANY(%s)", [[case.lead_id for case in cases]])}
    for case in cases:
        case.street, case.community = places.get(case.street_id or 0), places.get(case.community_id or 0)
        case.lead = units.get(case.lead_id or 0)
    return {case.pk: case for case in cases}


def _texts(keys: list[int]) -> dict[int, str]:
    with planned_once() as cursor:
        cursor.execute("SELECT case_id, text FROM cases_casetext WHERE case_id = ANY(%s)", [keys])
        return dict(cursor.fetchall())


def _names(keys: Iterable[int | None]) -> dict[int | None, str]:
    with planned_once() as cursor:
        cursor.execute("SELECT id, name FROM registry_place WHERE id = ANY(%s)", [list(set(keys) - {None})])
        return dict(cursor.fetchall())


def _place_id(row: "Case | UnsavedConcern | _CandidateRow") -> int | None:
    return row.place.pk if isinstance(row, UnsavedConcern) and row.place else getattr(row, "place_id", None)


class _CandidateRow(NamedTuple):
    """Candidate: only the columns that the score needs; whole rows would take five times as long."""

    pk: int
    by_words: bool
    subject: str
    received_at: datetime
    category_id: int | None
    street_id: int | None
    community_id: int | None
    place_id: int | None
    phone_index: bytes
    lat: float | None
    long: float | None


_COLUMNS = (
    "pk", "by_words", "subject", "received_at", "category_id", "street_id", "community_id", "place_id",
    "phone_index", "lat", "long",
)  # fmt: skip


def _candidates(
    case: Case | UnsavedConcern, actor: Actor, own: str, caller: bytes, within: timedelta
) -> Iterator[_CandidateRow]:
    """Candidates: the newest of the community, the street, the caller, and those with a common fingerprint."""
    first, last = case.received_at - within, case.received_at + within
    values: dict[str, Any] = {
        "first": first, "last": last, "own": case.pk or 0, "fingerprints": list(language.text_fingerprints(own)),
        "first_on": local_date(first), "last_on": local_date(last),
    }  # fmt: skip
    near = {"community": case.community_id, "street": case.street_id, "caller": caller}
    values |= {name: value for name, value in near.items() if value}
    if rules.sees_whole_district(actor):  # what these may see does not follow who they are
        rows: Iterable[tuple[Any, ...]] = _district_query(
            rules.representative_of(actor), frozenset(values)
        ).rows(**values)
    else:
        rows = _union(actor, **values)
    return (_CandidateRow(*row) for row in rows)


@lru_cache(maxsize=100)
def _district_query(sight: Actor, names: frozenset[str]) -> Prepared:
    """Cached query for district-wide posts, one per set of known values."""
    return Prepared(lambda: _union(sight, **{name: Param(name) for name in names}))


def _union(actor: Actor, **values: Any) -> QuerySet[Case, tuple[Any, ...]]:
    near = rules.visible(Case.objects.all(), actor).exclude(pk=values["own"])
    near = near.filter(received_at__range=(values["first"], values["last"]))
    parts = []
    if "community" in values:
        parts.append(_newest(near.filter(community=values["community"]), MOST_OF_COMMUNITY))
    if "street" in values:
        parts.append(_newest(near.filter(street=values["street"]), MOST_OF_STREET))
    if "caller" in values:
        parts.append(_newest(near.filter(phone_index=values["caller"]), MOST_OF_CALLER))
    if not parts:
        parts.append(_newest(near, MOST_OF_STREET))
    sought = fingerprints.cases_sharing(values["fingerprints"], values["first_on"], values["last_on"])
    parts.append(_newest(near.filter(pk__in=sought), MOST_BY_FINGERPRINT, by_words=True))
    return parts[0].union(*parts[1:], all=True)


def _newest(cases: QuerySet[Case], most: int, *, by_words: bool = False) -> QuerySet[Case, tuple[Any, ...]]:
    found = cases.annotate(by_words=Value(by_words)).order_by("-received_at", "-pk")
    return found.values_list(*_COLUMNS)[:most]


class _Scored(NamedTuple):
    pk: int
    points: float
    reasons: list[str]
    days: int
    metres: int | None
    by_words: bool


def _prescore(case: Case | UnsavedConcern, shared: float, row: _CandidateRow, caller: bytes) -> float:
    """First score from the candidate's columns, which decides whose texts are read."""
    points = REPEATED if row.by_words else 0.0
    points += CALLER if caller and bytes(row.phone_index) == caller else 0.0
    if _in_street(case, row):
        points += shared
        points += CATEGORY if _same_category(case, row) else 0.0
        points += (
            COMMUNITY if case.community_id is not None and case.community_id == row.community_id else 0.0
        )
    return points - POINTS_A_DAY * abs((case.received_at - row.received_at).days)


def _score(
    case: Case | UnsavedConcern,
    own: ComparableText,
    shared: float,
    row: _CandidateRow,
    other: ComparableText,
    caller: bytes,
) -> _Scored:
    """Score and reasons in words; 0 where only the place is the same."""
    points, reasons = 0.0, []
    # Short texts are the same for many places.
    repeats = language.is_near_duplicate(own, other) and (
        _in_street(case, row) or not language.is_short(own, other)
    )
    if caller and bytes(row.phone_index) == caller:
        points += CALLER
        reasons.append(_caller_reason(case, own, row, other))
    by_words = repeats or (shared >= MIN_SHARE and _in_street(case, row))
    if by_words:
        points += REPEATED if repeats else shared
        reasons.append(_text_reason(own, other, repeats))
    if _same_category(case, row) and _in_street(case, row):
        points += CATEGORY
        reasons.append(_("同类"))
    days, metres = abs((local_date(case.received_at) - local_date(row.received_at)).days), _metres(case, row)
    if points:
        more, where = _place_score(case, row, metres)
        points = max(points + more - POINTS_A_DAY * days, POINTS_A_DAY)
        reasons += [*where, _("同一天") if days == 0 else _("相隔 %d 天") % days]
    return _Scored(row.pk, points, reasons, days, metres, by_words)


def _caller_reason(
    case: Case | UnsavedConcern, own: ComparableText, row: _CandidateRow, other: ComparableText
) -> str:
    """Reason for a case of the same caller: more about the same matter, or just the same caller."""
    later, earlier = (own, other) if case.received_at >= row.received_at else (other, own)
    if not (_same_category(case, row) or language.overlap_share(own.pairs, other.pairs) >= SAME_MATTER):
        return _("同一来电人")
    is_new, words = language.new_content(later, earlier)
    if not is_new:
        return _("同一来电人，没有说新情况")
    return _("同一来电人，说了新情况：%s") % _quoted(words) if words else _("同一来电人，说了新情况")


def _text_reason(own: ComparableText, other: ComparableText, repeats: bool) -> str:
    words = language.shared_words(own, other)
    if repeats:
        return _("内容基本相同，都提到%s") % _quoted(words) if words else _("内容基本相同")
    return _("说法相近，都提到%s") % _quoted(words) if words else _("说法相近")


def _quoted(words: list[str]) -> str:
    return "、".join(f"“{word}”" for word in words)


def _place_score(
    case: Case | UnsavedConcern, row: _CandidateRow, metres: int | None
) -> tuple[float, list[str]]:
    if metres is not None and metres <= NEAR_METRES:
        return NEAR, [_("相距约 %d 米") % metres]
    if case.community_id is not None and case.community_id == row.community_id:
        return COMMUNITY, [_("同一社区")]
    return 0.0, []


def _metres(case: Case | UnsavedConcern, row: _CandidateRow) -> int | None:
    """Distance of the two points, rounded to ten metres; None where one is unknown."""
    if case.lat is None or case.long is None or row.lat is None or row.long is None:
        return None
    return round(geo.metres(case.lat, case.long, row.lat, row.long) / 10) * 10


def _in_street(case: Case | UnsavedConcern, row: _CandidateRow) -> bool:
    """Whether it is in the same street; always true where the own street is unknown."""
    return case.street_id is None or case.street_id == row.street_id


def _same_category(case: Case | UnsavedConcern, row: _CandidateRow) -> bool:
    return case.category_id is not None and case.category_id == row.category_id


def _build_similar(row: Case, one: _Scored, actor: Actor) -> SimilarCase:
    reasons = tuple(rules.mask_for_list(reason, actor) for reason in one.reasons)
    return SimilarCase(
        rules.with_masked_subject(row, actor), "；".join(reasons), reasons, one.days, one.metres, one.by_words
    )


def _subject_tokens(
    row: "Case | UnsavedConcern | _CandidateRow", names: Mapping[int | None, str]
) -> frozenset[str]:
    """Tokens of a subject without those of the places' names."""
    places = (row.street_id, row.community_id, _place_id(row))
    return _tokens(row.subject) - _name_tokens(*(names.get(place) for place in places))


@lru_cache(maxsize=5_000)
def _tokens(subject: str) -> frozenset[str]:
    return frozenset(tokens(subject))


@lru_cache(maxsize=2_000)
def _name_tokens(*places: str | None) -> frozenset[str]:
    return frozenset(tokens(" ".join(name for name in places if name)))
