"""How passwords are kept and changed."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes: a hundred people who sign in at nine do not fill the memory.

    Source: OWASP Password Storage Cheat Sheet, the least it recommends for Argon2id.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


def change(person: AbstractBaseUser, text: str) -> None:
    """A new password. Every session of the person ends with the old one, by the digest of it that it holds."""
    person.set_password(text)
    person.save(update_fields=["password"])
