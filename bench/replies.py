"""Reply checks and masking: speed on the demonstration's own texts, one process, no database."""

import resource
import time
from collections.abc import Callable
from random import Random

from django.conf import settings

from bench.figure import Figure, Sizes
from bench.place import Place
from jieban.cases.demo import demo_texts
from jieban.language.replies import reply_fingerprints
from jieban.language.replies.leaks import RequesterIdentity
from jieban.language.replies.reply_check import OriginalMessage, check_reply
from jieban.language.similarity import relevance
from jieban.language.similarity.relevance_evaluation import measure
from jieban.language.similarity.summary import one_line
from jieban.language.text.personal_data import mask_text
from jieban.language.text.split_matters import find_matters

KNOWN = RequesterIdentity("王秀兰", "10012345678", "八角北里小区12号楼3单元502室")


def replies(place: Place, sizes: Sizes) -> Figure:
    """Each function of the reply check and the writing help over invented messages and results."""
    phrases = demo_texts.load(settings.BASE_DIR / "data" / "demo")
    rnd, count = Random(1), max(sizes.rows // 20, 10)
    texts = [
        demo_texts.compose(phrases, rnd, "appeal", "八角北里社区", "八角北里小区", rnd.randint(1, 20))
        for _number in range(count)
    ]
    begins = time.perf_counter()
    relevance.shipped_weights()
    figure = Figure(replies.__doc__ or "", {"ms to load": round(1000 * (time.perf_counter() - begins), 1)})
    works: dict[str, Callable[[demo_texts.DemoText], object]] = {
        "checks": lambda each: check_reply(each.result, OriginalMessage(each.subject, each.text, KNOWN)),
        "relevance, one pair alone": lambda each: relevance.relevance(each.subject, each.text, each.result),
        "maskings": lambda each: mask_text(each.text, known=[KNOWN.name, KNOWN.address]),
        "matters": lambda each: find_matters(each.text),
        "summaries": lambda each: one_line(each.text),
        "marks": lambda each: reply_fingerprints.reply_fingerprints(each.result),
    }
    for name, work in works.items():
        figure.values[f"{name} a second"] = _rate(work, texts)
    begins = time.perf_counter()
    measure([(each.subject, each.text, each.result) for each in texts])
    figure.values["pairs a second, a table together"] = round(count / (time.perf_counter() - begins), 1)
    figure.values["MB at most"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return figure


def _rate(work: Callable[[demo_texts.DemoText], object], texts: list[demo_texts.DemoText]) -> float:
    begins = time.perf_counter()
    for each in texts:
        work(each)
    return round(len(texts) / (time.perf_counter() - begins), 1)
