"""Command that evaluates text processing on a table: python -m jieban evaluate PART.

`classifier (--model MODEL or --train FILE [--unlabelled FILE]) --test FILE [--json]`,
`replies --pairs FILE [--json]`, `places [--file FILE] [--wrong] [--json]`, `likes [--file FILE] [--json]`.
"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.cases.checks import district_gazetteer
from jieban.cases.checks.reply_pairs import read_pairs
from jieban.language.classify import classifier, training, training_tables
from jieban.language.classify.classifier_evaluation import ClassifierScores, measure
from jieban.language.place import place_evaluation
from jieban.language.place.gazetteer import build
from jieban.language.similarity import near_duplicate_evaluation, relevance_evaluation
from jieban.language.text import lexicon


class Command(BaseCommand):
    help = "在给定的表格上测量语言处理的准确程度。"
    requires_system_checks: list[str] = []
    needs_database = False
    needs_keys = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        _add_classifier(parts.add_parser("classifier", help="分类模型：与人工分类是否一致"))
        _add_likes(parts.add_parser("likes", help="相近诉求：说法变了还能不能找到"))
        _add_places(parts.add_parser("places", help="地点：从文字中找得准不准"))
        _add_replies(parts.add_parser("replies", help="答复与诉求是否对应：本件答复与他件答复能否分开"))

    def handle(self, *args: Any, **options: Any) -> None:
        parts = {"classifier": _classifier, "replies": _replies, "places": _places, "likes": _likes}
        self.stdout.write(parts[options["part"]](options))


def _add_classifier(parser: ArgumentParser) -> None:
    columns = "留言主题、留言详情、一级分类（或 subject、text、category）"
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", type=Path, metavar="MODEL", help="train classifier 写出的模型文件")
    source.add_argument("--train", type=Path, metavar="FILE", help=f"先用此表训练；有{columns}三列")
    parser.add_argument("--unlabelled", type=Path, metavar="FILE", help="训练时另用的未分类留言")
    parser.add_argument(
        "--test", type=Path, required=True, metavar="FILE", help=f"用来测量的表；有{columns}三列"
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def _classifier(options: dict[str, Any]) -> str:
    if options["model"] and options["unlabelled"]:
        raise Invalid(_("--unlabelled 只在用 --train 训练时使用，请去掉其中一项。"))
    messages, left_out = training_tables.read_labelled(options["test"])
    measured = measure(_model(options), messages)
    if options["json"]:
        return json.dumps({**asdict(measured), "left_out": left_out}, ensure_ascii=False)
    return _classifier_report(measured, len(messages), left_out)


def _model(options: dict[str, Any]) -> classifier.Classifier:
    if options["model"]:
        return classifier.load(options["model"])
    known, _left_out = training_tables.read_labelled(options["train"])
    others = training_tables.read_unlabelled(options["unlabelled"]) if options["unlabelled"] else []
    return training.train(known, others, lexicon.categories())


def _classifier_report(measured: ClassifierScores, count: int, left_out: int) -> str:
    lines = [
        _("%(count)d 条：宏平均 F1 %(f1).4f，正确率 %(accuracy).4f，每秒 %(speed).0f 条。")
        % {
            "count": count,
            "f1": measured.macro_f1,
            "accuracy": measured.accuracy,
            "speed": measured.texts_per_second,
        }
    ]
    for label, row in measured.per_class.items():
        figures = {"label": label, **row}
        lines.append(
            _("%(label)s：F1 %(f1).4f，查准 %(precision).4f，查全 %(recall).4f，%(messages)d 条") % figures
        )
    if left_out:
        lines.append(_("另有 %d 行没有内容或没有分类，未计入。") % left_out)
    return "\n".join(lines)


def _add_replies(parser: ArgumentParser) -> None:
    columns = "留言主题、留言详情、答复意见"
    parser.add_argument(
        "--pairs", type=Path, required=True, metavar="FILE", help=f"有{columns}三列的 .csv 或 .xlsx 文件"
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def _replies(options: dict[str, Any]) -> str:
    pairs, left_out = read_pairs(options["pairs"])
    try:
        found = relevance_evaluation.measure(pairs)
    except ValueError:
        raise Invalid(_("表格中至少要有两条内容不同的答复，才能比较。")) from None
    if options["json"]:
        return json.dumps({"auc": round(found.auc, 4), "pairs": found.pairs, "left_out": left_out})
    sentence = _("本件答复与他件答复的区分度（AUC）为 %(auc).4f，共 %(pairs)d 对。")
    lines = [sentence % {"auc": found.auc, "pairs": found.pairs}]
    if left_out:
        lines.append(_("另有 %d 行没有留言或没有答复，未计入。") % left_out)
    return "\n".join(lines)


FIGURES = {
    "precision": "认定的地点中正确的",
    "recall": "应认定的地点中认对的",
    "offered": "应供选择的地点全部列出的",
    "silent": "没有地点的文字中未认定的",
    "parts_precision": "找出的门牌、楼号等中正确的",
    "parts_recall": "应找出的门牌、楼号等中找对的",
}


def _add_places(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file",
        type=Path,
        default=district_gazetteer.FOLDER / "sentences.csv",
        metavar="FILE",
        help="带答案的句子",
    )
    parser.add_argument("--wrong", action="store_true", help="列出没有找对的")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def _places(options: dict[str, Any]) -> str:
    places = build(district_gazetteer.entries_from_folder(settings.BASE_DIR / "data" / "district"))
    marks = place_evaluation.score_sentences(place_evaluation.read_sentences(options["file"], places), places)
    if options["json"]:
        return json.dumps({"sentences": marks.sentences} | marks.rates())
    lines = [_("%d 句") % marks.sentences]
    lines += [f"  {rate:.3f}  {FIGURES[name]}" for name, rate in marks.rates().items()]
    for sentence, found in marks.wrong if options["wrong"] else []:
        places_found = "、".join(f"{places.path(one.id)} {one.certainty}" for one in found.candidates)
        sure = "认定" if found.clear else "待选"
        lines.append(f"{sentence.kind}  {sentence.text}\n    {sure}：{places_found or '无'}；{found.address}")
    return "\n".join(lines)


CHANGES = {
    "dropped": "漏字",
    "mistyped": "错字",
    "misheard": "同音字",
    "reordered": "语句换了次序",
    "cut": "只说了一部分",
    "reworded": "换了开头和结尾",
    "all_of_it": "漏字、错字、换次序、换开头结尾都有",
}


def _add_likes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file", type=Path, default=settings.BASE_DIR / "data" / "samples" / "messages.csv", metavar="FILE",
        help="有留言主题、留言详情（或 subject、text）两列的表",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def _likes(options: dict[str, Any]) -> str:
    messages = training_tables.read_unlabelled(options["file"])
    try:
        measured = near_duplicate_evaluation.measure(
            [message.text or message.subject for message in messages]
        )
    except ValueError:
        raise Invalid(_("表格中至少要有两条内容不同的留言，才能比较。")) from None
    if options["json"]:
        return json.dumps(asdict(measured), ensure_ascii=False)
    lines = [_("%d 条内容不同的留言") % measured.messages]
    for name, found in measured.found.items():
        figures = {"recall": found.recall, "precision": found.precision, "tried": found.tried}
        lines.append(
            f"  {CHANGES[name]}：" + _("查全 %(recall).3f，查准 %(precision).3f，%(tried)d 条") % figures
        )
    lines.append(_("  客套话相同、内容不同，误认为相近：%.3f") % measured.other_matter)
    lines.append(_("  只换了地点，文字仍认为相近：%.3f（页面上另写明相距多远）") % measured.other_place)
    return "\n".join(lines)
