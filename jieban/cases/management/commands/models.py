"""python -m jieban models [--json]"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.base.clock import local, local_date, now
from jieban.cases import classifiers, trained
from jieban.cases.models import ModelUse, TrainedModel


class Command(BaseCommand):
    help = "列出由本区诉求学到的模型、得分和使用起止 / what was learned, its marks, and since when it answers"
    requires_system_checks: list[str] = []
    needs_keys = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        answering = classifiers.warm(local_date(now()))
        models, uses = trained.listed(classifiers.CATEGORY)
        if options["json"]:
            told = {
                "answering": answering,
                "models": [_model(row) for row in models],
                "uses": [*map(_use, uses)],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            lines = [_("现在使用：%s") % answering, *map(_model_line, models), *map(_use_line, uses)]
            self.stdout.write("\n".join(lines))


def _model(row: TrainedModel) -> dict[str, Any]:
    names = (
        "version", "case_count", "class_count", "unseen_count", "mark", "compared_with", "compared_mark",
        "cold_mark",
    )  # fmt: skip
    return {"trained_at": row.trained_at.isoformat(), **{name: getattr(row, name) for name in names}}


def _use(use: ModelUse) -> dict[str, Any]:
    return {
        "version": _name(use), "from": use.from_at.isoformat(),
        "until": use.until_at.isoformat() if use.until_at else None, "why": use.why, "by": use.by,
    }  # fmt: skip


def _name(use: ModelUse) -> str:
    return use.model.version if use.model else trained.COLD_START


def _model_line(row: TrainedModel) -> str:
    return _(
        "%(version)s  %(at)s 训练：学习 %(cases)d 件，%(classes)d 类；测试 %(unseen)d 件，宏平均 F1 %(mark).3f"
        "（当时使用的 %(with)s 为 %(compared).3f，冷启动为 %(cold).3f）"
    ) % {
        "version": row.version, "at": f"{local(row.trained_at):%Y-%m-%d %H:%M}", "cases": row.case_count,
        "classes": row.class_count, "unseen": row.unseen_count, "mark": row.mark, "with": row.compared_with,
        "compared": row.compared_mark, "cold": row.cold_mark,
    }  # fmt: skip


def _use_line(use: ModelUse) -> str:
    return _("%(from)s 至 %(until)s 使用 %(version)s：%(why)s %(by)s") % {
        "from": f"{local(use.from_at):%Y-%m-%d %H:%M}",
        "until": f"{local(use.until_at):%Y-%m-%d %H:%M}" if use.until_at else _("今"),
        "version": _name(use), "why": use.get_why_display(), "by": use.by,
    }  # fmt: skip
