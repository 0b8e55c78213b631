"""The bench measures what it says: each figure at its smallest size, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The start of the demonstration is watched by tests/test_launch.py.
NAMES = (
    "create", "status_action", "import_rows", "verify", "lists", "detail", "likeness", "pages", "sweep", "places",
    "replies",
)  # fmt: skip


def test_every_figure_comes_out() -> None:
    results = ROOT / "bench" / "results.json"
    before = results.read_bytes() if results.exists() else b""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *NAMES, "--smallest"],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\w+): ", done.stdout, re.M) == list(NAMES)
    told = dict(re.findall(r"^  (.+?) {2,}(\S+)$", done.stdout, re.M))
    assert (told["rows"], told["warnings given among 100"], told["warnings given among 300"]) == (
        "50",
        "5",
        "5",
    )
    assert all(float(value) > 0 for name, value in told.items() if "queries" not in name)
    assert (results.read_bytes() if results.exists() else b"") == before, "only a full run writes"


def test_an_unknown_figure_is_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "speed"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "no such figure: speed" in done.stderr
