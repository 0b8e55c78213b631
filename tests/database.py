"""Pytest plugin loaded before Django's settings: an embedded PostgreSQL and separate keys for this run of the suite."""

import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

from jieban.base import embedded, keys

VAR = Path(tempfile.mkdtemp(prefix="jieban-test-"))
VAR.chmod(0o755)
(VAR / "static").mkdir()
os.environ["JIEBAN_VAR"] = str(VAR)
os.environ["JIEBAN_DATABASE_POOL"] = "0"
os.environ["JIEBAN_LOG_LEVEL"] = "WARNING"
# Tests sign in without second factors; those about second factors require them.
os.environ["JIEBAN_SECOND_FACTOR"] = "offered"
os.environ.pop("JIEBAN_KEYS", None)
os.environ.pop("JIEBAN_KEY_FILE", None)
keys.make_key_file(VAR / "keys.json")
GIVEN = bool(os.environ.get("DATABASE_URL"))
_started = False


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Each process that runs tests has a database; one that only distributes them has none."""
    global _started
    hands_out = (
        getattr(early_config.known_args_namespace, "numprocesses", None)
        and "PYTEST_XDIST_WORKER" not in os.environ
    )
    if not GIVEN and not hands_out:
        embedded.start(VAR)
        _without_waiting()
        _started = True


def _without_waiting() -> None:
    """Turns off durability: nobody needs these rows after a power cut. Platforms that are killed have other servers."""
    with psycopg.connect(embedded.url(VAR), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def pytest_unconfigure(config: pytest.Config) -> None:
    if _started:
        embedded.stop(VAR)
    shutil.rmtree(VAR, ignore_errors=True)
