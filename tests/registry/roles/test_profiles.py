"""Each role states what it may, in one table; a role more is one entry more."""

import dataclasses
import json
import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from jieban.cases.flow.states import CaseKind, Channel
from jieban.cases.flow.transitions import LEAD_ROLES, PATROL_ROLES, TRANSITIONS
from jieban.cases.lists.queues import Queue
from jieban.registry import roles
from jieban.registry.models import Unit
from jieban.registry.roles import PROFILES, Party, Role, RoleProfile
from jieban.registry.roles.profiles import check_complete
from jieban.registry.roles.rights import CaseKindCode, ChannelCode, QueueCode, UnitKindCode

FOLDER = Path(roles.__file__).parent
INSPECTOR_PROFILE = """
    Role.INSPECTOR: RoleProfile(
        party=Party.OFFICE,
        unit_kinds=("street",),
        second_factor=True,
        brings_in=("patrol",),
        channel="patrol",
        sight=Sight.FOUND_OR_TO_CHECK,
        text=TextAccess.NONE,
        events=EventAccess.ALL,
        event_text=EventTextAccess.NONE,
        contact=ContactAccess.NEVER,
        sees_people=False,
        queues=("overdue",),
        home="cases",
        menu=("cases", "case-new"),
        density=Density.LARGE_TYPE,
        rights=frozenset({Right.CASES}),
    ),
"""
# What a process sees of the role more, in which the rest of the platform is as it is.
SEEN = """
import json, sys
import jieban.registry
jieban.registry.__path__.insert(0, sys.argv[1])
import django
from django.conf import settings
settings.SECRET_KEY = "x" * 50
django.setup()
from dataclasses import replace
from django.urls import get_resolver, resolve
from jieban.cases.access import rules
from jieban.cases.flow.transitions import RECEIVERS
from jieban.cases.lists.queues import QUEUES_BY_ROLE
from jieban.cases.models import Case
from jieban.registry.identity.posts import SYSTEM
from jieban.registry.roles import Role
from jieban.web.page.access import roles_of
from jieban.web.shell import navigation

actor = replace(SYSTEM, role=Role("inspector"), person_id=7, place_id=8)
pages = ("/", "/cases/", "/cases/new/", "/desk/", "/map/", "/knowledge/", "/duty/", "/messages/", "/admin/")
print(json.dumps({
    "home": navigation.home_url(actor.role),
    "navigation": [name for name, _label in navigation.entries_of(actor.role)],
    "pages": [page for page in pages if actor.role in roles_of(resolve(page).func)],
    "brings in": [kind for kind, roles in RECEIVERS.items() if actor.role in roles],
    "queues": QUEUES_BY_ROLE[actor.role],
    "sees own findings": '"found_by_id" = 7' in str(rules.visible(Case.objects.all(), actor).query),
    "reads": [rules.may_see_text(actor), rules.may_see_event("sign", actor), rules.may_see_people(actor)],
}))
"""


def _with_inspector(there: Path, profile: str) -> Path:
    """A copy of the folder of roles with one role more."""
    copy = there / "roles"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    role, profiles = copy / "role.py", copy / "profiles.py"
    role.write_text(role.read_text() + '    INSPECTOR = "inspector", _("网格巡检员")\n')
    table, end = profiles.read_text().split("\n}\n", 1)
    profiles.write_text(table + profile + "}\n" + end)
    return there


def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_role_without_a_profile_is_refused_at_import(tmp_path: Path) -> None:
    there = _with_inspector(tmp_path, "\n")
    done = _run(
        f"import jieban.registry as r; r.__path__.insert(0, {str(there)!r}); import jieban.registry.roles"
    )
    assert done.returncode != 0
    assert "roles without a profile: inspector" in done.stderr


@pytest.mark.parametrize("role", Role)
def test_each_role_must_have_its_profile(role: Role) -> None:
    with pytest.raises(RuntimeError, match=role.value):
        check_complete({other: profile for other, profile in PROFILES.items() if other != role})


def test_a_role_more_touches_the_folder_of_roles_only(tmp_path: Path) -> None:
    done = _run(SEEN, _with_inspector(tmp_path, INSPECTOR_PROFILE))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "home": "/cases/",
        "navigation": ["cases", "case-new"],
        "pages": ["/", "/cases/", "/cases/new/", "/desk/"],
        "brings in": ["patrol"],
        "queues": ["overdue"],
        "sees own findings": True,
        "reads": [False, True, False],
    }


def test_nothing_in_a_profile_has_a_default() -> None:
    missing = dataclasses.MISSING
    for field in dataclasses.fields(RoleProfile):
        assert (field.default, field.default_factory, field.kw_only) == (missing, missing, True), field.name
    stated = {field.name: None for field in dataclasses.fields(RoleProfile)}
    for name in stated:
        with pytest.raises(TypeError, match=name):
            RoleProfile(**{other: value for other, value in stated.items() if other != name})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("codes", "enumeration"),
    [(CaseKindCode, CaseKind), (UnitKindCode, Unit.Kind), (QueueCode, Queue)],
)
def test_codes_are_the_values_of_their_enumeration(codes: object, enumeration: type[StrEnum]) -> None:
    assert set(get_args(codes)) == {member.value for member in enumeration}


def test_a_role_that_brings_something_in_has_a_channel() -> None:
    assert {code for code in get_args(ChannelCode) if code} <= set(Channel.values)
    for role in roles.EVERY_ROLE:
        assert bool(PROFILES[role].channel) == bool(PROFILES[role].brings_in), role


def test_groups_of_roles_are_what_the_law_speaks_of() -> None:
    assert {Role.RESIDENT, Role.ENTERPRISE} == roles.REQUESTER_ROLES
    assert LEAD_ROLES | {Role.COMMUNITY} == roles.HANDLER_ROLES
    assert roles.HANDLER_ROLES | {Role.PROPERTY} == roles.UNIT_ROLES
    assert set(Role) == roles.EVERY_ROLE | {Role.SYSTEM}
    assert roles.STAFF_ROLES.isdisjoint(roles.REQUESTER_ROLES)
    assert all("patrol" in PROFILES[role].brings_in for role in PATROL_ROLES)


def test_who_has_no_unit_acts_for_itself() -> None:
    for profile in PROFILES.values():
        assert bool(profile.unit_kinds) == (profile.party not in {Party.REQUESTER, Party.PLATFORM})


def test_what_is_tied_by_a_unit_is_done_by_roles_that_see_by_unit() -> None:
    units = {"lead", "signer", "share", "handler", "whistled"}
    for row in TRANSITIONS:
        if row.tie in units:
            assert all(PROFILES[role].sight.startswith("of_its_units") for role in row.by), row.action
