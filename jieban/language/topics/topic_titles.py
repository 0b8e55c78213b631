"""Titles of topics: the place, and the matter in the words of one of the messages."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jieban.language.topics.place_names import CODE, JOINTS, OMITTED_ENDING, districts
from jieban.language.topics.topic_messages import TopicMessage

LEAST_SHARE = 0.25  # share of the messages that must name the place of the title
LONGER_SHARE = 0.5  # share of the short name's messages from which the longer name is used
# Characters of a phrase within which the place's name is cut off with what precedes it.
NEAR_THE_BEGINNING = 9
FITTING_LENGTHS = range(6, 23)  # characters of a phrase that can be read at a glance
# A code inside a name (万和K9县) is no division; before a division stands nothing, or a word that leads to it.
_DISTRICT_CODE = re.compile(
    r"(?<![一-鿿A-Z\d])[A-Z]\d{1,2}[区县市]|(?<=[市县区在是对诉映报询于问的请到从议决望快家住])[A-Z]\d{1,2}[区县市]"
)
_CITY_CODE = re.compile(r"[A-Z]市")
_NO_NAME = re.compile(
    ".*(?:其他|很多|每个|哪些|什么|怎么|这些|一些).*|.*(?:楼|市场|公司|地铁|号线|里|网)(?<=^..)"
    "|[号幢栋室].*"  # the rest of an address, not a name
)
_BODY = re.compile(".*(?:公司|集团|平台|英语|驾校|[贷网]|地铁|号线)")  # has no place in itself
_AREA = re.compile(".*(?:街道|镇|乡)")
_ROOM = re.compile("(附近|旁边|周边|周围|旁)(?:的)?(?=.{4})")
_FIRST_WORDS = re.compile(
    "(?:投诉|反映|反应|举报|咨询|请问|询问|问问|关于|对于|建议|希望|请求|恳请|请|强烈|坚决|再次|质疑|呼吁|控告|督促|实名|西地省|在|对|问|给|就"
    '|[（(【《）)】》”“"：:，,、。.！!·\\s-]|的|小区|社区|我要|关注|解决|反馈|过问|了解|严惩|惊)+'
)
_PHASE = re.compile("第?[一二三四五六七八九十\\d]{1,3}(?:期|栋|号楼)")
_LAST_WORDS = re.compile(
    "(?:(?:的|等|等等)+(?:相关|有关|一些|若干|一系列|诸多|几个|几点)?(?:问题|情况|疑问|疑惑|咨询|投诉|建议|反映|质疑|请求|诉求|意见)|(?:相关|有关|一些|若干|诸多)(?:问题|情况)|咨询|投诉"
    "|(?:是否|究竟|到底)?(?:合理|合法|合规)(?:合规|合法)?(?:吗|么)?|谁来(?:监)?管|求解决|请(?:政府|领导)管一?管吧?|怎么办|为何|是真的吗|吗|呢|吧|的"
    '|[？?！!。，,；;：:、.…~～\\s）)】》”"])+$'
)
_SPEAKS_OF_SELF = re.compile("[我你您某]|书记|领导|？|\\?|！|!|为什么|怎么|刻不容缓")
_BEGINS_IN_THE_MIDDLE = re.compile("[而和与及之以或并且案被把将里内上中段期市区县]")


@dataclass(frozen=True, slots=True)
class TopicName:
    """Title: place and matter; `place` may be empty, together they read as one phrase."""

    place: str
    subject: str


def name_topic(
    messages: Sequence[TopicMessage], mentions: Sequence[Sequence[str]], weights: Sequence[float]
) -> TopicName:
    """Titles a topic.

    `mentions` are the names in each message; `weights` its similarity to the centre of the cluster (0 to 1): the
    subject comes from a message near the centre that reads well. Of equal ones the first is taken.
    """
    division, name = _division(messages), _name([message.subject for message in messages], mentions)
    if not name and not division:
        division = _most_common(
            Counter(message.place for message in messages if message.place), len(messages)
        )
    subjects = [JOINTS.sub("", message.subject) for message in messages]
    phrases = [_phrase(subject, name) for subject in subjects]
    best = max(
        range(len(messages)), key=lambda at: (weights[at] * _readability(phrases[at], subjects[at]), -at)
    )
    phrase = phrases[best] or messages[best].subject
    if division and division in phrase:
        division = ""
    if not name or _core(name) in phrase or _BODY.fullmatch(name):
        return TopicName(division, phrase)
    room = _ROOM.match(phrase)
    return TopicName(f"{division}{name}{room[1] if room else ''}", phrase[room.end() if room else 0 :])


def _division(messages: Sequence[TopicMessage]) -> str:
    """The district that most of the messages name; failing that the city."""
    starts = [f"{message.subject} {message.text[:80]}" for message in messages]
    for finds in (_DISTRICT_CODE.findall, _by_name, _CITY_CODE.findall):
        counts = Counter(name for start in starts for name in dict.fromkeys(finds(start)))
        if found := _most_common(counts, len(messages)):
            return found
    return ""


def _name(subjects: Sequence[str], mentions: Sequence[Sequence[str]]) -> str:
    """The place or body that most of the messages name, in the longest form that half of those use; streets last.

    A name in the subject counts double, and must be in some subjects.
    """
    whole = "\n".join(JOINTS.sub("", subject) for subject in subjects)
    counts = Counter(
        name for names in mentions for name in dict.fromkeys(names) if not _NO_NAME.fullmatch(name)
    )
    titled = {name: whole.count(name) for name in counts}
    known = {name: count for name, count in counts.items() if titled[name] >= LEAST_SHARE * len(subjects)}
    closer = [name for name in known if not _AREA.fullmatch(name)] or list(known)
    if not closer:
        return ""
    found = max(closer, key=lambda name: (known[name] + titled[name], len(name), name))
    while longer := [
        name for name in counts if found in name != found and titled[name] >= LONGER_SHARE * titled[found]
    ]:
        found = max(longer, key=lambda name: (titled[name], -len(name), name))
    return found


def _by_name(text: str) -> list[str]:
    return sorted(name for name in districts(text) if not name[0].isascii())


def _most_common(counts: Counter[str], messages: int) -> str:
    if not counts:
        return ""
    found = max(counts, key=lambda name: (counts[name], len(name), name))
    return found if counts[found] >= LEAST_SHARE * messages else ""


def _phrase(subject: str, name: str) -> str:
    """The subject without the words around it, and without the place when it begins with that."""
    rest = _without_first_words(subject)
    at = rest.find(_core(name)) if name and not _BODY.fullmatch(name) else -1
    if 0 <= at <= NEAR_THE_BEGINNING:
        rest = _without_first_words(rest[at + len(_core(name)) :])
    short = _LAST_WORDS.sub("", rest)
    return short if len(short) >= 4 else rest.strip(" ？?！!。，,")


def _core(name: str) -> str:
    """The name without an ending that people omit: 翠湖新城 of 翠湖新城小区."""
    return OMITTED_ENDING.sub("", name)


def _without_first_words(rest: str) -> str:
    before = ""
    while rest != before:
        before = rest
        for pattern in (_FIRST_WORDS, CODE, _PHASE):
            if match := pattern.match(rest):
                rest = rest[match.end() :]
    return rest


def _readability(phrase: str, subject: str) -> float:
    """Readability score of a phrase as a title."""
    good = 1.0
    if len(phrase) not in FITTING_LENGTHS:
        good *= 0.6
    if _SPEAKS_OF_SELF.search(subject):
        good *= 0.7
    if _BEGINS_IN_THE_MIDDLE.match(phrase):
        good *= 0.5
    return good if len(phrase) >= 4 else 0.1
