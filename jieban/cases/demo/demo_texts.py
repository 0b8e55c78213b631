"""Text generator of the demonstration: what residents, enterprises and patrols say, and what units write.

Every sentence was written for the demonstration and is in `data/demo/`. A matter (one narrow concern within a
category) has its texts, visits and results together, so that the result of a case answers its text.
Nobody in these texts exists; the same random source gives the same texts.
"""

import json
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid

KINDS = ("appeal", "enterprise", "patrol")
NATURES = ("consult", "help", "complaint", "report", "suggestion", "praise")
LONGEST_SUBJECT = 40
LINES = (
    "needs",
    "opinions",
    "results",
    "plans",
    "answers",
    "disputes",
    "co_reports",
    "still_wrong",
    "remarks",
)
# A thank-you or a question in a matter is not settled by what its complaints need: it has lines of its own.
OWN_LINES = ("praise", "suggestion", "consult")
GIVEN_BY_CALLER = frozenset({"place", "estate", "building", "unit", "door"})


@dataclass(frozen=True)
class PhraseSection:
    """Phrases of one nature of one matter, e.g. complaints about a broken lift.

    `topics` are the words by which lines of one matter belong together; `own_subjects` head the texts that
    no common subject fits; `spare` lines stand in where none of the matter speaks of what the text says.
    """

    kind: str
    nature: str
    category_path: str
    weight: float
    about: str
    topics: tuple[tuple[str, ...], ...]
    subjects: tuple[str, ...]
    texts: tuple[str, ...]
    own_subjects: Mapping[str, str]
    lines: Mapping[str, tuple[str, ...]]
    spare: Mapping[str, tuple[str, ...]]

    def topics_of(self, pattern: str) -> frozenset[int]:
        """The topics of the matter that a pattern speaks of; none for one that fits everything."""
        return frozenset(
            number for number, words in enumerate(self.topics) if any(word in pattern for word in words)
        )

    def fitting(self, patterns: Iterable[str], text: str) -> tuple[str, ...]:
        """The patterns that can stand beside the text: a manhole is not answered with a street lamp."""
        wanted = self.topics_of(text)
        return tuple(
            each for each in patterns if not (found := self.topics_of(each)) or not wanted.isdisjoint(found)
        )


@dataclass(frozen=True)
class Phrases:
    """All phrases of the demonstration: sections by kind, and the lists that fill their slots."""

    sections: Mapping[str, tuple[PhraseSection, ...]]
    slots: Mapping[str, tuple[str, ...]]
    openings: Mapping[str, tuple[str, ...]]
    whereabouts: Mapping[str, tuple[str, ...]]
    tails: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class DemoText:
    """Texts of one case from the first call to the visit-back.

    `answer` is empty unless the nature is a consultation, `on_account_plan` where the matter can always be
    solved, `needs_said` and `opinion_said` for patrol findings, which no resident is visited about.
    """

    category_path: str
    nature: str
    subject: str
    text: str
    needs_said: str
    opinion_said: str
    result: str
    on_account_plan: str
    answer: str
    dispute_reason: str
    co_report: str
    still_wrong: str
    remark: str


def load(folder: Path) -> Phrases:
    """Loads the phrases of `common.json` and of every `matters_*.json` in the folder.

    Raises Invalid when a list is empty, or a pattern has a slot that nothing fills.
    """
    common = _read(folder / "common.json")
    slots = _tuples(common["slots"])
    sections: dict[str, list[PhraseSection]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("matters_*.json")):
        for matter in _read(path):
            for raw in matter["sections"]:
                section = _section(matter, raw, common["defaults"])
                _check(section, frozenset(slots) | GIVEN_BY_CALLER)
                sections[section.kind].append(section)
    for name in ("openings", "whereabouts", "tails"):
        framing = [pattern for patterns in common[name].values() for pattern in patterns]
        _check_slots(name, framing, frozenset(slots) | GIVEN_BY_CALLER)
    return Phrases(
        sections={kind: tuple(found) for kind, found in sections.items()},
        slots=slots,
        openings=_tuples(common["openings"]),
        whereabouts=_tuples(common["whereabouts"]),
        tails=_tuples(common["tails"]),
    )


def _tuples(lists: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in lists.items()}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(_("演示文本 %s 无法读取，请检查文件是否完整。") % path.name) from error


def _section(matter: dict[str, Any], raw: dict[str, Any], defaults: dict[str, Any]) -> PhraseSection:
    """One section with its own lines, else those of its matter, else those of its kind or nature."""
    kind, nature = raw["kind"], raw["nature"]
    group = "patrol" if kind == "patrol" else nature
    fallback = defaults.get(f"{kind}_{nature}") or defaults.get(group, {})
    own_only = kind == "patrol" or nature in OWN_LINES
    inherited = {} if own_only else matter
    lines = {name: tuple(raw.get(name) or inherited.get(name) or fallback.get(name, ())) for name in LINES}
    spare = defaults[{"appeal": "any", "enterprise": "any_enterprise", "patrol": "patrol"}[kind]]
    if nature == "consult":
        lines["answers"] = tuple(raw.get("answers") or matter["answers"])
        lines["results"] = lines["answers"]
        spare = spare | {"results": spare["answers"]}
    return PhraseSection(
        kind=kind,
        nature=nature,
        category_path=matter["category"],
        weight=matter["weight"] * raw["weight"] / sum(each["weight"] for each in matter["sections"]),
        about=matter["about"],
        topics=tuple(tuple(words) for words in matter["topics"]),
        subjects=tuple(raw["subjects"]),
        texts=tuple(each if isinstance(each, str) else each["text"] for each in raw["texts"]),
        own_subjects={each["text"]: each["subject"] for each in raw["texts"] if not isinstance(each, str)},
        lines=lines,
        spare=_tuples(spare),
    )


def _check(section: PhraseSection, known: frozenset[str]) -> None:
    """Checks a section. Raises Invalid when no text can be composed from it."""
    name = f"{section.category_path}（{section.kind}，{section.nature}）"
    if section.kind not in KINDS or section.nature not in NATURES or section.weight <= 0:
        raise Invalid(_("演示文本 %s 的类型、性质或权重不对，请核对。") % name)
    patrol = section.kind == "patrol"
    needed = {"subjects": section.subjects, "texts": section.texts, "results": section.lines["results"]}
    if not patrol:
        needed |= {"needs": section.lines["needs"], "opinions": section.lines["opinions"]}
    empty = [field for field, patterns in needed.items() if not patterns]
    if empty:
        raise Invalid(_("演示文本 %(name)s 缺少 %(fields)s，请补写。") % {"name": name, "fields": empty})
    patterns = [
        *section.subjects,
        *section.texts,
        *(line for found in section.lines.values() for line in found),
    ]
    patterns += [
        *section.own_subjects.values(),
        *(line for found in section.spare.values() for line in found),
    ]
    _check_slots(name, patterns, known)


def _check_slots(name: str, patterns: Iterable[str], known: frozenset[str]) -> None:
    """Checks the slots. Raises Invalid when a pattern has a slot that nothing fills."""
    unknown = {slot for pattern in patterns for slot in slots_of(pattern)} - known
    if unknown:
        raise Invalid(_("演示文本 %(name)s 用了没有的空位 %(slots)s。") % {"name": name, "slots": unknown})


def slots_of(pattern: str) -> list[str]:
    """The names of the slots in a pattern, in order."""
    return [name for _text, name, _spec, _conversion in string.Formatter().parse(pattern) if name is not None]


def compose(
    phrases: Phrases, rnd: Random, kind: str, place_name: str, estate_name: str, building_no: int | str
) -> DemoText:
    """Composes the texts of one invented case at this place; common matters come more often than rare ones."""
    sections = phrases.sections[kind]
    section = rnd.choices(sections, weights=[each.weight for each in sections])[0]
    values = {name: rnd.choice(choices) for name, choices in phrases.slots.items()}
    values |= {
        "place": place_name,
        "estate": estate_name,
        "building": building_name(building_no),
        "unit": f"{rnd.randint(1, 6)}单元",
        "door": _door(rnd),
    }

    spoken = rnd.choice(section.texts)

    def line(name: str) -> str:
        patterns = section.fitting(section.lines[name], spoken)
        if section.lines[name] and not patterns:
            patterns = section.spare.get(name, ())
        return rnd.choice(patterns).format_map(values) if patterns else ""

    result = line("results")
    return DemoText(
        category_path=section.category_path,
        nature=section.nature,
        subject=_subject(section, rnd, spoken, values),
        text=_text(phrases, rnd, section, spoken, values),
        needs_said=line("needs"),
        opinion_said=line("opinions"),
        result=result,
        on_account_plan=line("plans"),
        answer=result if section.nature == "consult" else "",
        dispute_reason=line("disputes"),
        co_report=line("co_reports"),
        still_wrong=line("still_wrong"),
        remark=line("remarks"),
    )


def _subject(section: PhraseSection, rnd: Random, spoken: str, values: Mapping[str, str]) -> str:
    """A subject of at most 40 characters about what was said; beside a long estate name a short one."""
    own = section.own_subjects.get(spoken)
    patterns = (own,) if own else section.fitting(section.subjects, spoken)
    filled = [pattern.format_map(values) for pattern in patterns]
    fitting = [subject for subject in filled if len(subject) <= LONGEST_SUBJECT]
    plain = f"{values['estate']}{section.about}问题"[-LONGEST_SUBJECT:]
    return rnd.choice(fitting) if fitting else plain


def _text(
    phrases: Phrases, rnd: Random, section: PhraseSection, spoken: str, values: Mapping[str, str]
) -> str:
    """The text as it comes off the phone: half of the callers greet, some say when to call back."""
    group = section.nature if section.kind == "appeal" else section.kind
    opening = rnd.choice(phrases.openings[group]) if rnd.random() < 0.5 else ""
    where = _whereabouts(phrases, rnd, section.kind, group, spoken)
    tail = rnd.choice(phrases.tails[group]) if rnd.random() < 0.45 else ""
    parts = (spoken, where) if section.kind == "patrol" else (opening, where, spoken, tail)
    return "".join(parts).format_map(values)


def _whereabouts(phrases: Phrases, rnd: Random, kind: str, group: str, spoken: str) -> str:
    """Where the caller lives or the finding lies, unless the words themselves have said it."""
    slots = set(slots_of(spoken))
    if "building" in slots or (kind == "enterprise" and "company" in slots):
        return ""
    if "estate" in slots and kind != "enterprise":
        group = "patrol_in_estate" if kind == "patrol" else "resident_in_estate"
    return rnd.choice(phrases.whereabouts[group])


def building_name(building_no: int | str) -> str:
    """`12` and `12号楼` are both said as 12号楼."""
    name = str(building_no).strip()
    return f"{name}号楼" if name.isdecimal() else name


def _door(rnd: Random) -> str:
    return f"{rnd.randint(1, 6)}0{rnd.randint(1, 4)}"


def address(rnd: Random, estate: str, building: int | str) -> str:
    """An invented flat as a resident writes it, e.g. 八角北里小区12号楼3单元502室."""
    return f"{estate}{building_name(building)}{rnd.randint(1, 6)}单元{_door(rnd)}室"


SURNAMES = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
OLDER_NAMES = (
    *("建国", "秀兰", "桂英", "淑珍", "玉芬", "德福", "国强", "志明", "凤琴", "振华", "秀芝", "长海"),
    *("文海", "桂荣", "宝成", "玉兰", "淑华", "永顺", "惠敏", "学勤", "金生", "素琴", "维民", "玉梅"),
)
YOUNGER_NAMES = (
    *("晓雨", "欣然", "子涵", "思远", "雨桐", "浩然", "佳宁", "一鸣", "静怡", "晨", "磊", "婷", "鑫"),
    *("雪", "鹏", "丹丹", "亚楠", "博文", "梦琪", "立新", "海涛", "丽娟", "春燕", "志远", "小军", "红霞"),
)


def invented_person(rnd: Random) -> tuple[str, str]:
    """A name put together by chance, and a phone number from a range that cannot be dialled."""
    given = rnd.choice(OLDER_NAMES if rnd.random() < 0.4 else YOUNGER_NAMES)
    phone = rnd.choice(("1000", "1001")) + f"{rnd.randrange(10**7):07d}"
    return rnd.choice(SURNAMES) + given, phone
