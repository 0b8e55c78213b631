"""Command that loads the demonstration: python -m jieban load-demo"""

import json
import os
import secrets
import subprocess
import sys
from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from jieban.base.clock import now
from jieban.base.errors import Invalid
from jieban.cases.demo import demo_cases, demo_duty
from jieban.cases.suggestions import nightly_calibration
from jieban.channels import inbox, outbox
from jieban.registry.loaders import article_files
from jieban.registry.loaders.registry_loader import load
from jieban.registry.models import Person

DATA = Path(settings.BASE_DIR) / "data"
UNREAD = timedelta(days=1)  # messages of this age are still unread
ACCOUNTS = (
    "resident", "enterprise", "operator", "dispatcher", "street", "department", "community", "property",
    "caller", "supervisor", "analyst", "leader", "auditor", "admin",
)  # fmt: skip


PROCESSES = 2


class Command(BaseCommand):
    help = "装入演示区：登记册、14 个演示账号和演示案件；已装入的不重复。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=settings.DEMO_CASES, help="演示案件数")
        parser.add_argument("--part", type=int, help="只造其中一部分（由本命令自己调用）")
        parser.add_argument("--at", type=datetime.fromisoformat, help="当作现在的时刻")

    def handle(self, *args: Any, **options: Any) -> None:
        count, at = options["count"], options["at"] or now()
        if options["part"] is not None:
            return self._make(count, at, options["part"])
        if demo_cases.missing(count):
            self._load(count, at)
        article_files.load(DATA / "demo" / "knowledge.json", at)
        demo_duty.load(at)
        return write_accounts()

    def _load(self, count: int, at: datetime) -> None:
        if not load(DATA / "district", at).ok():
            raise Invalid("演示区的登记册没有装入，请运行 load-registry data/district 查看原因。")
        line = [sys.executable, "-m", "jieban", "load-demo", "--count", str(count), "--at", at.isoformat()]
        parts = [
            subprocess.Popen([*line, "--part", str(part)], cwd=settings.BASE_DIR)  # noqa: S603 - our own command
            for part in range(PROCESSES)
        ]
        codes = [part.wait() for part in parts]
        if any(codes):
            raise Invalid("演示案件没有全部造出，请再次运行 load-demo，已有的不会重复。")
        outbox.deliver_waiting()
        inbox.mark_read_before(at - UNREAD)
        nightly_calibration.save_confidence_bands(at)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _make(self, count: int, at: datetime, part: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")  # a crash only means that it is run again
        place = demo_cases.district(DATA / "demo")
        for made, _case in enumerate(demo_cases.make_cases(place, count, at, part, PROCESSES), start=1):
            if made % 250 == 0:
                self.stderr.write(f"演示案件 {made * PROCESSES} / {count}")


def write_accounts() -> None:
    """Creates a password for each demonstration account, once, and stores them in a file of this machine."""
    path = Path(settings.VAR) / "demo-accounts.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    people = {person.username: person for person in Person.objects.filter(username__in=ACCOUNTS)}
    for username in ACCOUNTS:
        person = people.get(username)
        if person is None or (username in known and person.has_usable_password()):
            continue
        known[username] = secrets.token_urlsafe(9)
        person.set_password(known[username])
        person.save(update_fields=["password"])
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(known, handle, indent=1)
    fresh.replace(path)
