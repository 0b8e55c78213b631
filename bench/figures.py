"""Benchmarks of docs/performance.md, each measured on the real parts: server, database, files, processes."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from bench import mass
from bench.figure import Figure, Sizes, let_go, median_ms, together
from bench.place import ROOT, Place, database
from bench.server import Client, web

BASE = "jieban"
MESSAGES = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"]
EVENTS_A_CASE = 100
# The first list of each post; the ratio of their times at two sizes shows whether an index is used.
LISTS = {
    "dispatcher": ("dispatcher", "/cases?size=50&state=received"),
    "dispatcher, open": ("dispatcher", "/cases?size=50&state=open"),
    "dispatcher, street and category": ("dispatcher", "/cases?size=50&street=110107002&category=A"),
    "dispatcher, overdue": ("dispatcher", "/cases?size=50&overdue=true"),
    "dispatcher, common words": ("dispatcher", f"/cases?size=50&q={quote('井盖破损')}"),
    "dispatcher, rare word": ("dispatcher", "/cases?size=50&q=n5000"),
    "street, common words": ("street", f"/cases?size=50&q={quote('井盖破损')}"),
    "street": ("street", "/cases?size=50&state=open"),
    "department": ("department", "/cases?size=50"),
    "resident": ("resident", "/cases?size=50"),
}


def token(username: str) -> str:
    from jieban.base.clock import now
    from jieban.registry.identity import tokens

    return tokens.create(username, now())


def create(place: Place, sizes: Sizes) -> Figure:
    """Creating a case by the API: case, text, event, limits, message, job, encryption; one durable commit."""
    own = token("operator")
    with web(place, BASE) as port:
        load = together(lambda _number: Client(port, own).create, sizes.seconds)
    return Figure(
        "API create at 8 clients",
        {"per_second": load.per_second, "median_ms": load.median_ms, "p95_ms": load.p95_ms},
    )


MOST_SIGNED = 1_000  # a second; where a machine signs more, the cases run out


def status_action(place: Place, sizes: Sizes) -> Figure:
    """The action `sign` by the API: lock, checks, assignment, event, case; one durable commit."""
    from bench.people import dispatched
    from jieban.cases.models import Case

    own = token("department")
    seconds = min(sizes.seconds, 4.0)
    ready = [dispatched() for _ in range(int(seconds * MOST_SIGNED) + 16)]
    numbers = list(Case.objects.filter(pk__in=ready).values_list("number", flat=True))
    shares = [iter(numbers[start::8]) for start in range(8)]
    with web(place, BASE) as port:
        load = together(lambda number: _sign(Client(port, own), shares[number]), seconds)
    return Figure(
        "API status action (sign) at 8 clients",
        {"per_second": load.per_second, "median_ms": load.median_ms, "p95_ms": load.p95_ms},
    )


def _sign(client: Client, numbers: Iterator[str]) -> Callable[[], object]:
    return lambda: client.ask("POST", f"/cases/{next(numbers)}/actions/sign", {})


def make_sizes(place: Place, sizes: Sizes) -> None:
    """Makes a database for each size, and in each some cases with a real history, which are opened one by one."""
    from bench.people import bring_in
    from jieban.base.clock import now

    for username in ("dispatcher", "street", "department", "resident"):
        TOKENS[username] = token(username)
    bring_in()
    at, top, done = now(), 2_000_000, 0
    for size in sizes.cases:
        with place.sql() as connection:
            mass.add(connection, done, size, at, top)
        place.databases[size] = place.copied(f"cases_{size}")
        done = size


TOKENS: dict[str, str] = {}


def lists(place: Place, sizes: Sizes) -> Figure:
    """Lists: pages of 50 by post and filter; the same request to each size in turn, so that noise affects all alike."""
    figure = Figure("API list of 50, filtered")
    with ExitStack() as stack:
        ports = {size: stack.enter_context(web(place, name)) for size, name in place.databases.items()}
        for name, (username, path) in LISTS.items():
            calls: dict[str, Callable[[], object]] = {
                str(size): _get(Client(port, TOKENS[username]), path) for size, port in ports.items()
            }
            _tell(figure, name, median_ms(calls, sizes.rounds))
    largest = max(place.databases)
    with web(place, place.databases[largest]) as port:
        path = LISTS["dispatcher, open"][1]
        load = together(lambda _n: _get(Client(port, TOKENS["dispatcher"]), path), sizes.seconds)
    figure.values[f"per_second at {largest}"] = load.per_second
    figure.values[f"p95_ms at {largest}"] = load.p95_ms
    return figure


def _get(client: Client, path: str) -> Callable[[], object]:
    return lambda: client.ask("GET", path)


def _tell(figure: Figure, name: str, medians: dict[str, float]) -> None:
    for size, median in medians.items():
        figure.values[f"{name}: ms at {size}"] = median
    smallest, largest = (f(medians, key=int) for f in (min, max))
    figure.values[f"{name}: ratio"] = round(medians[largest] / medians[smallest], 2)


def detail(place: Place, sizes: Sizes) -> Figure:
    """Detail of one case with all its parts, after five actions."""
    from bench.people import lived

    figure = Figure("API detail")
    numbers = {size: lived(place, name) for size, name in place.databases.items()}
    with ExitStack() as stack:
        ports = {size: stack.enter_context(web(place, name)) for size, name in place.databases.items()}
        calls = {
            str(size): _get(Client(port, TOKENS["dispatcher"]), f"/cases/{numbers[size]}")
            for size, port in ports.items()
        }
        _tell(figure, "detail", median_ms(calls, sizes.rounds))
    largest = max(place.databases)
    with web(place, place.databases[largest]) as port:
        path = f"/cases/{numbers[largest]}"
        load = together(lambda _n: _get(Client(port, TOKENS["dispatcher"]), path), sizes.seconds)
    figure.values[f"per_second at {largest}"] = load.per_second
    return figure


def pages(place: Place, sizes: Sizes) -> Figure:
    """Pages: server time at the largest size, and the number of database queries."""
    from bench.pages import measured

    return measured(place, sizes)


def places(place: Place, sizes: Sizes) -> Figure:
    """Place recognition: texts a second."""
    from bench.places import measured

    return measured(sizes)


def likeness(place: Place, sizes: Sizes) -> Figure:
    """Similar cases of a case or of typed text, among all."""
    from bench.likes import measured

    return measured(place, sizes)


def sweep(place: Place, sizes: Sizes) -> Figure:
    """Sweep: some cases are due among all that it watches; with the plan of its query."""
    from django.db import connection

    from jieban.base.clock import now
    from jieban.cases.models import Case
    from jieban.cases.timers import sweep

    figure = Figure("Sweep")
    for size, name in place.databases.items():
        with place.sql(name) as straight:
            straight.execute("UPDATE cases_case SET next_check_at = now() + interval '1 day', warned = '{}'")
            straight.execute("VACUUM (ANALYZE) cases_case")
        with database(place, name):
            ids = Case.objects.filter(state="handling").order_by("-id").values_list("id", flat=True)
            hour = timedelta(hours=1)
            # Half of the time limit for contact has passed.
            Case.objects.filter(pk__in=list(ids[: sizes.due])).update(
                next_check_at=now(),
                contact_from_at=now() - hour,
                contact_due_at=now() + hour,
                finish_from_at=now(),
                finish_due_at=now() + 10 * hour,
            )
            began = time.perf_counter()
            sweep.due_now(now(), 500)
            found = time.perf_counter()
            given = sweep.sweep(now())
            figure.values[f"find the due among {size} (ms)"] = round((found - began) * 1000, 2)
            figure.values[f"warn {sizes.due} due among {size} (ms)"] = round(
                (time.perf_counter() - found) * 1000, 1
            )
            figure.values[f"warnings given among {size}"] = given
            with connection.cursor() as cursor:
                cursor.execute(
                    "EXPLAIN (ANALYZE, BUFFERS) SELECT next_check_at, id FROM cases_case"
                    " WHERE next_check_at <= now() ORDER BY next_check_at, id LIMIT 500"
                )
                figure.texts[f"plan at {size}"] = "\n".join(row[0] for row in cursor.fetchall())
    return figure


def import_rows(place: Place, sizes: Sizes) -> Figure:
    """Import: `python -m jieban import-cases` of an .xlsx file, from start to end of the process."""
    from jieban.base.sheets import write_table

    name = place.copied("imported")
    path = place.var / "messages.xlsx"
    rows = (
        [n, f"U{n}", f"第 {n} 号灯杆不亮", "2026-03-02 10:00:00", f"{n}：{LONG}"] for n in range(sizes.rows)
    )
    write_table(path, MESSAGES, rows)  # type: ignore[arg-type]
    seconds, megabytes = _command(place, name, "import-cases", str(path))
    return Figure(
        "Import of an .xlsx file",
        {"rows": sizes.rows, "rows_per_second": round(sizes.rows / seconds, 1), "peak_memory_mb": megabytes},
    )


LONG = "楼道里的声控灯已经坏了三天，家里有老人，晚上上下楼非常不方便，请尽快派人来处理，谢谢。" * 4


def _command(place: Place, name: str, *arguments: str) -> tuple[float, float]:
    """Runs a command on a database. Returns its duration in seconds and its peak memory in MB."""
    let_go()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "jieban", *arguments],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": place.url(name)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _pid, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    del before
    return taken, round(used.ru_maxrss / 1024, 1)


def verify(place: Place, sizes: Sizes) -> Figure:
    """Verification: `python -m jieban verify-history` on real hash chains with long histories."""
    name = place.copied("history")
    with database(place, name):
        events = _long_histories(sizes.events)
    seconds, megabytes = _command(place, name, "verify-history")
    return Figure(
        "verify-history",
        {
            "events": events,
            "seconds": round(seconds, 1),
            "events_per_second": round(events / seconds),
            "peak_memory_mb": megabytes,
        },
    )


def _long_histories(wanted: int) -> int:
    """Receives cases and appends many warnings to each, hashed and signed as in production; then seals them."""
    from dataclasses import replace

    from bench.people import _concern, actor
    from jieban.base.clock import now
    from jieban.cases import actions
    from jieban.registry.ledger import seals

    at = now()
    concerns = [
        replace(_concern(), source_ref=f"history-{n}") for n in range(max(wanted // EVENTS_A_CASE, 1))
    ]
    for start in range(0, len(concerns), 200):
        received = actions.receive_all(concerns[start : start + 200], actor=actor("operator"), at=at)
        _append(received)
    seals.make_seal(at)
    from jieban.cases.models import CaseEvent

    return CaseEvent.objects.count()


def _append(received: object) -> None:
    from jieban.base.clock import now
    from jieban.cases.history.case_ledger import CASES
    from jieban.cases.models import Case, CaseEvent
    from jieban.registry.ledger.canonical import canonical_json
    from jieban.registry.ledger.chain import event_hash, event_mac
    from jieban.registry.ledger.recording import next_event_ids

    body = canonical_json({"facts": {"clock": "finish", "level": "half"}, "set": {}, "rows": [], "texts": {}})
    cases = [one.case for one in received]  # type: ignore[attr-defined]
    events: list[CaseEvent] = []
    for case in Case.objects.filter(pk__in=[case.pk for case in cases]):
        head = bytes(case.last_hash)
        for seq, pk in enumerate(next_event_ids(EVENTS_A_CASE - 1), start=2):
            event = CaseEvent(
                id=pk, case=case, seq=seq, action="warn", role="system", at=now(), recorded_at=now(),
                before=case.state, after=case.state, body=body,
            )  # fmt: skip
            event.hash = head = event_hash(CASES, event, head)
            event.mac = event_mac(head)
            events.append(event)
        Case.objects.filter(pk=case.pk).update(event_count=EVENTS_A_CASE, last_hash=head)
    CaseEvent.objects.bulk_create(events, batch_size=2_000)


def start_up(place: Place, sizes: Sizes) -> Figure:
    """Start-up: `python -m jieban demo` until it is ready; with an empty folder, and again with what it left."""
    var = Path(place.var, "demo")
    taken = [_until_ready(var) for _ in range(2)]
    return Figure("Start of make demo until ready", {"first_seconds": taken[0], "second_seconds": taken[1]})


def _until_ready(var: Path) -> float:
    let_go()
    ours = {"JIEBAN_VAR": str(var), "PORT": str(18000 + os.getpid() % 10_000)}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JIEBAN_", "DATABASE_URL"))}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "jieban", "demo"], cwd=ROOT, env=inherited | ours,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout
    first = process.stdout.readline()
    taken = time.perf_counter() - began
    process.terminate()
    process.communicate(timeout=60)
    if "is ready" not in first:
        raise RuntimeError("the demonstration did not start")
    return round(taken, 1)
