"""Proposals for the fields of a concern from its words, each with its reason, for a person to accept or not.

Each function proposes one field and writes nothing, so that a better source can replace one of them alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date

from django.db.models.enums import TextChoices
from django.utils.translation import gettext as _

from jieban.base.labelled import LabelledEnum
from jieban.cases.checks import classifiers, confidences
from jieban.cases.checks.district_gazetteer import gazetteer
from jieban.cases.checks.proposal import CHECKED, Proposal, ProposedValue, wordlist_version
from jieban.cases.flow.states import Nature, Urgency
from jieban.cases.suggestions.similar_cases import SimilarCase
from jieban.language.classify import calibration, word_marks
from jieban.language.classify.calibration import PRIOR, Calibration, ReadingKind
from jieban.language.classify.classifier import ClassifierResult
from jieban.language.place.gazetteer import Gazetteer
from jieban.language.place.place_finder import NO_HINTS, Candidate, PlaceHints, find
from jieban.language.text.features import MessageContent
from jieban.registry.district import geo
from jieban.registry.models import Category

MOST_CHOICES = 4
SHORTEST = 4  # characters; shorter texts are not read
LONGEST = 2_000  # characters that are read; longer texts repeat themselves
MIN_CONFIDENCE = 0.1  # of an unsure category that is offered
MIN_RELATIVE_CONFIDENCE = 1 / 6  # of the first one's confidence, from which another category is offered too
SHOWN_WORDS = 3  # words shown as the reason of a category
BEST = 3  # natures that are offered where the first is unsure
BY_LIKES = "likes"  # version of a proposal from similar cases instead of a text


def proposals(
    text: str,
    on: date,
    likes: Callable[[], Sequence[SimilarCase]],
    known: PlaceHints = NO_HINTS,
    address: str = "",
    subject: str = "",
) -> list[Proposal]:
    """At most one proposal for each of FIELDS, in their order. `likes` is called only where the words are unsure."""
    text = text[:LONGEST]
    if len(text.strip()) < SHORTEST:
        return []
    whole, meant = f"{text}\n{address}" if address else text, category(text, on, likes, subject)
    by = confidences.live_calibration()
    found = (
        place(whole, on, known), meant, nature(text, by), urgency(text, by), sensitive(text, by),
        grade(text, _grade_of(meant), by), about_property(text, by),
    )  # fmt: skip
    return [proposal for proposal in found if proposal is not None]


def place(text: str, on: date, known: PlaceHints = NO_HINTS) -> Proposal | None:
    """Proposal of the place, or of several to choose from."""
    places = gazetteer(on)
    found = find(text, places, known)
    chosen = (found.best,) if found.best else found.candidates[:MOST_CHOICES]
    if not chosen:
        return None
    options = tuple(_place_value(one, places) for one in chosen)
    words = dict.fromkeys(one.words for one in chosen if one.words)
    return Proposal("place", options, wordlist_version(), found.clear, tuple(words))


def _place_value(one: Candidate, places: Gazetteer) -> ProposedValue:
    return ProposedValue(str(one.id), places.path(one.id, " › "), "；".join(one.reasons))


def known_places(
    earlier: Iterable[int | None], lat: float | None, long: float | None, on: date
) -> PlaceHints:
    """Place hints: the caller's earlier cases, newest first, and the pin on the map."""
    area = None
    if lat is not None and long is not None:
        found = geo.locate(lat, long, on)
        area = found.estate or found.community or found.street
    return PlaceHints(tuple(place for place in earlier if place), area.id if area else None)


def category(
    text: str, on: date, likes: Callable[[], Sequence[SimilarCase]], subject: str = ""
) -> Proposal | None:
    """Proposal of the category by the text; where that is unsure, the one of most similar cases, else the best guesses
    to choose from.
    """
    rows = classifiers.selectable_categories(on)
    classified = classifiers.classify(MessageContent(subject, text), classifiers.leaves(rows))
    answer = classified.answer
    if not answer.sure:
        by_likes = _category_of_likes(likes(), set(rows.values()))
        if by_likes is not None or not answer.guesses or answer.guesses[0].confidence < MIN_CONFIDENCE:
            return by_likes
    return _category_proposal(answer, rows, classified.version)


def _category_proposal(answer: ClassifierResult, rows: Mapping[str, int], version: str) -> Proposal:
    ground = mention_ground(answer.because[:SHOWN_WORDS])
    least = answer.guesses[0].confidence * MIN_RELATIVE_CONFIDENCE
    paths = [
        classifiers.BETWEEN_NAMES.join(guess.path) for guess in answer.guesses if guess.confidence >= least
    ]
    options = tuple(
        ProposedValue(str(rows[path]), path, ground if path == paths[0] else "") for path in paths
    )
    sure_of = answer.guesses[0].confidence
    return Proposal("category", options, version, answer.sure, answer.because[:SHOWN_WORDS], sure_of)


def _category_of_likes(likes: Sequence[SimilarCase], holding: Set[int]) -> Proposal | None:
    # Cases that are similar by their category would only repeat what was chosen.
    of = [pk for like in likes if like.by_words and (pk := like.case.category_id) and pk in holding]
    if not of:
        return None
    most = max(of, key=of.count)
    row = Category.objects.get(pk=most)
    ground = _("相近诉求 %(all)d 件中有 %(count)d 件属此类") % {"all": len(of), "count": of.count(most)}
    return Proposal("category", (ProposedValue(str(row.pk), row.path, ground),), BY_LIKES)


def nature(text: str, by: Calibration = PRIOR) -> Proposal | None:
    """Proposal of the nature by the first keyword in the text, followed by the others.

    Where it is unsure, the two likeliest others are offered too: those that people chose instead, then those that the
    text marks as well.
    """
    found = word_marks.nature(text)
    if found is None:
        return None
    confidence = by.confidence(ReadingKind("nature", found.value, found.way))
    instead = dict(confidence.instead)
    order = tuple(dict.fromkeys((found.value, *instead, *found.others, *Nature.values)))
    one = _choice_proposal("nature", found, Nature, by, order)
    if one.sure:
        return one
    shares = instead if confidence.is_prior else {found.value: confidence.share, **instead}
    options = (replace(option, share=shares.get(option.value)) for option in one.options[:BEST])
    return replace(one, options=tuple(options))


def urgency(text: str, by: Calibration = PRIOR) -> Proposal | None:
    """Proposal of the gravest urgency that the text marks. Danger to life always counts as sure."""
    found = word_marks.urgency(text)
    return _choice_proposal("urgency", found, Urgency, by) if found else None


def sensitive(text: str, by: Calibration = PRIOR) -> Proposal | None:
    """Proposal of restricted access, where the text marks a sensitive matter."""
    return _checkbox_proposal("sensitive", word_marks.sensitive(text), _("敏感，控制知悉范围"), by)


def about_property(text: str, by: Calibration = PRIOR) -> Proposal | None:
    """Proposal that the case is about a property company, which is then assessed by it."""
    return _checkbox_proposal("is_property", word_marks.about_property(text), _("涉物业服务"), by)


def grade(text: str, of_category: str = Category.Grade.GENERAL, by: Calibration = PRIOR) -> Proposal | None:
    """Proposal of the difficulty, where the words raise or lower that of the category."""
    found = word_marks.grade(text, of_category)
    return _choice_proposal("grade", found, Category.Grade, by) if found.value != of_category else None


def _grade_of(category: Proposal | None) -> str:
    if category is None or not category.sure:
        return Category.Grade.GENERAL
    return Category.objects.values_list("grade", flat=True).get(pk=category.first.value)


def _choice_proposal(
    field: str,
    found: word_marks.KeywordReading,
    values: type[TextChoices] | type[LabelledEnum],
    by: Calibration,
    order: Sequence[str] = (),
) -> Proposal:
    """Proposal of a choice: the marked value first, then the others."""
    ordered = order or sorted(values.values, key=lambda value: value != found.value)
    ground = mention_ground(found.words[:1])
    options = (
        ProposedValue(value, str(values(value).label), ground if value == found.value else "")
        for value in ordered
    )
    return _marked_proposal(field, found, tuple(options), by)


def _checkbox_proposal(
    field: str, found: word_marks.KeywordReading | None, label: str, by: Calibration
) -> Proposal | None:
    if found is None:
        return None
    return _marked_proposal(
        field, found, (ProposedValue(CHECKED, label, mention_ground(found.words[:1])),), by
    )


def _marked_proposal(
    field: str, found: word_marks.KeywordReading, options: tuple[ProposedValue, ...], by: Calibration
) -> Proposal:
    """Proposal from a keyword reading, with its calibrated confidence."""
    confidence = by.confidence(ReadingKind(field, found.value, found.way))
    return Proposal(
        field, options, wordlist_version(), calibration.is_sure(field, found.value, confidence.share), found.words,
        confidence.share, found.way, by.version, confidence.is_prior,
    )  # fmt: skip


def mention_ground(words: Iterable[str]) -> str:
    """Reason of a proposal: the words of the text that led there."""
    return _("文中提到“%s”") % "”“".join(words)
