"""python -m jieban verify-files [--json]"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from jieban.registry.documents.storage_checks import StorageCheck, verify_files


class Command(BaseCommand):
    help = "核验每个附件的文件是否与历史记录一致 / check every file against the history"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        result = verify_files()
        self.stdout.write(_json(result) if options["json"] else _check_report(result))
        if not result.ok:
            raise SystemExit(1)


def _json(result: StorageCheck) -> str:
    faults = [{"case": case, "what": what} for case, what in result.faults]
    return json.dumps({"ok": result.ok, "files": result.files, "faults": faults}, ensure_ascii=False)


def _check_report(result: StorageCheck) -> str:
    if result.ok:
        return f"附件完好：{result.files} 个。"
    return "附件有缺失或改动：\n" + "\n".join(f"{case}：{what}" for case, what in result.faults)
