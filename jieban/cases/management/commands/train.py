"""python -m jieban train classifier --train FILE.csv [--unlabelled FILE] --out MODEL"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.language import classify_model, lexicon, training, training_tables


class Command(BaseCommand):
    help = "用已分类的留言训练分类模型，写入文件。"
    requires_system_checks: list[str] = []
    needs_database = False
    needs_keys = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        part = parts.add_parser("classifier", help="分类模型：由留言的主题和正文判断类别")
        columns = "留言主题、留言详情、一级分类（或 subject、text、category）"
        part.add_argument(
            "--train", type=Path, required=True, metavar="FILE", help=f"有{columns}三列的 .csv 或 .xlsx 文件"
        )
        part.add_argument("--unlabelled", type=Path, metavar="FILE", help="未分类的留言，.csv 或 .xlsx 文件")
        part.add_argument("--out", type=Path, required=True, metavar="MODEL", help="模型写入的文件")

    def handle(self, *args: Any, **options: Any) -> None:
        known, left_out = training_tables.labelled(options["train"])
        others = training_tables.unlabelled(options["unlabelled"]) if options["unlabelled"] else []
        model = training.train(known, others, lexicon.categories())
        told = {"labelled": len(known), "unlabelled": len(others)}
        version = classify_model.save(model, options["out"], told)
        self.stdout.write(
            _(
                "训练完成：已分类 %(labelled)d 条，未分类 %(unlabelled)d 条，共 %(classes)d 类；模型版本 %(version)s。"
            )
            % {**told, "classes": len(model.classes), "version": version}
        )
        if left_out:
            self.stdout.write(_("另有 %d 行没有内容或没有分类，未采用。") % left_out)
