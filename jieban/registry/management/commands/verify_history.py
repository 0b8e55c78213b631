"""python -m jieban verify-history [--json]"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from jieban.registry.ledger.declaration import ledgers
from jieban.registry.ledger.verification import HistoryCheck, in_one_snapshot, verify_history


class Command(BaseCommand):
    help = "核验全部历史记录和封存记录是否被改动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            in_one_snapshot()
            result = verify_history()
        self.stdout.write(_json(result) if options["json"] else _check_report(result))
        if not result.ok:
            raise SystemExit(1)


def _json(result: HistoryCheck) -> str:
    faults = [{"case": fault.entity, "what": fault.what} for fault in result.faults]
    first = faults[0]["case"] if faults else None
    return json.dumps(
        {
            "ok": result.ok, "events": result.events, "seals": result.seals, "unsealed": result.unsealed,
            "first_broken": first, "faults": faults,
        }
        | {f"{name}s": count for name, count in result.entities.items()},
        ensure_ascii=False,
    )  # fmt: skip


def _check_report(result: HistoryCheck) -> str:
    if result.ok:
        titles = {ledger.name: ledger.title for ledger in ledgers()}
        entities = "、".join(f"{count} 个{titles[name]}" for name, count in result.entities.items())
        return (
            f"历史记录完好：{entities}、{result.events} 条记录、{result.seals} 份封存；"
            f"其中 {result.unsealed} 条尚待下次封存。"
        )
    lines = [f"{fault.entity}：{fault.what}" for fault in result.faults]
    return "历史记录有改动，请立即报告并保全现场：\n" + "\n".join(lines)
