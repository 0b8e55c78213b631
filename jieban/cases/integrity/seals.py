"""Seals: signed statements over all events so far, also kept in files outside the database."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from jieban.base import vault
from jieban.base.clock import local_date
from jieban.cases.history import event_digests
from jieban.cases.models import CaseEvent, Seal


def folder() -> Path:
    """Where the seals lie as files, to be handed to another office: who can change the database has not these."""
    return Path(settings.VAR) / "seals"


def statement(seal: Seal) -> bytes:
    """What is signed: level, day, range, count, root and the seal before."""
    said = {
        "level": seal.level, "day": seal.day.isoformat(), "first_id": seal.first_id, "last_id": seal.last_id,
        "count": seal.count, "root": bytes(seal.root).hex(), "previous": bytes(seal.previous).hex(),
        "made_at": event_digests.canonical_value(seal.made_at),
    }  # fmt: skip
    return event_digests.canonical_json(said).encode()


def make_seal(at: datetime, level: str = Seal.Level.INTERIM) -> Seal | None:
    """Seals the events since the last seal of the level; None when there are none.

    Interim seals follow the last seal of any level, daily ones the last daily one: every event is under
    exactly one daily seal, and under an interim one until then.
    """
    with transaction.atomic():
        last_id = _last_complete_id()
        before = _seal_before(level)
        first_id = before.last_id + 1 if before else 1
        hashes = _hashes(first_id, last_id)
        if not hashes:
            return None
        seal = Seal(
            level=level, day=_day_of(at, level), first_id=first_id, last_id=last_id, count=len(hashes),
            root=event_digests.merkle_root(hashes), previous=_digest(before), made_at=at,
        )  # fmt: skip
        seal.key_id, seal.signature = vault.sign(statement(seal))
        seal.save(force_insert=True)
    write_out(seal)
    return seal


def _day_of(at: datetime, level: str) -> date:
    """A daily seal is made after midnight and is that of the day before."""
    return local_date(at - timedelta(hours=12)) if level == Seal.Level.DAY else local_date(at)


def _last_complete_id() -> int:
    """The newest event. All writers share the lock: holding it alone means that none is on its way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [event_digests.EVENT_LOCK])
    newest = CaseEvent.objects.order_by("-id").values_list("id", flat=True).first()
    return newest or 0


def _seal_before(level: str) -> Seal | None:
    seals = Seal.objects.order_by("-last_id", "-id")
    return (seals.filter(level=level) if level == Seal.Level.DAY else seals).first()


def _hashes(first_id: int, last_id: int) -> list[bytes]:
    rows = CaseEvent.objects.filter(id__gte=first_id, id__lte=last_id).order_by("id")
    return [bytes(row) for row in rows.values_list("hash", flat=True).iterator(chunk_size=20_000)]


def _digest(seal: Seal | None) -> bytes:
    return event_digests.seal_digest(statement(seal)) if seal else event_digests.NO_HASH


def write_out(seal: Seal) -> None:
    """Writes the seal to its file. A seal whose file is missing is written again by `write_missing`."""
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
    """Whether the seal's file lies where seals are kept, and says the same."""
    try:
        kept = json.loads(_path(seal).read_text())
        return event_digests.canonical_json(kept["statement"]).encode() == statement(seal)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_seal_files() -> list[dict[str, Any]]:
    """The statements of the seal files, as far as they can be read."""
    if not folder().is_dir():
        return []
    return [json.loads(path.read_text()) for path in sorted(folder().glob("*.json"))]
