"""Small OIDC identity provider: a real local server with its own key."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

CLIENT_ID, SECRET, ACCESS_TOKEN = "jieban", "a secret: with / signs", "an access token"


def make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


KEY, OTHER_KEY = make_key(), make_key()


def public(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    return {**RSAKey.import_key(key.public_key()).as_dict(), "kid": kid, "use": "sig"}


@dataclass
class Provider:
    """Its configuration; a test changes a part of it and expects a refusal."""

    issuer: str = ""
    name: str = "zhoumin"
    claims: dict[str, Any] = field(default_factory=dict)  # override the right claims; None: left out
    key: Any = KEY
    header: dict[str, Any] = field(default_factory=dict)  # in addition to alg and kid
    kid: str | None = "k1"
    described: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public(KEY, "k1")])
    status: int = 200
    token: Any = None  # instead of the signed one
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    spent: int = 0

    def consent(self, address: str) -> str:
        """Acts as the browser at the provider; returns the path to which it is redirected."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert sent["response_type"] == "code" and sent["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = sent
        query = urlencode({"code": code, "state": sent["state"]})
        return f"{urlsplit(sent['redirect_uri']).path}?{query}"

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
        } | self.described

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The token for a code; a code is valid once, and only with its verifier and our secret."""
        sent = self.codes.pop(form["code"], None)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if pair != "jieban:a%20secret%3A%20with%20%2F%20signs" or sent is None:
            return None
        if sent["code_challenge"] != challenge or sent["redirect_uri"] != form["redirect_uri"]:
            return None
        self.spent += 1
        present = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "42", "iat": present, "exp": present + 60,
            "nonce": sent["nonce"], "preferred_username": self.name,
        } | self.claims  # fmt: skip
        payload = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self.kid} | self.header
        signed = jwt.encode(
            {name: value for name, value in header.items() if value is not None},
            payload, RSAKey.import_key(self.key), registry=JWSRegistry(strict_check_header=False),
        )  # fmt: skip
        return {"token_type": "Bearer", "access_token": ACCESS_TOKEN, "id_token": self.token or signed}


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages = {
                "/.well-known/openid-configuration": provider.describe(),
                "/keys": {"keys": provider.keys},
            }
            self.answer(pages.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(provider.exchange(form, self.headers.get("Authorization", "")))

        def answer(self, found: Any) -> None:
            body = json.dumps(found or {"error": "invalid_grant"}).encode()
            self.send_response(provider.status if found else 400)
            self.send_header("Content-Length", str(len(body)))
            if provider.status in {301, 302}:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()
