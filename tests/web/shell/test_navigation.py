"""Each navigation entry leads its role to a page that it may reach."""

import pytest
from django.urls import resolve, reverse

from jieban.registry.roles import EVERY_ROLE, PROFILES, Role
from jieban.web.page.access import access_of, roles_of
from jieban.web.shell.navigation import entries_of, home_url


@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_each_entry_is_a_page_that_the_role_may_reach(role: Role) -> None:
    for name, label in entries_of(role):
        view = resolve(reverse(name)).func
        assert access_of(view) != "post" or role in roles_of(view), name
        assert str(label)


@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_the_day_begins_at_an_entry(role: Role) -> None:
    assert PROFILES[role].home in PROFILES[role].menu
    assert home_url(role) == reverse(PROFILES[role].home)


def test_who_takes_calls_reads_another_label() -> None:
    assert dict(entries_of(Role.OPERATOR))["case-new"] == "接听登记"
    assert dict(entries_of(Role.RESIDENT))["case-new"] == "登记诉求"
    assert entries_of(Role.SYSTEM) == []
    assert home_url(Role.SYSTEM) is None
