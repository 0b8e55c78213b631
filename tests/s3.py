"""Small local S3 service: PUT, GET, HEAD, DELETE and listing; signatures are not checked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DATE = "Mon, 02 Mar 2026 02:00:00 GMT"


class Shelf:
    """Stored objects, and the requests that were made."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.methods: set[str] = set()
        self.environment: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    shelf: Shelf

    def log_message(self, format: str, *args: Any) -> None:
        """No access log."""

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def answer(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Last-Modified", DATE)
        self.send_header("ETag", '"a"')
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        self.shelf.methods.add("PUT")
        self.shelf.files[self.key] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200)

    def do_HEAD(self) -> None:
        self.shelf.methods.add("HEAD")
        found = self.shelf.files.get(self.key)
        self.answer(404) if found is None else self.answer(200, length=len(found))

    def do_DELETE(self) -> None:
        self.shelf.methods.add("DELETE")
        self.shelf.files.pop(self.key, None)
        self.answer(204)

    def do_GET(self) -> None:
        self.shelf.methods.add("GET")
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query or "prefix" in query:
            self.answer(200, self.listing(query["prefix"][0]))
            return
        found = self.shelf.files.get(self.key)
        if found is None:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        self.answer(200, found)

    def listing(self, prefix: str) -> bytes:
        bucket = self.key.strip("/")
        names = [name.removeprefix(f"{bucket}/") for name in self.shelf.files]
        rows = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in names if name.startswith(prefix))
        whole = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        return whole.encode()


@contextmanager
def running() -> Iterator[Shelf]:
    shelf = Shelf()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfTest", (Handler,), {"shelf": shelf}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    shelf.environment = {
        "JIEBAN_S3_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "JIEBAN_S3_KEY_ID": "invented",
        "JIEBAN_S3_SECRET": "invented",
    }
    try:
        yield shelf
    finally:
        server.shutdown()
        server.server_close()
