"""Backup and restore of the whole database, both atomic; restored is only into an empty database."""

import os
import subprocess
from pathlib import Path

import psycopg
from django.utils.translation import gettext as _
from psycopg.conninfo import conninfo_to_dict

from jieban.base.embedded import BIN
from jieban.base.errors import Refused

LIBPQ_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}


class BackupFailed(Refused):
    """Error: the backup could not be written or read."""

    code = "backup_failed"


def save(url: str, path: Path) -> int:
    """Writes a consistent backup while the platform runs; returns its size in bytes.

    An older backup at the path stays until the new one is complete. Raises BackupFailed.
    """
    half = path.with_name(path.name + ".part")
    try:
        _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={half}")
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.replace(path)
    except OSError as error:
        raise BackupFailed(_("备份写不下：%s。请检查目录和磁盘空间。") % error.strerror) from None
    finally:
        half.unlink(missing_ok=True)
    return path.stat().st_size


def restore(url: str, path: Path) -> None:
    """Restores a backup into an empty database, whole or not at all. Raises BackupFailed."""
    if not path.is_file():
        raise BackupFailed(_("没有备份文件 %s。") % path)
    if not _is_empty(url):
        raise BackupFailed(_("数据库不是空的，没有恢复。请恢复到新建的数据库，核对后再切换。"))
    _run("pg_restore", url, "--single-transaction", "--no-owner", "--exit-on-error", "--dbname=", str(path))


def _is_empty(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchone()
    return row == (0,)


def _run(program: str, url: str, *arguments: str) -> None:
    """Runs a program of PostgreSQL; the address is passed in the environment, where other users cannot see it."""
    variables = {
        LIBPQ_VARIABLES[key]: str(value)
        for key, value in conninfo_to_dict(url).items()
        if key in LIBPQ_VARIABLES
    }
    filled = [f"--dbname={variables.get('PGDATABASE', '')}" if a == "--dbname=" else a for a in arguments]
    done = subprocess.run(  # noqa: S603 - our own program with our own arguments
        [str(BIN / program), *filled], env=os.environ | variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(
            _("%(program)s 没有完成：%(why)s") % {"program": program, "why": done.stderr.strip()[-500:]}
        )
