"""Sealed files outside of the database: in a folder, or at an S3 service.

A file's name is random and says nothing. It is sealed for its own name: under another it does not open. The
file is written before the row that names it is committed; `sweep` removes what no row came to name.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.errors import Refused

ALIAS = "files"
ORPHAN_GRACE = timedelta(days=1)
FOLDERS = [f"{number:02x}" for number in range(256)]


class FileGone(Refused):
    """There is no such file, though a row names it: lost, or not copied back after a restore."""

    status = 404
    code = "file_gone"


class StorageUnreachable(Refused):
    """The service that keeps the files does not answer, or refuses."""

    status = 503
    code = "files_unreachable"


def _service_errors() -> tuple[type[Exception], ...]:
    """What is raised where files are kept by a service; asked for only when something was raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


@contextmanager
def _translate_service_errors() -> Iterator[None]:
    try:
        yield
    except _service_errors() as error:
        raise StorageUnreachable(_("文件存储暂时连不上。请过几分钟再试。")) from error


class FolderStorage(FileSystemStorage):
    """A folder in which a file that was written is on the disk, whole, when writing returns."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, begun = tempfile.mkstemp(dir=path.parent, prefix="begun-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.read())
                file.flush()
                os.fsync(file.fileno())
            Path(begun).replace(path)
        except BaseException:
            Path(begun).unlink(missing_ok=True)
            raise
        for folder in (path.parent, path.parent.parent):
            _sync(folder)
        return name


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def storage() -> Storage:
    return storages[ALIAS]


def put(content: bytes) -> str:
    """Seals and writes a new file, and tells its name."""
    mark = secrets.token_hex(20)
    name = f"{mark[:2]}/{mark}"
    with _translate_service_errors():
        return storage().save(name, ContentFile(vault.seal_bytes(content, purpose(name))))


def read(name: str) -> bytes:
    """What was put under this name. Raises Gone, and Unreadable when it was changed or its key is missing."""
    return vault.unseal_bytes(_read_sealed(name), purpose(name))


def _read_sealed(name: str) -> bytes:
    try:
        with _translate_service_errors(), storage().open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise FileGone(_("这个文件不在文件存储中。请联系管理员从备份恢复。")) from None


def drop(*names: str) -> None:
    """Removes files; those that are gone already are no fault."""
    for name in names:
        if name:
            with _translate_service_errors():
                storage().delete(name)


def needs_new_key(name: str) -> bool:
    return vault.needs_new_key(_read_sealed(name))


def purpose(name: str) -> str:
    return f"file {name}"


def delete_orphans(named: Callable[[list[str]], set[str]], at: datetime) -> int:
    """Removes files older than a day that no row names: left when somebody was cut off in between.

    `named` tells which of some names rows know.
    """
    removed = 0
    for names in _list_names():
        unnamed = set(names) - named(names)
        for name in sorted(unnamed):
            if at - storage().get_modified_time(name) > ORPHAN_GRACE:
                drop(name)
                removed += 1
    return removed


def _list_names() -> Iterator[list[str]]:
    for folder in FOLDERS:
        try:
            files = storage().listdir(folder)[1]
        except FileNotFoundError:
            continue
        if files:
            yield [f"{folder}/{file}" for file in files]
