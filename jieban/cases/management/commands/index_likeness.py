"""Command that adds missing fingerprints: python -m jieban index-likeness [--since DAY]"""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jieban.cases.checks import fingerprints


class Command(BaseCommand):
    help = "为升级前的诉求建立相近索引，可随时中断重来 / index earlier cases, so that like ones are found"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=date.fromisoformat, metavar="DAY", help="只建这一天以后受理的，如 2026-01-31"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = sum(fingerprints.index_missing(options["since"]))
        self.stdout.write(f"已为 {done} 件诉求建立相近索引。 / {done} cases are in the index.")
