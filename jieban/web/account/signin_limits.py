"""How often somebody may try to sign in, by account and by network; counted in the database."""

import unicodedata
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from jieban.base.client_address import client_address, network_of
from jieban.registry.identity.attempts import RateLimit

# A whole office may sit behind one address; a person at their own account mistypes a few times.
PASSWORDS_OF_ACCOUNT = RateLimit("password of account", 10, timedelta(minutes=15))
PASSWORDS_OF_NETWORK = RateLimit("password of network", 100, timedelta(minutes=15))
CODES_OF_SIGN_IN = RateLimit("code of sign-in", 5, timedelta(minutes=10))
CODES_OF_ACCOUNT = RateLimit("code of account", 20, timedelta(days=1))
PASSKEYS_OF_NETWORK = RateLimit("passkey of network", 200, timedelta(minutes=15))
# Asked again of somebody who has signed in, before an account is changed.
CONFIRMATIONS = RateLimit("confirmation", 10, timedelta(hours=1))
OIDC_OF_NETWORK = RateLimit("oidc of network", 100, timedelta(minutes=15))
# An answer of the identity provider counts once, also when it comes twice at the same time.
OIDC_ANSWERS = RateLimit("oidc answer", 1, timedelta(hours=1))
LONGEST_NAME = 60  # characters


def network(request: HttpRequest) -> str:
    """The network from which a request came; what a caller writes into a header does not count."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return network_of(client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES))


def account_key(username: str) -> str:
    """The key of an account, there or not: other ways of writing the same name count together."""
    return unicodedata.normalize("NFKC", username).strip().casefold()[:LONGEST_NAME]
