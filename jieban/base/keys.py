"""The secret keys: from JIEBAN_KEYS (JSON) or from a key file, never from the database.

The file is JSON: {"current": "k1", "data": {"k1": {"cipher": "aes-256-gcm", "key": BASE64}},
"index": BASE64, "seal": BASE64, "sign-in": BASE64}. `data` keys encrypt personal data (older ones stay for
reading), `index` makes the blind index, `seal` is the Ed25519 private key of the history's seals.
"""

import base64
import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from jieban.base.errors import Missing


class NoKeys(Missing):
    """The platform was started without keys."""

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
    half_written = path.with_suffix(".new")
    descriptor = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(fresh, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    half_written.replace(path)
    load.cache_clear()
    return True


@lru_cache(maxsize=4)
def load(path: Path) -> dict[str, Any]:
    """The keys. Raises NoKeys, with what to do, when there are none or they cannot be read."""
    text = os.environ.get("JIEBAN_KEYS") or (path.read_text() if path.exists() else "")
    if not text:
        raise NoKeys("没有密钥。请设置 JIEBAN_KEYS，或用 python -m jieban make-keys 生成密钥文件。")
    try:
        found = json.loads(text)
        found["data"][found["current"]]["key"]
        bytes_of(found["index"], found["seal"], found["sign-in"])
    except (ValueError, KeyError, TypeError):
        raise NoKeys("密钥文件内容不完整或已损坏，请从备份恢复。") from None
    return dict(found)


def bytes_of(*encoded: str) -> list[bytes]:
    return [base64.b64decode(text, validate=True) for text in encoded]


def secret_for(name: str, path: Path) -> str:
    """One secret as text; empty when there are no keys yet, so that `check` can say so."""
    try:
        return str(load(path)[name])
    except NoKeys:
        return ""


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
