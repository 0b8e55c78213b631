"""Where the files of attachments lie: moved out of the database, checked, and cleared of what no row names."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jieban.base import filestore, vault
from jieban.base.errors import Refused
from jieban.cases.history.event_digests import row_digest
from jieban.cases.lists.attachment_reads import unseal_body
from jieban.cases.models import Attachment, AttachmentBody, AttachmentFile, CaseEvent

FEW = 5  # rows at once; each may be 20 MB
VERIFY_BATCH = 500
MOST_FAULTS = 20


def sweep_files(at: datetime) -> int:
    """Removes files that no attachment names; how many. Those of the last day may still be named."""
    return filestore.delete_orphans(_referenced, at)


def _referenced(names: list[str]) -> set[str]:
    found = AttachmentFile.objects.filter(Q(name__in=names) | Q(thumb__in=names)).values_list("name", "thumb")
    return {name for row in found for name in row}


def move_to_files() -> Iterator[int]:
    """Moves attachments that lie in the database into files; tells after each batch how many.

    May be stopped and begun again at any time. Nothing is decoded: what was kept stays as it is.
    """
    while True:
        with transaction.atomic():
            rows = AttachmentBody.objects.select_for_update(skip_locked=True, of=("self",))
            batch = list(rows.select_related("attachment").order_by("pk")[:FEW])
            for body in batch:
                _move_body(body)
        if not batch:
            return
        yield len(batch)


def _move_body(body: AttachmentBody) -> None:
    content = unseal_body(body)
    AttachmentFile.objects.get_or_create(
        attachment=body.attachment,
        defaults={
            "name": filestore.put(content),
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )
    body.delete()


@dataclass
class StorageCheck:
    """What was looked at, and what is not as it was kept: the case, and what is wrong."""

    files: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def verify_files() -> StorageCheck:
    """Opens every file and compares its digest with the row's and with the history's; stops at 20 faults."""
    result = StorageCheck()
    for batch in _batches():
        told = _recorded_digests([row.pk for row in batch])
        for row in batch:
            result.files += 1
            wrong = _file_fault(row, told.get(row.pk, ("", "")))
            if wrong:
                result.faults.append(
                    (row.case.number, _("附件 %(pk)s：%(wrong)s") % {"pk": row.pk, "wrong": wrong})
                )
                if len(result.faults) >= MOST_FAULTS:
                    return result
    return result


def _batches() -> Iterator[list[Attachment]]:
    last = 0
    while True:
        rows = Attachment.objects.filter(pk__gt=last).select_related("case", "file").order_by("pk")
        batch = list(rows[:VERIFY_BATCH])
        if not batch:
            return
        last = batch[-1].pk
        yield batch


def _recorded_digests(pks: list[int]) -> dict[int, tuple[str, str]]:
    """By attachment, from the history: the digest of what was kept, and of the row."""
    cases = Attachment.objects.filter(pk__in=pks).values("case")
    told: dict[int, tuple[str, str]] = {}
    for event in CaseEvent.objects.filter(case__in=cases, action="attach").iterator(chunk_size=VERIFY_BATCH):
        for table, key, mark in json.loads(event.body)["rows"]:
            if table == "attachment":
                told[key] = (event.facts.get("kept") or event.facts.get("sha256", ""), mark)
    return told


def _file_fault(row: Attachment, told: tuple[str, str]) -> str:
    if told[1] != row_digest(row):
        return _("记录与历史不符")
    file: AttachmentFile | None = getattr(row, "file", None)
    try:
        if file is None:
            return _body_fault(row, told[0])
        found = hashlib.sha256(filestore.read(file.name)).hexdigest()
        if file.thumb:
            filestore.read(file.thumb)
    except (Refused, vault.Unreadable) as error:
        return str(error)
    return "" if found == file.sha256 == told[0] else _("文件与历史记录不符")


def _body_fault(row: Attachment, kept: str) -> str:
    body = AttachmentBody.objects.filter(pk=row.pk).first()
    if body is not None:
        return "" if hashlib.sha256(unseal_body(body)).hexdigest() == kept else _("内容与历史记录不符")
    erased = CaseEvent.objects.filter(case=row.case_id, action="erase").exists()
    return "" if erased else _("没有文件，也没有清除记录")
