"""File format of models: a magic line with a checksum, a JSON header, and arrays; never pickle.

    jieban-model 1 <sha256 of all that follows>
    {"kind": "classifier", "version": "3f2a...", ...}      one line of JSON
    <the arrays, as numpy's .npz>

The checksum detects damage; it is no signature. Reading never runs code from the file.
"""

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from jieban.base.errors import Invalid
from jieban.base.translation import gettext as _

FORMAT = 1
MOST_BYTES = 300_000_000  # of the file, and of its arrays when unpacked
LONGEST_FIRST_LINE = 200
VERSION_LENGTH = 12
_NAME = b"jieban-model"

Array = NDArray[Any]


class BadModel(Invalid):
    """Error: the file is no model, or not one that this version can use."""

    code = "bad_model"


@dataclass(frozen=True)
class ModelFile:
    """Content of a model file. `version` is a hash of it: files of one version classify every text the same."""

    version: str
    header: Mapping[str, Any]
    arrays: Mapping[str, Array]


def write(path: Path, kind: str, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    """Writes the file atomically; returns its version. Raises BadModel where it cannot be written."""
    version, content = serialize(kind, header, arrays)
    try:
        _write_whole(path, content)
    except OSError as error:
        raise BadModel(
            _("模型写不到 %(path)s：%(strerror)s。请换一个位置。")
            % {"path": path, "strerror": error.strerror}
        ) from error
    return version


def serialize(kind: str, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> tuple[str, bytes]:
    """Version and bytes of a model."""
    packed = _pack(arrays)
    header_line = json.dumps({"kind": kind, **header}, ensure_ascii=False, sort_keys=True).encode()
    version = hashlib.sha256(header_line + packed).hexdigest()[:VERSION_LENGTH]
    line = json.dumps({"version": version, "kind": kind, **header}, ensure_ascii=False, sort_keys=True)
    body = line.encode() + b"\n" + packed
    first = b" ".join((_NAME, str(FORMAT).encode(), hashlib.sha256(body).hexdigest().encode())) + b"\n"
    return version, first + body


def read(path: Path, kind: str) -> ModelFile:
    """Reads a model file. Raises BadModel, with a sentence, when it is damaged, of another kind or a later format."""
    try:
        with path.open("rb") as handle:
            return deserialize(handle, kind, str(path))
    except OSError as error:
        raise BadModel(
            _("模型文件 %(path)s 打不开：%(strerror)s。") % {"path": path, "strerror": error.strerror}
        ) from error


def deserialize(handle: BinaryIO, kind: str, path: str) -> ModelFile:
    """The model in an open file, or in bytes; `path` names it in messages. Raises BadModel as `read` does."""
    body = _read_checked(handle, path)
    line, _newline, packed = body.partition(b"\n")
    try:
        header = json.loads(line)
        if header["kind"] != kind:
            raise BadModel(
                _("%(path)s 是另一种模型（%(kind)s），不能用在这里。")
                % {"path": path, "kind": header["kind"]}
            )
        return ModelFile(header["version"], header, _unpack(path, packed))
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise BadModel(
            _("模型文件 %(path)s 的内容不完整，请重新训练或换一个文件。") % {"path": path}
        ) from error


def _read_checked(handle: BinaryIO, path: str) -> bytes:
    """Everything after the first line, checked against its checksum."""
    first = handle.readline(LONGEST_FIRST_LINE).split()
    if len(first) != 3 or first[0] != _NAME:
        raise BadModel(_("%(path)s 不是接办的模型文件。请用 train 命令训练，或换一个文件。") % {"path": path})
    if first[1] != str(FORMAT).encode():
        raise BadModel(_("模型文件 %(path)s 的格式版本不同，请用本版本重新训练。") % {"path": path})
    body = handle.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise BadModel(_("模型文件 %(path)s 太大，不像是接办的模型。") % {"path": path})
    if hashlib.sha256(body).hexdigest().encode() != first[2]:
        raise BadModel(_("模型文件 %(path)s 已损坏（校验和不符），请重新训练或从备份恢复。") % {"path": path})
    return body


def _pack(arrays: Mapping[str, Array]) -> bytes:
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)})
    return packed.getvalue()


def _unpack(path: str, packed: bytes) -> dict[str, Array]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise BadModel(_("模型文件 %(path)s 太大，不像是接办的模型。") % {"path": path})
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def words_to_array(words: list[str]) -> Array:
    """A list of words, none with a line break, as an array of bytes."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def array_to_words(array: Array) -> list[str]:
    text = array.astype(np.uint8).tobytes().decode()
    return text.split("\n") if text else []
