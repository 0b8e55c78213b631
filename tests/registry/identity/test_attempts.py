"""A limit of N tries lets N pass, however many come at once, and nobody steers by what address it counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from jieban.base.client_address import client_address, network_of
from jieban.base.errors import TooManyAttempts
from jieban.registry.identity import attempts
from jieban.registry.identity.attempts import RateLimit
from jieban.registry.models import Attempt

AT = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
FIVE = RateLimit("test", 5, timedelta(minutes=10))


def passes(key: str = "a", at: datetime = AT) -> bool:
    try:
        attempts.record_attempt(FIVE, key, at)
    except TooManyAttempts:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_of_64_tries_at_once_as_many_pass_as_are_allowed() -> None:
    def attempt(_number: int) -> bool:
        try:
            return passes()
        finally:
            connection.close()

    with ThreadPoolExecutor(64) as pool:
        assert sum(pool.map(attempt, range(64))) == 5


@pytest.mark.django_db
def test_tries_count_by_key_and_are_forgotten_after_their_time() -> None:
    assert [passes() for _ in range(6)] == [True] * 5 + [False]
    assert passes("b")
    assert not passes(at=AT + timedelta(minutes=9))
    assert passes(at=AT + timedelta(minutes=10))


@pytest.mark.django_db
def test_refusal_says_when_to_try_again() -> None:
    for _ in range(5):
        passes()
    with pytest.raises(TooManyAttempts) as refusal:
        attempts.record_attempt(FIVE, "a", AT + timedelta(minutes=4, seconds=1))
    assert refusal.value.message == "尝试次数过多，请等 6 分钟再试。"


@pytest.mark.django_db
def test_what_went_well_clears_the_count_and_old_rows_are_dropped() -> None:
    passes()
    attempts.reset_attempts(FIVE, "a")
    assert not Attempt.objects.exists()
    passes(at=AT)
    assert attempts.delete_expired(AT + timedelta(days=3)) == 1


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        ("1.2.3.4", 0, "10.0.0.9"),
        ("6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.8", 2, "1.2.3.4"),
        ("", 1, "10.0.0.9"),
        ("nonsense", 1, "10.0.0.9"),
        ("1.2.3.4", 2, "10.0.0.9"),
    ],
)
def test_only_what_our_proxies_wrote_counts(forwarded: str, proxies: int, found: str) -> None:
    assert client_address("10.0.0.9", forwarded, proxies) == found


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("", ""),
    ],
)
def test_a_subscriber_of_ipv6_counts_once(address: str, network: str) -> None:
    assert network_of(address) == network
