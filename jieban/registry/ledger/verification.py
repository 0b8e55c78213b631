"""Verification of all ledgers: chains, authenticity, rows, texts and seals.

One pass over the events in the order of their entities, merged with one over the entities.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.registry.ledger import seals
from jieban.registry.ledger.canonical import canonical_json
from jieban.registry.ledger.chain import NO_HASH, event_hash, event_mac, merkle_root
from jieban.registry.ledger.declaration import Fault, Ledger, ledgers, row_table
from jieban.registry.models import LedgerEntity, LedgerEvent, LedgerText, Seal

CHUNK = 5_000
RowDigests = dict[str, dict[int, str]]  # digests by table and key


@dataclass
class HistoryCheck:
    """Result of a verification. `unsealed` events are under no seal yet; a cut among the last would not show."""

    events: int = 0
    entities: dict[str, int] = field(default_factory=dict)  # counts by the ledger's name
    seals: int = 0
    unsealed: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def verify_history(most_faults: int = 20) -> HistoryCheck:
    """Runs all checks; stops after `most_faults`."""
    result = HistoryCheck()
    faults = chain.from_iterable([*(_ledger(ledger, result) for ledger in ledgers()), _seals(result)])
    result.faults = list(islice(faults, most_faults))
    return result


def _ledger(ledger: Ledger, result: HistoryCheck) -> Iterator[Fault]:
    digests: RowDigests = {name: {} for name in ledger.tables}
    yield from _chains(ledger, result, digests)
    yield from _rows(ledger, digests)
    for check in ledger.checks:
        yield from check()
    yield from _event_texts(ledger)


def _chains(ledger: Ledger, result: HistoryCheck, digests: RowDigests) -> Iterator[Fault]:
    result.entities[ledger.name] = 0
    entities = ledger.entity._default_manager.order_by("pk").iterator(chunk_size=CHUNK)
    events = ledger.event._default_manager.order_by(ledger.key, "seq").iterator(chunk_size=CHUNK)
    entity = next(entities, None)
    for key, events_of_one in groupby(events, key=attrgetter(ledger.key)):
        while entity is not None and entity.pk < key:
            yield _without_events(ledger, entity)
            entity = next(entities, None)
        found = list(events_of_one)
        result.events += len(found)
        if entity is None or entity.pk != key:
            yield Fault(f"#{key}", _("有历史记录，但%(title)s已被删除") % {"title": ledger.title})
            continue
        result.entities[ledger.name] += 1
        yield from _chain(ledger, entity, found, digests)
        entity = next(entities, None)
    while entity is not None:
        yield _without_events(ledger, entity)
        entity = next(entities, None)


def _without_events(ledger: Ledger, entity: LedgerEntity) -> Fault:
    return Fault(str(entity), _("%(title)s没有任何历史记录") % {"title": ledger.title})


def _chain(
    ledger: Ledger, entity: LedgerEntity, events: list[LedgerEvent], digests: RowDigests
) -> Iterator[Fault]:
    previous, state = NO_HASH, ""
    columns: dict[str, Any] = {}
    for position, event in enumerate(events, start=1):
        mark = event_hash(ledger, event, previous)
        if event.seq != position:
            yield Fault(str(entity), _("第 %(position)s 条历史记录缺失") % {"position": position})
            return
        if bytes(event.hash) != mark or bytes(event.mac) != event_mac(mark):
            yield Fault(str(entity), _("第 %(position)s 条历史记录被改动") % {"position": position})
            return
        if event.before != state:
            yield Fault(str(entity), _("第 %(position)s 条历史记录与前一条不连续") % {"position": position})
            return
        previous, state = mark, event.after
        body = json.loads(event.body)
        columns |= body["set"]
        for table, key, digest in body["rows"]:
            digests[table][key] = digest
    if entity.event_count != len(events) or bytes(entity.last_hash) != previous:
        yield Fault(str(entity), _("历史记录的末尾被截断"))
        return
    for name, value in ledger.columns(entity).items():
        if columns.get(name) != value:
            yield Fault(
                str(entity), _("%(title)s的“%(name)s”与历史记录不符") % {"title": ledger.title, "name": name}
            )


def chain_is_sound(ledger: Ledger, entity: LedgerEntity, events: list[LedgerEvent]) -> bool:
    """Whether the chain of one entity is whole and authentic, and the entity equals what its events say."""
    digests: RowDigests = {name: {} for name in ledger.tables}
    return next(_chain(ledger, entity, events, digests), None) is None if events else False


def _rows(ledger: Ledger, digests: RowDigests) -> Iterator[Fault]:
    for name, model in ledger.tables.items():
        recorded = digests[name]
        for row in model._default_manager.order_by("pk").iterator(chunk_size=CHUNK):
            if recorded.pop(row.pk, "") != ledger.row_digest(row):
                yield Fault(
                    _entity_of(ledger, row),
                    _("%(name)s 第 %(pk)s 行与历史记录不符") % {"name": name, "pk": row.pk},
                )
        for key in recorded:
            yield Fault(f"{name} #{key}", _("历史记录中的一行已被删除"))


def recorded_digests(ledger: Ledger, model: type[models.Model], entity_ids: Iterable[int]) -> dict[int, str]:
    """Digests of a table's rows, by key, as the events of these entities recorded them."""
    table = row_table(model)
    # Safe: in a fact or text the quotes would be escaped.
    events = ledger.event._default_manager.filter(
        **{f"{ledger.name}__in": list(entity_ids)}, body__contains=f'["{table}",'
    )
    digests: dict[int, str] = {}
    for event in events.order_by(ledger.key, "seq").iterator(chunk_size=CHUNK):
        digests |= {key: digest for name, key, digest in json.loads(event.body)["rows"] if name == table}
    return digests


def _entity_of(ledger: Ledger, row: models.Model) -> str:
    entity = ledger.entity._default_manager.filter(pk=getattr(row, ledger.key, 0)).first()
    return str(entity) if entity else "?"


def _event_texts(ledger: Ledger) -> Iterator[Fault]:
    """Verifies the texts of events against their commitments; each must exist, or be erased on record."""
    events = ledger.event._default_manager.exclude(body__endswith='"texts":{}}')
    events = events.select_related(ledger.name).order_by("id")
    for batch in in_batches(events.iterator(chunk_size=CHUNK)):
        found: dict[int, dict[str, LedgerText]] = {}
        written = ledger.text._default_manager.filter(event__in=[event.pk for event in batch])  # type: ignore[misc]
        for text in written:
            found.setdefault(text.event_id, {})[text.name] = text
        for event in batch:
            for what in _text_faults(ledger, event, found.get(event.pk, {})):
                yield Fault(
                    str(getattr(event, ledger.name)),
                    _("第 %(seq)s 条历史记录%(what)s") % {"seq": event.seq, "what": what},
                )


def _text_faults(ledger: Ledger, event: LedgerEvent, found: dict[str, LedgerText]) -> Iterator[str]:
    committed = json.loads(event.body)["texts"]
    for name, mark in committed.items():
        if not _matches_commitment(ledger, found.get(name), name, mark):
            yield _("的文字被改动或删除")
    if set(found) - set(committed):
        yield _("多出文字")


def _matches_commitment(ledger: Ledger, found: LedgerText | None, name: str, mark: str) -> bool:
    if found is None:
        return False
    if found.erased_at:
        return bool(ledger.erased([getattr(found, ledger.key)]))
    return vault.commitment(bytes(found.salt), name, found.text) == mark


def in_batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """Splits rows into lists of CHUNK, for checks that query more about each."""
    while batch := list(islice(rows, CHUNK)):
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
        hashes = seals.event_hashes(seal.first_id, seal.last_id)
        if len(hashes) != seal.count or merkle_root(hashes) != bytes(seal.root):
            yield Fault(
                name,
                _("封存时有 %(count)s 条历史记录，现在 %(now)s 条或内容不同")
                % {"count": seal.count, "now": len(hashes)},
            )
        expected = seal.last_id + 1
    result.unsealed = seals.unsealed_count(expected)
    yield from _seal_files()


def _seal_files() -> Iterator[Fault]:
    """Verifies the seal files: who cuts off events and seals in the database cannot cut these."""
    inside = {hashlib.sha256(seals.statement(seal)).hexdigest() for seal in Seal.objects.all()}
    for path in seals.seal_files():
        stored = seals.statement_in(path)
        if stored is None:
            yield Fault(_("封存文件 %(name)s") % {"name": path.name}, _("文件已损坏，不能读取"))
        elif hashlib.sha256(canonical_json(stored).encode()).hexdigest() not in inside:
            yield Fault(_("%(day)s 封存文件") % {"day": stored.get("day", "")}, _("数据库中没有这份封存记录"))


def in_one_snapshot() -> None:
    """Sets snapshot isolation, read only, for a check during normal operation; call inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
