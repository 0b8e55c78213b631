"""What a concern might be, from its words: proposals with their ground, for a person to take or leave.

Each function answers one question and writes nothing. A better source takes the place of one of them without
the others or the page knowing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from jieban.cases.flow import Nature, Urgency
from jieban.cases.gazetteer import gazetteer
from jieban.cases.likeness import Like
from jieban.language import classify_marks
from jieban.language.classify_model import Answer
from jieban.language.classify_tree import tree
from jieban.language.features import Message
from jieban.language.gazetteer import Gazetteer
from jieban.language.lexicon import categories
from jieban.language.place import NOTHING_KNOWN, Candidate, Known, find
from jieban.registry.models import Category

MOST_CHOICES = 4
SHORTEST = 4  # characters; before that there is nothing to go by
WORTH_SAYING = 0.3  # confidence of a category that is unsure
SHOWN_WORDS = 3  # that led to a category
BETWEEN = " / "  # the names in the path of a category


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value for a field of the concern, how it reads, and what in the text led there."""

    field: str
    value: str
    label: str
    ground: str


def proposals(
    text: str, on: date, likes: Sequence[Like], known: Known = NOTHING_KNOWN
) -> tuple[list[Proposal], list[Proposal]]:
    """At most one proposal for each of place, category, nature, urgency and sensitive, in this order; and the places
    between which a person must choose, see `place`.
    """
    if len(text.strip()) < SHORTEST:
        return [], []
    meant, choices = place(text, on, known)
    found = (meant, category(text, on, likes), nature(text), urgency(text), sensitive(text))
    return [proposal for proposal in found if proposal is not None], choices


def place(text: str, on: date, known: Known = NOTHING_KNOWN) -> tuple[Proposal | None, list[Proposal]]:
    """The place that is meant; or None and those between which a person must choose, the likeliest first."""
    places = gazetteer(on)
    found = find(text, places, known)
    if found.best:
        return _place(found.best, places), []
    return None, [_place(one, places) for one in found.candidates[:MOST_CHOICES]]


def _place(one: Candidate, places: Gazetteer) -> Proposal:
    return Proposal("place", str(one.id), places.path(one.id, " › "), "；".join(one.reasons))


def category(text: str, on: date, likes: Sequence[Like]) -> Proposal | None:
    """The category that the text speaks of; where that is unsure, that of most of the like cases, else the best
    guess, with the next ones in its ground.
    """
    rows = {row.path: row for row in Category.objects.filter(level=3, valid_to=None, valid_from__lte=on)}
    leaves = tuple(sorted(tuple(path.split(BETWEEN)) for path in rows))
    answer = tree(leaves, categories()).answer(Message("", text))
    if not answer.sure:
        by_likes = _category_of_likes(likes)
        if by_likes is not None or not answer.guesses or answer.guesses[0].confidence < WORTH_SAYING:
            return by_likes
    return _guessed(answer, rows)


def _guessed(answer: Answer, rows: Mapping[str, Category]) -> Proposal:
    best, *others = (rows[BETWEEN.join(guess.path)] for guess in answer.guesses)
    ground = _mentioned("”“".join(answer.because[:SHOWN_WORDS]))
    if not answer.sure and others:
        ground += _("；拿不准，也可能是%s") % "、".join(f"“{row.name}”" for row in others)
    return Proposal("category", str(best.pk), best.path, ground)


def _category_of_likes(likes: Sequence[Like]) -> Proposal | None:
    # Those that are like by their category would only say back what was chosen.
    of = [like.case.category_id for like in likes if like.by_words and like.case.category_id]
    if not of:
        return None
    most = max(of, key=of.count)
    row = Category.objects.get(pk=most)
    ground = _("相近诉求 %(all)d 件中有 %(count)d 件属此类") % {"all": len(of), "count": of.count(most)}
    return Proposal("category", str(row.pk), row.path, ground)


def nature(text: str) -> Proposal | None:
    """The nature whose marker stands first in the text."""
    found = classify_marks.nature(text)
    return _marked("nature", found, str(Nature(found.value).label)) if found else None


def urgency(text: str) -> Proposal | None:
    """The gravest urgency that a word of the text marks."""
    found = classify_marks.urgency(text)
    return _marked("urgency", found, str(Urgency(found.value).label)) if found else None


def sensitive(text: str) -> Proposal | None:
    """Whether a word of the text asks for care about who may know."""
    found = classify_marks.sensitive(text)
    return _marked("sensitive", found, _("敏感，控制知悉范围")) if found else None


def _marked(field: str, found: classify_marks.Finding, label: str) -> Proposal:
    return Proposal(field, found.value, label, _mentioned(found.words[0]))


def _mentioned(words: str) -> str:
    return _("文中提到“%s”") % words
