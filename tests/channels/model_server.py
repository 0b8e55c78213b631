"""A language-model server on this machine that answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def answer(text: Any) -> bytes:
    """What a server of the chat-completions protocol sends."""
    said = {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}
    return json.dumps(said, ensure_ascii=False).encode()


@dataclass
class ModelServer:
    """What it answers, and what it was asked. Status 0: it takes the question and never answers."""

    status: int = 200
    body: bytes = answer("经现场核实，楼道灯已更换。")
    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def whole(self) -> str:
        """Everything that came over the wire."""
        return json.dumps(self.asked, ensure_ascii=False)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    told = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.paths.append(self.path)
            told.secrets.append(self.headers.get("Authorization", ""))
            if told.status == 0:
                told.over.wait(30)
                return
            self.send_response(told.status)
            if told.status == 302:
                self.send_header("Location", told.address)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()
