from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "显示正在使用的数据库地址 / print the address of the database in use"
    requires_system_checks: list[str] = []
    needs_database = False
    needs_keys = False

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(settings.DATABASE_URL)
