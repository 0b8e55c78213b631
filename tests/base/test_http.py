"""The outgoing HTTP client: whom it reaches and whom never, seen at the socket; how long, how much, how certain."""

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jieban.base.clock import now
from jieban.base.http import (
    Answer,
    Client,
    Endpoint,
    Failure,
    Limits,
    PermanentFailure,
    TemporaryFailure,
    is_public,
)
from tests.platforms import free_port

NAME, PUBLIC = "hook.example.com", "93.184.216.34"


class Listener(ThreadingHTTPServer):
    """A server on this machine that counts who connects and what is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        self.connections = 0
        self.paths: list[str] = []
        self.hosts: list[str] = []
        self.names: list[str | None] = []  # SNI
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self) -> Any:
        found = super().get_request()
        self.connections += 1
        return found

    def handle_error(self, *args: Any) -> None:
        pass  # clients that go in the middle are what is tested

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.hosts.append(self.headers["Host"])
        match self.path:
            case "/dropped":
                return
            case "/silent":
                self.server.over.wait(30)
                return
            case "/drip-head":
                self.drip(b"HTTP/1.1 200 OK\r\nX-Long: ")
                return
            case "/moved":
                self.send_response(302)
                self.send_header("Location", f"{self.server.url}/ok")
            case _:
                self.send_response(200)
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if self.path == "/drip":
            self.drip(b"")
        self.wfile.write(b"x" * (5000 if self.path == "/large" else 2))

    do_POST = do_GET

    def drip(self, first: bytes) -> None:
        self.wfile.write(first)
        while not self.server.over.wait(0.02):
            self.wfile.write(b"x")

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(server: Listener) -> Iterator[Listener]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server() -> Iterator[Listener]:
    with serving(Listener()) as server:
        yield server


class Backend(httpcore.SyncBackend):
    """Notes every connection that is asked for; what goes to PUBLIC is led to the server on this machine."""

    def __init__(self, server: Listener) -> None:
        self.server = server
        self.asked: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
        self.asked.append((host, port))
        if host == PUBLIC:
            host, port = "127.0.0.1", self.server.server_port
        return super().connect_tcp(host, port, *rest, **more)


class Resolver:
    """Answers each question with the next list of addresses, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def to(server: Listener, **limits: Any) -> Client:
    return Client((Endpoint.of(server.url),), limits=Limits(**limits))


# Whom an address from outside must never reach. {port} is that of the server on this machine.
WRITTEN = """
    127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.255 2130706433 017700000001 0x7f000001 0X7F000001 0x7f.1
    0177.0.0.1 0x7f.0x0.0x0.0x1 0177.0x0.0.1 00000177.0.0.1 127.000.000.001 127.0.0.1. 127.1. 4294967297
    0.0.0.0 0 0x0 00 0.0.0.1 000.000.000.000
    localhost LOCALHOST localhost. ip6-localhost metadata intranet
    10.0.0.1 10.1 167772161 172.16.0.1 172.31.255.255 192.168.1.1 0xc0a80101 3232235777
    169.254.169.254 169.254.0.23 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.16689662 100.100.100.200 100.64.0.1
    100.127.255.255 192.0.0.192 168.63.129.16 192.0.2.1 198.51.100.7 203.0.113.9 198.18.0.1 192.88.99.1
    224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::ffff:0:127.0.0.1]
    [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::]
    [2001:0:53aa:64c:0:0:80ff:fffe] [fe80::1] [fe80::1%lo] [fe80::1%25lo] [::1%lo] [2606:4700::1%lo] [fec0::1]
    [fc00::1] [fd00:ec2::254] [fd00::1] [ff02::1] [ff0e::1] [2001:db8::1] [3fff::1] [100::1]
    [::ffff:169.254.169.254] [::ffff:100.100.100.200] [::ffff:8.8.8.8]
    １２７.0.0.1 127。0。0。1 127．0．0．1 ①②⑦.0.0.1 ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ｌｏｃａｌｈｏｓｔ %31%32%37.0.0.1
    127.0.0.1%00.example.com -.example.com a..example.com
"""
HOSTS = WRITTEN.split()
REFUSED = [f"http://{host}:{{port}}/" for host in HOSTS] + [
    "http://93.184.216.34@127.0.0.1:{port}/", "http://hook.example.com:{port}@127.0.0.1:{port}/",
    "http://user:secret@93.184.216.34:{port}/", "http://@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@93.184.216.34/", "http://127.0.0.1:{port}#@93.184.216.34/",
    "http://127.0.0.1:{port}?@93.184.216.34/", "http://93.184.216.34 @127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\t/", "http://127.0.0.1\r\nHost: a:{port}/", "//127.0.0.1:{port}/", "127.0.0.1:{port}",
    "http:/127.0.0.1:{port}/", "http:127.0.0.1:{port}/", "http:///127.0.0.1:{port}/", "http://:{port}/", "",
    "http://93.184.216.34:22/", "http://93.184.216.34:6379/", "http://93.184.216.34:0/", "http://93.184.216.34:99999/",
    "file:///etc/passwd", "file://127.0.0.1:{port}/etc/passwd", "ftp://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/_x",
    "dict://127.0.0.1:{port}/", "ldap://127.0.0.1:{port}/", "unix:///run/docker.sock", "data:text/plain,x",
    "javascript:alert(1)", "ws://127.0.0.1:{port}/", "https+unix://%2Frun%2Fdocker.sock/",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_from_outside_reaches_nothing_but_the_internet(server: Listener, address: str) -> None:
    backend = Backend(server)
    client = Client(public_only=True, ports=frozenset({server.server_port}), backend=backend)
    with pytest.raises(PermanentFailure) as failure:
        client.get(address.format(port=server.server_port))
    assert not failure.value.sent
    assert (backend.asked, server.connections) == ([], 0)


def test_the_addresses_that_are_refused_would_reach_the_server() -> None:
    """In other words: the test above fails where the rule is missing."""
    with serving(Listener()) as server:
        for host in ("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "localhost", "[::ffff:7f00:1]"):
            address = f"http://{host}:{server.server_port}/ok"
            assert Client((Endpoint.of(address),)).get(address).body == b"xx", host
        assert server.connections == 7


@pytest.mark.parametrize(
    "found",
    [[host.strip("[]")] for host in HOSTS if host.strip("[]").replace(":", ".").count(".") >= 2]
    + [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"], ["2606:4700::1111", "fd00:ec2::254"], []],
    ids=lambda found: "+".join(found) or "none",
)  # fmt: skip
def test_a_name_counts_for_every_address_it_has(server: Listener, found: list[str]) -> None:
    backend = Backend(server)
    client = Client(public_only=True, resolve=Resolver(found), backend=backend)
    with pytest.raises(PermanentFailure):
        client.get(f"http://{NAME}/")
    assert (backend.asked, server.connections) == ([], 0)


def test_a_name_that_changes_its_address_is_asked_once(server: Listener) -> None:
    backend, resolver = Backend(server), Resolver([PUBLIC], ["127.0.0.1"])
    client = Client(public_only=True, resolve=resolver, backend=backend)
    assert client.get(f"http://{NAME}/ok").body == b"xx"
    assert (resolver.asked, backend.asked, server.hosts) == (1, [(PUBLIC, 80)], [NAME])
    with pytest.raises(PermanentFailure):
        client.get(f"http://{NAME}/ok")
    assert (backend.asked, server.connections) == ([(PUBLIC, 80)], 1)


def test_the_next_address_is_tried_when_one_does_not_answer(server: Listener) -> None:
    class OneIsDown(Backend):
        def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
            if host == "8.8.8.8":
                port = free_port()
                return httpcore.SyncBackend().connect_tcp("127.0.0.1", port, *rest, **more)
            return super().connect_tcp(host, port, *rest, **more)

    backend = OneIsDown(server)
    client = Client(public_only=True, resolve=Resolver(["8.8.8.8", PUBLIC]), backend=backend)
    assert client.get(f"http://{NAME}/ok").status == 200
    assert backend.asked == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", PUBLIC, "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2400:3200::1"],
)  # fmt: skip
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:{port}/ok", "http://127.0.0.1:{other}/ok", "http://127.0.0.1/ok",
        "https://127.0.0.1:{port}/ok", "http://u@127.0.0.1:{port}/ok", "http://127.1:{port}/ok", "/ok", "http://[::1",
    ],
)  # fmt: skip
def test_an_endpoint_is_exactly_one_host_and_port(server: Listener, address: str) -> None:
    with pytest.raises(PermanentFailure):
        to(server).get(address.format(port=server.server_port, other=free_port()))
    assert server.connections == 0


def test_a_client_that_was_allowed_nothing_reaches_nothing(server: Listener) -> None:
    with pytest.raises(PermanentFailure):
        Client().get(f"{server.url}/ok")
    with pytest.raises(PermanentFailure):  # an endpoint that must be public as well
        Client((Endpoint.of(server.url),), public_only=True).get(f"{server.url}/ok")
    assert server.connections == 0


def test_a_redirect_is_an_answer_and_not_followed(server: Listener) -> None:
    answer = to(server).get(f"{server.url}/moved")
    assert (answer.status, server.paths) == (302, ["/moved"])


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_used(
    server: Listener, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with serving(Listener()) as proxy:
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("no_proxy", "")
        assert to(server).get(f"{server.url}/ok").body == b"xx"
        assert proxy.connections == 0


def test_an_answer_that_is_too_large_is_refused(server: Listener) -> None:
    with pytest.raises(PermanentFailure, match="过大") as failure:
        to(server, most_bytes=4999).get(f"{server.url}/large")
    assert failure.value.sent
    assert len(to(server, most_bytes=5000).get(f"{server.url}/large").body) == 5000


def test_an_answer_that_would_unpack_is_refused(server: Listener) -> None:
    with pytest.raises(PermanentFailure, match="压缩"):
        to(server).get(f"{server.url}/packed")


@pytest.mark.parametrize("path", ["/drip", "/drip-head", "/silent"])
def test_an_answer_that_takes_too_long_is_cut(server: Listener, path: str) -> None:
    with pytest.raises(TemporaryFailure, match="规定时间") as failure:
        to(server, total=0.3).get(f"{server.url}{path}")
    assert failure.value.sent


def test_a_server_that_does_not_take_what_is_sent_is_given_up(server: Listener) -> None:
    with pytest.raises(TemporaryFailure, match="规定时间") as failure:
        to(server, total=0.3).post(f"{server.url}/silent", b"x" * 50_000_000)
    assert failure.value.sent


def test_each_wait_is_bounded_too(server: Listener) -> None:
    with pytest.raises(TemporaryFailure):
        to(server, read=0.2, total=600).get(f"{server.url}/silent")


def test_a_status_is_known_before_the_body_and_without_it(server: Listener) -> None:
    assert to(server).status("POST", f"{server.url}/drip", b"{}") == 200


def test_whether_anything_was_sent_is_known(server: Listener) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(TemporaryFailure) as failure:
        Client((Endpoint.of(nobody),)).post(nobody, b"x")
    assert not failure.value.sent
    with pytest.raises(TemporaryFailure) as failure:
        to(server).post(f"{server.url}/dropped", b"x")
    assert failure.value.sent


def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    with pytest.raises(TemporaryFailure) as failure:
        Client(public_only=True, resolve=unknown).get(f"https://{NAME}/")
    assert not failure.value.sent


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, TemporaryFailure),
        (503, TemporaryFailure),
        (429, TemporaryFailure),
        (302, PermanentFailure),
        (404, PermanentFailure),
    ],
)
def test_what_is_no_success_is_temporary_or_permanent(status: int, kind: type[Failure]) -> None:
    with pytest.raises(kind, match=str(status)):
        Answer(status, b"").checked()
    assert Answer(204, b"").checked().status == 204


def make_certificate(folder: Path, names: Iterable[x509.GeneralName]) -> tuple[Path, str]:
    """A self-signed certificate with its key in one file, and the SHA-256 of its DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path, made.fingerprint(hashes.SHA256()).hex()


@pytest.fixture
def secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Listener, str]]:
    """A TLS server whose certificate the system trusts, and the certificate's SHA-256."""
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName(NAME)]
    path, digest = make_certificate(tmp_path, names)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    server = Listener()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield server, digest


def over_tls(server: Listener) -> str:
    return f"https://127.0.0.1:{server.server_port}/ok"


def test_the_pinned_certificate_is_taken(secured: tuple[Listener, str]) -> None:
    server, digest = secured
    assert Client((Endpoint.of(over_tls(server), digest),)).get(over_tls(server)).status == 200


def test_another_certificate_than_the_pinned_one_is_told_nothing(secured: tuple[Listener, str]) -> None:
    server, digest = secured
    endpoint = Endpoint.of(over_tls(server), digest[::-1])
    with pytest.raises(PermanentFailure, match="证书") as failure:
        Client((endpoint,)).post(over_tls(server), b"secret")
    assert (failure.value.sent, server.paths) == (False, [])


@pytest.mark.parametrize("wrong", ["untrusted", "name"])
def test_a_certificate_is_verified_pinned_or_not(
    secured: tuple[Listener, str], monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    server, digest = secured
    address = over_tls(server)
    if wrong == "untrusted":
        monkeypatch.delenv("SSL_CERT_FILE")
    else:
        address = address.replace("127.0.0.1", "localhost")
    with pytest.raises(PermanentFailure, match="证书") as failure:
        Client((Endpoint.of(address, digest),)).get(address)
    assert (failure.value.sent, server.paths) == (False, [])


def test_a_public_name_is_verified_by_name_at_the_address_that_was_checked(
    secured: tuple[Listener, str],
) -> None:
    server, _digest = secured
    backend = Backend(server)
    client = Client(public_only=True, resolve=Resolver([PUBLIC]), backend=backend)
    assert client.get(f"https://{NAME}/ok").status == 200
    assert (backend.asked, server.names, server.hosts) == ([(PUBLIC, 443)], [NAME], [NAME])
    with pytest.raises(PermanentFailure, match="证书"):
        client.get("https://other.example.com/ok")
