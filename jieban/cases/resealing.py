"""Sealing personal data anew under the current key, so that an earlier key can leave the key file."""

from collections.abc import Iterator
from typing import Any

from django.db import models, transaction

from jieban.base import vault
from jieban.cases.history import SEALED
from jieban.cases.models import AttachmentBody, CaseText, Draft, Filing, FilingPhoto, Support
from jieban.channels.models import Message

BATCH = 500  # rows; an attachment may be 20 MB
FEW = 5


def reseal() -> Iterator[int]:
    """Seals every value that is under an earlier key anew; tells after each batch how many rows were changed.

    May be stopped and begun again at any time, while the platform works: what is done is skipped, and a value
    written meanwhile is under the current key already. Raises Unreadable, with the row, when one does not open.
    """
    yield from _table(CaseText, {name: name for name in SEALED}, BATCH)
    yield from _table(AttachmentBody, {"sealed": "attachment"}, FEW)
    yield from _table(Draft, {"sealed": "draft"}, BATCH)
    yield from _table(Filing, {"sealed": "filing"}, BATCH)
    yield from _table(FilingPhoto, {"sealed": "filing.photo"}, FEW)
    yield from _table(Support, {"phone": "support"}, BATCH)
    yield from _table(Message, {"phone": "sms.phone", "text": "sms.text"}, BATCH)


def _table(model: type[models.Model], purposes: dict[str, str], size: int) -> Iterator[int]:
    last = 0
    while True:
        with transaction.atomic():
            # Locked, so that a correction by somebody else isn't written over with what was read before it.
            rows = model._default_manager.select_for_update(no_key=True).filter(pk__gt=last).order_by("pk")
            batch = list(rows.only("pk", *purposes)[:size])
            changed = [row for row in batch if _under_current_key(row, purposes)]
            if changed:
                model._default_manager.bulk_update(changed, list(purposes))
        if not batch:
            return
        last = batch[-1].pk
        yield len(changed)


def _under_current_key(row: Any, purposes: dict[str, str]) -> bool:
    """Seals the row's values anew where they are to be; whether any was."""
    changed = False
    for name, purpose in purposes.items():
        value = getattr(row, name)
        try:
            if value and vault.needs_new_key(value):
                setattr(row, name, vault.seal(vault.open_sealed(value, purpose), purpose))
                changed = True
        except vault.Unreadable as error:
            raise vault.Unreadable(f"{error} ({row._meta.db_table}.{name}, {row.pk})") from None
    return changed
