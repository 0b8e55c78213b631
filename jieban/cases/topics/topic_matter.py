"""Common category and place of a hot topic's cases, as a basis for a theme (主动治理)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from jieban.cases.access import rules
from jieban.cases.models import Case, HotTopic
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Place

MIN_COMMON_SHARE = 0.5  # share of its cases from which they have a category or a place in common


@dataclass(frozen=True, slots=True)
class TopicMatter:
    """Category and community (else street) that more than half of the visible cases share; None without."""

    cases: int
    category: Category | None = None
    place: Place | None = None


def matter_of(topic: HotTopic, actor: Actor) -> TopicMatter:
    """By all visible cases of the topic, those with nothing known among them; three queries at most."""
    members = topic.members.filter(out=False).values("case")
    visible = rules.visible(Case.objects.filter(sensitive=False), actor).filter(pk__in=members)
    rows = list(visible.values_list("category", "community", "street"))
    category = _common(row[0] for row in rows)
    place = _common(row[1] for row in rows) or _common(row[2] for row in rows)
    return TopicMatter(
        len(rows),
        Category.objects.filter(pk=category).first() if category else None,
        Place.objects.filter(pk=place).first() if place else None,
    )


def _common(keys: Iterable[int | None]) -> int | None:
    counted = Counter(keys)
    key, count = counted.most_common(1)[0] if counted else (None, 0)
    return key if count > MIN_COMMON_SHARE * counted.total() else None
