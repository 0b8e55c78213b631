"""Figures and ways of measuring them."""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.queues import SimpleQueue

from django.db import connections

PROCESSES = 2  # as many as the web server has
THREADS = 4

Value = float | int | str
Call = Callable[[], object]


@dataclass(frozen=True)
class Sizes:
    """Amount of a run: everything that docs/performance.md reports, or just enough to see that it works."""

    cases: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    events: int = 1_000_000
    rows: int = 20_000
    due: int = 100
    seconds: float = 8.0
    rounds: int = 40
    looks: int = 200  # requests of each page


QUICK = Sizes(cases=(2_000, 20_000), events=20_000, rows=2_000, due=100, seconds=2.0, rounds=10, looks=50)
SMALLEST = Sizes(cases=(100, 300), events=300, rows=50, due=5, seconds=0.2, rounds=2, looks=2)


@dataclass
class Figure:
    """A figure: what was measured, its values by name, and texts such as query plans."""

    about: str
    values: dict[str, Value] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """Result of a load test with eight clients: calls a second, and the duration of one call."""

    per_second: float
    median_ms: float
    p95_ms: float
    calls: int


def let_go() -> None:
    """Closes this process's database connections: a forked process must not share one."""
    connections.close_all()
    connections["default"].close_pool()


def together(make: Callable[[int], Call], seconds: float) -> Load:
    """Load test: two processes with four threads each call as fast as they can; `make` gives each thread its call."""
    let_go()
    context = multiprocessing.get_context("fork")
    answers: SimpleQueue[list[float]] = context.SimpleQueue()
    began = time.monotonic()
    workers = [
        context.Process(target=_work, args=(make, number, seconds, answers)) for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    durations = [one for _worker in workers for one in answers.get()]
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers) or not durations:
        raise RuntimeError("a client failed; see above")
    del began
    return load_of(durations, seconds)


def load_of(durations: Sequence[float], seconds: float) -> Load:
    ordered = sorted(durations)
    return Load(
        per_second=round(len(ordered) / seconds, 1),
        median_ms=round(statistics.median(ordered) * 1000, 2),
        p95_ms=round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
        calls=len(ordered),
    )


def _work(
    make: Callable[[int], Call], number: int, seconds: float, answers: "SimpleQueue[list[float]]"
) -> None:
    calls = [make(number * THREADS + thread) for thread in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        durations = list(pool.map(lambda call: repeated(call, seconds), calls))
    answers.put([one for of_thread in durations for one in of_thread])


def repeated(call: Call, seconds: float) -> list[float]:
    """Duration of each call in seconds; calls follow each other until the time is over."""
    call()  # the first call fills caches and is not counted
    durations: list[float] = []
    end = time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        call()
        durations.append(time.monotonic() - began)
    connections.close_all()
    return durations


def median_ms(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """The median duration of each call in milliseconds."""
    return {name: quantile_ms(times, 0.5) for name, times in in_turn(calls, rounds).items()}


def quantile_ms(times: Sequence[float], part: float) -> float:
    """The quantile of the durations (`times`, in seconds), in milliseconds."""
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2)


def in_turn(calls: dict[str, Call], rounds: int) -> dict[str, list[float]]:
    """Durations in seconds of the calls, one of each in every round: a busy time of the machine affects all alike."""
    durations: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _round in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            durations[name].append(time.perf_counter() - began)
    return durations
