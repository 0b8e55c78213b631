"""Second factors for tests: a TOTP factor set up without pages, and its codes."""

from allauth.mfa.totp.internal import auth as totp

from jieban.base.clock import now
from jieban.registry.identity import second_factors
from jieban.registry.models import Person


def shown_code(secret: str, periods: int = 0) -> str:
    """The code that an authenticator shows now, or so many periods later."""
    counter = int(now().timestamp()) // second_factors.PERIOD_SECONDS + periods
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def with_totp(person: Person) -> str:
    """Sets up TOTP for this person, as of a while ago; returns the secret."""
    secret = second_factors.new_secret()
    second_factors.add_totp(person, secret, shown_code(secret, -1), now())
    return secret
