#!/usr/bin/env python3
"""Plays a telephone system: rings an operator, answers, hangs up. It shows what a real one has to post.

    JIEBAN_TELEPHONE_SECRET=... python deploy/telephone.py http://127.0.0.1:8000 operator 10001234567

Needs nothing but Python. With `--twice` every event is sent twice, as systems do that were
not answered in time.
"""

import argparse
import json
import os
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

TIMEOUT = 5  # seconds


def post(server: str, secret: str, event: dict[str, str]) -> int:
    """Tells the platform of an event; the status of its answer, 204 when it was taken."""
    if not server.startswith(("http://", "https://")):
        raise SystemExit(f"No address of a web server: {server}")
    request = urllib.request.Request(  # noqa: S310 - looked at above
        f"{server.rstrip('/')}/api/v1/calls",
        data=json.dumps(event).encode(),
        headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - looked at above
        return int(answer.status)


def events(call_id: str, operator: str, number: str) -> Iterator[dict[str, str]]:
    """The three events of a call, each with the moment at which it is asked for."""
    for name in ("ringing", "answered", "ended"):
        yield {
            "call_id": call_id, "event": name, "operator": operator, "number": number,
            "at": datetime.now(UTC).isoformat(),
        }  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("server")
    arguments.add_argument("operator")
    arguments.add_argument("number")
    arguments.add_argument("--rings", type=float, default=4, help="seconds until it is answered")
    arguments.add_argument("--talks", type=float, default=60, help="seconds until it ends")
    arguments.add_argument("--twice", action="store_true")
    chosen = arguments.parse_args()
    pauses = [chosen.rings, chosen.talks, 0]
    call = events(str(uuid4()), chosen.operator, chosen.number)
    for event, pause in zip(call, pauses, strict=True):
        for _time in range(2 if chosen.twice else 1):
            print(event["event"], post(chosen.server, os.environ["JIEBAN_TELEPHONE_SECRET"], event))
        time.sleep(pause)


if __name__ == "__main__":
    main()
