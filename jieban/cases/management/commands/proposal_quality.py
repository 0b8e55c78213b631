"""Report on how people decided on proposals in the last 90 days: python -m jieban proposal-quality [--json]"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.cases.suggestions.reading_quality import QualityGroup, bands, quality


class Command(BaseCommand):
    help = "近 90 天系统建议的采用情况：每项多少件、采用多少、更正多少。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        found = quality(now())
        if options["json"]:
            data = {
                "whole": _group_json(found.whole),
                "versions": [_group_json(group) for group in found.versions],
            }
            data["weeks"] = [_group_json(group) for group in found.weeks]
            data["bands"] = [
                {"field": field, "from": low / 10, **asdict(share), "rate": share.rate}
                for (field, low), share in sorted(bands().shares.items())
            ]
            data["pairs"] = [asdict(pair) for pair in found.pairs]
            self.stdout.write(json.dumps(data, ensure_ascii=False))
            return
        self.stdout.write(_("近 90 天 %d 件") % found.whole.cases)
        for field, share in found.whole.shares.items():
            rate = "—" if share.rate is None else f"{share.rate:.3f}"
            figures = {"field": field, "proposed": share.proposed, "accepted": share.accepted, "rate": rate}
            self.stdout.write(
                _("%(field)s：建议 %(proposed)d 件，采用 %(accepted)d 件，采用率 %(rate)s") % figures
            )


def _group_json(group: QualityGroup) -> dict[str, Any]:
    shares = {field: {**asdict(share), "rate": share.rate} for field, share in group.shares.items()}
    return {"name": group.name, "cases": group.cases, "shares": shares}
