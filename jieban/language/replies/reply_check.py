"""Reply check: findings about a reply before it is sent to the requester, each with its span in the text.

A finding is a hint for a person and blocks nothing; only a leak (`leaks.Leak`) makes the transition refuse the
report. The rules are here; the sentences that a person reads are made from the findings in
`jieban/cases/checks/result_remarks.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from jieban.language.replies.leaks import Leak, RequesterIdentity, find_leaks, salutation
from jieban.language.similarity import relevance
from jieban.language.text import split_matters
from jieban.language.text.personal_data import PersonalDataKind, personal_data
from jieban.language.text.sentences import Piece, sentences

LONGEST = 20_000  # characters that are checked
FOREIGN_BELOW = -2.0  # log-odds below which a reply looks like another case's, if it weighs ENOUGH_TO_TELL
ENOUGH_TO_TELL = 30.0  # weight of a reply's words
NOTHING_OF_ITS_OWN = -0.5  # log-odds below which a short reply only passes the matter on
# Weight of words below which a reply is only courtesies, or a matter too short to judge.
SAYS_SOMETHING = 12.0
IN_COMMON = 1.5  # weight of a matter's own words in the reply: one word of three characters, or two pairs
MOST_PROMISES = 3


class FindingKind(StrEnum):
    """Kind of finding."""

    COURTESIES = "courtesies"  # nothing but courtesies
    PASSED_ON = "passed_on"  # only says that it was passed on to somebody else
    FOREIGN = "foreign"  # has nothing in common with the message
    MATTER = "matter"  # one of several matters is not dealt with
    LACKS = "lacks"  # does not say what, who, when, or on what ground
    PROMISE = "promise"  # promises without a date
    OTHERS = "others"  # personal data of somebody else
    COPIED = "copied"  # like another case's result


class ReplyPart(StrEnum):
    """Part that a result should have."""

    DONE = "done"
    WHO = "who"
    WHEN = "when"
    GROUND = "ground"


@dataclass(frozen=True, slots=True)
class ReplyFinding:
    """Finding: `start` up to `end` are characters of the reply; for a matter they are characters of the message.

    `details` are the parts that lack, or the number of the case that was copied.
    """

    kind: FindingKind
    start: int = 0
    end: int = 0
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OriginalMessage:
    """The message, and what is known of its author. `consultation`: nothing had to be done, only answered."""

    subject: str
    text: str
    known: RequesterIdentity = RequesterIdentity()
    consultation: bool = False


_DATE = (
    r"(?:\d{2,4}\s?年)?\s?\d{1,2}\s?月\s?(?:\d{1,2}\s?[日号]|初|上旬|中旬|下旬|底|末)|\d{4}[-./]\d{1,2}(?:[-./]\d{1,2})?"
    r"|\d{4}\s?年|(?<!\d)\d{1,2}\s?月|(?:当|次|昨|今)(?:日|天)|(?:本|上|下)(?:周|月)|今年|年内"
)
_LIMIT = (
    rf"{_DATE}|(?:\d{{1,3}}|[一二三四五六七八九十两半]{{1,3}})\s?(?:个)?(?:工作日|小时|分钟|日|天|周|星期|月|年)(?:之?内|左右|以内|前|后)?"
    r"|(?:本|这|下)(?:周|月|季度)|月底|年底|年内|季度|立即|当即|马上|[上下]半年|春节前|国庆前|供暖(?:期|季)前|汛期前"
)
_PARTS = {
    ReplyPart.DONE: re.compile(
        r"已(?!收悉|收到|阅|知)|完成|完毕|到位|恢复|修复|更换|维修|清理|清运|拆除|整改|责令|约谈|立案|处罚|检查|检修|安装|疏通|施划"
        r"|现场(?:查看|核实|检查|踏勘|调查)|到场|核查|核实|调查|走访|协调|督促|上报|解释|退还|调解|排查|增设|暂扣|取缔|补办|修剪|不属于|不符合|无法"
    ),
    ReplyPart.WHO: re.compile(
        r"(?:我|本|该|区|市|县|镇)(?:局|委|办|镇|乡|中心|大队|中队|所|站|社区|街道|单位|公司|处|科|支队|部门|院|校)|[我本]街"
        r"|[一-鿿](?:局|委员会|管委|城管委|办事处|街道办|大队|中队|支队|执法队|管理处|中心|公司|居委会|村委会|社区|派出所|物业|集团|医院|学校|工作站|项目部|服务站|人民政府|(?:管理|服务|司法|财政|监管|供电|供水|环卫|养护|路灯|交管)所)"
        r"|工作人员|执法人员|维修人员|技术人员|网格员|民警|交警|城管"
    ),
    ReplyPart.WHEN: re.compile(_DATE),
    ReplyPart.GROUND: re.compile(
        r"《[^》]{2,60}》|[按依]照|根据|依据|依法|依规|第[一二三四五六七八九十百\d]{1,5}条|规定|标准|规范|政策|合同|协议|规划|批复|通知|文件|条例|办法|方案"
        r"|经(?:现场)?(?:查|核|检测|鉴定|测量|踏勘|调查|了解|论证|评估)|检测(?:结果|报告)"
    ),
}
_PROMISE = re.compile(
    r"尽快|尽早|适时|择机|争取|力争|待[^，。；]{2,25}后"
    r"|(?:(?<![现特兹可并])将(?!有关|相关|处理结果|调查|核查|情况|结果|会议)|拟|计划)[^，。；]{0,12}?"
    r"(?:安排|修复|维修|更换|清理|拆除|整改|安装|增设|改造|解决|处理|办理|答复|完成|建设|施工|启动|开通|研究)"
)
_LASTING = re.compile(
    r"将?(?:继续|持续|进一步)?(?:加强|加大|强化|做好)[^，。；]{0,12}(?:管理|巡查|监管|力度|宣传|管控|检查)"
)
_PAST = re.compile(r"已(?:经)?|完成|完毕")
_PASSED_ON = re.compile(
    r"转(?:交|办|至|给|由|有关|相关|[^，。；]{2,12}(?:局|部门|单位|办|政府))|交由|交办|汇报|无效"
)
_SHORT = 160  # characters; a longer reply says more than that it was passed on
_ALL_ANSWERED = re.compile(
    r"(?:以上|上述|所反映的?|几个?|两个?|各项?|全部)(?:[^，。；]{0,4})(?:问题|事项|诉求|情况)(?:[^，。；]{0,6})(?:均|都|全部|逐一|一并)"
)


def check_reply(reply: str, message: OriginalMessage) -> list[ReplyFinding | Leak]:
    """Checks a reply: leaks first, then the findings in the order in which a person works through them.

    Any text is allowed; what follows 20,000 characters is not checked. An empty reply has no findings.
    """
    reply = reply[:LONGEST]
    if not any(map(str.isalnum, reply)):
        return [ReplyFinding(FindingKind.COURTESIES, 0, len(reply))] if reply.strip() else []
    found: list[ReplyFinding | Leak] = [*find_leaks(reply, message.known)]
    found += [
        *_relevance_findings(reply, message),
        *_missing_parts(reply, message),
        *_undated_promises(reply),
    ]
    known = [(each.start, each.end) for each in found if isinstance(each, Leak)]
    addressed = salutation(reply, message.known)
    found += _others_personal_data(reply, [*known, addressed] if addressed else known)
    return found


def _relevance_findings(reply: str, message: OriginalMessage) -> Iterator[ReplyFinding]:
    weights = relevance.shipped_weights()
    weight_sum = relevance.vector_of(relevance.count_pieces(reply), weights).weight_sum
    if weight_sum < SAYS_SOMETHING and not _PARTS[ReplyPart.DONE].search(reply):
        yield ReplyFinding(FindingKind.COURTESIES, 0, len(reply))
        return
    odds = relevance.relevance(message.subject, message.text, reply, weights) if message.text.strip() else 0.0
    if odds < NOTHING_OF_ITS_OWN and len(reply) < _SHORT and _PASSED_ON.search(reply):
        yield ReplyFinding(FindingKind.PASSED_ON, 0, len(reply))
    elif odds < FOREIGN_BELOW and weight_sum >= ENOUGH_TO_TELL:
        yield ReplyFinding(FindingKind.FOREIGN, 0, len(reply))
    else:
        yield from _unanswered_matters(reply, message.text)


def _unanswered_matters(reply: str, message: str) -> Iterator[ReplyFinding]:
    """Findings for the matters of a compound message whose own words do not occur in the reply."""
    found = split_matters.find_matters(message)
    if len(found) < 2 or _ALL_ANSWERED.search(reply):
        return
    weights = relevance.shipped_weights()
    answered = relevance.count_pieces(reply).pieces
    pieces_of = [relevance.count_pieces(matter.text).pieces for matter in found]
    for place, matter in enumerate(found):
        elsewhere = {piece for other, pieces in enumerate(pieces_of) if other != place for piece in pieces}
        own = {piece for piece in pieces_of[place] if piece not in elsewhere}
        if sum(map(weights.of, own)) < SAYS_SOMETHING / 2:
            continue  # too few words of its own to judge
        if sum(weights.of(piece) for piece in own if piece in answered) < IN_COMMON:
            yield ReplyFinding(FindingKind.MATTER, matter.start, matter.end)


def _missing_parts(reply: str, message: OriginalMessage) -> Iterator[ReplyFinding]:
    wanted = (ReplyPart.GROUND,) if message.consultation else tuple(ReplyPart)
    lacking = tuple(part.value for part in wanted if not _PARTS[part].search(reply))
    if lacking:
        yield ReplyFinding(FindingKind.LACKS, 0, len(reply), lacking)


def _undated_promises(reply: str) -> Iterator[ReplyFinding]:
    """Findings for sentences that promise something and name no day, deadline or season for it."""
    count = 0
    for sentence in sentences(reply):
        for clause in _clauses(sentence):
            if _promises_only(clause.text) and not re.search(_LIMIT, sentence.text):
                yield ReplyFinding(FindingKind.PROMISE, clause.start, clause.end)
                count += 1
                break
        if count == MOST_PROMISES:
            return


def _clauses(sentence: Piece) -> Iterator[Piece]:
    for match in re.finditer(r"[^，,]+", sentence.text):
        yield Piece(match[0], sentence.start + match.start(), sentence.start + match.end())


def _promises_only(clause: str) -> bool:
    plain = _LASTING.sub("", clause)
    return bool(_PROMISE.search(plain)) and not _PAST.search(plain)


def _others_personal_data(reply: str, leaks: list[tuple[int, int]]) -> Iterator[ReplyFinding]:
    """Findings for personal data of third persons: mobile and identity numbers, plates, full names."""
    for span in personal_data(reply):
        if any(start < span.end and span.start < end for start, end in leaks):
            continue
        digits = re.sub(r"\D", "", reply[span.start : span.end])
        if span.kind == PersonalDataKind.NUMBER and not (
            digits.startswith("1") and len(digits) == 11 or len(digits) > 12
        ):
            continue  # an office's landline
        yield ReplyFinding(FindingKind.OTHERS, span.start, span.end, (span.kind.value,))
