"""Text classification: speed of categories, marks, proposals and hot topics; load time and memory of a model."""

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from django.conf import settings

from bench.figure import Figure, Sizes
from bench.place import Place
from jieban.base.clock import local_date, now
from jieban.cases.demo import demo_texts
from jieban.language.classify import classifier, training, word_marks
from jieban.language.classify.category_tree import cached_tree
from jieban.language.classify.classifier_evaluation import LabelledMessage
from jieban.language.text.features import MessageContent
from jieban.language.text.lexicon import categories
from jieban.language.topics import topic_finder
from jieban.language.topics.topic_messages import TopicMessage as OfTopic


def reading(place: Place, sizes: Sizes) -> Figure:
    """Invented messages read on one core: categories, marks, proposals, hot topics; a model's load time and memory."""
    texts = _texts(max(sizes.rows // 20, 40))
    from jieban.cases.suggestions import proposing

    figure = Figure(reading.__doc__ or "")
    leaves = tuple(sorted({tuple(each.category_path.split("/")) for each in texts}))
    cold, on = cached_tree(leaves, categories()), local_date(now())  # type: ignore[arg-type]
    model = _trained(texts, figure)
    works: dict[str, Callable[[demo_texts.DemoText], object]] = {
        "categories without a model": lambda each: cold.answer(MessageContent("", each.text)),
        "categories by a trained model": lambda each: model.answer(MessageContent(each.subject, each.text)),
        "nature, urgency, care, grade, property": _marks,
        "whole proposals": lambda each: proposing.proposals(each.text, on, list),
    }
    for name, work in works.items():
        figure.values[f"{name} a second"] = _rate(work, texts)
    began = time.process_time()
    topic_finder.find([OfTopic(str(number), each.subject, each.text) for number, each in enumerate(texts)])
    figure.values["messages grouped into hot topics a second"] = _per_second(len(texts), began)
    figure.values["MB at most"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return figure


def _texts(count: int) -> list[demo_texts.DemoText]:
    phrases, rnd = demo_texts.load(settings.BASE_DIR / "data" / "demo"), Random(1)
    return [
        demo_texts.compose(phrases, rnd, "appeal", "八角北里社区", "八角北里小区", rnd.randint(1, 20))
        for _number in range(count)
    ]


def _trained(texts: Sequence[demo_texts.DemoText], figure: Figure) -> classifier.Classifier:
    """A model of the first level, as it is loaded from its file."""
    labelled = [
        LabelledMessage(MessageContent(each.subject, each.text), each.category_path.split("/")[0])
        for each in texts
    ]
    began = time.process_time()
    made = training.train(labelled, [], categories())
    figure.values["messages learned from a second"] = _per_second(len(texts), began)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        classifier.save(made, path, {})
        before, began = _held(), time.perf_counter()
        loaded = classifier.load(path)
        loaded.answer(MessageContent("", texts[0].text))
        figure.values["ms until a model answers"] = round(1000 * (time.perf_counter() - began), 1)
        figure.values["MB of a loaded model"] = max(round(_held() - before, 1), 0.1)
        figure.values["KB of its file"] = round(path.stat().st_size / 1024)
    return loaded


def _marks(each: demo_texts.DemoText) -> None:
    for mark in (
        word_marks.nature, word_marks.urgency, word_marks.sensitive, word_marks.grade,
        word_marks.about_property,
    ):  # fmt: skip
        mark(each.text)


def _rate(work: Callable[[demo_texts.DemoText], object], texts: Sequence[demo_texts.DemoText]) -> float:
    work(texts[0])  # the first call loads data and is not counted
    began = time.process_time()
    for each in texts:
        work(each)
    return _per_second(len(texts), began)


def _per_second(count: int, began: float) -> float:
    return round(count / max(time.process_time() - began, 1e-6), 1)


def _held() -> float:
    """Memory of this process in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2
