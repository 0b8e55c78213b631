"""Local language-model server with a configurable answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def answer(text: Any) -> bytes:
    """The response of a server of the chat-completions protocol."""
    response = {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}
    return json.dumps(response, ensure_ascii=False).encode()


@dataclass
class ModelServer:
    """Its answer, and the requests it got. Status 0: it reads the request and never answers."""

    status: int = 200
    body: bytes = answer("经现场核实，楼道灯已更换。")
    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def whole(self) -> str:
        """All requests as JSON text."""
        return json.dumps(self.asked, ensure_ascii=False)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    service = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            service.paths.append(self.path)
            service.secrets.append(self.headers.get("Authorization", ""))
            if service.status == 0:
                service.over.wait(30)
                return
            self.send_response(service.status)
            if service.status == 302:
                self.send_header("Location", service.address)
            self.send_header("Content-Length", str(len(service.body)))
            self.end_headers()
            self.wfile.write(service.body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        service.over.set()
        server.shutdown()
        server.server_close()
