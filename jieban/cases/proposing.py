"""What a concern might be, from its words: proposals with their ground, for a person to take or leave.

Each function answers one question and writes nothing. A better source takes the place of one of them without
the others or the page knowing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from jieban.cases import lexicon
from jieban.cases.flow import Nature, Urgency
from jieban.cases.likeness import Like
from jieban.cases.words import tokens
from jieban.registry import place_search
from jieban.registry.models import Category

SHORTEST = 4  # characters; before that there is nothing to go by
ENOUGH = 0.5  # share of a category's name that must stand in the text
# What stands before a marker and turns it round: 不是投诉.
NOT = ("不是", "没有", "并非", "不想", "不要")
GRAVEST = (Urgency.LIFE, Urgency.URGENT, Urgency.NORMAL)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value for a field of the concern, how it reads, and what in the text led there."""

    field: str
    value: str
    label: str
    ground: str


def proposals(text: str, on: date, likes: Sequence[Like]) -> list[Proposal]:
    """At most one proposal for each of place, category, nature, urgency and sensitive, in this order."""
    if len(text.strip()) < SHORTEST:
        return []
    found = (place(text, on), category(text, on, likes), nature(text), urgency(text), sensitive(text))
    return [proposal for proposal in found if proposal is not None]


def place(text: str, on: date) -> Proposal | None:
    """The place that the text names; None also where its name belongs to several."""
    mentions = place_search.mentioned(text, on)
    if not mentions:
        return None
    first = mentions[0]
    if any(other.words == first.words for other in mentions[1:]):
        return None
    return Proposal("place", str(first.place.id), first.place.path, _mentioned(first.words))


def category(text: str, on: date, likes: Sequence[Like]) -> Proposal | None:
    """The category whose name stands in the text, else that of most of the like cases."""
    return _named_category(text, on) or _category_of_likes(likes)


def _named_category(text: str, on: date) -> Proposal | None:
    said = set(tokens(text))
    best: tuple[float, int, Category] | None = None
    for row in Category.objects.filter(level=3, valid_to=None, valid_from__lte=on).order_by("code"):
        points = _share(row.name, said)
        length = len(row.name)
        if points >= ENOUGH and (best is None or (points, length) > best[:2]):
            best = (points, length, row)
    if best is None:
        return None
    row = best[2]
    common = "”“".join(pair for pair in tokens(row.name) if len(pair) > 1 and pair in said)
    return Proposal("category", str(row.pk), row.path, _mentioned(row.name if row.name in text else common))


def _share(name: str, said: set[str]) -> float:
    """How much of a name, by pairs of characters, is said."""
    pairs = [pair for pair in tokens(name) if len(pair) > 1]
    return sum(pair in said for pair in pairs) / len(pairs) if pairs else 0.0


def _category_of_likes(likes: Sequence[Like]) -> Proposal | None:
    of = [like.case.category_id for like in likes if like.case.category_id]
    if not of:
        return None
    most = max(of, key=of.count)
    row = Category.objects.get(pk=most)
    ground = _("相近诉求 %(all)d 件中有 %(count)d 件属此类") % {"all": len(likes), "count": of.count(most)}
    return Proposal("category", str(row.pk), row.path, ground)


def nature(text: str) -> Proposal | None:
    """The nature whose marker stands first in the text."""
    found = _marked(text, lexicon.words("nature"))
    if not found:
        return None
    word, value = min(found, key=lambda hit: text.index(hit[0]))
    return Proposal("nature", value, str(Nature(value).label), _mentioned(word))


def urgency(text: str) -> Proposal | None:
    """The gravest urgency that a word of the text marks."""
    found = _marked(text, lexicon.words("urgency"))
    if not found:
        return None
    word, value = min(found, key=lambda hit: GRAVEST.index(Urgency(hit[1])))
    return Proposal("urgency", value, str(Urgency(value).label), _mentioned(word))


def sensitive(text: str) -> Proposal | None:
    """Whether a word of the text asks for care about who may know."""
    found = _marked(text, lexicon.words("sensitive"))
    return Proposal("sensitive", "on", _("敏感，控制知悉范围"), _mentioned(found[0][0])) if found else None


def _marked(text: str, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """The words of the list that stand in the text and are not taken back right before."""
    return [(word, value) for word, value in words.items() if word in text and not _denied(text, word)]


def _denied(text: str, word: str) -> bool:
    before = text[: text.index(word)]
    return before.endswith(NOT)


def _mentioned(words: str) -> str:
    return _("文中提到“%s”") % words
