"""Command that trains classifiers: python -m jieban train PART.

`classifier --train FILE.csv [--unlabelled FILE] --out MODEL` from a table into a file,
`district [--json]` from the district's own confirmed cases, put in use only when it is better.
"""

import json
import resource
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.cases.checks.model_store import HOLD_PERIOD
from jieban.cases.suggestions import nightly_calibration, nightly_learning
from jieban.cases.suggestions.nightly_learning import LearningOutcome, LearningRun
from jieban.language.classify import classifier, training, training_tables
from jieban.language.text import lexicon


class Command(BaseCommand):
    help = "用已分类的留言训练分类模型，写入文件；或用本区已确认的诉求训练，更好才启用。"
    requires_system_checks: list[str] = []
    needs_database = False
    needs_database_for = frozenset({"district"})
    needs_keys = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        _add_classifier(parts.add_parser("classifier", help="分类模型：由留言的主题和正文判断类别"))
        district = parts.add_parser("district", help="由本区人工确认过分类的诉求学习；平时每天夜里自动进行")
        district.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        parts = {"classifier": _classifier, "district": _district}
        self.stdout.write(parts[options["part"]](options))


def _add_classifier(part: ArgumentParser) -> None:
    columns = "留言主题、留言详情、一级分类（或 subject、text、category）"
    part.add_argument(
        "--train", type=Path, required=True, metavar="FILE", help=f"有{columns}三列的 .csv 或 .xlsx 文件"
    )
    part.add_argument("--unlabelled", type=Path, metavar="FILE", help="未分类的留言，.csv 或 .xlsx 文件")
    part.add_argument("--out", type=Path, required=True, metavar="MODEL", help="模型写入的文件")


def _classifier(options: dict[str, Any]) -> str:
    known, left_out = training_tables.read_labelled(options["train"])
    others = training_tables.read_unlabelled(options["unlabelled"]) if options["unlabelled"] else []
    model = training.train(known, others, lexicon.categories())
    counts = {"labelled": len(known), "unlabelled": len(others)}
    version = classifier.save(model, options["out"], counts)
    done = _(
        "训练完成：已分类 %(labelled)d 条，未分类 %(unlabelled)d 条，共 %(classes)d 类；模型版本 %(version)s。"
    ) % {**counts, "classes": len(model.classes), "version": version}
    return "\n".join([done, _("另有 %d 行没有内容或没有分类，未采用。") % left_out] if left_out else [done])


def _district(options: dict[str, Any]) -> str:
    categories, marks = nightly_learning.learn(now()), nightly_calibration.calibrate(now())
    if options["json"]:
        return json.dumps(_figures(categories) | {"calibration": _figures(marks)})
    return "\n".join([_category_report(categories), _calibration_report(marks)])


def _memory() -> int:
    """Peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _figures(outcome: LearningRun) -> dict[str, Any]:
    learned = asdict(outcome.learned) if outcome.learned else {}
    learned = {name: value for name, value in learned.items() if name not in {"content", "learned_until_at"}}
    return {
        "what": outcome.what.value, "case_count": outcome.case_count, "unseen_count": outcome.unseen_count,
        **learned, "seconds": round(outcome.seconds, 3), "memory_mb": _memory(),
    }  # fmt: skip


def _outcome_sentence(outcome: LearningRun, too_few: str) -> str:
    sentences = {
        LearningOutcome.LIVE: _("更好，已启用。"),
        LearningOutcome.NOT_BETTER: _("没有好过正在使用的，没有改变。"),
        LearningOutcome.HELD: _("更好，但不满 %d 天前有人退回过模型，没有启用。") % HOLD_PERIOD.days,
        LearningOutcome.SAME: _("与以前训练的完全相同，没有改变。"),
        LearningOutcome.TOO_FEW: too_few,
        LearningOutcome.BUSY: _("另一个训练正在进行，没有改变。"),
    }
    return sentences[outcome.what]


def _category_report(outcome: LearningRun) -> str:
    too_few = _("人工确认过分类的诉求不够（至少 %(all)d 件，其中至少 %(unseen)d 件用来测试），没有改变。") % {
        "all": nightly_learning.FEWEST_CASES,
        "unseen": nightly_learning.FEWEST_UNSEEN,
    }
    counts = _("学习 %(known)d 件，测试 %(unseen)d 件：%(told)s") % {
        "known": outcome.case_count, "unseen": outcome.unseen_count, "told": _outcome_sentence(outcome, too_few),
    }  # fmt: skip
    if outcome.learned is None:
        return counts
    marks = _(
        "版本 %(version)s，宏平均 F1 %(mark).3f；正在使用的 %(compared_with)s 为 %(compared_mark).3f，"
        "冷启动为 %(cold_mark).3f；须高出 %(margin).2f。用时 %(seconds).0f 秒，内存 %(memory)d MB。"
    ) % {
        **asdict(outcome.learned),
        "margin": nightly_learning.MARGIN,
        "seconds": outcome.seconds,
        "memory": _memory(),
    }
    return f"{counts}\n{marks}"


def _calibration_report(outcome: LearningRun) -> str:
    too_few = _("有人处理过的建议不够（至少 %(all)d 项，其中至少 %(unseen)d 项用来测试），没有改变。") % {
        "all": nightly_calibration.FEWEST_READINGS, "unseen": nightly_calibration.FEWEST_UNSEEN,
    }  # fmt: skip
    counts = _("把握：统计建议 %(known)d 项，测试 %(unseen)d 项：%(told)s") % {
        "known": outcome.case_count, "unseen": outcome.unseen_count, "told": _outcome_sentence(outcome, too_few),
    }  # fmt: skip
    if outcome.learned is None:
        return counts
    marks = _(
        "版本 %(version)s，布赖尔分 %(mark).4f（越低越好）；正在使用的 %(compared_with)s 为 %(compared_mark).4f，"
        "初始估计为 %(cold_mark).4f；须低 %(margin).3f。"
    ) % {**asdict(outcome.learned), "margin": nightly_calibration.MARGIN}
    return f"{counts}\n{marks}"
