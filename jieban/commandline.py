"""Command-line dispatcher: provides database and keys before a command runs, and prints errors as sentences.

A command declares on its class what it does not need: `needs_database = False`, `needs_keys = False`; and for which
of its subcommands it does: `needs_database_for = {"district"}`.
"""

import fcntl
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db.utils import InterfaceError, OperationalError

from jieban.base import embedded, keys
from jieban.base.errors import Refused

NAME = "python -m jieban"
HELP = {"-h", "--help"}


def run(arguments: Sequence[str]) -> int:
    """Runs one command; returns the exit code: 1, after a sentence on stderr, when it could not be done."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jieban.settings")
    for name in ("procrastinate.periodic", "procrastinate.blueprints"):  # they log every task at every start
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        django.setup()
        if not arguments or arguments[0] in {*HELP, "help"}:
            _list_commands()
            return 0
        return _run_command(arguments[0], arguments[1:])
    except (Refused, ImproperlyConfigured) as error:
        return _fail(str(error))
    except (OperationalError, InterfaceError) as error:
        return _fail(f"数据库连不上或中断了，请检查数据库后重试。 / The database cannot be reached: {error}")
    except KeyboardInterrupt:
        return 130


def make_keys_for_trial() -> None:
    """Creates keys at first use when the database is embedded, that is, for a trial on one machine."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR / "keys.lock").open("a") as handle:  # two programs that start at once create one set
        fcntl.flock(handle, fcntl.LOCK_EX)
        keys.make_key_file(settings.KEY_FILE)
    keys.load.cache_clear()
    settings.SECRET_KEY = keys.secret_for("sign-in", settings.KEY_FILE)


def check_keys() -> None:
    """Checks the keys. Raises NoKeys, in two languages, when they are missing or unreadable."""
    if settings.EMBEDDED_DATABASE:
        make_keys_for_trial()
    try:
        keys.load(settings.KEY_FILE)
    except keys.NoKeys as error:
        raise keys.NoKeys(
            f"{error} / No usable keys: set JIEBAN_KEYS, or write a key file with {NAME} make-keys."
        ) from None


def _run_command(typed: str, rest: Sequence[str]) -> int:
    name = typed.replace("-", "_")
    app = get_commands().get(name)
    if app is None:
        return _fail(f"没有命令 {typed}；{NAME} 列出所有命令。 / There is no command {typed}.")
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    with nullcontext() if HELP & set(rest) else _required_services(command, rest):
        command.run_from_argv([NAME, typed, *rest])
    return 0


@contextmanager
def _required_services(command: BaseCommand, rest: Sequence[str]) -> Iterator[None]:
    if getattr(command, "needs_keys", True):
        check_keys()
    wanted: object = getattr(command, "needs_database", True) or getattr(
        command, "needs_database_for", set()
    ) & {*rest}
    if settings.EMBEDDED_DATABASE and wanted:
        with embedded.running(settings.VAR):
            yield
    else:
        yield


def _list_commands() -> None:
    print(f"{NAME} 命令 [--help]\n")
    ours = {name: app for name, app in get_commands().items() if str(app).startswith("jieban.")}
    for name, app in sorted(ours.items()):
        print(f"  {name.replace('_', '-'):20} {load_command_class(str(app), name).help}")


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
