"""What a concern might be, from its words: proposals with their ground, for a person to take or leave.

Each function answers one question and writes nothing. A better source takes the place of one of them without
the others or the page knowing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date

from django.utils.translation import gettext as _

from jieban.cases import classifiers
from jieban.cases.flow import Nature, Urgency
from jieban.cases.gazetteer import gazetteer
from jieban.cases.likeness import Like
from jieban.cases.proposals import ON, Option, Proposal, words_version
from jieban.language import classify_marks
from jieban.language.classify_model import Answer
from jieban.language.features import Message
from jieban.language.gazetteer import Gazetteer
from jieban.language.place import NOTHING_KNOWN, Candidate, Known, find
from jieban.registry import geo
from jieban.registry.models import Category

MOST_CHOICES = 4
SHORTEST = 4  # characters; before that there is nothing to go by
LONGEST = 2_000  # characters that are read; what is longer says again what it is about
WORTH_SAYING = 0.1  # confidence of a category that is unsure
WORTH_CHOOSING = 1 / 6  # share of the first one's confidence from which another stands beside it
SHOWN_WORDS = 3  # that led to a category
BY_LIKES = "likes"  # where no text was read: like cases said it


def proposals(
    text: str,
    on: date,
    likes: Callable[[], Sequence[Like]],
    known: Known = NOTHING_KNOWN,
    address: str = "",
    subject: str = "",
) -> list[Proposal]:
    """At most one proposal for each of FIELDS, in their order. `likes` is asked only where the words are unsure."""
    text = text[:LONGEST]
    if len(text.strip()) < SHORTEST:
        return []
    whole, meant = f"{text}\n{address}" if address else text, category(text, on, likes, subject)
    found = (
        place(whole, on, known), meant, nature(text), urgency(text), sensitive(text),
        grade(text, _grade_of(meant)), about_property(text),
    )  # fmt: skip
    return [proposal for proposal in found if proposal is not None]


def place(text: str, on: date, known: Known = NOTHING_KNOWN) -> Proposal | None:
    """The place that is meant, or those between which a person must choose."""
    places = gazetteer(on)
    found = find(text, places, known)
    chosen = (found.best,) if found.best else found.candidates[:MOST_CHOICES]
    if not chosen:
        return None
    options = tuple(_place(one, places) for one in chosen)
    words = dict.fromkeys(one.words for one in chosen if one.words)
    return Proposal("place", options, words_version(), found.clear, tuple(words))


def _place(one: Candidate, places: Gazetteer) -> Option:
    return Option(str(one.id), places.path(one.id, " › "), "；".join(one.reasons))


def known(earlier: Iterable[int | None], lat: float | None, long: float | None, on: date) -> Known:
    """Where the caller's earlier matters were, newest first, and where the point of the map lies."""
    area = None
    if lat is not None and long is not None:
        found = geo.locate(lat, long, on)
        area = found.estate or found.community or found.street
    return Known(tuple(place for place in earlier if place), area.id if area else None)


def category(text: str, on: date, likes: Callable[[], Sequence[Like]], subject: str = "") -> Proposal | None:
    """The category that the text speaks of; where that is unsure, that of most of the like cases, else the best
    guesses between which a person must choose.
    """
    rows = classifiers.offered(on)
    said = classifiers.answer(Message(subject, text), classifiers.leaves(rows))
    answer = said.answer
    if not answer.sure:
        by_likes = _category_of_likes(likes(), set(rows.values()))
        if by_likes is not None or not answer.guesses or answer.guesses[0].confidence < WORTH_SAYING:
            return by_likes
    return _guessed(answer, rows, said.version)


def _guessed(answer: Answer, rows: Mapping[str, int], version: str) -> Proposal:
    ground = mentioned(answer.because[:SHOWN_WORDS])
    least = answer.guesses[0].confidence * WORTH_CHOOSING
    paths = [
        classifiers.BETWEEN_NAMES.join(guess.path) for guess in answer.guesses if guess.confidence >= least
    ]
    options = tuple(Option(str(rows[path]), path, ground if path == paths[0] else "") for path in paths)
    sure_of = answer.guesses[0].confidence
    return Proposal("category", options, version, answer.sure, answer.because[:SHOWN_WORDS], sure_of)


def _category_of_likes(likes: Sequence[Like], holding: Set[int]) -> Proposal | None:
    # Those that are like by their category would only say back what was chosen.
    of = [pk for like in likes if like.by_words and (pk := like.case.category_id) and pk in holding]
    if not of:
        return None
    most = max(of, key=of.count)
    row = Category.objects.get(pk=most)
    ground = _("相近诉求 %(all)d 件中有 %(count)d 件属此类") % {"all": len(of), "count": of.count(most)}
    return Proposal("category", (Option(str(row.pk), row.path, ground),), BY_LIKES)


def nature(text: str) -> Proposal | None:
    """The nature whose marker stands first in the text; the others follow, for who sees it otherwise."""
    found = classify_marks.nature(text)
    return _chosen("nature", found, Nature) if found else None


def urgency(text: str) -> Proposal | None:
    """The gravest urgency that a word of the text marks."""
    found = classify_marks.urgency(text)
    return _chosen("urgency", found, Urgency) if found else None


def sensitive(text: str) -> Proposal | None:
    """Whether a word of the text asks for care about who may know."""
    return _ticked("sensitive", classify_marks.sensitive(text), _("敏感，控制知悉范围"))


def about_property(text: str) -> Proposal | None:
    """Whether it is about the service of a property company, which is then assessed by it."""
    return _ticked("is_property", classify_marks.about_property(text), _("涉物业服务"))


def grade(text: str, of_category: str = Category.Grade.GENERAL) -> Proposal | None:
    """How difficult it is, where the words make it harder or easier than the category alone."""
    found = classify_marks.grade(text, of_category)
    return _chosen("grade", found, Category.Grade) if found.value != of_category else None


def _grade_of(category: Proposal | None) -> str:
    if category is None or not category.sure:
        return Category.Grade.GENERAL
    return Category.objects.values_list("grade", flat=True).get(pk=category.first.value)


def _chosen(
    field: str, found: classify_marks.Finding, values: type[Nature] | type[Urgency] | type[Category.Grade]
) -> Proposal:
    """The value that is marked, then the others, which are one key further."""
    ordered = sorted(values, key=lambda value: value.value != found.value)
    ground = mentioned(found.words[:1])
    options = tuple(
        Option(one.value, str(one.label), ground if one.value == found.value else "") for one in ordered
    )
    return Proposal(field, options, words_version(), words=found.words)


def _ticked(field: str, found: classify_marks.Finding | None, label: str) -> Proposal | None:
    if found is None:
        return None
    return Proposal(
        field, (Option(ON, label, mentioned(found.words[:1])),), words_version(), words=found.words
    )


def mentioned(words: Iterable[str]) -> str:
    """The ground of a proposal: which words of the text led there."""
    return _("文中提到“%s”") % "”“".join(words)
