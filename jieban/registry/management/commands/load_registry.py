import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.registry.loaders.registry_loader import FileReport, LoadReport, LoadState, load
from jieban.registry.loaders.typed_rows import Problem

MOST_NAMED = 20


class Command(BaseCommand):
    help = "从 CSV 装载地点、单位、人员、分类和派单目录 / load places, units, people, categories, directory"
    requires_system_checks: list[str] = []
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="the folder with the .csv files")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = load(options["folder"], now())
        if options["json"]:
            output = {"ok": report.ok(), "changed": report.changed(), **asdict(report)}
            self.stdout.write(json.dumps(output, ensure_ascii=False, indent=1))
        else:
            for line in report_lines(report):
                self.stdout.write(line)
        if not report.ok():
            sys.exit(1)


def report_lines(report: LoadReport) -> Iterator[str]:
    """Lines of the report for an operator."""
    for file in report.files:
        yield from _file_lines(file)
    if report.unknown:
        yield _("这些文件不属于登记册，没有读取：%s。") % "、".join(report.unknown)
    if not report.ok():
        yield _("有文件没有装载，请按提示改正后重新装载；已装载的文件不受影响。")
    elif not report.changed():
        yield _("全部内容与登记册一致，没有变化。")


def _file_lines(file: FileReport) -> Iterator[str]:
    name = f"{file.name}.csv"
    if file.state is LoadState.REFUSED:
        yield _("%(name)s：没有装载，有 %(count)d 处错误：") % {"name": name, "count": file.problem_count}
        for problem in file.problems:
            yield f"  {problem_place(name, problem)}：{problem.reason}"
        if file.problem_count > len(file.problems):
            yield _("  ……只列出前 %d 处。") % len(file.problems)
    elif file.state is LoadState.SKIPPED:
        yield _("%(name)s：没有装载，因为它依赖的 %(other)s.csv 没有装载。") % {
            "name": name,
            "other": file.waits_for,
        }
    elif file.state is LoadState.LOADED:
        yield from _change_lines(name, file)


def problem_place(name: str, problem: Problem) -> str:
    """Position of a problem: places.csv 第 12 行 name 列."""
    if problem.line is None:
        return name
    return _("%(name)s 第 %(line)d 行 %(column)s 列") % {
        "name": name,
        "line": problem.line,
        "column": problem.column,
    }


def _change_lines(name: str, file: FileReport) -> Iterator[str]:
    counts = {
        "name": name,
        "added": len(file.added),
        "changed": len(file.changed),
        "unchanged": file.unchanged,
        "unlisted": len(file.unlisted),
    }
    yield (
        _("%(name)s：新增 %(added)d，修改 %(changed)d，不变 %(unchanged)d，不再列出 %(unlisted)d。") % counts
    )
    yield from _name_lines(_("  新增："), file.added)
    yield from _name_lines(
        _("  修改："), [f"{key}（{'、'.join(columns)}）" for key, columns in file.changed.items()]
    )
    yield from _name_lines(_("  删去（同一段历史已改写）："), file.removed)
    yield from _name_lines(_("  不再列出（仍然保留，要结束请填写失效日）："), file.unlisted)


def _name_lines(title: str, names: list[str]) -> Iterator[str]:
    if names:
        more = _("……共 %d 项") % len(names) if len(names) > MOST_NAMED else ""
        yield title + "；".join(names[:MOST_NAMED]) + more
