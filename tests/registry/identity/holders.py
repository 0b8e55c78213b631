"""Creates a person, a post, a unit, and the person's holding of the post."""

from datetime import UTC, date, datetime

from jieban.registry.models import Holding, Person, Post, Unit
from jieban.registry.roles import Role

OPENED = date(2020, 1, 1)


NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


TODAY = date(2026, 3, 10)


def make_person(username: str = "zhoumin", name: str = "周敏") -> Person:
    return Person.objects.create_user(username, name)


def make_post(code: str = "P1", unit: Unit | None = None, role: Role = Role.DEPARTMENT) -> Post:
    return Post.objects.create(code=code, name=f"岗位{code}", unit=unit, role=role, opened_on=OPENED)


def make_unit(code: str = "D1", kind: str = Unit.Kind.DEPARTMENT, **more: object) -> Unit:
    return Unit.objects.create(code=code, name=f"单位{code}", kind=kind, opened_on=OPENED, **more)


def hold(person: Person, post: Post, start: date = OPENED, end: date | None = None) -> Holding:
    return Holding.objects.create(person=person, post=post, valid_from=start, valid_to=end)
