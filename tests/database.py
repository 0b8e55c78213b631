"""Loaded before Django's settings: an embedded PostgreSQL and keys of its own for this run of the suite."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from jieban.base import embedded, keys

VAR = Path(tempfile.mkdtemp(prefix="jieban-test-"))
VAR.chmod(0o755)
(VAR / "static").mkdir()
os.environ["JIEBAN_VAR"] = str(VAR)
os.environ["JIEBAN_DATABASE_POOL"] = "0"
os.environ["JIEBAN_LOG_LEVEL"] = "WARNING"
# Tests sign people in by force; those about second factors ask for them.
os.environ["JIEBAN_SECOND_FACTOR"] = "offered"
os.environ.pop("JIEBAN_KEYS", None)
os.environ.pop("JIEBAN_KEY_FILE", None)
keys.make_key_file(VAR / "keys.json")
if not os.environ.get("DATABASE_URL"):
    embedded.start(VAR)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL"):
        embedded.stop(VAR)
    shutil.rmtree(VAR, ignore_errors=True)
