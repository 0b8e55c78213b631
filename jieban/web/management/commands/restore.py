from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from jieban.base import backup


class Command(BaseCommand):
    help = "把备份恢复到空的数据库 / bring a copy back into an empty database"
    requires_system_checks: list[str] = []
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="备份文件")

    def handle(self, *args: Any, **options: Any) -> None:
        backup.restore(settings.DATABASE_URL, options["file"])
        self.stdout.write(
            "已恢复。请运行 python -m jieban verify-history 核验。 / Restored; now run verify-history."
        )
