"""Local SMS gateway with a configurable answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Gateway:
    """Its answer, and the requests it got. Status 0: it reads the message and never answers."""

    status: int = 200
    url: str = ""
    letters: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def gateway(status: int = 200) -> Iterator[Gateway]:
    service = Gateway(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            service.letters.append(json.loads(self.rfile.read(length)))
            service.secrets.append(self.headers.get("Authorization", ""))
            if service.status == 0:
                service.over.wait(30)
                return
            self.send_response(service.status)
            if service.status == 302:
                self.send_header("Location", service.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.over.set()
        server.shutdown()
        server.server_close()
