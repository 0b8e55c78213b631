from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.registry.loaders import article_files


class Command(BaseCommand):
    help = "从 JSON 装载知识条目，已有的按内容修订 / load articles; those already there are revised"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        new, changed = article_files.load(options["file"], now())
        self.stdout.write(_("知识条目：新增 %(new)d，修订 %(changed)d。") % {"new": new, "changed": changed})
