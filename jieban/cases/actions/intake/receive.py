"""Receipt of cases, single or in batches; idempotent by source and reference."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotAllowed, Refused
from jieban.base.masking import normalize_phone
from jieban.base.sql.row_writes import StatementPart, fetch, write
from jieban.base.text.cleaning import clean, clean_line
from jieban.base.text.search_tokens import tokens
from jieban.cases.actions.door.category_choice import require_current_category
from jieban.cases.actions.door.notify import receipt_notes
from jieban.cases.actions.door.transition import CaseChange, event_draft
from jieban.cases.actions.files.attach import put_on_record
from jieban.cases.checks import fingerprints
from jieban.cases.clocks import deadlines
from jieban.cases.flow.action import Action
from jieban.cases.flow.rule_scope import RuleScope
from jieban.cases.flow.states import CaseKind, Channel, Nature, State, Urgency
from jieban.cases.flow.transitions import RECEIVERS, Transition
from jieban.cases.history.case_ledger import CASES
from jieban.cases.history.case_numbers import number_of
from jieban.cases.history.case_texts import SEALED_COLUMNS
from jieban.cases.models import Case, CaseText, NumberDay
from jieban.cases.routing import routing
from jieban.channels import outbox
from jieban.channels.message_types import Language
from jieban.language.similarity.summary import one_line
from jieban.registry.district import geo
from jieban.registry.documents.storing import NamedContent, check_file_count, stored_files
from jieban.registry.identity.posts import Actor
from jieban.registry.ledger.recording import EVENT_LOCK, build_event
from jieban.registry.models import Category, Place
from jieban.registry.roles import REQUESTER_ROLES

LONGEST_SUBJECT = 100
LONGEST_MESSAGE = 200_000  # characters
RECEIVE_TRANSITION = Transition(
    Action.RECEIVE, frozenset(), frozenset().union(*RECEIVERS.values()), (State.RECEIVED,)
)
CLOCK_FIELDS = (
    "contact_rule", "contact_from_at", "contact_due_at", "finish_rule", "finish_from_at", "finish_due_at",
    "provisional", "next_check_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concern:
    """Input of a receipt: what somebody submits to the district."""

    kind: str
    channel: str
    text: str
    subject: str = ""
    name: str = ""
    phone: str = ""
    preferred_contact: str = ""
    language: str = Language.CHINESE  # of the text messages about it
    anonymous: bool = False
    hidden: bool = False
    shared_with_property: bool = False
    address: str = ""
    lat: float | None = None
    long: float | None = None
    place_id: int | None = None
    category_id: int | None = None
    nature: str = Nature.HELP
    grade: str = ""
    urgency: str = Urgency.NORMAL
    sensitive: bool = False
    is_property: bool = False
    complained_about_id: int | None = None
    # The sender, its key or number for this concern, and the time at which it was created there.
    source: str = ""
    source_ref: str = ""
    source_at: datetime | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    case: Case
    created: bool


ReferenceKey = tuple[str, str]  # source and reference


def receive(concern: Concern, *, actor: Actor, at: datetime) -> Received:
    """Creates a case from a concern. Idempotent: the same source and reference return the same case.

    Raises NotAllowed when the role may not submit this kind, Invalid when the text is empty or a value is wrong, or
    when the same reference comes with another content (code "key_reused").
    """
    (answer,) = receive_all([concern], actor=actor, at=at)
    if isinstance(answer, Refused):
        raise answer
    return answer


def receive_with_files(
    concern: Concern, *, actor: Actor, at: datetime, files: Sequence[NamedContent]
) -> Received:
    """Creates a case with its files in one transaction; idempotent as `receive`."""
    if not files:
        return receive(concern, actor=actor, at=at)
    check_file_count(files)
    with stored_files(files) as stored, transaction.atomic():
        received = receive(concern, actor=actor, at=at)
        for one in stored:
            put_on_record(received.case.pk, one, actor=actor, at=at)
    return received


def receive_all(
    concerns: Sequence[Concern], *, actor: Actor, at: datetime, parent: Case | None = None
) -> list[Received | Refused]:
    """Creates cases in one transaction. The result of a refused concern is its error; the others are received.

    The parts of a split case have it as their `parent`, and get its receipt and requester.
    """
    while True:
        arrivals = _ReceiptBatch(actor, at, _cases_by_reference(concerns), parent)
        answers = [arrivals.take(concern) for concern in concerns]
        try:
            with transaction.atomic():
                _write_batch(arrivals)
        except IntegrityError:
            if len(_cases_by_reference(concerns)) == len(arrivals.known):
                raise
            # Somebody was faster with the same reference: now it is known.
            continue
        return answers


def _cases_by_reference(concerns: Iterable[Concern]) -> dict[ReferenceKey, Case]:
    """Existing cases by source and reference."""
    keys = [(concern.source, concern.source_ref) for concern in concerns if concern.source_ref]
    if not keys:
        return {}
    with connection.cursor() as cursor:
        # For one key PostgreSQL plans this in a fifth of the time.
        if len(keys) == 1:
            cursor.execute(_BY_REFERENCE_SQL + "source = %s AND source_ref = %s", keys[0])
        else:
            sources, references = zip(*keys, strict=True)
            cursor.execute(_BY_REFERENCE_SQL + _IN_REFERENCES_SQL, [list(sources), list(references)])
        ids = [pk for (pk,) in cursor.fetchall()]
    found = fetch(Case, "WHERE id = ANY(%s)", [ids]) if ids else []
    return {(case.source, case.source_ref): case for case in found}


_BY_REFERENCE_SQL = "SELECT id FROM cases_case WHERE source_ref <> '' AND "
_IN_REFERENCES_SQL = "(source, source_ref) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"


@dataclass
class _ReceiptBatch:
    """Concerns that are received together; `new` holds the cases to be created."""

    actor: Actor
    at: datetime
    known: dict[ReferenceKey, Case]
    parent: Case | None
    new: list[tuple[Case, Concern]] = field(default_factory=list)
    _firsts: dict[ReferenceKey, Case] = field(default_factory=dict)
    _categories: dict[int, Category] = field(default_factory=dict)
    _running: dict[RuleScope, Case] = field(default_factory=dict)

    def take(self, concern: Concern) -> Received | Refused:
        key = (concern.source, concern.source_ref)
        try:
            _check_concern(concern)
            if self.parent is None:
                _check_receiver(concern, self.actor)
            before = self.known.get(key) or self._firsts.get(key)
            if concern.source_ref and before is not None:
                return _already_received(before, concern)
            case = self._case(concern)
        except Refused as error:
            return error
        self.new.append((case, concern))
        if concern.source_ref:
            self._firsts[key] = case
        return Received(case, True)

    def _case(self, concern: Concern) -> Case:
        category = self._category(concern)
        case = _new_case(concern, category, self.actor, self.at)
        if category is not None:
            require_current_category(category, local_date(case.received_at))
        if self.parent is not None:
            case.parent = self.parent
            case.requester_id = self.parent.requester_id
            case.received_at = self.parent.received_at
        self._start_clocks(case)
        return case

    def _start_clocks(self, case: Case) -> None:
        """Starts the limits; cases of one scope in a batch share the computed values."""
        like = self._running.setdefault(RuleScope.of(case), case)
        if like is not case:
            for name in CLOCK_FIELDS:
                setattr(case, name, getattr(like, name))
            return
        rules = deadlines.rules_of(case)
        deadlines.start_contact(case, rules.contact, case.received_at)
        deadlines.start_finish(case, rules.finish, case.received_at)
        case.next_check_at = deadlines.next_check_at(case)

    def _category(self, concern: Concern) -> Category | None:
        pk = concern.category_id
        if pk is None:
            return None
        if pk not in self._categories:
            found = fetch(Category, "WHERE id = %s", [pk])
            if not found:
                raise Invalid(_("没有这个分类，请重新选择。"), fields={"category": _("没有这个分类")})
            self._categories[pk] = found[0]
        return self._categories[pk]


def _already_received(case: Case, concern: Concern) -> Received:
    if bytes(case.source_digest) != _digest(concern):
        raise Invalid(_("同一个幂等键已用于另一件内容不同的诉求。请为新诉求换用新的键。"), code="key_reused")
    return Received(case, False)


def _digest(concern: Concern) -> bytes:
    """Of its content, to which neither tags nor the language of the answers belong."""
    content = replace(concern, tags=(), language=Language.CHINESE)
    return hashlib.sha256(repr(content).encode()).digest()


def _check_concern(concern: Concern) -> None:
    wrong: dict[str, str] = {}
    for name, choices in (
        ("kind", CaseKind), ("channel", Channel), ("nature", Nature), ("urgency", Urgency), ("language", Language),
    ):  # fmt: skip
        if getattr(concern, name) not in choices.values:
            wrong[name] = _("请从下列值中选择：%s") % "、".join(choices.values)
    if concern.grade and concern.grade not in Category.Grade.values:
        wrong["grade"] = _("请从下列值中选择：%s") % "、".join(Category.Grade.values)
    if not clean(concern.text):
        wrong["text"] = _("请写明诉求内容")
    elif len(concern.text) > LONGEST_MESSAGE:
        wrong["text"] = _("内容太长，请控制在二十万字以内")
    if (concern.lat is None) != (concern.long is None):
        wrong["lat"] = _("经纬度须同时填写")
    if wrong:
        raise Invalid(_("诉求还不能受理，请按提示补正。"), fields=wrong)


def _check_receiver(concern: Concern, actor: Actor) -> None:
    if actor.role not in RECEIVERS[CaseKind(concern.kind)]:
        raise NotAllowed(_("您的岗位不能受理这一类案件。请联系话务员或系统管理员。"))


def _write_batch(arrivals: _ReceiptBatch) -> None:
    """Numbers the new cases and writes them, with texts, first events, messages and jobs."""
    if not arrivals.new:
        return
    written: list[models.Model] = []
    notes: list[outbox.OutgoingMessage] = []
    day = local_date(arrivals.at)
    numbers = _next_numbers(len(arrivals.new))
    base = _base(day, numbers[0][0])
    # A concurrent transaction with later numbers set the day's base first.
    if numbers[0][0] < base:
        numbers = _next_numbers(len(arrivals.new))
    for (case, concern), (number, case_id, event_id) in zip(arrivals.new, numbers, strict=True):
        case.pk, case.number = case_id, number_of(day, number - base + 1)
        words, facts = _build_case_text(case, concern)
        current = CaseChange(
            case, Action.RECEIVE, arrivals.actor, arrivals.at, RECEIVE_TRANSITION, facts={"words": facts}
        )
        event, _texts = build_event(case, event_draft(current, before=""), CASES.columns(case), pk=event_id)
        written += [case, words, event]
        notes += receipt_notes(case, concern.phone, Language(concern.language))
        if case.urgency == Urgency.LIFE:
            notes += routing.danger_notes(case, arrivals.at)
    texts = [(row.case_id, row.case.received_at, row.text) for row in written if isinstance(row, CaseText)]
    write(
        written,
        extra=[
            StatementPart(*fingerprints.insert_statement(texts)),
            *(StatementPart(*part) for part in outbox.insert_statements(notes, at=arrivals.at)),
        ],
    )


def notify_duty_leader(case: Case, at: datetime) -> None:
    """Reports danger to the duty leader at once, whatever the path. Source: 条例 article 29."""
    outbox.queue_all(routing.danger_notes(case, at), at=at)


def _next_numbers(count: int) -> list[tuple[int, int, int]]:
    """Next numbers and ids of cases and first events, under the writers' lock `recording.EVENT_LOCK`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s)) "
            "SELECT nextval('cases_number'), nextval('cases_case_id_seq'), nextval('registry_event_id') "
            "FROM locked, generate_series(1, %s)",
            [EVENT_LOCK, count],
        )
        return list(cursor.fetchall())


def _subject(concern: Concern) -> str:
    """The given subject, else a short text itself, else the topic line of a long text."""
    given, text = clean_line(concern.subject), clean_line(concern.text)
    line = one_line(concern.text) if not given and len(text) > LONGEST_SUBJECT else ""
    return (given or line or text)[:LONGEST_SUBJECT]


def _new_case(concern: Concern, category: Category | None, actor: Actor, at: datetime) -> Case:
    """Builds the case of a concern, unsaved, without number, id and clocks."""
    place, street, community = _place_keys(concern, local_date(at))
    return Case(
        kind=concern.kind,
        channel=concern.channel,
        state=State.RECEIVED,
        received_at=at,
        subject=_subject(concern),
        requester_id=actor.person_id if actor.role in REQUESTER_ROLES else None,
        anonymous=concern.anonymous,
        hidden=concern.hidden or concern.anonymous,
        shared_with_property=concern.shared_with_property,
        found_by_id=actor.person_id if concern.kind == CaseKind.PATROL else None,
        phone_index=vault.blind_index(concern.phone),
        place_id=place,
        street_id=street,
        community_id=community,
        lat=concern.lat,
        long=concern.long,
        category=category,
        nature=concern.nature,
        grade=concern.grade or (category.grade if category else Category.Grade.GENERAL),
        urgency=concern.urgency,
        sensitive=concern.sensitive,
        is_property=concern.is_property or bool(category and category.is_property),
        complained_about_id=concern.complained_about_id,
        tags=list(concern.tags),
        source=concern.source,
        source_ref=concern.source_ref,
        source_at=concern.source_at,
        source_digest=_digest(concern) if concern.source_ref else b"",
    )


def _place_keys(concern: Concern, on: date) -> tuple[int | None, int | None, int | None]:
    """Ids of the place, its street and its community, as far as known."""
    if concern.place_id is not None:
        place = Place.objects.select_related("parent__parent__parent").filter(pk=concern.place_id).first()
        if place is None:
            raise Invalid(_("没有这个地点，请重新选择。"), fields={"place": _("没有这个地点")})
        return (place.pk, *_street_and_community(place))
    if concern.lat is None or concern.long is None:
        return None, None, None
    found = geo.locate(concern.lat, concern.long, on)
    if found.outcome in {geo.LocateOutcome.SWAPPED, geo.LocateOutcome.ABROAD, geo.LocateOutcome.INVALID}:
        raise Invalid(found.sentence, fields={"lat": found.sentence})
    area = found.estate or found.community or found.street
    return _area_id(area), _area_id(found.street), _area_id(found.community)


def _area_id(area: geo.LocatedArea | None) -> int | None:
    return area.id if area else None


def _street_and_community(place: Place | None) -> tuple[int | None, int | None]:
    found: dict[str, int] = {}
    while place is not None:
        found[place.level] = place.pk
        place = place.parent
    return found.get(Place.Level.STREET), found.get(Place.Level.COMMUNITY)


def _build_case_text(case: Case, concern: Concern) -> tuple[CaseText, dict[str, str]]:
    """Builds the texts of a case with sealed personal columns, and their commitments for the event.

    Commitments are salted digests of the plain texts, so a key rotation does not change them.
    """
    text = clean(concern.text)
    texts = {
        "text": text,
        "preferred_contact": clean_line(concern.preferred_contact)[:100],
        "original": _without_nul(concern.text) if concern.text != text else "",
        "name": _without_nul(clean_line(concern.name)),
        "phone": _without_nul(normalize_phone(concern.phone)),
        "address": _without_nul(clean_line(concern.address)),
    }
    salt = vault.new_salt()
    columns = {
        name: vault.seal(part, name) if name in SEALED_COLUMNS and part else part
        for name, part in texts.items()
    }
    return CaseText(
        case=case,
        salt=salt,
        language=concern.language,
        search=" ".join(tokens(f"{case.subject} {text}")),
        **{name: part or (b"" if name in SEALED_COLUMNS else "") for name, part in columns.items()},
    ), {name: vault.commitment(salt, name, part) for name, part in texts.items()}


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


def _base(day: date, numbers: int) -> int:
    known = _day_bases.get(day)
    if known is None:
        NumberDay.objects.bulk_create([NumberDay(day=day, base=numbers)], ignore_conflicts=True)
        known = NumberDay.objects.get(day=day).base
        # Cached after the commit only: a base that is rolled back is replaced by another.
        transaction.on_commit(lambda: _day_bases.__setitem__(day, known))
    return known


_day_bases: dict[date, int] = {}
