"""People, units and posts for tests of pages."""

from datetime import date

from jieban.registry.models import Holding, Person, Post, Unit
from jieban.registry.roles import Role

PASSWORD = "a long demonstration phrase"
OPENED = date(2020, 1, 1)


def make_unit(name: str = "八角街道接诉即办指挥中心", kind: str = Unit.Kind.STREET_CENTRE) -> Unit:
    return Unit.objects.get_or_create(code=name, name=name, kind=kind, opened_on=OPENED)[0]


def make_person(username: str = "zhoumin", name: str = "周敏") -> Person:
    return Person.objects.create_user(username, name, PASSWORD)


def make_post(
    person: Person,
    name: str = "指挥员",
    role: Role = Role.STREET,
    unit: Unit | None = None,
    until: date | None = None,
) -> Post:
    """A post that the person holds."""
    post = Post.objects.create(
        code=f"{person.username}-{name}", name=name, role=role, unit=unit or make_unit(), opened_on=OPENED
    )
    Holding.objects.create(person=person, post=post, valid_from=OPENED, valid_to=until)
    return post
