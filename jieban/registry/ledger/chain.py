"""Hash chain and Merkle tree: what an event's hash and MAC, and a seal's root, cover. Pure functions over rows."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

from jieban.base import keys
from jieban.registry.ledger.canonical import canonical_json, canonical_value
from jieban.registry.ledger.declaration import Ledger
from jieban.registry.models import LedgerEvent

NO_HASH = b"\0" * 32
MAC_BYTES = 16


def event_hash(ledger: Ledger, event: LedgerEvent, previous: bytes | memoryview) -> bytes:
    """SHA-256 of all contents of an event and of the hash of the entity's previous event."""
    content = [
        ledger.name, getattr(event, ledger.key), event.seq, event.action, event.person_id, event.post_id, event.role,
        event.unit_id, canonical_value(event.at), canonical_value(event.recorded_at), event.before, event.after,
        event.body,
    ]  # fmt: skip
    return hashlib.sha256(bytes(previous) + canonical_json(content).encode()).digest()


def event_mac(event_digest: bytes) -> bytes:
    """MAC of an event: proves that the platform wrote it, because the key is not in the database."""
    return hmac.digest(_chain_key(), bytes(event_digest), "sha256")[:MAC_BYTES]


@lru_cache(maxsize=1)
def _chain_key() -> bytes:
    seed = keys.decode_keys(str(keys.load(settings.KEY_FILE)["seal"]))[0]
    return hmac.digest(seed, b"jieban event chain", "sha256")


def merkle_root(leaves: list[bytes]) -> bytes:
    """Root of a Merkle tree; leaves and nodes are hashed differently, as in RFC 6962."""
    level = [hashlib.sha256(b"\0" + bytes(leaf)).digest() for leaf in leaves] or [NO_HASH]
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]
