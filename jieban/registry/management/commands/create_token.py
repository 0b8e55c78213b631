from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jieban.base.clock import now
from jieban.registry.identity import tokens


class Command(BaseCommand):
    help = "生成接口令牌，只显示这一次 / make an API token; it is shown only this once"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="令牌代表谁办理")
        parser.add_argument("--post", default="", metavar="CODE", help="以哪个岗位办理；不写则为第一个岗位")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(tokens.create(options["username"], now(), post_code=options["post"]))
