"""How passwords are kept and changed."""

from typing import TYPE_CHECKING

from django.contrib.auth.hashers import Argon2PasswordHasher

if TYPE_CHECKING:
    from jieban.registry.models import Person


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes: a hundred people who sign in at nine do not fill the memory.

    Source: OWASP Password Storage Cheat Sheet, the least it recommends for Argon2id.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


def set_password(person: "Person", text: str) -> None:
    """A new password. Every session of the person ends with the old one, by the digest of it that it holds."""
    _set(person, text, given=False)


def set_temporary_password(person: "Person", text: str) -> None:
    """A password that somebody else knows: the person changes it before doing anything else."""
    _set(person, text, given=True)


def _set(person: "Person", text: str, *, given: bool) -> None:
    person.set_password(text)
    person.password_given = given
    person.save(update_fields=["password", "password_given"])
