"""Sign-in by the district's own identity provider: OpenID Connect, code flow with PKCE, state and nonce.

Everything the provider says is checked here: who issued the token, for whom, until when, with which key, and
that it answers the very question this browser asked. What is not in order is refused, never repaired.
"""

import base64
import hashlib
import ipaddress
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

import jwt
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from jieban.base.errors import NotAllowed, Refused

TIMEOUT_SECONDS = 5
MOST_BYTES = 512 * 1024
# Signatures only the provider can make; none of these works with a secret that we hold too, and "none" is none.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
LEEWAY_SECONDS = 10
REQUIRED = ["iss", "aud", "exp", "iat", "sub", "nonce"]
LONGEST_CODE = 4096


class ProviderUnreachable(Refused):
    """The identity provider does not answer, or not as it should."""

    status = 503
    code = "provider_unreachable"


@dataclass(frozen=True, slots=True)
class OidcClient:
    """What the provider and we have agreed on."""

    issuer: str
    client_id: str
    secret: str
    claim: str


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """What one browser was sent to ask, kept in its session until the answer comes."""

    state: str
    nonce: str
    verifier: str
    back: str

    def session_data(self) -> dict[str, str]:
        return asdict(self)


def begin_sign_in(client: OidcClient, back: str) -> tuple[str, PendingSignIn]:
    """The address to which the browser goes, and what to remember. Raises Unreachable."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _number in range(3))
    question = PendingSignIn(state, nonce, verifier, back)
    digest = hashlib.sha256(question.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": back,
        "scope": "openid profile",
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    address = _address(_provider_metadata(client), "authorization_endpoint")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urllib.parse.urlencode(query)}", question


def complete_sign_in(client: OidcClient, question: PendingSignIn, answer: Mapping[str, str]) -> str:
    """Whose user name the provider vouches for.

    Raises NotAllowed when the answer is not to this question or the token does not hold, Unreachable when the
    provider cannot be asked.
    """
    if not constant_time_compare(answer.get("state", ""), question.state):
        raise _sign_in_refused()
    code = answer.get("code", "")
    if not code or len(code) > LONGEST_CODE or "error" in answer:
        raise _sign_in_refused()
    described = _provider_metadata(client)
    if "iss" in answer and answer["iss"] != described["issuer"]:
        raise _sign_in_refused()
    claims = _claims(client, described, _token(client, described, question, code))
    if not constant_time_compare(str(claims["nonce"]), question.nonce):
        raise _sign_in_refused()
    name = claims.get(client.claim)
    if not isinstance(name, str) or not name:
        raise _sign_in_refused()
    return name


def _provider_metadata(client: OidcClient) -> dict[str, Any]:
    """What the provider says of itself; it must be the issuer that we were told to trust."""
    described = _fetch(client.issuer + "/.well-known/openid-configuration")
    if str(described.get("issuer", "")).rstrip("/") != client.issuer:
        raise _bad_provider_answer()
    return described


def _token(client: OidcClient, described: dict[str, Any], question: PendingSignIn, code: str) -> str:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": question.back,
        "client_id": client.client_id,
        "code_verifier": question.verifier,
    }
    headers = {}
    if "client_secret_basic" in (
        described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    ):
        pair = ":".join(urllib.parse.quote(part, safe="") for part in (client.client_id, client.secret))
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form["client_secret"] = client.secret
    token = _fetch(_address(described, "token_endpoint"), form, headers).get("id_token")
    if not isinstance(token, str):
        raise _sign_in_refused()
    return token


def _claims(client: OidcClient, described: dict[str, Any], token: str) -> dict[str, Any]:
    """What the token says, after signature, issuer, audience and time were found right."""
    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise _sign_in_refused()
        key = _key(_fetch(_address(described, "jwks_uri")), header.get("kid"), algorithm)
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=[algorithm], audience=client.client_id, issuer=described["issuer"],
            leeway=LEEWAY_SECONDS, options={"require": REQUIRED},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, TypeError):
        raise _sign_in_refused() from None
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (others or "azp" in claims) and claims.get("azp") != client.client_id:
        raise _sign_in_refused()
    return claims


def _key(found: dict[str, Any], kid: str | None, algorithm: str) -> jwt.PyJWK:
    """The provider's key of this name. Raises PyJWKError or NotAllowed."""
    keys = [
        key for key in found.get("keys") or [] if isinstance(key, dict) and key.get("use", "sig") == "sig"
    ]
    named = [key for key in keys if key.get("kid") == kid] if kid is not None else keys
    if len(named) != 1 or named[0].get("kty") not in {"RSA", "EC", "OKP"}:
        raise _sign_in_refused()
    return jwt.PyJWK(named[0], algorithm=algorithm)


def _address(described: dict[str, Any], name: str) -> str:
    address = described.get(name)
    if not isinstance(address, str):
        raise _bad_provider_answer()
    return address


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The addresses are those that were agreed on."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _fetch(
    address: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """A JSON object from the provider. Raises NotAllowed when it says no, Unreachable when it says nothing."""
    if not _is_safe(address):
        raise _bad_provider_answer()
    body = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(address, body, {"Accept": "application/json", **(headers or {})})  # noqa: S310 - checked above
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            found = json.loads(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise (_sign_in_refused() if form and error.code < 500 else _bad_provider_answer()) from None
    except (OSError, HTTPException, ValueError):
        raise _bad_provider_answer() from None
    if not isinstance(found, dict):
        raise _bad_provider_answer()
    return found


def _is_safe(address: str) -> bool:
    """HTTPS, or a program on this machine."""
    parts = urllib.parse.urlsplit(address)
    try:
        here = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        here = False
    return parts.scheme == "https" or (parts.scheme == "http" and here)


def _sign_in_refused() -> NotAllowed:
    return NotAllowed(
        _("统一身份认证没有通过，请重新登录；仍然不行时请联系系统管理员。"), code="not_vouched_for"
    )


def _bad_provider_answer() -> ProviderUnreachable:
    return ProviderUnreachable(_("统一身份认证暂时不能使用，请稍后再试，或用本系统的用户名和密码登录。"))
