"""Maintenance of document files: moving them out of the database, verification, deletion of orphans."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jieban.base import filestore, vault
from jieban.base.errors import Refused
from jieban.registry.documents.document_reads import read_bytes, unseal_body
from jieban.registry.ledger.declaration import Ledger, ledgers
from jieban.registry.ledger.verification import recorded_digests
from jieban.registry.models import Document, DocumentBody, DocumentFile

FEW = 5  # rows per batch; each may be 20 MB
VERIFY_BATCH = 500
MOST_FAULTS = 20


def sweep_files(at: datetime) -> int:
    """Deletes files that no document names; returns their number. Those of the last day stay: they may get a row."""
    return filestore.delete_orphans(_referenced, at)


def _referenced(names: list[str]) -> set[str]:
    found = DocumentFile.objects.filter(Q(name__in=names) | Q(thumb__in=names)).values_list("name", "thumb")
    return {name for row in found for name in row if name}


def move_to_files() -> Iterator[int]:
    """Moves documents from the database into files; yields the size of each batch.

    May be stopped and started again at any time. Nothing is decoded: the stored bytes stay the same.
    """
    while True:
        with transaction.atomic():
            rows = DocumentBody.objects.select_for_update(skip_locked=True, of=("self",))
            batch = list(rows.order_by("pk")[:FEW])
            for body in batch:
                DocumentFile.objects.filter(pk=body.pk).update(name=filestore.put(unseal_body(body)))
                body.delete()
        if not batch:
            return
        yield len(batch)


@dataclass
class StorageCheck:
    """Result of a verification: the number of files, and the faults as entity and text."""

    files: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def verify_files() -> StorageCheck:
    """Compares the digest of every file with its row, and the row with the history; stops at MOST_FAULTS."""
    result = StorageCheck()
    for ledger, batch in _batches():
        entities = {getattr(row, ledger.key) for row in batch}
        recorded = recorded_digests(ledger, type(batch[0]), entities)
        erased = ledger.erased(getattr(row, ledger.key) for row in batch if row.erased)
        for row in batch:
            result.files += 1
            wrong = (
                _file_fault(row, getattr(row, ledger.key) in erased)
                if recorded.get(row.pk) == ledger.row_digest(row)
                else _("记录与历史不符")
            )
            if wrong:
                result.faults.append(
                    (
                        str(getattr(row, ledger.name)),
                        _("附件 %(pk)s：%(wrong)s") % {"pk": row.pk, "wrong": wrong},
                    )
                )
                if len(result.faults) >= MOST_FAULTS:
                    return result
    return result


def _batches() -> Iterator[tuple[Ledger, list[Document]]]:
    """Batches of the documents of every ledger, table by table."""
    for ledger in ledgers():
        for model in ledger.rows:
            if issubclass(model, Document):
                yield from ((ledger, batch) for batch in _batches_of(ledger, model))


def _batches_of(ledger: Ledger, model: type[Document]) -> Iterator[list[Document]]:
    last = 0
    rows = model._default_manager.select_related(ledger.name, "file").order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:VERIFY_BATCH]):
        yield batch
        last = batch[-1].pk


def _file_fault(row: Document, erasure_on_record: bool) -> str:
    if row.erased:
        return "" if erasure_on_record else _("没有文件，也没有清除记录")
    try:
        found = hashlib.sha256(read_bytes(row)).hexdigest()
        if row.file.thumb:
            filestore.read(row.file.thumb)
    except DocumentBody.DoesNotExist:
        return _("没有文件，也没有清除记录")
    except (Refused, vault.Unreadable) as error:
        return str(error)
    return "" if found == row.stored_sha256 else _("文件与历史记录不符")
