"""Reading cases: always through `visible_to`, always a fixed number of queries, pages by key."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from jieban.base import filestore, vault
from jieban.base.errors import Missing, NotAllowed, NotFound
from jieban.base.masking import mask_name, mask_phone
from jieban.base.prepared import Prepared
from jieban.cases import rules, unmasking
from jieban.cases.deadlines import overdue
from jieban.cases.flow import MOVES, OPEN, SHARES, Do, Nature, Relation, State
from jieban.cases.history import opened
from jieban.cases.models import (
    AccessLog,
    Assignment,
    Attachment,
    AttachmentBody,
    Case,
    CaseEvent,
    CaseText,
    Dispute,
    EventText,
    Publication,
    Request,
    SentItem,
    Visit,
    VisitBack,
)
from jieban.cases.rules import NEWEST_FIRST, Way
from jieban.base.words import query_tokens
from jieban.language.masking import without_persons
from jieban.registry.posts import Actor

PAGE = 50
MOST_ON_PAGE = 200
MOST_WORDS = 40  # of a search
SOUGHT_FIRST = 2_000  # of the newest cases, before a word is sought by its index
SAME_LOOK = timedelta(minutes=10)
FEW = 5_000  # cases with a word that are picked out before the list is narrowed
SOUGHT_NEXT = 20_000  # of the newest cases, for a word that is neither common nor rare
NUMBER = re.compile(r"SJ[0-9]{8}-[0-9]{5,}-[0-9]")


Key = tuple[datetime, int]  # when a case was received, and its id: where a page ends


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty means everything. Codes, not ids, so that a link can be passed on."""

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
class Page:
    cases: list[Case]
    next: str  # the key of the next page; empty on the last


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str
    address: str
    preferred_contact: str


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases this post may know of, with what a line of a list shows."""
    return rules.visible(Case.objects.all(), actor).select_related("category", "street", "community", "lead")


def listed(actor: Actor, chosen: Filter, *, after: str = "", size: int = PAGE) -> Page:
    """One page of the visible cases, the newest first. Raises Missing when the key of the page is not ours."""
    if chosen.q and not rules.may_see_text(actor) and not NUMBER.fullmatch(chosen.q.strip().upper()):
        return Page([], "")
    rows = [
        rules.as_seen(case, actor)
        for case in _newest(actor, chosen, _key(after) if after else None, size + 1)
    ]
    return Page(rows[:size], _encoded(rows[size - 1], rows[size - 1].received_at) if len(rows) > size else "")


def texts_of(cases: Sequence[Case], actor: Actor) -> dict[int, str]:
    """What was said in each of these cases, as the post may read it in a list; one query, none for who may not."""
    if not rules.may_see_text(actor):
        return {}
    rows = CaseText.objects.filter(pk__among=[case.pk for case in cases]).values_list("pk", "text")
    return {pk: rules.in_list(text, actor) for pk, text in rows}


def _newest(actor: Actor, chosen: Filter, before: Key | None, size: int) -> list[Case]:
    """The newest visible cases before a key; where they come by several ways, the newest of each together."""
    ends = [end for end in (before and before[0], chosen.received_to) if end]
    still_open = chosen.state == "open" or chosen.state in OPEN
    ways = rules.ways(actor, min(ends, default=None), still_open=still_open)
    words = _words(chosen.q)
    if not ways and words is None:
        cases = _before(narrowed(visible_to(actor), chosen), before)
        return list(cases.order_by(*NEWEST_FIRST)[:size])
    found: set[Key] = set()
    for way in ways or [Way(rules.visible(Case.objects.all(), actor))]:
        cases = _before(narrowed(way.cases, chosen), before).order_by(*way.order)
        found |= set(_keys(cases, size) if words is None else _keys_with(words, cases, size))
    newest = [pk for _at, pk in sorted(found, reverse=True)[:size]]
    return list(visible_to(actor).filter(pk__in=newest).order_by(*NEWEST_FIRST))


def _keys(cases: QuerySet[Case], size: int) -> list[Key]:
    return list(cases.values_list("received_at", "pk")[:size])


def _keys_with(words: SearchQuery, cases: QuerySet[Case], size: int) -> list[Key]:
    """The first of these cases with the words.

    A common word is soon found among the newest, where its index would bring every case that ever had it. A rare
    one is found by the index. PostgreSQL cannot tell the two apart: it takes neighbouring pairs of characters
    for independent, and expects far fewer cases than there are.
    """
    found, all_seen = _among_newest(words, cases, SOUGHT_FIRST)
    if all_seen or len(found) >= size:
        return found[:size]
    few = list(CaseText.objects.filter(search=words).values_list("pk", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return _keys(cases.filter(pk__among=few), size)
    found, all_seen = _among_newest(words, cases, SOUGHT_NEXT)
    return found[:size] if all_seen or len(found) >= size else _keys(cases.filter(words__search=words), size)


def _among_newest(words: SearchQuery, cases: QuerySet[Case], width: int) -> tuple[list[Key], bool]:
    """Those of the newest `width` cases with the words, and whether there are no others."""
    newest = _keys(cases, width)
    # Called by its name, the comparison does not lead PostgreSQL to the index.
    holds = Func(F("search"), words, function="ts_match_vq", output_field=BooleanField())
    rows = CaseText.objects.filter(holds, pk__among=[pk for _at, pk in newest])
    with_words = set(rows.values_list("pk", flat=True))
    return [key for key in newest if key[1] in with_words], len(newest) < width


def _before(cases: QuerySet[Case], key: Key | None) -> QuerySet[Case]:
    if key is None:
        return cases
    at, pk = key
    return cases.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=pk), received_at__lte=at)


def _condition(chosen: Filter) -> Q:
    """What the filter asks of state and limit."""
    condition = Q()
    if chosen.state:
        condition &= Q(state__in=sorted(OPEN) if chosen.state == "open" else [chosen.state])
    if chosen.overdue_at:
        condition &= overdue(chosen.overdue_at)
    return condition


def narrowed(cases: QuerySet[Case], chosen: Filter) -> QuerySet[Case]:
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
    if chosen.q and _words(chosen.q) is None:
        cases = cases.filter(number=_as_number(chosen.q))
    return cases


def _words(q: str) -> SearchQuery | None:
    """The search for every word of `q`; None when it is a number, or holds nothing that can be sought."""
    words = query_tokens(q)[:MOST_WORDS]
    if NUMBER.fullmatch(_as_number(q)) or not words:
        return None
    # The tokens are letters, figures and Chinese characters only: nothing in them is syntax.
    raw = " & ".join(word.replace("*", ":*") for word in words)
    return SearchQuery(raw, config="simple", search_type="raw")


def _encoded(case: Case, at: datetime | None) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat() if at else ''}|{case.pk}".encode()).decode()


def _key(text: str) -> Key:
    try:
        at, pk = base64.urlsafe_b64decode(text.encode()).decode().split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 < int(pk) < 2**63:
            raise ValueError
        return moment, int(pk)
    except (ValueError, UnicodeError):
        raise Missing(_("翻页标记无效，请回到第一页。"), fields={"next": _("无效")}) from None


def seen(number: str, actor: Actor) -> Case:
    """The bare case, to act on. Raises NotFound, also when it may not be known."""
    found = _seen_by(rules.sight_of(actor)).rows(number=_as_number(number))
    if not found:
        raise _unknown()
    names = [field.attname for field in Case._meta.concrete_fields]
    return rules.as_seen(Case.from_db(DEFAULT_DB_ALIAS, names, found[0]), actor)


@lru_cache(maxsize=2000)
def _seen_by(actor: Actor) -> Prepared:
    """The case of a number as this actor may know of it; every action asks it twice."""
    return Prepared(
        lambda number: rules.visible(Case.objects.all(), actor).filter(number=number).order_by(), number="\0"
    )


def case_of(number: str, actor: Actor) -> Case:
    """One case with everything its page shows; six queries, and one for a primary or parent that there is.

    Raises NotFound, also when it may not be known.
    """
    found = _whole(rules.sight_of(actor)).objects(number=_as_number(number))
    if not found:
        raise _unknown()
    case: Case = rules.as_seen(found[0], actor)
    # Joining what few cases have would take PostgreSQL longer to plan than all of this to read.
    for name, rows in _ROWS_OF.items():
        setattr(case, name, _of_case(rows, case))
    Case._meta.get_field("publication").set_cached_value(case, next(iter(_of_case(_PUBLISHED, case)), None))
    if case.primary_id or case.parent_id:
        prefetch_related_objects([case], "primary", "parent")
    return case


@lru_cache(maxsize=500)
def _whole(actor: Actor) -> Prepared:
    return Prepared(
        lambda number: visible_to(actor).select_related("words").filter(number=number).order_by(), number="\0"
    )


_ROWS_OF = {
    "active": Prepared(
        lambda case: (
            Assignment.objects.filter(case=case, ended_at=None).select_related("unit").order_by("id")
        ),
        case=-1,
    ),
    "made_visits": Prepared(lambda case: Visit.objects.filter(case=case), case=-1),
    "asked": Prepared(lambda case: Request.objects.filter(case=case), case=-1),
    "open_disputes": Prepared(lambda case: Dispute.objects.filter(case=case, settled_at=None), case=-1),
}
_PUBLISHED = Prepared(lambda case: Publication.objects.filter(case=case), case=-1)


def _of_case(rows: Prepared, case: Case) -> list[Any]:
    found = rows.objects(case=case.pk)
    for row in found:
        row.case = case
    return found


def is_known(number: str, actor: Actor) -> bool:
    """Whether there is a case of this number that the actor may know of."""
    return visible_to(actor).filter(number=_as_number(number)).exists()


def _as_number(written: str) -> str:
    return written.replace("\0", "").strip().upper()


def _unknown() -> NotFound:
    return NotFound(_("没有这个案件，或者您的岗位不能查看。请核对单号。"))


def history_of(case: Case) -> list[CaseEvent]:
    """The case's events in their order, with who acted and what was written; two queries."""
    events: list[CaseEvent] = _of_case(_EVENTS, case)
    texts: dict[int, list[EventText]] = {}
    for text in _TEXTS.objects(case=case.pk):
        texts.setdefault(text.event_id, []).append(text)
    for event in events:
        event.written = texts.get(event.pk, [])
    return events


_EVENTS = Prepared(
    lambda case: CaseEvent.objects.filter(case=case).select_related("person", "post", "unit").order_by("seq"),
    case=-1,
)
_TEXTS = Prepared(lambda case: EventText.objects.filter(case=case), case=-1)


def possible(case: Case, actor: Actor) -> list[Do]:
    """The actions that this post may do to the case now, by the table; the guards may still say what is missing."""
    found: list[Do] = []
    active = getattr(case, "active", None)
    if active is None:
        active = list(case.assignments.filter(ended_at=None))
    for move in MOVES:
        fits = actor.role in move.by and case.kind in move.kinds and case.state in move.origin
        if fits and move.action not in found and _tied(case, actor, move.tie, active):
            found.append(move.action)
    return found


def _tied(case: Case, actor: Actor, tie: str, active: list[Assignment]) -> bool:
    if case.complained_about_id is not None and case.complained_about_id in actor.unit_ids:
        return False
    mine = {a.relation for a in active if a.unit_id in actor.unit_ids}
    waiting = any(a.relation == Relation.NEXT_LEAD for a in active)
    return {
        "none": True,
        "requester": rules.is_requester(case, actor),
        "lead": Relation.LEAD in mine,
        "signer": (Relation.NEXT_LEAD if waiting else Relation.LEAD) in mine,
        "share": bool(mine & SHARES),
        "handler": bool(mine & (SHARES | {Relation.LEAD})),
        "whistled": case.whistle_calls.filter(unit__in=actor.unit_ids, arrived_at=None).exists()
        if tie == "whistled"
        else False,
        "taker": False,  # joined with its receipt, on the page of the call; later the dispatcher does it
        "lead_or_not_unit": True,
    }[tie]


def offered(case: Case, actor: Actor, at: datetime) -> list[Do]:
    """Of the possible actions those that have something to act on now; for a case from `case_of`."""
    return [do for do in possible(case, actor) if not _in_vain(case, actor, do, at)]


def _in_vain(case: Case, actor: Actor, do: Do, at: datetime) -> bool:
    """Whether the action would only be told that there is nothing to decide, to answer or to close yet."""
    pending = any(request.decided_at is None for request in case.asked)  # type: ignore[attr-defined]
    disputed = bool(case.open_disputes)  # type: ignore[attr-defined]
    match do:
        case Do.GRANT | Do.REFUSE:
            return not pending
        case Do.REQUEST_EXTENSION | Do.PUT_ON_ACCOUNT:
            return pending
        case Do.SETTLE:
            return not disputed
        case Do.DISPUTE:
            return disputed
        case Do.ANSWER_NOW:
            return case.nature != Nature.CONSULT
        case Do.CO_REPORT:
            return not any(_open_share(assignment, actor) for assignment in case.active)  # type: ignore[attr-defined]
        case Do.VISIT_BACK:
            return _visit_back_in_vain(case, at)
        case Do.CLOSE:
            return case.visited_back_at is None
        case Do.CHECK:
            return case.visited_back_at is not None
        case Do.SUPPORT:
            return True  # one's own case, the only one that requesters see here
        case Do.PUBLISH | Do.UNPUBLISH:
            return shown_to_all(case) is (do == Do.PUBLISH)
    return False


def shown_to_all(case: Case) -> bool:
    """Whether everybody may see the case now."""
    row = getattr(case, "publication", None)
    return row is not None and row.ended_at is None


def _open_share(assignment: Assignment, actor: Actor) -> bool:
    mine = assignment.unit_id in actor.unit_ids and assignment.relation != Relation.LEAD
    return mine and assignment.reported_at is None


def _visit_back_in_vain(case: Case, at: datetime) -> bool:
    if case.state == State.HANDLING:
        return case.finish_due_at is None or at < case.finish_due_at
    if case.visited_back_at is not None:
        return True
    waits_for_primary = case.primary is not None and case.primary.state not in {State.REPORTED, State.CLOSED}
    return case.state == State.MERGED and waits_for_primary


def sent_before(person_id: int | None, key: str) -> SentItem | None:
    """What this person sent under this key and was done; None when nothing was."""
    return SentItem.objects.filter(person=person_id, key=key.replace("\0", "")).select_related("case").first()


def masked_contact(words: CaseText) -> Contact:
    """The requester as lists and pages show them: 张**, 100****5678, no address."""
    name, phone = opened(words.name, "name"), opened(words.phone, "phone")
    return Contact(mask_name(name) if name else "", mask_phone(phone) if phone else "", "", "")


def reveal_contact(case: Case, actor: Actor, *, reason: str, at: datetime) -> Contact:
    """Who asked, in full; written into the access log first. Raises NotAllowed and Missing (no reason)."""
    if not rules.may_see_contact(case, actor) or actor.person_id is None:
        raise NotAllowed(_("您的岗位不能查看本件诉求人的联系方式。"))
    if not reason.strip():
        raise Missing(_("请填写查看理由，查看会记录在案。"), fields={"reason": _("必填")})
    AccessLog.objects.create(
        person_id=actor.person_id, post_id=actor.post_id, case=case, at=at, reason=reason.strip()[:200]
    )
    unmasking.watch(actor.person_id, at)
    words = case.words
    return Contact(
        opened(words.name, "name"),
        opened(words.phone, "phone"),
        opened(words.address, "address"),
        words.preferred_contact,
    )


def earlier_of(phone: str, actor: Actor, at: datetime, *, most: int = 8) -> list[Case]:
    """The newest cases of this telephone number, for whoever has the caller on the line; each look is logged.

    Looking again within a few minutes is the same look. Raises NotAllowed for posts without contact data.
    """
    if actor.role not in rules.SEE_ALL & rules.CONTACT or actor.person_id is None:
        raise NotAllowed(_("您的岗位不能按电话查找诉求。"))
    index = vault.blind_index(phone)
    if not index:
        return []
    active = Prefetch("assignments", queryset=Assignment.objects.filter(ended_at=None), to_attr="active")
    cases = visible_to(actor).filter(phone_index=index).order_by(*NEWEST_FIRST)
    found: list[Case] = list(cases.prefetch_related(active)[:most])
    looks = AccessLog.objects.filter(person=actor.person_id, case__in=found, at__gte=at - SAME_LOOK)
    known = set(looks.values_list("case_id", flat=True))
    for case in found:
        if case.pk not in known:
            AccessLog.objects.create(
                person_id=actor.person_id, post_id=actor.post_id, case=case, at=at,
                how=AccessLog.How.CALL, reason=_("来电号码查询"),
            )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """An attachment; the name tells nothing of whoever brought it. `harmless`: a picture written anew here."""

    name: str
    media_type: str
    content: bytes
    harmless: bool = False


ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf", "audio/mpeg": "mp3", "audio/wav": "wav",
    "audio/mp4": "m4a", "audio/aac": "aac", "video/mp4": "mp4", "video/quicktime": "mov",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}  # fmt: skip


def attachments_of(case: Case, actor: Actor) -> list[Attachment]:
    """What was brought, in order; `file` is where it lies, `erased` when it lies nowhere any more. One query."""
    if not rules.may_see_text(actor):
        return []
    found: list[Attachment] = _of_case(_ATTACHED, case)
    for row in found:
        row.erased = not (row.in_rows or hasattr(row, "file"))  # type: ignore[attr-defined]
    return found


_ATTACHED = Prepared(
    lambda case: (
        Attachment.objects.filter(case=case)
        .select_related("file")
        .annotate(in_rows=Exists(AttachmentBody.objects.filter(pk=OuterRef("pk"))))
        .order_by("id")
    ),
    case=-1,
)


def attachment_of(case: Case, pk: int, actor: Actor, *, small: bool = False) -> Kept:
    """The bytes of an attachment, or of its small copy.

    Raises NotFound, also where the post may not see what was said or it was erased.
    """
    row = case.attachments.filter(pk=pk).select_related("file", "body").first()
    file = getattr(row, "file", None)
    gone = row is None or not (file or hasattr(row, "body")) or (small and not (file and file.thumb))
    if row is None or gone or not rules.may_see_text(actor):
        raise NotFound(_("没有这个附件，或者您的岗位不能查看。"))
    name = f"{case.number}-{row.pk}"
    if file and small:
        return Kept(f"{name}-small.jpg", "image/jpeg", filestore.read(file.thumb), harmless=True)
    content = filestore.read(file.name) if file else opened_body(row.body)
    harmless = file is not None and file.width is not None
    return Kept(f"{name}.{ENDINGS.get(row.media_type, 'bin')}", row.media_type, content, harmless)


def opened_body(body: AttachmentBody) -> bytes:
    """The bytes of an attachment from before files."""
    return vault.open_sealed(body.sealed, "attachment").encode("latin-1")


def to_visit_back(actor: Actor, *, after: str = "", size: int = PAGE) -> Page:
    """The calling list, the earliest limit first, each case with `attempts`: the calls nobody answered.

    Cases merged into one that was reported come before: their requesters are asked too. Two queries.
    """
    due = _to_call(actor).filter(
        rules.stands(State.REPORTED, State.HANDLING), visit_back_due_at__isnull=False
    )
    if after:
        at, pk = _key(after)
        due = due.filter(
            Q(visit_back_due_at__gt=at) | Q(visit_back_due_at=at, pk__gt=pk), visit_back_due_at__gte=at
        )
    rows = list(due.order_by("visit_back_due_at", "pk")[: size + 1])
    more = _encoded(rows[size - 1], rows[size - 1].visit_back_due_at) if len(rows) > size else ""
    merged = _to_call(actor).filter(
        state=State.MERGED, visited_back_at=None, primary__state__in=[State.REPORTED, State.CLOSED]
    )
    first = (
        [] if after else list(merged.select_related("primary__lead").order_by("-received_at", "-pk")[:size])
    )
    return Page([*first, *rows[:size]], more)


def _to_call(actor: Actor) -> QuerySet[Case]:
    of_round = Coalesce(OuterRef("primary__round"), OuterRef("round"))
    calls = VisitBack.objects.filter(case=OuterRef("pk"), round=of_round, reached=False)
    number = calls.order_by().values("case").annotate(number=Count("id")).values("number")
    return visible_to(actor).annotate(attempts=Coalesce(Subquery(number), 0))


def result_of(case: Case) -> str:
    """What the lead reported last; empty when nothing yet.

    Of a merged case its primary's, without the persons in it: it was written to somebody else.
    """
    reports = EventText.objects.filter(
        case=case.primary_id or case.pk, event__action=Do.REPORT_RESULT, name="result"
    )
    found = reports.order_by("-event__seq").values_list("text", flat=True).first()
    return without_persons(found or "") if case.primary_id else found or ""


def attempts_of(case: Case) -> list[VisitBack]:
    """The calls made in this round, which for a merged case is its primary's."""
    number = case.primary.round if case.primary else case.round
    return list(VisitBack.objects.filter(case=case, round=number).order_by("at"))


def counted(actor: Actor, wanted: Sequence[Filter], *, most: int) -> list[int]:
    """How many visible cases each filter holds, all of them filters of open cases; `most` + 1 means more.

    A query for each filter, or one for all where a unit's cases must be picked out of the others.
    """
    if not rules.of_units(actor):
        cases = rules.visible(Case.objects.all(), actor)
        return [narrowed(cases, chosen).order_by()[: most + 1].count() for chosen in wanted]
    sums = {f"n{i}": Count("pk", filter=_condition(chosen)) for i, chosen in enumerate(wanted)}
    return [min(found, most + 1) for found in rules.open_of_units(actor).aggregate(**sums).values()]
