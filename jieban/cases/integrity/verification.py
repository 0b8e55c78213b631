"""Checks that the history is as the platform wrote it: chains, authenticity, rows, texts and seals.

One pass over the events in the order of their cases, beside one over the cases themselves; memory does not
grow with their number.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.cases.history import event_digests
from jieban.cases.history.event_digests import SEALED_COLUMNS, unseal_text
from jieban.cases.integrity import seals
from jieban.cases.models import Case, CaseEvent, CaseText, EventText, Seal

CHUNK = 5_000
# The rows that events speak of, by the name that the events use.
RECORDED_TABLES = (
    "assignment", "dispute", "visit", "visitback", "request", "order", "whistle", "whistlecall", "attachment",
    "publication",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written: where, and what."""

    case: str
    what: str


@dataclass
class HistoryCheck:
    """What was found. `unsealed` events are under no seal yet: of them a cut tail could not be seen."""

    events: int = 0
    cases: int = 0
    seals: int = 0
    unsealed: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def verify_history(most_faults: int = 20) -> HistoryCheck:
    """Everything there is to check; stops after `most_faults`."""
    result = HistoryCheck()
    digests: dict[str, dict[int, str]] = {name: {} for name in RECORDED_TABLES}
    for fault in _chains(result, digests):
        result.faults.append(fault)
        if len(result.faults) >= most_faults:
            return result
    for check in (_rows(digests), _seals(result)):
        for fault in check:
            result.faults.append(fault)
            if len(result.faults) >= most_faults:
                return result
    return result


def _chains(result: HistoryCheck, digests: dict[str, dict[int, str]]) -> Iterator[Fault]:
    cases = Case.objects.order_by("id").iterator(chunk_size=CHUNK)
    events = CaseEvent.objects.order_by("case_id", "seq").iterator(chunk_size=CHUNK)
    groups = groupby(events, key=lambda event: event.case_id)
    case = next(cases, None)
    for case_id, chain in groups:
        while case is not None and case.pk < case_id:
            yield Fault(case.number, _("案件没有任何历史记录"))
            case = next(cases, None)
        if case is None or case.pk != case_id:
            yield Fault(f"#{case_id}", _("有历史记录，但案件已被删除"))
            for _event in chain:
                result.events += 1
            continue
        yield from _chain(case, list(chain), result, digests)
        case = next(cases, None)
    while case is not None:
        yield Fault(case.number, _("案件没有任何历史记录"))
        case = next(cases, None)


def _chain(
    case: Case, chain: list[CaseEvent], result: HistoryCheck, digests: dict[str, dict[int, str]]
) -> Iterator[Fault]:
    result.cases += 1
    result.events += len(chain)
    previous, state = event_digests.NO_HASH, ""
    columns: dict[str, Any] = {}
    for position, event in enumerate(chain, start=1):
        mark = event_digests.event_hash(event, previous)
        if event.seq != position:
            yield Fault(case.number, _("第 %(position)s 条历史记录缺失") % {"position": position})
            return
        if bytes(event.hash) != mark or bytes(event.mac) != event_digests.event_mac(mark):
            yield Fault(case.number, _("第 %(position)s 条历史记录被改动") % {"position": position})
            return
        if event.before != state:
            yield Fault(case.number, _("第 %(position)s 条历史记录与前一条不连续") % {"position": position})
            return
        previous, state = mark, event.after
        body = json.loads(event.body)
        columns |= body["set"]
        for table, key, digest in body["rows"]:
            digests[table][key] = digest
    if case.event_count != len(chain) or bytes(case.last_hash) != previous:
        yield Fault(case.number, _("历史记录的末尾被截断"))
        return
    yield from _columns(case, columns)


def chain_is_sound(case: Case, chain: list[CaseEvent]) -> bool:
    """Whether the events of one case are whole and authentic, and the case is as they tell."""
    digests: dict[str, dict[int, str]] = {name: {} for name in RECORDED_TABLES}
    return next(_chain(case, chain, HistoryCheck(), digests), None) is None if chain else False


def _columns(case: Case, told: dict[str, Any]) -> Iterator[Fault]:
    actual = event_digests.case_columns(case)
    for name, value in actual.items():
        if told.get(name) != value:
            yield Fault(case.number, _("案件的“%(name)s”与历史记录不符") % {"name": name})


def _rows(digests: dict[str, dict[int, str]]) -> Iterator[Fault]:
    for name in RECORDED_TABLES:
        model = apps.get_model("cases", name)
        told = digests[name]
        for row in model._default_manager.order_by("pk").iterator(chunk_size=CHUNK):
            if told.pop(row.pk, "") != event_digests.row_digest(row):
                yield Fault(
                    _number(row), _("%(name)s 第 %(pk)s 行与历史记录不符") % {"name": name, "pk": row.pk}
                )
        for key in told:
            yield Fault(f"{name} #{key}", _("历史记录中的一行已被删除"))
    yield from _case_texts()
    yield from _event_texts()


def _number(row: models.Model) -> str:
    number = Case.objects.filter(pk=getattr(row, "case_id", 0)).values_list("number", flat=True).first()
    return number or "?"


def _case_texts() -> Iterator[Fault]:
    """What was said at the receipt, against the commitment in the case's first event."""
    rows = CaseText.objects.order_by("case_id").defer("search").iterator(chunk_size=CHUNK)
    for batch in _batches(rows):
        firsts = CaseEvent.objects.filter(case__in=[row.case_id for row in batch], seq=1)
        bodies = {event.case_id: event for event in firsts.select_related("case")}
        erased = _erased([row.case_id for row in batch if row.erased_at])
        for row in batch:
            event = bodies.get(row.case_id)
            if event is None:
                continue  # told by the chain
            fine = (
                row.case_id in erased if row.erased_at else event.facts.get("words") == _commitments_of(row)
            )
            if not fine:
                yield Fault(event.case.number, _("诉求内容或诉求人信息被改动"))


def _commitments_of(row: CaseText) -> dict[str, str] | None:
    salt = bytes(row.salt)
    try:
        said = {name: unseal_text(getattr(row, name), name) for name in SEALED_COLUMNS}
    except vault.Unreadable:
        return None
    said |= {"text": row.text, "preferred_contact": row.preferred_contact}
    return {name: vault.commitment(salt, name, text) for name, text in said.items()}


def _erased(case_ids: list[int]) -> set[int]:
    return set(CaseEvent.objects.filter(case__in=case_ids, action="erase").values_list("case_id", flat=True))


def _event_texts() -> Iterator[Fault]:
    """The texts of events, against their commitments; each is there, or erased on record."""
    with_texts = CaseEvent.objects.exclude(body__endswith='"texts":{}}').select_related("case").order_by("id")
    for batch in _batches(with_texts.iterator(chunk_size=CHUNK)):
        found: dict[int, dict[str, EventText]] = {}
        for text in EventText.objects.filter(event__in=[event.pk for event in batch]):
            found.setdefault(text.event_id, {})[text.name] = text
        for event in batch:
            told = json.loads(event.body)["texts"]
            have = found.get(event.pk, {})
            for name, mark in told.items():
                if not _matches_commitment(have.get(name), name, mark):
                    yield Fault(
                        event.case.number, _("第 %(seq)s 条历史记录的文字被改动或删除") % {"seq": event.seq}
                    )
            if set(have) - set(told):
                yield Fault(event.case.number, _("第 %(seq)s 条历史记录多出文字") % {"seq": event.seq})


def _matches_commitment(found: EventText | None, name: str, mark: str) -> bool:
    if found is None:
        return False
    if found.erased_at:
        return bool(_erased([found.case_id]))
    return vault.commitment(bytes(found.salt), name, found.text) == mark


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch


def _seals(result: HistoryCheck) -> Iterator[Fault]:
    days = list(Seal.objects.filter(level=Seal.Level.DAY).order_by("first_id"))
    covered = days[-1].last_id if days else 0
    interim = list(Seal.objects.filter(level=Seal.Level.INTERIM, last_id__gt=covered).order_by("first_id"))
    expected = 1
    for seal in days + interim:
        result.seals += 1
        name = _("%(day)s 封存记录") % {"day": seal.day}
        if seal.first_id > expected:
            yield Fault(name, _("封存记录之间有缺口"))
        if not vault.verify_signature(seal.key_id, seals.statement(seal), bytes(seal.signature)):
            yield Fault(name, _("封存记录的签名不对"))
        rows = CaseEvent.objects.filter(id__gte=seal.first_id, id__lte=seal.last_id).order_by("id")
        hashes = [bytes(h) for h in rows.values_list("hash", flat=True).iterator(chunk_size=20_000)]
        if len(hashes) != seal.count or event_digests.merkle_root(hashes) != bytes(seal.root):
            yield Fault(
                name,
                _("封存时有 %(count)s 条历史记录，现在 %(now)s 条或内容不同")
                % {"count": seal.count, "now": len(hashes)},
            )
        expected = seal.last_id + 1
    result.unsealed = CaseEvent.objects.filter(id__gte=expected).count()
    yield from _seal_files()


def _seal_files() -> Iterator[Fault]:
    """The seals kept in files: whoever cuts the database's tail and its seals cannot cut these."""
    inside = {hashlib.sha256(seals.statement(seal)).hexdigest() for seal in Seal.objects.all()}
    for kept in seals.read_seal_files():
        said = event_digests.canonical_json(kept["statement"]).encode()
        if hashlib.sha256(said).hexdigest() not in inside:
            yield Fault(
                _("%(day)s 封存文件") % {"day": kept["statement"]["day"]}, _("数据库中没有这份封存记录")
            )


def in_one_snapshot() -> None:
    """Sees one state of the database throughout, also while work goes on; call inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
