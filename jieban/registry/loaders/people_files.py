"""Loader for posts, people, and who holds which post."""

import itertools
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jieban.registry.loaders import typed_rows as sheets
from jieban.registry.loaders.typed_rows import (
    Changes,
    RegistryColumn,
    RegistryRow,
    RegistrySheet,
    compare,
)
from jieban.registry.models import Holding, Person, Post, Unit
from jieban.registry.roles import PROFILES, Role

Kind = Unit.Kind

POST_COLUMNS = (
    RegistryColumn("code", sheets.code),
    RegistryColumn("unit_code", sheets.code, required=False),
    RegistryColumn("role", sheets.choice(Role)),
    RegistryColumn("name", sheets.text(60)),
    RegistryColumn("valid_from", sheets.day),
    RegistryColumn("valid_to", sheets.day, required=False),
)
PEOPLE_COLUMNS = (RegistryColumn("username", sheets.username), RegistryColumn("name", sheets.text(60)))
HOLDING_COLUMNS = (
    RegistryColumn("username", sheets.username),
    RegistryColumn("post_code", sheets.code),
    RegistryColumn("valid_from", sheets.day),
    RegistryColumn("valid_to", sheets.day, required=False),
)


def load_posts(sheet: RegistrySheet) -> Changes:
    """Adds and changes posts. A post that is no longer listed stays; it ends by its `valid_to`."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    for row in sheet.rows:
        _check_post(sheet, row, units)
    sheet.raise_problems()
    changes = compare(sheet, _stored_posts())
    sheets.upsert(
        Post,
        [
            Post(
                code=row["code"],
                unit=units[row["unit_code"]] if row["unit_code"] else None,
                role=row["role"],
                name=row["name"],
                opened_on=row["valid_from"],
                closed_on=row["valid_to"],
            )
            for row in changes.to_write()
        ],
        ["unit", "role", "name", "opened_on", "closed_on"],
    )
    return changes


def _stored_posts() -> dict[str, dict[str, Any]]:
    return {
        post.code: {
            "unit_code": post.unit.code if post.unit else None,
            "role": post.role,
            "name": post.name,
            "valid_from": post.opened_on,
            "valid_to": post.closed_on,
        }
        for post in Post.objects.select_related("unit")
    }


def _check_post(sheet: RegistrySheet, row: RegistryRow, units: dict[str, Unit]) -> None:
    role, code = Role(row["role"]), row["unit_code"]
    if role is Role.SYSTEM:
        sheet.refuse(row, "role", _("“系统”是程序自己的角色，不能设岗位。"))
        return
    kinds = tuple(map(Kind, PROFILES[role].unit_kinds))
    if not kinds:
        if code is not None:
            sheet.refuse(row, "unit_code", _("%s的岗位不属于任何单位，请留空。") % role.label)
        return
    names = "、".join(str(kind.label) for kind in kinds)
    if code is None:
        sheet.refuse(
            row, "unit_code", _("%(role)s的岗位须设在%(names)s。") % {"role": role.label, "names": names}
        )
    elif code not in units:
        sheet.refuse(row, "unit_code", sheets.unknown_code_message(_("单位"), code))
    elif units[code].kind not in kinds:
        sheet.refuse(
            row,
            "role",
            _("%(role)s的岗位须设在%(names)s，“%(unit)s”是%(kind)s。")
            % {
                "role": role.label,
                "names": names,
                "unit": units[code].name,
                "kind": Kind(units[code].kind).label,
            },
        )


def load_people(sheet: RegistrySheet) -> Changes:
    """Adds people without a password, and changes names. People who are no longer listed keep their account."""
    stored = {name: {"name": shown} for name, shown in Person.objects.values_list("username", "name")}
    changes = compare(sheet, stored)
    people = [Person(username=row["username"], name=row["name"]) for row in changes.to_write()]
    for person in people:
        person.set_unusable_password()
    sheets.upsert(Person, people, ["name"], unique="username")
    return changes


HoldingKey = tuple[str, str, date]


def load_holdings(sheet: RegistrySheet) -> Changes:
    """Adds and changes holdings; the rows of a person in a post are the whole history of that holding."""
    people = dict(Person.objects.values_list("username", "pk"))
    posts = {post.code: post for post in Post.objects.all()}
    stored = {
        (holding.person.username, holding.post.code, holding.valid_from): holding
        for holding in Holding.objects.select_related("person", "post")
    }
    _check_holdings(sheet, people, posts)
    sheet.raise_problems()
    changes = compare(sheet, {key: {"valid_to": holding.valid_to} for key, holding in stored.items()})
    sheets.split_histories(changes, {row.key[:2] for row in sheet.rows}, part=lambda key: key[:2])
    _write_holdings(changes, stored, people, posts)
    return changes


def _check_holdings(sheet: RegistrySheet, people: dict[str, int], posts: dict[str, Post]) -> None:
    for row in sheet.rows:
        post = posts.get(row["post_code"])
        if row["username"] not in people:
            sheet.refuse(
                row, "username", _("没有用户名为“%s”的人员，请先在 people.csv 中登记。") % row["username"]
            )
        if post is None:
            sheet.refuse(row, "post_code", sheets.unknown_code_message(_("岗位"), row["post_code"]))
        elif row["valid_from"] < post.opened_on:
            sheet.refuse(
                row,
                "valid_from",
                _("岗位“%(post)s”在 %(day)s 才设立，任职不能更早。")
                % {"post": post.name, "day": post.opened_on},
            )
    ordered = sorted(sheet.rows, key=lambda row: row.key)
    for older, newer in itertools.pairwise(ordered):
        if older.key[:2] == newer.key[:2] and sheets.periods_overlap(older.cells, newer.cells):
            sheet.refuse(
                newer,
                "valid_from",
                _("与第 %(line)d 行重叠：同一人在同一岗位的任期不能重叠。") % {"line": older.line},
            )


def _write_holdings(
    changes: Changes, stored: dict[HoldingKey, Holding], people: dict[str, int], posts: dict[str, Post]
) -> None:
    replaced = [*changes.removed, *(row.key for row, _columns in changes.changed)]
    if replaced:
        Holding.objects.filter(pk__in=[stored[key].pk for key in replaced]).delete()
    Holding.objects.bulk_create(
        Holding(
            person_id=people[row["username"]],
            post=posts[row["post_code"]],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
        )
        for row in changes.to_write()
    )
