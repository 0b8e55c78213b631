"""Checks of a reported result: it must not identify the requester; its fingerprints are stored."""

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.cases.checks import result_remarks
from jieban.cases.models import Case, CaseText, ResultMark
from jieban.language.replies import reply_fingerprints


def refuse_leaks(case: Case, text: str) -> None:
    """Raises Invalid, with a sentence for each place, when the result identifies the requester."""
    found = result_remarks.leaks_in(case, CaseText.objects.get(case=case), text)
    if found:
        sentences = [result_remarks.leak_sentence(leak, text) for leak in found]
        raise Invalid(
            _("办理结果会泄露诉求人的身份，不能报结。%s") % "".join(sentences),
            code="leak",
            fields={"text": sentences[0]},
        )


def save_result_marks(case: Case, text: str) -> None:
    """Replaces the fingerprints of the lead's result. They are derived from the text, so they are not in the ledger."""
    ResultMark.objects.filter(case=case).delete()
    if case.lead_id is not None:
        ResultMark.objects.bulk_create(
            [
                ResultMark(case=case, unit_id=case.lead_id, value=mark)
                for mark in reply_fingerprints.reply_fingerprints(text)
            ]
        )
