"""Command that imports cases: python -m jieban import-cases FILE [--layout NAME] [--json]"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.cases.importing.case_import import ImportResult, import_file
from jieban.cases.importing.import_layouts import LAYOUTS


class Command(BaseCommand):
    help = "从 .xlsx 或 .csv 文件导入案件；同一文件可反复导入，不会重复。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="要导入的 .xlsx 或 .csv 文件")
        parser.add_argument("--layout", default="", help=f"版式：{'、'.join(LAYOUTS)}；不写则按列名识别")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = import_file(options["file"], layout=options["layout"], progress=self._print_progress)
        self.stdout.write(_json(outcome) if options["json"] else _import_report(outcome))

    def _print_progress(self, outcome: ImportResult) -> None:
        self.stderr.write(_("已读 %(read)d 行，新建 %(created)d 件") % vars(outcome))


def _json(outcome: ImportResult) -> str:
    path = outcome.rejects_file
    return json.dumps({**vars(outcome), "rejects_file": str(path) if path else None}, ensure_ascii=False)


def _import_report(outcome: ImportResult) -> str:
    report = _(
        "读取 %(read)d 行：新建案件 %(created)d 件，已经导入过 %(already_there)d 行，不能导入 %(rejected)d 行。"
    ) % vars(outcome)
    if outcome.rejects_file:
        report += _("不能导入的行和原因见 %s，改正后可再次导入。") % outcome.rejects_file
    return report
