"""File store for encrypted files outside of the database: in a folder, or in an S3 bucket.

A file's name is random. It is encrypted for its own name and cannot be decrypted under another. The file is written
before the row that names it is committed; `delete_orphans` removes files that no row names.
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
    """Error: a row names the file, but it is missing: lost, or not copied back after a restore."""

    status = 404
    code = "file_gone"


class StorageUnreachable(Refused):
    """Error: the storage service does not answer, or refuses."""

    status = 503
    code = "files_unreachable"


def _service_errors() -> tuple[type[Exception], ...]:
    """Exceptions of the storage service's client; its library is imported only when something was raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


@contextmanager
def _translate_service_errors() -> Iterator[None]:
    try:
        yield
    except _service_errors() as error:
        raise StorageUnreachable(_("文件存储暂时连不上。请过几分钟再试。")) from error


class FolderStorage(FileSystemStorage):
    """Folder storage with durable, atomic writes: the file is synced to disk when writing returns."""

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
    """Encrypts and writes a new file; returns its name."""
    mark = secrets.token_hex(20)
    name = f"{mark[:2]}/{mark}"
    with _translate_service_errors():
        return storage().save(name, ContentFile(vault.seal_bytes(content, purpose(name))))


def read(name: str) -> bytes:
    """Reads and decrypts a file. Raises FileGone, and Unreadable when it was changed or its key is missing."""
    return vault.unseal_bytes(_read_sealed(name), purpose(name))


def _read_sealed(name: str) -> bytes:
    try:
        with _translate_service_errors(), storage().open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise FileGone(_("这个文件不在文件存储中。请联系管理员从备份恢复。")) from None


def drop(*names: str) -> None:
    """Deletes files; one that is gone already is no error."""
    for name in names:
        if name:
            with _translate_service_errors():
                storage().delete(name)


def needs_new_key(name: str) -> bool:
    return vault.needs_new_key(_read_sealed(name))


def purpose(name: str) -> str:
    return f"file {name}"


def delete_orphans(named: Callable[[list[str]], set[str]], at: datetime) -> int:
    """Deletes orphans: files older than a day that no row names, because a request broke off in between.

    `named` returns those of the given names that rows have.
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
