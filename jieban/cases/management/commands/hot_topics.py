"""Command for hot topics of a table: python -m jieban hot-topics --input FILE.xlsx --out DIR [--top 5] [--json]"""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.base.sheets import BadFile
from jieban.language.topics.topic_finder import Topic, find
from jieban.language.topics.topic_messages import read_messages
from jieban.language.topics.topic_tables import as_json, write_tables

DEFAULT_TOP = 5


class Command(BaseCommand):
    help = "从留言表（.xlsx 或 .csv）找出热点问题：按事项和地点归类、命名，按热度排名，写成两张表。"
    requires_system_checks: list[str] = []
    needs_database = False
    needs_keys = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--input", type=Path, required=True, metavar="FILE", help="留言表，.xlsx 或 .csv")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="两张表写到这个文件夹")
        parser.add_argument(
            "--top", type=_count, default=DEFAULT_TOP, help=f"取前几个热点，默认 {DEFAULT_TOP}"
        )
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        topics = find(read_messages(options["input"]))[: options["top"]]
        try:
            files = write_tables(options["out"], topics)
        except OSError as error:
            raise BadFile(_("文件写不了：%s。请核对路径和权限。") % (error.strerror or error)) from error
        self.stdout.write(
            json.dumps(as_json(topics), ensure_ascii=False)
            if options["json"]
            else _topics_report(topics, files)
        )


def _count(typed: str) -> int:
    if not typed.isdecimal() or not int(typed):
        raise ArgumentTypeError(_("“%s”不是大于 0 的整数。") % typed)
    return int(typed)


def _topics_report(topics: Sequence[Topic], files: Sequence[Path]) -> str:
    lines = [
        _("%(rank)d. %(name)s（热度 %(heat)s，留言 %(count)d 条，%(from)s 至 %(to)s）")
        % {"rank": topic.rank, "name": topic.name, "heat": topic.heat.value, "count": topic.heat.messages,
           "from": topic.first_on or _("时间不详"), "to": topic.last_on or _("时间不详")}
        for topic in topics
    ]  # fmt: skip
    report = lines or [_("没有找到两条以上留言共同反映的问题。")]
    return "\n".join([*report, _("已写入：%s") % "、".join(str(file) for file in files)])
