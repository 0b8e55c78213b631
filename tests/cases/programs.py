"""Commands in processes of their own, to be killed; and the separate database on which they commit."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).parents[2]


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """Creates a migrated database beside the suite's own; yields its URL."""
    dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(dropped)
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        server.execute(copied.format(sql.Identifier(name), sql.Identifier(_blank())))
        try:
            yield make_conninfo(settings.DATABASE_URL, dbname=name)
        finally:
            server.execute(dropped)


@cache
def _blank() -> str:
    """The name of a migrated, empty template database; made once in a run."""
    name = f"jieban_blank_{os.getpid()}"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_conninfo(settings.DATABASE_URL, dbname=name)
    assert command(url, "migrate", "--verbosity", "0").wait(120) == 0
    return name


def command(url: str, *arguments: str) -> "subprocess.Popen[str]":
    """Starts `python -m jieban` with these arguments on the database."""
    return _started(url, "-m", "jieban", *arguments)


def script(url: str, text: str) -> "subprocess.Popen[str]":
    """Starts some lines of Python, run after Django's setup."""
    return _started(url, "-c", f"import django; django.setup()\n{text}")


def _started(url: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "jieban.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
