"""Key rotation: reseals personal data under the current key, so that an old key can leave the key file."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import models, transaction

from jieban.base import filestore, vault
from jieban.cases.history.case_texts import SEALED_COLUMNS
from jieban.cases.models import (
    AlsoNotified,
    Call,
    CaseText,
    Draft,
    PublicSubmission,
    SubmissionPhoto,
    Support,
)
from jieban.channels.models import Message
from jieban.registry.identity import second_factors
from jieban.registry.models import DocumentBody, DocumentFile

BATCH = 500  # rows; an attachment may be 20 MB
FEW = 5


def reseal() -> Iterator[int]:
    """Reseals every value that is under an old key; yields the number of changed rows after each batch.

    May be stopped and started again at any time, while the platform works: finished rows are skipped, new values are
    already under the current key. Raises Unreadable, with the row, when a value cannot be unsealed.
    """
    yield from _table(CaseText, {name: name for name in SEALED_COLUMNS}, BATCH)
    yield from _table(DocumentBody, {"sealed": "attachment"}, FEW)
    yield from _table(Draft, {"sealed": "draft"}, BATCH)
    yield from _table(AlsoNotified, {"phone": "phone", "name": "name"}, BATCH)
    yield from _table(Call, {"number": "phone"}, BATCH)
    yield from second_factors.reseal()
    yield from _files()
    yield from _table(PublicSubmission, {"sealed": "submission"}, BATCH)
    yield from _table(SubmissionPhoto, {"sealed": "submission.photo"}, FEW)
    yield from _table(Support, {"phone": "support"}, BATCH)
    yield from _table(Message, {"phone": "sms.phone", "text": "sms.text"}, BATCH)


def _table(model: type[models.Model], purposes: dict[str, str], size: int) -> Iterator[int]:
    last = 0
    while True:
        with transaction.atomic():
            # Locked, so that a correction made meanwhile is not overwritten by an older value.
            rows = model._default_manager.select_for_update(no_key=True).filter(pk__gt=last).order_by("pk")
            batch = list(rows.only("pk", *purposes)[:size])
            changed = [row for row in batch if _reseal_row(row, purposes)]
            if changed:
                model._default_manager.bulk_update(changed, list(purposes))
        if not batch:
            return
        last = batch[-1].pk
        yield len(changed)


def _files() -> Iterator[int]:
    """Reseals files: each gets a new name under the new key; the old file is deleted after the commit."""
    last = 0
    while True:
        with transaction.atomic():
            model = DocumentFile
            rows = model.objects.select_for_update(no_key=True).filter(pk__gt=last).order_by("pk")
            batch = list(rows[:FEW])
            changed = [row for row in batch if _reseal_file(row)]
            if changed:
                model.objects.bulk_update(changed, ["name", "thumb"])
        if not batch:
            return
        last = batch[-1].pk
        yield len(changed)


def _reseal_file(row: DocumentFile) -> bool:
    changed = False
    for field in ("name", "thumb"):
        name = getattr(row, field)
        try:
            if name and filestore.needs_new_key(name):
                setattr(row, field, filestore.put(filestore.read(name)))
                transaction.on_commit(partial(filestore.drop, name), robust=True)
                changed = True
        except (vault.Unreadable, filestore.FileGone) as error:
            raise vault.Unreadable(f"{error} ({row._meta.db_table}.{field}, {row.pk})") from None
    return changed


def _reseal_row(row: Any, purposes: dict[str, str]) -> bool:
    """Reseals the row's values where needed; returns whether any changed."""
    changed = False
    for name, purpose in purposes.items():
        value = getattr(row, name)
        try:
            if value and vault.needs_new_key(value):
                setattr(row, name, vault.seal(vault.unseal(value, purpose), purpose))
                changed = True
        except vault.Unreadable as error:
            raise vault.Unreadable(f"{error} ({row._meta.db_table}.{name}, {row.pk})") from None
    return changed
