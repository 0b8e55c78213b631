"""Process supervisor behind `make demo`: database, web server and worker in the foreground of one terminal.

It restarts a child process that dies, and ends all of them on Ctrl-C or SIGTERM. If it is killed itself, the web
server and the worker end with it; the database stays and is adopted by the next start.
"""

import ctypes
import errno
import fcntl
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from jieban import commandline
from jieban.base import embedded, http
from jieban.base.errors import Refused

log = logging.getLogger("jieban.demo")

POLL_SECONDS = 0.1
READY_WITHIN_SECONDS = 60
PORT_FREE_WITHIN_SECONDS = 10
CHILDREN_STOP_WITHIN_SECONDS = 7
DATABASE_STOPS_WITHIN_SECONDS = 5
GRACE_SECONDS = 5
REPEATED_SIGNAL_SECONDS = 1.0
# A restart is immediate after a longer run; otherwise after a delay that doubles up to this.
LONGEST_RESTART_DELAY_SECONDS = 1.0
HEALTHY_AFTER_SECONDS = 5.0
# The demonstration's passwords are public, so a second factor would protect nothing.
DEMO_SECOND_FACTOR = "offered"
SUPERVISOR_PID = "JIEBAN_SUPERVISOR_PID"


class PlatformNotStarted(Refused):
    """Error: the platform could not be started."""

    status = 503
    code = "not_started"


class _StopRequested(BaseException):
    """Control flow: a signal asked the supervisor to stop."""


@dataclass
class ChildProcess:
    """Child process that the supervisor keeps running."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
            [sys.executable, "-m", "jieban", *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),  # stdout has only the supervisor's own lines
            start_new_session=True,
            env=_environment(),
        )

    def keep_running(self) -> bool:
        """Restarts the process when it has died. Returns whether it did."""
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            ran_well = now - self.started_at > HEALTHY_AFTER_SECONDS
            self.pause = 0.0 if ran_well else min(LONGEST_RESTART_DELAY_SECONDS, self.pause * 2 or 0.1)
            log.warning("%s ended with %s; starting it again", self.name, self.process.returncode)
            self.start_again_at = now + self.pause
            self._end_group()
            self.process = None
        if self.process is None and now >= self.start_again_at:
            self.start()
            return True
        return False

    def ask_to_end(self) -> None:
        if self.process:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Waits until `deadline` on the monotonic clock, then kills the process group."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self._end_group()
        self.process.wait()

    def _end_group(self) -> None:
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


@dataclass
class Supervisor:
    """Supervisor: the child processes, and the record by which the next start finds leftovers of this one."""

    record: Any
    children: list[ChildProcess] = field(default_factory=list)

    def watch_once(self) -> None:
        started = [child.keep_running() for child in self.children]
        if any(started):
            self._write_record()
        if settings.EMBEDDED_DATABASE and embedded.server_pid(settings.VAR) is None:
            log.warning("the embedded database ended; starting it again")
            try:
                embedded.start(settings.VAR, wait_seconds=30)
            except Refused as error:
                log.error("%s", error)

    def stop(self) -> None:
        deadline = time.monotonic() + CHILDREN_STOP_WITHIN_SECONDS
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.end(deadline)
        self._stop_database(DATABASE_STOPS_WITHIN_SECONDS)
        self.record.truncate(0)

    def kill(self) -> None:
        for child in self.children:
            child.end(0.0)
        if settings.EMBEDDED_DATABASE and (server := embedded.server_pid(settings.VAR)):
            os.kill(server, signal.SIGQUIT)  # PostgreSQL's own immediate stop

    def _stop_database(self, wait_seconds: int) -> None:
        if settings.EMBEDDED_DATABASE:
            embedded.stop(settings.VAR, wait_seconds)

    def _write_record(self) -> None:
        groups = [child.process.pid for child in self.children if child.process]
        _write(self.record, {"supervisor": os.getpid(), "groups": groups})


def demo() -> None:
    """Runs the whole platform with the demonstration district until Ctrl-C or SIGTERM."""
    listen, port = listen_address()
    with _supervisor_lock() as record:
        _wait_for_port(listen, port, _leftover_process_groups(record))
        supervisor = Supervisor(record)
        with _signal_handlers(supervisor), embedded.in_use(settings.VAR):
            _prepare()
            supervisor.children = [
                ChildProcess("web", ["web", "--grace", str(GRACE_SECONDS)]),
                ChildProcess("worker", ["worker", "--grace", str(GRACE_SECONDS)]),
            ]
            _wait_until_ready(supervisor, listen, port)
            _announce(listen, port)
            while True:
                time.sleep(POLL_SECONDS)
                supervisor.watch_once()


def listen_address() -> tuple[str, int]:
    """Address and port of the web server: JIEBAN_LISTEN and PORT."""
    port = whole_number("PORT", 8000)
    if not 0 < port < 65536:
        raise PlatformNotStarted("PORT 须在 1 到 65535 之间。 / PORT must be between 1 and 65535.")
    return os.environ.get("JIEBAN_LISTEN") or "127.0.0.1", port


def whole_number(name: str, default: int) -> int:
    """Integer from the environment. Raises PlatformNotStarted, naming the variable, when it is none."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit()):
        raise PlatformNotStarted(f"{name} 须为整数，现为 {text!r}。 / {name} must be a whole number.")
    return int(text)


def check_port_is_free(listen: str, port: int, wait_seconds: float = 0.0) -> None:
    """Raises PlatformNotStarted when another program has the port, which the server would otherwise share unnoticed."""
    deadline = time.monotonic() + wait_seconds
    while not _port_is_free(listen, port):
        if time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            continue
        raise PlatformNotStarted(
            f"端口 {port} 已被其他程序占用，请停止该程序，或用 PORT= 指定其他端口（如 PORT={port + 1}）。"
            f" / Port {port} is taken by another program: stop it, or choose another with PORT="
        )


def end_with_supervisor() -> None:
    """In a child process: ends it as soon as the supervisor is gone."""
    if supervisor := os.environ.get(SUPERVISOR_PID):
        end_with(int(supervisor))


def end_with(parent: int) -> None:
    """Has the kernel kill this process as soon as its parent is gone, however that ended (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the call
        os._exit(1)


def _prepare() -> None:
    """Prepares keys, database, tables and the demonstration district; existing data stays."""
    if settings.EMBEDDED_DATABASE:
        embedded.start(settings.VAR)
    commandline.check_keys()
    call_command("migrate", verbosity=0, interactive=False)
    if "load_demo" in get_commands():
        call_command("load_demo")
    close_connections()  # the supervisor needs none from here on


def close_connections() -> None:
    """Closes this process's database connections, pooled ones too."""
    for connection in connections.all():
        connection.close()
        cast(DatabaseWrapper, connection).close_pool()


def _environment() -> dict[str, str]:
    return {
        "JIEBAN_LOG_LEVEL": "WARNING",
        "JIEBAN_SECOND_FACTOR": DEMO_SECOND_FACTOR,
        "JIEBAN_SMS_GATEWAY": f"file:{_text_message_file()}",
        **os.environ,
        SUPERVISOR_PID: str(os.getpid()),
    }


def _text_message_file() -> Path:
    """File that receives the demonstration's text messages, instead of a gateway."""
    return Path(settings.VAR).resolve() / "sms.jsonl"


@contextmanager
def _supervisor_lock() -> Iterator[Any]:
    """Lock file of this JIEBAN_VAR. Raises PlatformNotStarted when another supervisor has it."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR / "demo.lock").open("a+") as record:
        try:
            fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PlatformNotStarted(
                f"{settings.VAR} 下已有一个接办在运行，请先停止，或用 JIEBAN_VAR= 指定其他目录。"
                f" / Jieban is already running on {settings.VAR}; stop it, or choose another JIEBAN_VAR."
            ) from None
        yield record


@contextmanager
def _signal_handlers(supervisor: Supervisor) -> Iterator[None]:
    """Signal handlers: the first signal stops in good order; a second one kills what still runs.

    One that follows at once is a repetition: the terminal signals the whole group, and `make` passes it on again.
    """
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    asked_at = 0.0

    def kill(number: int, frame: Any) -> None:
        if time.monotonic() - asked_at > REPEATED_SIGNAL_SECONDS:
            supervisor.kill()
            os._exit(1)

    def stop(number: int, frame: Any) -> None:
        nonlocal asked_at
        asked_at = time.monotonic()
        for name in names:
            signal.signal(name, kill)
        raise _StopRequested

    for name in names:
        signal.signal(name, stop)
    try:
        yield
    except _StopRequested:
        log.info("stopping")
    finally:
        for name in names:
            signal.signal(name, kill)
        supervisor.stop()


def _write(record: Any, content: dict[str, Any]) -> None:
    record.truncate(0)
    record.write(json.dumps(content))
    record.flush()


def _leftover_process_groups(record: Any) -> list[int]:
    """Process groups left by a killed run; empty when the last run ended in good order."""
    record.seek(0)
    with suppress(ValueError, KeyError, TypeError):
        return [int(group) for group in json.loads(record.read())["groups"]]
    return []


def _wait_for_port(listen: str, port: int, groups: list[int]) -> None:
    """Waits for the port while a web server left by a killed run ends; other programs are left alone."""
    deadline = time.monotonic() + PORT_FREE_WITHIN_SECONDS
    while not _port_is_free(listen, port) and any(map(_is_alive, groups)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    check_port_is_free(listen, port)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def _port_is_free(listen: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((listen, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise PlatformNotStarted(
                f"无法在 {listen}:{port} 上监听 / Cannot listen there: {error.strerror}"
            ) from None
    return True


def _address(listen: str, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(listen, f"[{listen}]" if ":" in listen else listen)  # noqa: S104
    return f"http://{host}:{port}"


def _wait_until_ready(supervisor: Supervisor, listen: str, port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        supervisor.watch_once()
        if _responds(_address(listen, port) + "/healthz"):
            return
        time.sleep(POLL_SECONDS)
    raise PlatformNotStarted(
        f"网页服务器在 {READY_WITHIN_SECONDS} 秒内没有就绪，原因见上面的日志。"
        " / The web server did not become ready; the lines above say why."
    )


def _responds(address: str) -> bool:
    """Whether the server answers without a server error (5xx)."""
    limits = http.Limits(connect=5, read=5, total=5)
    try:
        return http.Client((http.Endpoint.of(address),), limits=limits).status("GET", address) < 500
    except http.Failure:
        return False


def _announce(listen: str, port: int) -> None:
    print(f"Jieban is ready at {_address(listen, port)}", flush=True)
    accounts = settings.VAR / "demo-accounts.json"
    if accounts.exists():
        for role, password in json.loads(Path(accounts).read_text()).items():
            print(f"  {role:12} {password}", flush=True)
    if (os.environ.get("JIEBAN_SECOND_FACTOR") or DEMO_SECOND_FACTOR) == "offered":
        print(
            "演示账号人人可见，因此不要求两步验证；正式使用时必须设置。"
            " / The second factor is not required here, because everybody knows these accounts.",
            flush=True,
        )
    if not settings.SMS_GATEWAY:
        print(f"  Text messages, with their codes, are written to {_text_message_file()}", flush=True)
