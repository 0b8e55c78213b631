"""Extractive summary: a long message as one line, its most representative sentence."""

import re

from jieban.base.text.cleaning import clean
from jieban.language.similarity.relevance import PieceCounts, count_pieces, shipped_weights
from jieban.language.text.sentences import sentences

LONGEST = 20_000  # characters that are read
LONGEST_LINE = 60  # characters of the line
SHORTEST = 6

_GREETING = re.compile(
    r"^(?:(?:尊敬的|敬爱的|各位)?[^，。,！!：:]{0,12}(?:领导|书记|市长|区长|局长|主任|政府|部门|同志|工作人员|您好|你好|你们好)"
    r"(?:们)?(?:，|,|：|:|！|!|。|\s)*(?:您好|你好|你们好|大家好)?[，,：:！!。\s]*)+"
)
_OPENING = re.compile(
    r"^(?:我是[^，,。]{1,25}[，,]|来电人?(?:反映|称|表示)[，,：:]?|市民(?:反映|来电|称)[，,：:]?)"
)
_ASKS = re.compile(
    r"请求|要求|希望|恳请|投诉|举报|反映|咨询|请问|建议|能否|能不能|是否|为什么|何时|什么时候|怎么办"
)
_TROUBLE = re.compile(r"没有|不|无|坏|漏|堵|停|断|乱|脏|臭|吵|扰民|违|拖欠|占|危险|严重|影响|损|塌|破|难")
_PLACE = re.compile(r"小区|社区|街道|路|街|村|楼|单元|学校|公园|市场|广场|医院|站|县|镇|区")
_COURTESY = re.compile(r"谢谢|感谢|盼复|此致|敬礼|辛苦|麻烦了|望.{0,6}(?:重视|解决|回复)")
_CLAUSE = re.compile(r"[，,、：:]")


def one_line(text: str) -> str:
    """Summary of at most 60 characters in the message's own words; empty where it has none.

    Chosen is the sentence whose pieces the message repeats most often, that names a place, a trouble or a request,
    and comes early. A sentence that is too long is cut at a comma, else with …
    """
    plain = clean(text[:LONGEST])
    # A repeated sentence counts once.
    unique = dict.fromkeys(_without_greeting(piece.text) for piece in sentences(plain))
    lines = [line for line in unique if _is_informative(line)]
    if not lines:
        return _truncate(" ".join(plain.split())) if any(map(str.isalnum, plain)) else ""
    whole = count_pieces("\n".join(lines))
    best = max(range(len(lines)), key=lambda place: (_score(lines[place], whole, place), -place))
    return _truncate(" ".join(lines[best].split()))


def _without_greeting(sentence: str) -> str:
    return _OPENING.sub("", _GREETING.sub("", sentence))


def _is_informative(sentence: str) -> bool:
    return sum(map(str.isalnum, sentence)) >= SHORTEST


def _score(sentence: str, whole: PieceCounts, place: int) -> float:
    own, weights = count_pieces(sentence).pieces, shipped_weights()
    told = sum(min(whole.pieces.get(piece, 0), 5) * weights.of(piece) for piece in own)
    score = told / (len(own) + 8)
    score += (
        0.5 * bool(_ASKS.search(sentence))
        + 0.4 * bool(_TROUBLE.search(sentence))
        + 0.6 * bool(_PLACE.search(sentence))
    )
    return score - 1.2 * bool(_COURTESY.search(sentence)) - 0.08 * min(place, 20)


def _truncate(said: str) -> str:
    said = said.strip("，,、：:；; ")
    if len(said) <= LONGEST_LINE:
        return said
    commas = [match.start() for match in _CLAUSE.finditer(said, 0, LONGEST_LINE)]
    if commas and commas[-1] >= LONGEST_LINE // 2:
        return said[: commas[-1]]
    return said[: LONGEST_LINE - 1] + "…"
