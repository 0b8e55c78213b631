"""Export of cases as a table: what the reader may see, contact data masked, in bounded memory."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from jieban.base.sheets import BadFile, Cell, write_table
from jieban.cases.access import rules
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.lists import case_list, contact_reads
from jieban.cases.lists.case_list import CaseFilter
from jieban.cases.models import Case, CaseText
from jieban.language.text.personal_data import mask_text
from jieban.registry.identity.posts import Actor

COLUMNS = [
    "单号", "类型", "渠道", "状态", "受理时间", "主题", "内容", "诉求人", "电话", "街道", "社区", "分类", "性质",
    "难易", "紧急程度", "主办单位", "联系时限", "办结时限", "报结时间", "回访时间", "结案时间", "来源", "来源编号",
    "催办次数",
]  # fmt: skip
LONGEST_TEXT = 30_000  # characters; a cell of a workbook holds 32,767


def export_file(
    path: Path,
    *,
    actor: Actor,
    chosen: CaseFilter,
    headings: Sequence[str] = COLUMNS,
    most: int | None = None,
) -> int:
    """Writes the cases visible to the actor, the newest first; returns their number, at most `most`.

    Names and phones are masked as in lists, addresses left out; where a text repeats them, or holds a long number such
    as a phone's, they are masked there as well. Raises BadFile when the file cannot be written.
    """
    try:
        places = [COLUMNS.index(heading) for heading in headings]
        rows = ([row[place] for place in places] for row in _rows(actor, chosen))
        return write_table(path, headings, islice(rows, most))
    except OSError as error:
        raise BadFile(_("文件写不了：%s。请核对路径和权限。") % (error.strerror or error)) from error


def _rows(actor: Actor, chosen: CaseFilter) -> Iterator[list[Cell]]:
    after = ""
    with_text = rules.may_see_text(actor)
    while True:
        page = case_list.list_cases(actor, chosen, after=after, size=case_list.MOST_ON_PAGE)
        words = CaseText.objects.in_bulk([case.pk for case in page.cases])
        for case in page.cases:
            yield _row(case, words.get(case.pk), with_text)
        if not page.next:
            return
        after = page.next


def _row(case: Case, words: CaseText | None, with_text: bool) -> list[Cell]:
    subject = text = name = phone = ""
    if words is not None and with_text:
        subject, text = _mask_contact(case.subject, words), _mask_contact(words.text, words)
    if words is not None and not case.hidden:
        contact = contact_reads.masked_contact(words)
        name, phone = contact.name, contact.phone
    return [
        case.number, str(case.get_kind_display()), str(case.get_channel_display()),
        str(case.get_state_display()), case.received_at, subject, text[:LONGEST_TEXT], name, phone,
        case.street.name if case.street else "", case.community.name if case.community else "",
        case.category.path if case.category else "", str(case.get_nature_display()),
        str(case.get_grade_display()), str(case.get_urgency_display()), case.lead.name if case.lead else "",
        case.contact_due_at, case.finish_due_at, case.reported_at, case.visited_back_at, case.closed_at,
        case.source, case.source_ref, case.reminded_count,
    ]  # fmt: skip


def _mask_contact(text: str, words: CaseText) -> str:
    """Masks the requester's own name, phone and address in a text, and every long number."""
    name, address = unseal_text(words.name, "name"), unseal_text(words.address, "address")
    return mask_text(text, known=[name, address])
