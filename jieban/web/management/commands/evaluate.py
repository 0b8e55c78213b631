"""python -m jieban evaluate places [--file FILE] [--wrong] [--json]"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from jieban.cases import gazetteer
from jieban.language import place_marks
from jieban.language.gazetteer import build

SAID = {
    "precision": "认定的地点中正确的",
    "recall": "应认定的地点中认对的",
    "offered": "应供选择的地点全部列出的",
    "silent": "没有地点的文字中未认定的",
    "parts_precision": "找出的门牌、楼号等中正确的",
    "parts_recall": "应找出的门牌、楼号等中找对的",
}


class Command(BaseCommand):
    help = "量一量文字理解得对不对 / measure how well texts are understood"
    requires_system_checks: list[str] = []
    needs_database = False
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
        places = subjects.add_parser("places", help="从文字中找地点 / places in texts")
        places.add_argument("--file", type=Path, default=gazetteer.WHERE / "sentences.csv", metavar="FILE")
        places.add_argument("--wrong", action="store_true", help="列出没有找对的 / list what was not right")
        places.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['subject']}")(options)

    def _places(self, options: dict[str, Any]) -> None:
        places = build(gazetteer.listed_in(settings.BASE_DIR / "data" / "district"))
        marks = place_marks.marked(place_marks.sentences(options["file"], places), places)
        if options["json"]:
            self.stdout.write(json.dumps({"sentences": marks.sentences} | marks.rates()))
            return
        self.stdout.write(f"{marks.sentences} 句 / sentences")
        for name, rate in marks.rates().items():
            self.stdout.write(f"  {name:<16} {rate:.3f}  {SAID[name]}")
        for sentence, found in marks.wrong if options["wrong"] else []:
            places_said = "、".join(f"{places.path(one.id)} {one.certainty}" for one in found.candidates)
            sure = "认定" if found.clear else "待选"
            self.stdout.write(
                f"{sentence.kind}  {sentence.text}\n    {sure}：{places_said or '无'}；{found.address}"
            )
