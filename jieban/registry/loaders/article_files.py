"""Idempotent loader for articles in a JSON file: `python -m jieban load-knowledge FILE`. Format: data/README.md."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.registry.identity.posts import SYSTEM
from jieban.registry.knowledge import articles
from jieban.registry.knowledge.articles import ArticleDraft
from jieban.registry.models import Article, Category, Unit

REQUIRED = ("title", "unit", "body", "source")


def load(path: Path, at: datetime) -> tuple[int, int]:
    """Creates new articles and revises changed ones; returns how many of each.

    The key of an article is its owner unit and title. Raises Invalid, naming the entry that does not fit.
    """
    rows = json.loads(path.read_text(encoding="utf-8"))
    units = dict(Unit.objects.values_list("code", "pk"))
    categories = dict(Category.objects.values_list("code", "pk"))
    there = {(row.unit_id, row.title): row for row in Article.objects.defer("search")}
    new = changed = 0
    for number, row in enumerate(rows, start=1):
        draft = _draft(row, number, units, categories, local_date(at))
        known = there.get((draft.unit_id, draft.title))
        if known is None:
            articles.write(draft, actor=SYSTEM, at=at)
            new += 1
            continue
        draft = replace(
            draft, valid_from=known.valid_from, valid_until=draft.valid_until or known.valid_until
        )
        if "until_days" in row:  # counted from the first loading
            draft = replace(draft, valid_until=known.valid_until)
        after = articles.revise(
            known.pk, draft, version=known.version, actor=SYSTEM, at=at, why=_("重新装载")
        )
        changed += after.version != known.version
    return new, changed


def _draft(
    row: Mapping[str, Any], number: int, units: dict[str, int], categories: dict[str, int], today: date
) -> ArticleDraft:
    lacking = [name for name in REQUIRED if not row.get(name)]
    if lacking or row["unit"] not in units:
        raise Invalid(_("第 %(number)d 条缺少 %(names)s，或单位不在登记册里。") % {
            "number": number, "names": "、".join(lacking) or "unit",
        })  # fmt: skip
    days = row.get("until_days")
    until = today + timedelta(days=days) if days is not None else None
    return ArticleDraft(
        title=row["title"],
        body=row["body"],
        unit_id=units[row["unit"]],
        # An expired article began before it expired.
        valid_from=min(today, until or today) - timedelta(days=30),
        source=row["source"],
        category_id=categories.get(row.get("category", "")),
        valid_until=date.fromisoformat(row["valid_until"]) if row.get("valid_until") else until,
        keywords=row.get("keywords", ""),
    )
