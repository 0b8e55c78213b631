from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jieban.registry.identity import second_factors


class Command(BaseCommand):
    help = "取消某人丢失的两步验证，下次登录重新设置 / take away a lost second factor"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="谁的两步验证丢失了（先当面核实本人）")

    def handle(self, *args: Any, **options: Any) -> None:
        count = second_factors.reset(options["username"])
        self.stdout.write(f"已取消 {count} 项，并退出此人的所有登录。")
