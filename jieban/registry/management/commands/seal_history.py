"""python -m jieban seal-history"""

from typing import Any

from django.core.management.base import BaseCommand

from jieban.base.clock import now
from jieban.registry.ledger.seals import make_seal


class Command(BaseCommand):
    help = "立即封存截至此刻的历史记录（平时由系统每十分钟和每天自动封存）。"

    def handle(self, *args: Any, **options: Any) -> None:
        seal = make_seal(now())
        self.stdout.write(f"已封存 {seal.count} 条历史记录。" if seal else "没有新的历史记录。")
