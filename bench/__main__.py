"""`python -m bench [NAME ...] [--quick]`: measures, prints a table, writes bench/results.json."""

import argparse
import json
import os
import platform
import sys
import timeit
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import figures, reading, replies
from bench.figure import QUICK, SMALLEST, Figure, Sizes
from bench.place import Place, prepared

RESULTS = Path(__file__).parent / "results.json"
ALL = (
    "create", "status_action", "import_rows", "verify", "lists", "detail", "likeness", "pages", "sweep", "places",
    "replies", "reading", "start_up",
)  # fmt: skip
ELSEWHERE = {"replies": replies.replies, "reading": reading.reading}
NEED_SIZES = {"lists", "detail", "pages", "sweep", "likeness"}


def measure(place: Place, names: list[str], sizes: Sizes) -> Iterator[tuple[str, Figure]]:
    """Measures the figures of these names, in the order of ALL; yields each as soon as it is there."""
    for name in [known for known in ALL if known in names]:
        if name in NEED_SIZES and not place.databases:
            figures.make_sizes(place, sizes)
        figure = ELSEWHERE.get(name, getattr(figures, name, None))(place, sizes)
        _print(name, figure)
        yield name, figure


def _print(name: str, figure: Figure) -> None:
    print(f"\n{name}: {figure.about}", flush=True)
    for label, value in figure.values.items():
        print(f"  {label:<52} {value:>12}", flush=True)


def machine() -> dict[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3),
        "python": platform.python_version(),
        "django": version("django"),
        "load_at_start": os.getloadavg()[0],
        # Machines differ, and so do the hours of one: a fixed amount of work on one core, to compare by.
        "ms_of_a_million_additions": round(
            min(timeit.repeat("sum(range(1_000_000))", number=1, repeat=9)) * 1000, 1
        ),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(ALL)}")
    sized = parser.add_mutually_exclusive_group()
    sized.add_argument("--quick", action="store_true", help="smaller sizes; nothing is written")
    sized.add_argument("--smallest", action="store_true", help="just enough to see that it works")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(ALL):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    sizes = SMALLEST if chosen.smallest else QUICK if chosen.quick else Sizes()
    environment = machine()
    with prepared() as place:
        for name, figure in measure(place, chosen.names or list(ALL), sizes):
            if sizes == Sizes():
                _write(environment, name, figure)
    return 0


def _write(environment: dict[str, object], name: str, figure: Figure) -> None:
    """Updates the results file; figures that were not measured this time keep their values and their date."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[name] = asdict(figure) | {"machine": environment}
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
