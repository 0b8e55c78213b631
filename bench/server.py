"""Web server on one of the databases, and HTTP clients."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.place import ROOT, Place

UP_WITHIN = 60  # seconds
TEXT = (
    "您好，我是本小区的居民。楼道里的声控灯已经坏了三天，家里有老人，晚上上下楼非常不方便，前天还差点摔倒。"
    "已经向物业报修两次，一直没有人来修。请尽快派人来处理，谢谢。"
)


@dataclass
class Client:
    """HTTP client with a connection that is kept open."""

    port: int
    token: str
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = json.dumps(body).encode() if body is not None else None
        named = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        self.connection.request(method, f"/api/v1{path}", sent, named)
        answer = self.connection.getresponse()
        read = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {read[:300]!r}")
        return json.loads(read)

    def create(self) -> Any:
        body = {
            "kind": "appeal", "channel": "phone", "text": TEXT, "nature": "help",
            "requester": {"name": "王建国", "phone": "10001234567"}, "address_text": "老山东里北12号楼",
        }  # fmt: skip
        return self.ask("POST", "/cases", body, **{"Idempotency-Key": uuid.uuid4().hex})


@contextmanager
def web(place: Place, database: str) -> Iterator[int]:
    """Context with `python -m jieban web` as in production on this database; gives its port."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    environment = os.environ | {"PORT": str(port), "DATABASE_URL": place.url(database)}
    process = subprocess.Popen([sys.executable, "-m", "jieban", "web"], cwd=ROOT, env=environment)
    try:
        _wait_until_up(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_up(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + UP_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not come up")
