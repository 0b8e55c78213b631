"""Web server, worker and database are killed while 2,000 cases come in: what was acknowledged is there, once."""

import json
import random
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import psutil
import psycopg

from jieban.base import embedded
from tests.platforms import Platform, wait_until

CASES = 2_000
SENDERS = 6
# After how many acknowledged cases what is killed.
BLOWS: tuple[tuple[int, str], ...] = (
    (150, "web"), (300, "worker"), (450, "backend"), (600, "page"), (800, "database"), (1_000, "worker"),
    (1_200, "web"), (1_350, "backend"), (1_500, "database"), (1_750, "page"),
)  # fmt: skip


class Ledger:
    """What the senders were told, kept by themselves."""

    def __init__(self, platform: Platform, token: str) -> None:
        self.url = f"http://127.0.0.1:{platform.port}/api/v1/cases"
        self.token = token
        self.lock = Lock()
        self.acknowledged: dict[str, str] = {}
        self.tries = 0
        self.wrong: list[str] = []
        self.pause = Event()

    def bring(self, number: int) -> None:
        """Sends one case with its own key until somebody acknowledges it."""
        key, body = f"kill-{number}", {"kind": "appeal", "channel": "web", "text": text_of(number)}
        while True:
            with self.lock:
                self.tries += 1
            told = self._send(key, body)
            if told is not None:
                with self.lock:
                    self.acknowledged[key] = told
                return
            self.pause.wait(0.05)

    def _send(self, key: str, body: dict[str, str]) -> str | None:
        """The number of the case; None when nobody acknowledged it this time."""
        request = urllib.request.Request(
            self.url,
            json.dumps(body).encode(),
            {
                "Authorization": f"Bearer {self.token}",
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return str(json.load(answer)["number"])
        except urllib.error.HTTPError as error:
            if error.code != 503:
                self.wrong.append(f"{key}: {error.code} {error.read()[:200]!r}")
            return None
        except (OSError, ValueError, EOFError):
            return None
        except Exception as error:  # a connection cut in the middle of an answer
            if type(error).__module__ != "http.client":
                raise
            return None


def text_of(number: int) -> str:
    return f"第 {number} 号灯杆不亮，请尽快派人修理。"


def victim(platform: Platform, name: str) -> Callable[[], None]:
    """How to kill it: -9 and nothing before."""
    if name == "database":
        return lambda: psutil.Process(embedded.server_pid(platform.var)).kill()
    if name == "backend":
        return lambda: kill_backend(platform)
    if name == "page":
        return lambda: random.Random(7).choice(platform.child("web").children()).kill()
    return lambda: platform.child(name).kill()


def kill_backend(platform: Platform) -> None:
    """One connection's own process: PostgreSQL then ends all of them and recovers."""
    server = psutil.Process(embedded.server_pid(platform.var))
    busy = [
        child
        for child in server.children()
        if " idle" in " ".join(child.cmdline()) or "127" in " ".join(child.cmdline())
    ]
    backends = busy or [child for child in server.children() if "jieban" in " ".join(child.cmdline())]
    backends[0].kill()


def strike(platform: Platform, ledger: Ledger, done: Event) -> list[str]:
    """Kills at each mark; the names of what was killed."""
    struck: list[str] = []
    for mark, name in BLOWS:
        wait_until(lambda mark=mark: len(ledger.acknowledged) >= mark or done.is_set(), 120)  # type: ignore[misc]
        try:
            victim(platform, name)()
        except (psutil.NoSuchProcess, IndexError, AssertionError, TypeError):
            continue  # it is dead from the last blow already
        struck.append(name)
    return struck


def command(platform: Platform, *arguments: str) -> "subprocess.CompletedProcess[str]":
    process = platform.run(*arguments)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(platform: Platform) -> None:
    ledger = Ledger(platform, command(platform, "create-token", "operator").stdout.strip())
    done = Event()
    with ThreadPoolExecutor(SENDERS + 1) as pool:
        blows = pool.submit(strike, platform, ledger, done)
        list(pool.map(ledger.bring, range(CASES)))
        done.set()
        struck = blows.result()

    assert ledger.wrong == []
    assert len(struck) >= 8 and {"web", "worker", "database", "backend"} <= set(struck)
    assert ledger.tries > CASES  # some were cut off and sent again
    wait_until(platform.database_answers, 30)
    with psycopg.connect(embedded.url(platform.var), autocommit=True) as straight:
        check_cases(straight, ledger)
        # A dead worker's jobs are handed on once its heartbeat is missed and the next minute has come.
        wait_until(lambda: jobs_left(straight) == 0, 300)
        check_messages(straight)
    verified = command(platform, "verify-history", "--json")
    assert (verified.returncode, json.loads(verified.stdout)["faults"]) == (0, [])


def check_cases(straight: "psycopg.Connection[tuple[object, ...]]", ledger: Ledger) -> None:
    rows = straight.execute(
        "SELECT c.source_ref, c.number, w.text, c.event_count FROM cases_case c"
        " JOIN cases_casetext w ON w.case_id = c.id WHERE c.source LIKE 'token:%'"
    ).fetchall()
    assert {ref: number for ref, number, _text, _count in rows} == ledger.acknowledged
    assert len(rows) == CASES
    assert {ref: text for ref, _number, text, _count in rows} == {
        f"kill-{number}": text_of(number) for number in range(CASES)
    }
    assert {count for *_, count in rows} == {1}


def jobs_left(straight: "psycopg.Connection[tuple[object, ...]]") -> object:
    """Jobs that wait or are being done; what the clock defers anew each minute is not counted."""
    row = straight.execute(
        "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name = 'messages'"
    ).fetchone()
    return row[0] if row else None


def check_messages(straight: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Each case has the one message that its receipt queued, and it was delivered."""
    rows = straight.execute(
        "SELECT count(*), count(delivered_at), count(DISTINCT m.about) FROM channels_message m"
        " JOIN cases_case c ON c.number = m.about WHERE c.source LIKE 'token:%'"
    ).fetchone()
    assert rows == (CASES, CASES, CASES)
    failed = straight.execute(
        "SELECT task_name, attempts FROM procrastinate_jobs WHERE status = 'failed'"
    ).fetchall()
    assert failed == []
