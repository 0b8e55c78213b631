from typing import Any

from django.core.management.base import BaseCommand

from jieban import launch


class Command(BaseCommand):
    help = "在本机启动全部程序和演示数据 / start everything with the demonstration district"
    requires_system_checks: list[str] = []
    needs_database = False  # the supervisor starts and stops it
    needs_keys = False

    def handle(self, *args: Any, **options: Any) -> None:
        launch.demo()
