from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jieban.worktime.announcement import announce


class Command(BaseCommand):
    help = (
        "从 CSV 录入放假安排：day,is_workday,name,notice / load a year's holidays or single days from a file"
    )
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        done = announce(options["file"])
        self.stdout.write(f"录入 {done.rows} 天。 / {done.rows} days loaded.")
        for year in done.years:
            self.stdout.write(f"{year}年的放假安排已齐全。 / The calendar of {year} is complete.")
        for day in done.withdrawn:
            self.stdout.write(f"{day} 新文件中没有，已撤销。 / no longer in the notice: withdrawn.")
        for change in done.changed:
            kind, in_english = ("上班", "working day") if change.is_workday else ("休息", "day off")
            name = f"（{change.name}）" if change.name else ""
            self.stdout.write(f"{change.day}{name} 改为{kind}。 / now a {in_english}.")
