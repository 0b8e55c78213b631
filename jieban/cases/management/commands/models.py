"""Command that lists trained models: python -m jieban models [--json]"""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.base.clock import local, local_date, now
from jieban.cases.checks import classifiers, confidences, model_store
from jieban.cases.models import ModelUse, TrainedModel


class Command(BaseCommand):
    help = "列出由本区诉求学到的模型、得分和使用起止 / what was learned, its marks, and since when it answers"
    requires_system_checks: list[str] = []
    needs_keys = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        answering = classifiers.warm(local_date(now()))
        by_now = confidences.live_calibration().version
        if options["json"]:
            data = _all(classifiers.CATEGORY, answering)
            data["calibration"] = _all(confidences.CALIBRATION, by_now)
            self.stdout.write(json.dumps(data, ensure_ascii=False))
        else:
            lines = _lines(classifiers.CATEGORY, _("现在使用：%s") % answering, _model_line)
            lines += _lines(confidences.CALIBRATION, _("把握，现在使用：%s") % by_now, _calibration_line)
            self.stdout.write("\n".join(lines))


def _all(kind: str, answering: str) -> dict[str, Any]:
    models, uses = model_store.models_and_uses(kind)
    return {"answering": answering, "models": [*map(_model, models)], "uses": [*map(_use, uses)]}


def _lines(kind: str, first: str, line: Callable[[TrainedModel], str]) -> list[str]:
    models, uses = model_store.models_and_uses(kind)
    return [first, *map(line, models), *map(_use_line, uses)]


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
    return use.model.version if use.model else model_store.COLD_START


def _model_line(row: TrainedModel) -> str:
    return _(
        "%(version)s  %(at)s 训练：学习 %(cases)d 件，%(classes)d 类；测试 %(unseen)d 件，宏平均 F1 %(mark).3f"
        "（当时使用的 %(with)s 为 %(compared).3f，冷启动为 %(cold).3f）"
    ) % {
        "version": row.version, "at": f"{local(row.trained_at):%Y-%m-%d %H:%M}", "cases": row.case_count,
        "classes": row.class_count, "unseen": row.unseen_count, "mark": row.mark, "with": row.compared_with,
        "compared": row.compared_mark, "cold": row.cold_mark,
    }  # fmt: skip


def _calibration_line(row: TrainedModel) -> str:
    return _(
        "%(version)s  %(at)s 统计：建议 %(cases)d 项，%(kinds)d 种；测试 %(unseen)d 项，布赖尔分 %(mark).4f，越低越好"
        "（当时使用的 %(with)s 为 %(compared).4f，初始估计为 %(cold).4f）"
    ) % {
        "version": row.version, "at": f"{local(row.trained_at):%Y-%m-%d %H:%M}", "cases": row.case_count,
        "kinds": row.class_count, "unseen": row.unseen_count, "mark": row.mark, "with": row.compared_with,
        "compared": row.compared_mark, "cold": row.cold_mark,
    }  # fmt: skip


def _use_line(use: ModelUse) -> str:
    return _("%(from)s 至 %(until)s 使用 %(version)s：%(why)s %(by)s") % {
        "from": f"{local(use.from_at):%Y-%m-%d %H:%M}",
        "until": f"{local(use.until_at):%Y-%m-%d %H:%M}" if use.until_at else _("今"),
        "version": _name(use), "why": use.get_why_display(), "by": use.by,
    }  # fmt: skip
