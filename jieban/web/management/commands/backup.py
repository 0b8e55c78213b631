from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from jieban.base import backup


class Command(BaseCommand):
    help = "把整个数据库备份到一个文件，不影响使用 / write a copy of the whole database while work goes on"
    requires_system_checks: list[str] = []
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="备份写到这里")

    def handle(self, *args: Any, **options: Any) -> None:
        size = backup.save(settings.DATABASE_URL, options["file"])
        self.stdout.write(
            f"已备份到 {options['file']}（{size / 1024**2:.1f} MB）。密钥文件须另行备份。"
            " / Saved; back up the key file apart from it."
        )
