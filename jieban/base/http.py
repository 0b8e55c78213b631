"""HTTP client for everything that the platform calls: the gateway of text messages, the model server, the identity
provider, its own health page.

No other module opens an HTTP connection. Each client says whom it may call: an exact host and port from the
settings, or for addresses that came from outside any public address and nothing else (server-side request forgery).
Redirects are answers, proxies of the environment are not used, certificates are always verified, and time and size
are bounded. Why: docs/decisions/0024-outgoing-http.md.
"""

import hashlib
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Self

import httpcore
import httpx
from django.utils.translation import gettext as _

DEFAULT_PORTS = {"http": 80, "https": 443}
PUBLIC_PORTS = frozenset(DEFAULT_PORTS.values())
# Not the Internet: IANA's special-purpose registry, multicast, and the address at which Azure answers its machines.
# A table of our own, because what `ipaddress` calls global differs between versions of Python.
NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Of IPv6 only global unicast, without what wraps an IPv4 address (Teredo, 6to4) and what is for documents.
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
# A name of the domain name system. Its last label begins with a letter: 0x7f.1 and 127.1 are addresses in disguise.
NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
PIECE = 65_536  # bytes sent between two looks at the clock
TRY_AGAIN = frozenset({408, 425, 429})


class Failure(Exception):
    """Base of the errors: a failed call. `sent`: the other side may have received the request, and acted on it."""

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.sent = sent


class TemporaryFailure(Failure):
    """The same call may succeed later."""


class PermanentFailure(Failure):
    """The same call fails until somebody changes something."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Exactly one host and port that may be called, with the SHA-256 of its certificate (DER) where that is pinned."""

    scheme: str
    host: str
    port: int
    certificate: str = field(default="", compare=False)

    @classmethod
    def of(cls, address: str, certificate: str = "") -> Self:
        """The endpoint of an address from the settings. Raises PermanentFailure when it is none."""
        endpoint = cls(*_target(_parsed(address)), certificate)
        if certificate and endpoint.scheme != "https":
            raise PermanentFailure(_("只有 https 的地址才有证书可核对。"))
        return endpoint


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for the connection, for each wait for data and for all of it; bytes of an answer."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 15.0
    most_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """Complete response: status, headers and body."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        return json.loads(self.body)

    def checked(self) -> Self:
        """This response, if its status is a success. Raises a Failure for all others, also redirects."""
        if 200 <= self.status < 300:
            return self
        kind = TemporaryFailure if self.status >= 500 or self.status in TRY_AGAIN else PermanentFailure
        raise kind(_("对方答复了错误（%(status)s）。") % {"status": self.status}, sent=True)


def resolve(host: str, port: int) -> list[str]:
    """Resolves a name to addresses by the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


@dataclass(frozen=True, slots=True)
class Client:
    """Calls what it is allowed to: the `allowed` endpoints; with `public_only` public addresses and no others.

    `resolve` and `backend` are how names and sockets are reached.
    """

    allowed: tuple[Endpoint, ...] = ()
    public_only: bool = False
    ports: frozenset[int] = PUBLIC_PORTS  # for `public_only` without endpoints
    limits: Limits = Limits()
    resolve: Callable[[str, int], list[str]] = resolve
    backend: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The whole answer. Raises TemporaryFailure or PermanentFailure."""
        with self._open("GET", address, None, headers) as answer:
            return Answer(answer.status_code, self._body(answer))

    def post(self, address: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """The whole answer. Raises TemporaryFailure or PermanentFailure."""
        with self._open("POST", address, body, headers) as answer:
            return Answer(answer.status_code, self._body(answer))

    def status(
        self, method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> int:
        """The status of the answer, known before its body, which is not read."""
        with self._open(method, address, body, headers) as answer:
            return answer.status_code

    @contextmanager
    def _open(
        self, method: str, address: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> Iterator[httpx.Response]:
        url = _parsed(address)
        network = _Network(self, self._endpoint(url))
        given = {"User-Agent": "jieban", "Accept-Encoding": "identity", **(headers or {})}
        request = httpx.Request(method, url, headers=given, content=body)
        try:
            with (
                _Transport(network, url.scheme) as transport,
                closing(transport.handle_request(request)) as answer,
            ):
                yield answer
        except httpcore.TimeoutException:
            raise TemporaryFailure(_("对方没有在规定时间内答复。"), sent=network.sent) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError):
            raise TemporaryFailure(_("与对方的连接没有成功或中断了。"), sent=network.sent) from None

    def _endpoint(self, url: httpx.URL) -> Endpoint:
        """The endpoint of a URL. Raises PermanentFailure unless it is allowed."""
        wanted = Endpoint(*_target(url))
        for endpoint in self.allowed:
            if endpoint == wanted:
                return endpoint
        if self.allowed or not self.public_only or wanted.port not in self.ports:
            raise PermanentFailure(_("不允许连接这个地址和端口。"))
        return wanted

    def _body(self, answer: httpx.Response) -> bytes:
        """The body, without decompression: a small body may unpack to a huge one."""
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise PermanentFailure(_("对方的答复经过压缩，未予接收。"), sent=True)
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > self.limits.most_bytes:
                raise PermanentFailure(_("对方的答复过大，未予接收。"), sent=True)
        return bytes(body)


def is_public(address: str) -> bool:
    """Whether this is an address of the Internet; IPv4 inside IPv6 and addresses with a zone are not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        inside = parsed.scope_id is None and parsed in PUBLIC_6
        return inside and not any(parsed in network for network in NOT_PUBLIC_6)
    return not any(parsed in network for network in NOT_PUBLIC_4)


def _parsed(address: str) -> httpx.URL:
    """Parses the URL once; the connection goes to what was parsed here."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise PermanentFailure(_("这不是一个可用的网址。")) from None
    if url.scheme not in DEFAULT_PORTS or not url.host or url.userinfo:
        raise PermanentFailure(_("这不是一个可用的网址。"))
    return url


def _target(url: httpx.URL) -> tuple[str, str, int]:
    port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    return url.scheme, url.raw_host.decode("ascii"), port


class _Network(httpcore.NetworkBackend):
    """The network of one call: whom it reaches, by when, and whether anything was sent."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._client, self._endpoint = client, endpoint
        self._ends = time.monotonic() + client.limits.total
        self.sent = False

    def seconds(self, most: float) -> float:
        """How long one wait may last. Raises TemporaryFailure when the time is over."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TemporaryFailure(_("对方没有在规定时间内答复。"), sent=self.sent)
        return min(left, most)

    @property
    def limits(self) -> Limits:
        return self._client.limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first address that answers, of those that were checked."""
        failed: Exception = httpcore.ConnectError()
        for address in self._addresses(host, port):
            try:
                seconds = self.seconds(self.limits.connect)
                return _Stream(self._client.backend.connect_tcp(address, port, seconds), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def _addresses(self, host: str, port: int) -> list[str]:
        """Resolves the name once, so that a different answer later (DNS rebinding) has no effect."""
        if not self._client.public_only:
            return [host]
        if not NAME.fullmatch(host) and not is_public(host):
            raise PermanentFailure(_("只允许连接公网地址。"))
        found = self._client.resolve(host, port)
        if not found or not all(map(is_public, found)):
            raise PermanentFailure(_("只允许连接公网地址。"))
        return found

    def check_certificate(self, stream: httpcore.NetworkStream) -> None:
        """Checks a pinned certificate before anything is sent. Raises PermanentFailure when it is another."""
        if pinned := self._endpoint.certificate:
            der = stream.get_extra_info("ssl_object").getpeercert(True)
            if hashlib.sha256(der or b"").hexdigest() != pinned:
                stream.close()
                raise PermanentFailure(_("对方的证书与设置的不一致。"))


class _Stream(httpcore.NetworkStream):
    """Network stream on which each wait is limited to the rest of the total time."""

    def __init__(self, inner: httpcore.NetworkStream, network: _Network) -> None:
        self._inner, self._network = inner, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._network.seconds(self._network.limits.read))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces, because the time limit applies to one write and not to the whole buffer.
        for begin in range(0, len(buffer), PIECE):
            seconds = self._network.seconds(self._network.limits.read)
            self._network.sent = True
            self._inner.write(buffer[begin : begin + PIECE], seconds)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._network.seconds(self._network.limits.connect)
        try:
            secured = self._inner.start_tls(ssl_context, server_hostname, seconds)
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise PermanentFailure(_("对方的证书不可信。")) from None
            raise
        self._network.check_certificate(secured)
        return _Stream(secured, self._network)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Transport(httpx.BaseTransport):
    """Transport of httpx with one connection per call, over the network above."""

    def __init__(self, network: _Network, scheme: str) -> None:
        context = ssl.create_default_context() if scheme == "https" else None
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=network)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        answer = self._pool.handle_request(
            httpcore.Request(request.method, target, headers=request.headers.raw, content=request.stream)
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
