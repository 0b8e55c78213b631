"""Test environment of the benchmarks: an embedded database server in a temporary folder, durable as in production."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from jieban.base import embedded, keys

ROOT = Path(__file__).parent.parent


@dataclass
class Place:
    """The folder of the server and its files; the databases by the number of their cases."""

    var: Path
    databases: dict[int, str] = field(default_factory=dict)

    def url(self, database: str = embedded.DATABASE) -> str:
        return embedded.url(self.var, database)

    def sql(self, database: str = embedded.DATABASE) -> psycopg.Connection:
        return psycopg.connect(self.url(database), autocommit=True)

    def copied(self, name: str) -> str:
        """Copies the first database as it is now, under another name."""
        from bench.figure import let_go

        let_go()
        with self.sql("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {embedded.DATABASE} STRATEGY file_copy")
        return name


@contextmanager
def prepared() -> Iterator[Place]:
    """Context with server, keys, Django, tables and the demonstration's registry; all are removed afterwards."""
    var = Path(tempfile.mkdtemp(prefix="jieban-bench-"))
    var.chmod(0o755)
    for name in ("DATABASE_URL", "JIEBAN_KEYS", "JIEBAN_KEY_FILE"):
        os.environ.pop(name, None)
    os.environ |= {
        "JIEBAN_VAR": str(var), "JIEBAN_LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "jieban.settings",
    }  # fmt: skip
    keys.make_key_file(var / "keys.json")
    embedded.start(var)
    try:
        _fill()
        yield Place(var)
    finally:
        embedded.stop(var)
        shutil.rmtree(var, ignore_errors=True)


def _fill() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from jieban.base.clock import now
    from jieban.registry.loaders.registry_loader import load

    call_command("migrate", verbosity=0)
    if not load(ROOT / "data" / "district", now()).ok():
        raise RuntimeError("the registry of the demonstration was refused")


@contextmanager
def database(place: Place, name: str) -> Iterator[None]:
    """Context in which Django uses another database of the server."""
    from django.conf import settings
    from django.db import connections

    from bench.figure import let_go

    let_go()
    before = connections["default"].settings_dict["NAME"]
    try:
        settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name
        yield
    finally:
        let_go()
        settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = before
