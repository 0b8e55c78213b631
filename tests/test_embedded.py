import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from jieban.base import embedded


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for a server; made once, because making the cluster takes a second or two."""
    var = Path(tempfile.mkdtemp(prefix="jieban-embedded-"))
    yield var
    embedded.stop(var)
    shutil.rmtree(var)


@pytest.fixture
def var(folder: Path) -> Iterator[Path]:
    """The same folder, with no server running."""
    embedded.stop(folder)
    yield folder
    embedded.stop(folder)


def ask(var: Path, question: str) -> object:
    with psycopg.connect(embedded.url(var), autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    assert row
    return row[0]


def kill_server(var: Path) -> None:
    process = psutil.Process(embedded.server_pid(var))
    os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs([process], timeout=10)


def test_url_is_known_before_the_server_runs(var: Path) -> None:
    assert embedded.url(var) == f"postgresql://postgres@/jieban?host={var}/run"
    assert embedded.is_running(var) is False


def test_start_from_two_processes_starts_one_server(var: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        started = pool.map(embedded.start, [var, var])

    assert sorted(started) == [False, True]
    assert ask(var, "SELECT 1") == 1


def test_start_after_a_kill_keeps_what_was_committed(var: Path) -> None:
    embedded.start(var)
    with psycopg.connect(embedded.url(var)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("TRUNCATE kept")
        connection.execute("INSERT INTO kept VALUES (12345)")
    kill_server(var)

    assert embedded.is_running(var) is False
    assert embedded.start(var) is True
    assert ask(var, "SELECT number FROM kept") == 12345


def test_start_after_a_kill_ends_a_query_that_goes_on(var: Path) -> None:
    """A busy child of a killed server does not notice that it is alone, and holds the shared memory."""
    embedded.start(var)
    busy = psycopg.connect(embedded.url(var), autocommit=True)
    endless = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b"
    busy.pgconn.send_query(endless.encode())
    child = psutil.Process(busy.info.backend_pid)
    kill_server(var)

    assert embedded.start(var) is True
    assert not child.is_running()
    assert ask(var, "SELECT 1") == 1


def test_start_when_the_old_number_belongs_to_another_program(var: Path) -> None:
    """After a reboot the process id in a crashed server's file may be anybody's."""
    embedded.start(var)
    kill_server(var)
    file = embedded.data_folder(var) / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    assert embedded.server_pid(var) is None
    assert embedded.start(var) is True


def test_start_says_why_it_cannot() -> None:
    var = Path(tempfile.mkdtemp(prefix="jieban-embedded-"))
    embedded.data_folder(var).mkdir()
    (embedded.data_folder(var) / "PG_VERSION").write_text("17\n")

    with pytest.raises(embedded.DatabaseNotStarted, match="内置数据库无法启动"):
        embedded.start(var, wait_seconds=5)
    shutil.rmtree(var)


def test_a_long_path_gets_a_socket_elsewhere() -> None:
    var = Path(tempfile.mkdtemp(prefix="jieban-" + "long-" * 25))
    try:
        embedded.start(var)
        assert embedded.socket_folder(var).parent == Path(tempfile.gettempdir())
        assert ask(var, "SELECT 1") == 1
    finally:
        embedded.stop(var)
        shutil.rmtree(embedded.socket_folder(var))
        shutil.rmtree(var)


def test_running_stops_with_the_last_user(var: Path) -> None:
    first, second = ExitStack(), ExitStack()
    first.enter_context(embedded.running(var))
    second.enter_context(embedded.running(var))

    first.close()
    assert embedded.is_running(var) is True
    second.close()
    assert embedded.is_running(var) is False


def test_running_leaves_alone_what_ran_before(var: Path) -> None:
    embedded.start(var)

    with embedded.running(var):
        pass

    assert embedded.is_running(var) is True


def test_running_stops_what_a_killed_command_left(var: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from jieban.base import embedded\n"
        "with embedded.running(pathlib.Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(var)]).returncode == -signal.SIGKILL
    assert embedded.is_running(var) is True

    with embedded.running(var):
        pass

    assert embedded.is_running(var) is False
