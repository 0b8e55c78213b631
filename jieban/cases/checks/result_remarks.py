"""Remarks on a result before it is reported, as sentences; also on similarity to another case's result.

The findings come from `jieban/language`; this module adds their sentences and the data of the case. Read only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.masking import mask_name, mask_phone
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import Nature
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.models import Case, CaseText, EventText
from jieban.language.replies import leaks, reply_fingerprints
from jieban.language.replies.leaks import Leak, LeakKind, RequesterIdentity
from jieban.language.replies.reply_check import (
    FindingKind,
    OriginalMessage,
    ReplyFinding,
    ReplyPart,
    check_reply,
)
from jieban.language.text.personal_data import mask_text

MIN_LIKENESS = 0.8  # similarity from which a result counts as copied
MOST_COMPARED = 3
NEWEST = 20  # results checked per mark; a stock answer has thousands
LONGEST_QUOTE = 24
DRAFT_MARK = gettext_lazy("【机器草稿，请逐句核对修改，核对后删去本行】")

# For each mark the unit's newest results; of those, the ones that share most marks.
_SHARING_MARKS_SQL = """
SELECT found.case_id FROM unnest(%(marks)s::bigint[]) AS mark, LATERAL (
  SELECT case_id FROM cases_resultmark WHERE unit_id = %(unit)s AND value = mark ORDER BY id DESC LIMIT %(newest)s
) AS found
WHERE found.case_id <> %(case)s GROUP BY found.case_id HAVING count(*) >= %(least)s
ORDER BY count(*) DESC, found.case_id DESC LIMIT %(most)s
"""

LEAK_LABELS: dict[str, str | Promise] = {
    LeakKind.NAME: gettext_lazy("诉求人的姓名"),
    LeakKind.TITLE: gettext_lazy("诉求人的称呼"),
    LeakKind.PHONE: gettext_lazy("诉求人的电话"),
    LeakKind.ADDRESS: gettext_lazy("诉求人的门牌"),
    LeakKind.POINTER: gettext_lazy("能看出诉求人是谁的话"),
}
PART_LABELS: dict[str, str | Promise] = {
    ReplyPart.DONE: gettext_lazy("做了什么"),
    ReplyPart.WHO: gettext_lazy("谁办理的"),
    ReplyPart.WHEN: gettext_lazy("什么时候办理的"),
    ReplyPart.GROUND: gettext_lazy("依据是什么"),
}
REMARK_SENTENCES: dict[str, str | Promise] = {
    FindingKind.COURTESIES: gettext_lazy("只有套话，没有写明办理情况。"),
    FindingKind.PASSED_ON: gettext_lazy("只写了转办，没有写明办理结果。"),
    FindingKind.FOREIGN: gettext_lazy("看不出与本件诉求有关，请核对是否写错了件。"),
    FindingKind.MATTER: gettext_lazy("诉求中的这一事项没有看到答复：“%s”"),
    FindingKind.LACKS: gettext_lazy("没有写明%s。"),
    FindingKind.PROMISE: gettext_lazy("承诺了办理，没有写明期限：“%s”"),
    FindingKind.OTHERS: gettext_lazy("含有个人信息，请核对是否可以告知诉求人：“%s”"),
    FindingKind.COPIED: gettext_lazy("与本单位 %s 的办理结果几乎相同，请核对是否照抄。"),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """Remark on a result; `start` to `end` are its characters. Only a leak `blocks` the report."""

    sentence: str
    start: int = 0
    end: int = 0
    blocks: bool = False


def reply_context(case: Case, words: CaseText) -> OriginalMessage:
    """Text of the case and identity of its requester, as the reply check needs them."""
    secret = case.hidden or case.anonymous
    known = RequesterIdentity(
        unseal_text(words.name, "name"),
        unseal_text(words.phone, "phone"),
        unseal_text(words.address, "address"),
        secret,
    )
    return OriginalMessage(case.subject, words.text, known, case.nature == Nature.CONSULT)


def remarks(case: Case, words: CaseText, result: str) -> list[Remark]:
    """Remarks on this result, leaks first; at most two queries. Empty for an empty text."""
    message = reply_context(case, words)
    found = [_remark(each, result, message) for each in check_reply(result, message)]
    found += [
        Remark(str(REMARK_SENTENCES[FindingKind.COPIED]) % number, 0, len(result))
        for number in copied_from(case, result)
    ]
    if str(DRAFT_MARK)[:5] in result:
        place = result.index(str(DRAFT_MARK)[:5])
        found.append(
            Remark(_("还留有机器草稿的标记，请逐句核对后删去。"), place, place + len(str(DRAFT_MARK)))
        )
    return found


def _remark(found: ReplyFinding | Leak, result: str, message: OriginalMessage) -> Remark:
    if isinstance(found, Leak):
        return Remark(leak_sentence(found, result), found.start, found.end, blocks=True)
    sentence = str(REMARK_SENTENCES[found.kind])
    match found.kind:
        case FindingKind.MATTER:
            return Remark(sentence % _quoted(message.text[found.start : found.end]))
        case FindingKind.LACKS:
            lacking = "、".join(str(PART_LABELS[part]) for part in found.details)
            return Remark(sentence % lacking, found.start, found.end)
        case FindingKind.PROMISE | FindingKind.OTHERS:
            return Remark(sentence % _quoted(result[found.start : found.end]), found.start, found.end)
    return Remark(sentence, found.start, found.end)


def leak_sentence(leak: Leak, result: str) -> str:
    """Sentence about what to delete and where; the quoted text is masked, because refusals are read and logged."""
    return _("第 %(place)d 字起有%(what)s（%(quote)s），请删去，改称“诉求人”。") % {
        "place": leak.start + 1,
        "what": LEAK_LABELS[leak.kind],
        "quote": _masked_quote(leak, result[leak.start : leak.end]),
    }


def _masked_quote(leak: Leak, found: str) -> str:
    if leak.kind in {LeakKind.NAME, LeakKind.TITLE}:
        return mask_name(found)
    if leak.kind == LeakKind.PHONE:
        return mask_phone(found) or "****"
    return f"{found[0]}***" if leak.kind == LeakKind.ADDRESS else _quoted(found)


def leaks_in(case: Case, words: CaseText, result: str) -> list[Leak]:
    """Places in the result that identify the requester."""
    return leaks.find_leaks(result, reply_context(case, words).known)


def copied_from(case: Case, result: str) -> Iterator[str]:
    """Numbers of the lead's other cases with almost the same reported result; two queries."""
    marks = reply_fingerprints.reply_fingerprints(result)
    if not marks or case.lead_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _SHARING_MARKS_SQL,
            {
                "marks": marks, "unit": case.lead_id, "case": case.pk, "newest": NEWEST,
                "least": min(len(marks), reply_fingerprints.IN_COMMON), "most": MOST_COMPARED,
            },
        )  # fmt: skip
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return
    reports = EventText.objects.filter(case__in=ids, event__action=Action.REPORT_RESULT, name="result")
    newest = {
        row[0]: row for row in reports.order_by("event__seq").values_list("case_id", "case__number", "text")
    }
    for _case_id, number, text in sorted(newest.values(), reverse=True):
        if reply_fingerprints.jaccard(result, text) >= MIN_LIKENESS:
            yield number


def _quoted(text: str) -> str:
    plain = " ".join(mask_text(text).split())
    return plain if len(plain) <= LONGEST_QUOTE else f"{plain[: LONGEST_QUOTE - 1]}…"
