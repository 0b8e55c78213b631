"""Storing of uploaded files: they are decoded and written before anything is locked; then rows refer to them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jieban.base import filestore
from jieban.base.errors import Invalid, Refused
from jieban.base.media.accepting import AcceptedFile, accept
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Document, DocumentBody, DocumentFile

MOST_FILES = 9  # per upload
NamedContent = tuple[str, bytes]  # name and content of an uploaded file
AnyDocument = TypeVar("AnyDocument", bound=Document)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Accepted and written file, to which no row refers yet."""

    accepted: AcceptedFile
    name: str
    thumb: str


def check_file_count(files: Sequence[NamedContent]) -> None:
    """Raises Invalid for no files, or more than MOST_FILES."""
    if not 0 < len(files) <= MOST_FILES:
        raise Invalid(_("一次可上传 1 至 9 个文件。"), fields={"file": _("1 至 9 个")})


@contextmanager
def stored_files(files: Sequence[NamedContent]) -> Iterator[list[StoredFile]]:
    """Decodes and writes files, outside of any lock. After a refusal they are deleted again.

    After any other failure they stay, because the row may have been committed; the sweep deletes orphans.
    """
    accepted = [accept(content, name) for name, content in files]
    stored: list[StoredFile] = []
    for one in accepted:
        stored.append(
            StoredFile(one, filestore.put(one.content), filestore.put(one.thumb) if one.thumb else "")
        )
    try:
        yield stored
    except Refused:
        for file in stored:
            discard_file(file)
        raise


def discard_file(file: StoredFile) -> None:
    with suppress(filestore.StorageUnreachable):  # the sweep deletes it later
        filestore.drop(file.name, file.thumb)


def build_document(
    model: type[AnyDocument], file: StoredFile, *, actor: Actor, at: datetime, **values: Any
) -> AnyDocument:
    """Builds the document of a stored file, unsaved; its file row is inserted. `values` are the subclass's columns.

    Call it inside the transaction that records the document.
    """
    accepted = file.accepted
    place = DocumentFile.objects.create(
        name=file.name, thumb=file.thumb, width=accepted.width, height=accepted.height
    )
    return model(
        file=place, kind=accepted.kind, media_type=accepted.media_type, size=len(accepted.content),
        sha256=accepted.original_sha256, stored_sha256=accepted.sha256, at=at, person_id=actor.person_id,
        unit_id=actor.unit_id, **values,
    )  # fmt: skip


def erase_files(documents: QuerySet[Any], at: datetime) -> None:
    """Erases file rows in this transaction, and the files after its commit; the sweep deletes what is missed.

    The documents stay, because their digests are in the history.
    """
    files = DocumentFile.objects.filter(pk__in=documents.values("file"), erased_at=None)
    names = [name for row in files.values_list("name", "thumb") for name in row if name]
    DocumentBody.objects.filter(file__in=files).delete()
    files.update(name=None, thumb="", width=None, height=None, erased_at=at)
    transaction.on_commit(partial(filestore.drop, *names), robust=True)
