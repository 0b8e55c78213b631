"""OpenID Connect client for the district's identity provider: authorization code flow with PKCE, state and nonce.

The token is fully checked: issuer, audience, expiry, signature, and that it answers this browser's own request. What
is not in order is refused, never repaired.
"""

import base64
import ipaddress
import secrets
import urllib.parse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from jieban.base import http
from jieban.base.errors import NotAllowed, Refused

LIMITS = http.Limits(connect=5, read=5, total=10, most_bytes=512 * 1024)
# Asymmetric signatures only; neither HMAC with a shared secret nor "none".
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
# An unknown header is ignored, as the standard says, unless the token marks it as critical.
SIGNATURES = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
LEEWAY_SECONDS = 10
LONGEST_CODE = 4096


class ProviderUnreachable(Refused):
    """Error: the identity provider does not answer, or not as it should."""

    status = 503
    code = "provider_unreachable"


@dataclass(frozen=True, slots=True)
class OidcClient:
    """Client registration: what the provider and the district have agreed on."""

    issuer: str
    client_id: str
    secret: str
    claim: str
    addresses: tuple[str, ...] = ()  # at which it answers besides the issuer's own host
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """Pending sign-in of one browser (state, nonce, verifier), kept in its session until the answer comes."""

    state: str
    nonce: str
    verifier: str
    back: str

    def session_data(self) -> dict[str, str]:
        return asdict(self)


def begin_sign_in(client: OidcClient, back: str) -> tuple[str, PendingSignIn]:
    """Authorization URL for the browser, and the pending sign-in. Raises ProviderUnreachable."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _number in range(3))
    question = PendingSignIn(state, nonce, verifier, back)
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": back,
        "scope": "openid profile",
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": create_s256_code_challenge(question.verifier),
        "code_challenge_method": "S256",
    }
    address = _address(_provider_metadata(client), "authorization_endpoint")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urllib.parse.urlencode(query)}", question


def complete_sign_in(client: OidcClient, question: PendingSignIn, answer: Mapping[str, str]) -> str:
    """Completes a sign-in; returns the user name that the provider confirms.

    Raises NotAllowed when the answer belongs to another request or the token is invalid, ProviderUnreachable when the
    provider cannot be reached.
    """
    if not constant_time_compare(answer.get("state", ""), question.state):
        raise _sign_in_refused()
    code = answer.get("code", "")
    if not code or len(code) > LONGEST_CODE or "error" in answer:
        raise _sign_in_refused()
    described = _provider_metadata(client)
    if "iss" in answer and answer["iss"] != described["issuer"]:
        raise _sign_in_refused()
    name = _claims(client, described, question, code).get(client.claim)
    if not isinstance(name, str) or not name:
        raise _sign_in_refused()
    return name


def _provider_metadata(client: OidcClient) -> dict[str, Any]:
    """Metadata (discovery document) of the provider; its issuer must be the configured one."""
    described = _fetch(client, client.issuer + "/.well-known/openid-configuration")
    if str(described.get("issuer", "")).rstrip("/") != client.issuer:
        raise _bad_provider_answer()
    return described


def _tokens(
    client: OidcClient, described: dict[str, Any], question: PendingSignIn, code: str
) -> dict[str, Any]:
    """Exchanges the code for tokens."""
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
    return _fetch(client, _address(described, "token_endpoint"), form, headers)


def _claims(
    client: OidcClient, described: dict[str, Any], question: PendingSignIn, code: str
) -> dict[str, Any]:
    """Claims of the token, after checks of signature, issuer, audience, time, nonce and at_hash."""
    tokens = _tokens(client, described, question, code)
    keys = _fetch(client, _address(described, "jwks_uri"))
    try:
        token = jwt.decode(tokens["id_token"], _signing_keys(keys), registry=SIGNATURES)
        claims = CodeIDToken(
            token.claims, token.header,
            options={
                "iss": {"essential": True, "value": described["issuer"]},
                "aud": {"essential": True, "value": client.client_id},
                "nonce": {"essential": True},
            },
            params={
                "nonce": question.nonce, "client_id": client.client_id, "access_token": tokens.get("access_token"),
            },
        )  # fmt: skip
        claims.validate(leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, LookupError):
        raise _sign_in_refused() from None
    return dict(claims)


def _signing_keys(found: dict[str, Any]) -> KeySet:
    """Signature keys of the provider; the token names one of them. Raises JoseError and others."""
    keys = [key for key in found["keys"] if isinstance(key, dict) and key.get("use", "sig") == "sig"]
    return KeySet.import_key_set({"keys": keys})


def _address(described: dict[str, Any], name: str) -> str:
    address = described.get(name)
    if not isinstance(address, str):
        raise _bad_provider_answer()
    return address


def _fetch(
    client: OidcClient,
    address: str,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Fetches a JSON object. Raises NotAllowed when the provider refuses, ProviderUnreachable when it fails."""
    if not _is_safe(address):
        raise _bad_provider_answer()
    try:
        answer = _answer(client, address, form, {"Accept": "application/json", **(headers or {})})
        found = answer.json()
    except (http.Failure, ValueError):
        raise _bad_provider_answer() from None
    if not isinstance(found, dict):
        raise _bad_provider_answer()
    return found


def _answer(
    client: OidcClient, address: str, form: dict[str, str] | None, headers: dict[str, str]
) -> http.Answer:
    """Response of the provider. Raises a Failure, and NotAllowed when the provider refuses the request."""
    allowed = tuple(http.Endpoint.of(one, client.certificate) for one in (client.issuer, *client.addresses))
    asking = http.Client(allowed, limits=LIMITS)
    if form is None:
        return asking.get(address, headers).checked()
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    answer = asking.post(address, urllib.parse.urlencode(form).encode(), headers)
    if 300 <= answer.status < 500:
        raise _sign_in_refused()
    return answer.checked()


def _is_safe(address: str) -> bool:
    """Whether the URL is HTTPS, or on this machine."""
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
