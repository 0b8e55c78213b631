"""Plays a telephone system: tells the platform of one call, for trying the screen that pops up.

    JIEBAN_TELEPHONE_SECRET=... python deploy/telephone.py http://127.0.0.1:8000 operator 10001234567

The call rings, is answered after two seconds, and ends when Enter is pressed or, with --seconds, after a while.
"""

import argparse
import json
import os
import time
import urllib.request
import uuid
from datetime import UTC, datetime


def tell(address: str, secret: str, call_id: str, event: str, number: str, operator: str) -> None:
    body = {
        "call_id": call_id, "event": event, "number": number, "operator": operator,
        "at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    request = urllib.request.Request(  # noqa: S310 - the address is the caller's own
        f"{address}/api/v1/calls",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        print(event, answer.status)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address")
    parser.add_argument("operator")
    parser.add_argument("number")
    parser.add_argument("--seconds", type=float, help="how long the call lasts; without it until Enter")
    given = parser.parse_args()
    secret, call_id = os.environ["JIEBAN_TELEPHONE_SECRET"], uuid.uuid4().hex
    tell(given.address, secret, call_id, "ringing", given.number, given.operator)
    time.sleep(2)
    tell(given.address, secret, call_id, "answered", given.number, given.operator)
    if given.seconds is None:
        input()
    else:
        time.sleep(given.seconds)
    tell(given.address, secret, call_id, "ended", given.number, given.operator)


if __name__ == "__main__":
    main()
