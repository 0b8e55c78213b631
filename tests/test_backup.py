"""A copy taken while work goes on comes back whole: the counts fit, sealed names open, the history verifies."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from jieban.base import backup
from jieban.cases import actions
from jieban.cases.models import CaseEvent
from jieban.registry.ledger import seals
from tests.cases.scene import AT, closed, make_case, make_scene


def address(database: str) -> str:
    params = connection.get_connection_params()
    named = {name: params[name] for name in ("host", "port", "user", "password") if params.get(name)}
    return make_conninfo(**named, dbname=database)


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """An empty database beside that of the tests."""
    with psycopg.connect(address("postgres"), autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS restored")
        server.execute("CREATE DATABASE restored")
        yield address("restored")
        server.execute("DROP DATABASE restored WITH (FORCE)")


def jieban(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jieban", *arguments],
        env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_copy_comes_back_whole(tmp_path: Path, elsewhere: str) -> None:
    scene = make_scene()
    closed(scene)
    make_case(scene)
    seals.make_seal(AT)
    copy = tmp_path / "jieban.backup"

    size = backup.save(address(settings.DATABASES["default"]["NAME"]), copy)
    actions.add_note(make_case(scene).pk, actor=scene.actor("operator"), at=AT, text="备份之后")
    restored = jieban(elsewhere, "restore", str(copy))

    assert size == copy.stat().st_size > 10_000
    assert list(tmp_path.iterdir()) == [copy]
    assert restored.returncode == 0, restored.stderr
    told = jieban(elsewhere, "verify-history", "--json")
    result = json.loads(told.stdout)
    assert (told.returncode, result["cases"], result["seals"]) == (0, 2, 1)
    assert result["events"] == CaseEvent.objects.count() - 2
    table = tmp_path / "cases.csv"
    assert jieban(elsewhere, "export-cases", str(table)).returncode == 0
    assert "王**" in table.read_text(encoding="utf-8-sig")


@pytest.mark.django_db(transaction=True)
def test_a_database_in_use_is_not_written_over(tmp_path: Path) -> None:
    own = address(settings.DATABASES["default"]["NAME"])
    copy = tmp_path / "jieban.backup"
    backup.save(own, copy)
    with pytest.raises(backup.BackupFailed, match="数据库不是空的"):
        backup.restore(own, copy)


def test_a_damaged_copy_leaves_the_database_empty(tmp_path: Path, elsewhere: str) -> None:
    damaged = tmp_path / "jieban.backup"
    damaged.write_bytes(b"PGDMP" + b"\0" * 500)
    with pytest.raises(backup.BackupFailed, match="pg_restore 没有完成"):
        backup.restore(elsewhere, damaged)
    with pytest.raises(backup.BackupFailed, match="没有备份文件"):
        backup.restore(elsewhere, tmp_path / "nothing")


def test_an_older_copy_stays_when_the_new_one_fails(tmp_path: Path, elsewhere: str) -> None:
    copy = tmp_path / "jieban.backup"
    copy.write_text("older")
    with pytest.raises(backup.BackupFailed):
        backup.save(elsewhere.replace("restored", "no_such_database"), copy)
    assert copy.read_text() == "older"
    assert list(tmp_path.iterdir()) == [copy]
