"""The whole platform for real, with its own folder, port, database and child processes."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

from jieban.base import embedded

READY = re.compile(r"Jieban is ready at (http://127\.0\.0\.1:\d+)\n")


class Platform:
    """`python -m jieban demo` on a folder and port of its own."""

    def __init__(self, var: Path, port: int, **more: str) -> None:
        self.var, self.port, self.more = var, port, more
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []
        self.failed = False

    def run(self, *arguments: str) -> "subprocess.Popen[str]":
        """Runs a command with this platform's folder and port, and nothing else of the test's environment."""
        ours = ("JIEBAN_", "DATABASE_URL", "PORT")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return subprocess.Popen(
            [sys.executable, "-m", "jieban", *arguments],
            env={**inherited, "JIEBAN_VAR": str(self.var), "PORT": str(self.port), **self.more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if arguments != ("demo",) else (self.var / "stderr").open("a"),
            text=True,
        )

    def start(self) -> None:
        """Starts it, and returns the first line of its standard output, which says that it is ready."""
        self.process = self.run("demo")
        assert self.process.stdout
        self.said = [self.process.stdout.readline()]
        assert READY.fullmatch(self.said[0]), (self.var / "stderr").read_text()

    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5)
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False
        return True

    def database_answers(self) -> bool:
        try:
            psycopg.connect(embedded.url(self.var), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def child(self, command: str) -> psutil.Process:
        """The web server or the worker that the supervisor has started; waits until there is one."""
        assert self.process
        supervisor = psutil.Process(self.process.pid)
        found: list[psutil.Process] = []

        def there() -> bool:
            found[:] = [one for one in supervisor.children() if command in one.cmdline()]
            return bool(found)

        wait_until(there, 5)
        return found[0]

    def everything(self) -> list[psutil.Process]:
        """Every living process that works in this folder or was started for it."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("JIEBAN_VAR") == str(self.var)
                if mine or Path(process.cwd()) == embedded.data_folder(self.var):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def kill_everything(self) -> None:
        for process in (left := self.everything()):
            process.kill()
        psutil.wait_procs(left, timeout=10)
        if self.process:
            self.process.communicate()


def wait_until(holds: Callable[[], bool], seconds: float) -> float:
    """Waits until the condition holds, polling often; returns the seconds that it took."""
    began, pause = time.monotonic(), threading.Event()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        pause.wait(0.03)
    return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
