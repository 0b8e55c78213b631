"""Seals: signed statements over the events of all ledgers so far, also stored in files outside the database."""

import hashlib
import heapq
import json
from datetime import date, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from jieban.base import vault
from jieban.base.clock import local_date
from jieban.registry.ledger.canonical import canonical_json, canonical_value
from jieban.registry.ledger.chain import NO_HASH, merkle_root
from jieban.registry.ledger.declaration import ledgers
from jieban.registry.ledger.recording import EVENT_LOCK
from jieban.registry.models import Seal

CHUNK = 20_000


def folder() -> Path:
    """Folder of the seal files, to be handed to another office, which the database's administrators cannot change."""
    return Path(settings.VAR) / "seals"


def statement(seal: Seal) -> bytes:
    """Signed contents: level, day, range, count, root and the previous seal."""
    content = {
        "level": seal.level, "day": seal.day.isoformat(), "first_id": seal.first_id, "last_id": seal.last_id,
        "count": seal.count, "root": bytes(seal.root).hex(), "previous": bytes(seal.previous).hex(),
        "made_at": canonical_value(seal.made_at),
    }  # fmt: skip
    return canonical_json(content).encode()


def make_seal(at: datetime, level: str = Seal.Level.INTERIM) -> Seal | None:
    """Seals the events since the last seal of the level; None when there are none.

    Interim seals follow the last seal of any level, daily ones the last daily one: every event is under exactly one
    daily seal, and under an interim one until then.
    """
    with transaction.atomic():
        last_id = _last_complete_id()
        before = _seal_before(level)
        first_id = before.last_id + 1 if before else 1
        hashes = event_hashes(first_id, last_id)
        if not hashes:
            return None
        seal = Seal(
            level=level, day=_day_of(at, level), first_id=first_id, last_id=last_id, count=len(hashes),
            root=merkle_root(hashes), previous=_digest(before), made_at=at,
        )  # fmt: skip
        seal.key_id, seal.signature = vault.sign(statement(seal))
        seal.save(force_insert=True)
    write_out(seal)
    return seal


def _day_of(at: datetime, level: str) -> date:
    """Day of a seal; a daily seal is made after midnight for the day before."""
    return local_date(at - timedelta(hours=12)) if level == Seal.Level.DAY else local_date(at)


def _last_complete_id() -> int:
    """Id of the newest event. All writers share the lock, so holding it alone means that none is in progress."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EVENT_LOCK])
    events = (
        ledger.event._default_manager.order_by("-id").values_list("id", flat=True) for ledger in ledgers()
    )
    return max((found.first() or 0 for found in events), default=0)


def _seal_before(level: str) -> Seal | None:
    seals = Seal.objects.order_by("-last_id", "-id")
    return (seals.filter(level=level) if level == Seal.Level.DAY else seals).first()


def event_hashes(first_id: int, last_id: int) -> list[bytes]:
    """Hashes of all ledgers' events in the order of their ids, which come from one sequence."""
    rows = (
        ledger.event._default_manager.filter(id__gte=first_id, id__lte=last_id).order_by("id")
        for ledger in ledgers()
    )
    pairs = (found.values_list("id", "hash").iterator(chunk_size=CHUNK) for found in rows)
    return [bytes(mark) for _id, mark in heapq.merge(*pairs, key=itemgetter(0))]


def unsealed_count(first_id: int | None = None, most: int | None = None) -> int:
    """Number of events under no seal yet, counted up to `most` in each ledger."""
    if first_id is None:
        first_id = (Seal.objects.order_by("-last_id").values_list("last_id", flat=True).first() or 0) + 1
    events = (ledger.event._default_manager.filter(id__gte=first_id) for ledger in ledgers())
    return sum(found[:most].count() for found in events)


def _digest(seal: Seal | None) -> bytes:
    """Digest of a seal's statement, for the next one."""
    return hashlib.sha256(statement(seal)).digest() if seal else NO_HASH


def write_out(seal: Seal) -> None:
    """Writes the seal to its file, atomically."""
    folder().mkdir(parents=True, exist_ok=True)
    path = _path(seal)
    whole = {
        "statement": json.loads(statement(seal)),
        "key_id": seal.key_id,
        "signature": bytes(seal.signature).hex(),
        "public_key": vault.public_key().hex(),
    }
    half = path.with_suffix(".new")
    half.write_text(json.dumps(whole, ensure_ascii=False, indent=1))
    half.replace(path)


def _path(seal: Seal) -> Path:
    return folder() / f"{seal.day.isoformat()}-{seal.level}-{seal.last_id}.json"


def has_matching_file(seal: Seal) -> bool:
    """Whether the seal's file exists and matches it."""
    try:
        content = json.loads(_path(seal).read_text())
        return canonical_json(content["statement"]).encode() == statement(seal)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def seal_files() -> list[Path]:
    """The seal files in the order of their names; none where nothing was sealed yet."""
    return sorted(folder().glob("*.json")) if folder().is_dir() else []


def statement_in(path: Path) -> dict[str, Any] | None:
    """The statement in a seal file; None for a damaged file."""
    try:
        found = json.loads(path.read_text())["statement"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None
