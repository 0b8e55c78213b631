"""Secret keys, from JIEBAN_KEYS (JSON) or from a key file, never from the database.

The file is JSON: {"current": "k1", "data": {"k1": {"cipher": "aes-256-gcm", "key": BASE64}},
"index": BASE64, "seal": BASE64, "sign-in": BASE64}. `data` keys encrypt personal data (older ones stay for
reading), `index` makes the blind index, `seal` is the Ed25519 private key of the history's seals.
"""

import base64
import hashlib
import json
import os
import secrets
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from jieban.base.errors import Invalid


class NoKeys(Invalid):
    """Error: the platform was started without keys."""

    code = "no_keys"


def make_key_file(path: Path) -> bool:
    """Writes a new key file, readable by its owner only, unless one is there. Returns whether it wrote one."""
    if path.exists() or os.environ.get("JIEBAN_KEYS"):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = {
        "current": "k1",
        "data": {"k1": {"cipher": "aes-256-gcm", "key": _random()}},
        "index": _random(),
        "seal": _random(),
        "sign-in": _random(),
    }
    _put(path, fresh)
    return True


def add_data_key(path: Path, cipher: str) -> str:
    """Adds a data key under the next free name and makes it the current one; earlier keys stay. Returns its name.

    Raises NoKeys when there is no key file, or the keys come from the environment.
    """
    if os.environ.get("JIEBAN_KEYS"):
        raise NoKeys("密钥来自 JIEBAN_KEYS：请在其中加入新的数据密钥，并把 current 改为它的名称。")
    found = load(path)
    taken = found["data"]
    name = next(f"k{number}" for number in count(len(taken) + 1) if f"k{number}" not in taken)
    _put(path, found | {"current": name, "data": taken | {name: {"cipher": cipher, "key": _random()}}})
    return name


def _put(path: Path, content: dict[str, Any]) -> None:
    """Writes the key file atomically, readable by its owner only."""
    half_written = path.with_suffix(".new")
    descriptor = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(content, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    half_written.replace(path)
    load.cache_clear()


@lru_cache(maxsize=4)
def load(path: Path) -> dict[str, Any]:
    """Loads the keys. Raises NoKeys, with what to do, when there are none or they cannot be read."""
    text = os.environ.get("JIEBAN_KEYS") or (path.read_text() if path.exists() else "")
    if not text:
        raise NoKeys("没有密钥。请设置 JIEBAN_KEYS，或用 python -m jieban make-keys 生成密钥文件。")
    try:
        found = json.loads(text)
        found["data"][found["current"]]["key"]
        decode_keys(found["index"], found["seal"], found["sign-in"])
    except (ValueError, KeyError, TypeError):
        raise NoKeys("密钥文件内容不完整或已损坏，请从备份恢复。") from None
    return dict(found)


def decode_keys(*encoded: str) -> list[bytes]:
    return [base64.b64decode(text, validate=True) for text in encoded]


def secret_for(name: str, path: Path) -> str:
    """Derives one secret as text of 128 characters; empty when there are no keys yet, so that `check` can say so."""
    try:
        return hashlib.sha512(str(load(path)[name]).encode()).hexdigest()
    except NoKeys:
        return ""


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
