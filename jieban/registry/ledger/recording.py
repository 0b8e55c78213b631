"""Recording of events: the next event of an entity is built, hashed and written with the entity in one statement."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models

from jieban.base import vault
from jieban.base.clock import now
from jieban.base.sql.row_writes import write
from jieban.registry.identity.posts import Actor
from jieban.registry.ledger.canonical import canonical_json, canonical_value
from jieban.registry.ledger.chain import NO_HASH, event_hash, event_mac
from jieban.registry.ledger.declaration import Ledger, row_table
from jieban.registry.models import LedgerEntity, LedgerEvent, LedgerText

# Shared by writers of events, exclusive for the sealer, so that the events it counts are complete.
EVENT_LOCK = 7_110_107


@dataclass
class EventDraft:
    """Contents of the next event, without the entity's columns."""

    ledger: Ledger
    action: str
    actor: Actor
    at: datetime
    before: str = ""
    after: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)  # the event has only a commitment to each
    rows: dict[tuple[str, int], str] = field(default_factory=dict)

    def add(self, row: models.Model) -> None:
        """Inserts a row that belongs to the entity, and records it."""
        row.save(force_insert=True)
        self.note(row)

    def note(self, row: models.Model) -> None:
        """Records the digest of a row as it is now."""
        self.rows[row_table(type(row)), row.pk] = self.ledger.row_digest(row)


@contextmanager
def record(
    ledger: Ledger, entity: LedgerEntity, action: str, *, actor: Actor, at: datetime
) -> Iterator[EventDraft]:
    """Runs an action on an entity in a `with` block; its changes are written with the event at the end.

    Call it in a transaction that has locked the entity's row, or has just inserted it.
    """
    fresh = not entity.event_count
    before = {} if fresh else ledger.columns(entity)
    draft = EventDraft(ledger, action, actor, at, "" if fresh else _state_of(entity))
    yield draft
    draft.after = _state_of(entity)
    append(entity, draft, before)


def _state_of(entity: LedgerEntity) -> str:
    return str(getattr(entity, "state", ""))


def append(
    entity: LedgerEntity, draft: EventDraft, before: Mapping[str, Any], *, derived: Iterable[str] = ()
) -> LedgerEvent:
    """Writes the event, its texts, and the entity's columns that differ from `before`, in one statement.

    `derived` names further columns to write, which the event does not cover.
    """
    after = draft.ledger.columns(entity)
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    event, texts = build_event(entity, draft, changed, pk=next_event_ids()[0])
    write([event, *texts], [(entity, [*changed, *derived, "event_count", "last_hash"])])
    return event


def next_event_ids(count: int = 1) -> list[int]:
    """Next ids of events, taken under the shared lock, so that the sealer waits for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s)) "
            "SELECT nextval('registry_event_id') FROM locked, generate_series(1, %s)",
            [EVENT_LOCK, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def build_event(
    entity: LedgerEntity, draft: EventDraft, changed: Mapping[str, Any], *, pk: int
) -> tuple[LedgerEvent, list[LedgerText]]:
    """Builds the next event of the chain with its texts, and sets the chain's head on the entity; all unsaved."""
    ledger, actor = draft.ledger, draft.actor
    salts = {name: vault.new_salt() for name in draft.texts}
    event = ledger.event(
        **{ledger.name: entity}, id=pk, seq=entity.event_count + 1, action=draft.action, person_id=actor.person_id,
        post_id=actor.post_id, role=actor.role, unit_id=actor.unit_id, at=draft.at, recorded_at=now(),
        before=draft.before, after=draft.after, body=_body(draft, changed, salts),
    )  # fmt: skip
    event.hash = event_hash(ledger, event, entity.last_hash or NO_HASH)
    event.mac = event_mac(event.hash)
    entity.event_count, entity.last_hash = event.seq, event.hash
    return event, [
        ledger.text(**{ledger.name: entity, "event": event}, name=name, salt=salts[name], text=text)
        for name, text in draft.texts.items()
    ]


def _body(draft: EventDraft, changed: Mapping[str, Any], salts: Mapping[str, bytes]) -> str:
    facts = draft.facts | _delegation_facts(draft.actor)
    return canonical_json(
        {
            "facts": {name: canonical_value(value) for name, value in facts.items()},
            "set": changed,
            "rows": sorted([table, key, digest] for (table, key), digest in draft.rows.items()),
            "texts": {name: vault.commitment(salts[name], name, text) for name, text in draft.texts.items()},
        }
    )


def _delegation_facts(actor: Actor) -> dict[str, Any]:
    """Fact with the owner of the post, for an actor who acts by delegation."""
    return {"acting_for": actor.for_name} if actor.for_name else {}
