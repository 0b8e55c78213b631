"""What an event's hash covers, and what a row's digest covers. Pure functions over rows."""

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models

from jieban.base import keys, vault
from jieban.cases.models import Case, CaseEvent

# Columns of a case that the chain itself keeps, or that follow from others.
UNTRACKED = frozenset({"id", "event_count", "last_hash", "next_check_at"})
# The columns of a case's words that are kept sealed.
SEALED_COLUMNS = ("original", "name", "phone", "address")
# Writers of events share this lock, the sealer takes it alone: what it then counts is complete.
EVENT_LOCK = 7_110_107
NO_HASH = b"\0" * 32
MAC_BYTES = 16
# Nullable columns that were added when there were rows already, by the name of their table.
ADDED_COLUMNS = {"visitback": frozenset({"recording"})}
_JSON_TYPES = {str, bool, int}


def canonical_value(value: Any) -> Any:
    """A column's value as canonical JSON holds it: exact, and the same on every machine."""
    if value is None or type(value) in _JSON_TYPES:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return [canonical_value(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value


def canonical_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_columns(row: models.Model) -> dict[str, Any]:
    """The row's columns as canonical values. What came later is told only where it holds something, so that
    the digests of earlier rows stay what they were.
    """
    later = ADDED_COLUMNS.get(type(row)._meta.model_name or "", frozenset())
    told = {name: canonical_value(getattr(row, name)) for name in _names(type(row))}
    return {name: value for name, value in told.items() if value is not None or name not in later}


def case_columns(case: Case) -> dict[str, Any]:
    """The case's columns that the history tells."""
    return {name: canonical_value(getattr(case, name)) for name in _names(Case) if name not in UNTRACKED}


@lru_cache(maxsize=100)
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def unseal_text(blob: bytes | memoryview, purpose: str) -> str:
    """A sealed column as text; empty when it is empty."""
    return vault.unseal(blob, purpose) if blob else ""


def row_digest(row: models.Model) -> str:
    """A digest of a row written by an event, so that a later change of it by other hands shows."""
    return hashlib.sha256(canonical_json(canonical_columns(row)).encode()).hexdigest()[:32]


def event_hash(event: CaseEvent, previous: bytes | memoryview) -> bytes:
    """SHA-256 over everything that an event says and the hash of the case's event before it."""
    said = [
        event.case_id, event.seq, event.action, event.person_id, event.post_id, event.role, event.unit_id,
        canonical_value(event.at), canonical_value(event.recorded_at), event.before, event.after, event.body,
    ]  # fmt: skip
    return hashlib.sha256(bytes(previous) + canonical_json(said).encode()).digest()


def event_mac(event_digest: bytes) -> bytes:
    """Proof that the platform wrote the event: the key is not in the database."""
    return hmac.digest(_chain_key(), bytes(event_digest), "sha256")[:MAC_BYTES]


@lru_cache(maxsize=1)
def _chain_key() -> bytes:
    seed = keys.decode_keys(str(keys.load(settings.KEY_FILE)["seal"]))[0]
    return hmac.digest(seed, b"jieban event chain", "sha256")


def merkle_root(leaves: list[bytes]) -> bytes:
    """The root of a Merkle tree; leaves and nodes are hashed differently, as in RFC 6962."""
    level = [hashlib.sha256(b"\0" + bytes(leaf)).digest() for leaf in leaves] or [NO_HASH]
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def seal_digest(statement: bytes) -> bytes:
    """What the next seal says of the one before."""
    return hashlib.sha256(statement).digest()
