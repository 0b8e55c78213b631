"""Enumeration of texts, each with a translated label: Django's TextChoices without the ORM. Pure; no database.

Rules that import no database (roles, the state machine of a case) can so have the same choices as the model fields.
"""

from collections.abc import Iterable
from enum import EnumType, StrEnum, nonmember, unique
from typing import Any, Self

from django.utils.functional import Promise


class LabelledType(EnumType):
    """What model and form fields ask of choices: `in` by value, `values`, `labels` and `choices`."""

    def __new__(metacls, name: str, bases: tuple[type, ...], members: Any, **more: Any) -> "LabelledType":
        return unique(super().__new__(metacls, name, bases, members, **more))  # type: ignore[type-var]

    def __contains__(cls, member: object) -> bool:
        return member in cls._value2member_map_

    @property
    def choices(cls: Iterable[Any]) -> list[tuple[str, str | Promise]]:
        return [(member.value, member.label) for member in cls]

    @property
    def values(cls: Iterable[Any]) -> list[str]:
        return [member.value for member in cls]

    @property
    def labels(cls: Iterable[Any]) -> list[str | Promise]:
        return [member.label for member in cls]


class LabelledEnum(StrEnum, metaclass=LabelledType):
    """A member is its value, and has a label: `RESIDENT = "resident", _("居民")`. Both are stated."""

    label: str | Promise
    do_not_call_in_templates = nonmember(True)  # a class in a template's context is no function

    def __new__(cls, value: str, label: str | Promise | None = None) -> Self:
        if (
            label is None
        ):  # a default only because a look-up by value, `Role("admin")`, is written like this call
            raise TypeError(f"{cls.__name__} {value} has no label")
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}.{self.name}"
