"""Password hashing and changes."""

from typing import TYPE_CHECKING

from django.contrib.auth.hashers import Argon2PasswordHasher

if TYPE_CHECKING:
    from jieban.registry.models import Person


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes, so that a hundred people who sign in at nine do not fill the memory.

    Source: OWASP Password Storage Cheat Sheet, the least it recommends for Argon2id.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


def set_password(person: "Person", text: str) -> None:
    """Sets a password. Sessions with the old one end, because each session holds a digest of it."""
    _set(person, text, given=False)


def set_temporary_password(person: "Person", text: str) -> None:
    """Sets a temporary password, which the person must change before doing anything else."""
    _set(person, text, given=True)


def _set(person: "Person", text: str, *, given: bool) -> None:
    person.set_password(text)
    person.password_given = given
    person.save(update_fields=["password", "password_given"])
