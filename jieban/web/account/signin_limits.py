"""Rate limits of sign-in attempts, by account and by network; counted in the database."""

import unicodedata
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from jieban.base.client_address import client_address, network_of
from jieban.registry.identity.attempts import RateLimit

# A whole office may share one network; a person mistypes a few times at their own account.
PASSWORDS_OF_ACCOUNT = RateLimit("password of account", 10, timedelta(minutes=15))
PASSWORDS_OF_NETWORK = RateLimit("password of network", 100, timedelta(minutes=15))
CODES_OF_SIGN_IN = RateLimit("code of sign-in", 5, timedelta(minutes=10))
CODES_OF_ACCOUNT = RateLimit("code of account", 20, timedelta(days=1))
PASSKEYS_OF_NETWORK = RateLimit("passkey of network", 200, timedelta(minutes=15))
# For the password asked again before a change of the account.
CONFIRMATIONS = RateLimit("confirmation", 10, timedelta(hours=1))
OIDC_OF_NETWORK = RateLimit("oidc of network", 100, timedelta(minutes=15))
# An answer of the identity provider is accepted once, also when it arrives twice at the same time.
OIDC_ANSWERS = RateLimit("oidc answer", 1, timedelta(hours=1))
LONGEST_NAME = 60  # characters


def network(request: HttpRequest) -> str:
    """The network of a request, from the connection; headers of the caller do not count."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return network_of(client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES))


def account_key(username: str) -> str:
    """Rate limit key of an account, existing or not: all spellings of a name share one key."""
    return unicodedata.normalize("NFKC", username).strip().casefold()[:LONGEST_NAME]
