"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes: a hundred people who sign in at nine do not fill the memory.

    Source: OWASP Password Storage Cheat Sheet, the least it recommends for Argon2id.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
