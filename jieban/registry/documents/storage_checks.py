"""Where the files of documents lie: moved out of the database, verified, and cleared of what no row names."""

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

FEW = 5  # rows at once; each may be 20 MB
VERIFY_BATCH = 500
MOST_FAULTS = 20


def sweep_files(at: datetime) -> int:
    """Removes files that no document names; how many. Those of the last day may still be named."""
    return filestore.delete_orphans(_referenced, at)


def _referenced(names: list[str]) -> set[str]:
    found = DocumentFile.objects.filter(Q(name__in=names) | Q(thumb__in=names)).values_list("name", "thumb")
    return {name for row in found for name in row if name}


def move_to_files() -> Iterator[int]:
    """Moves documents that lie in the database into files; tells after each batch how many.

    May be stopped and begun again at any time. Nothing is decoded: what was stored stays as it is.
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
    """What was looked at, and what is not as it was stored: the entity, and what is wrong."""

    files: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def verify_files() -> StorageCheck:
    """Opens every file and compares its digest with the row's, and the row with the history; stops at 20 faults."""
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
    """The documents of every ledger, a table after the other."""
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
