"""Command that puts an earlier model in use: python -m jieban roll-back-model [--kind KIND] [--to VERSION]"""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.cases.checks import model_store


class Command(BaseCommand):
    help = (
        "退回到以前的分类模型或冷启动，或以前的把握校准，立即生效 / an earlier model, or the cold start, answers "
        "again at once"
    )
    requires_system_checks: list[str] = []
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = model_store.ModelKind.values
        parser.add_argument(
            "--kind", choices=kinds, default=model_store.ModelKind.CATEGORY.value,
            help="哪一种：category 分类（不写时）；calibration 性质等各项的把握",
        )  # fmt: skip
        text = f"哪个版本，或 {model_store.COLD_START}（只用词表、初始估计）；不写则为上一个"
        parser.add_argument("--to", default="", metavar="VERSION", help=text)
        parser.add_argument("--by", default="", metavar="NAME", help="谁决定的；不写则为登录本机的用户")

    def handle(self, *args: Any, **options: Any) -> None:
        by = options["by"] or getpass.getuser()
        live = model_store.roll_back(options["kind"], to=options["to"], by=by, at=now())
        name = live.version or model_store.COLD_START
        self.stdout.write(
            _("已退回到 %(name)s；%(days)d 天内不自动启用新的模型。")
            % {"name": name, "days": model_store.HOLD_PERIOD.days}
        )
