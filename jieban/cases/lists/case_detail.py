"""Query of one case with everything that its page shows, and of its history; a fixed number of queries."""

from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from jieban.base.errors import NotFound
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.cases.access import rules
from jieban.cases.flow.action import Action
from jieban.cases.lists.case_list import _as_number, visible_to
from jieban.cases.models import (
    Assignment,
    Case,
    CaseDetail,
    CaseEvent,
    Dispute,
    EventText,
    Publication,
    Request,
    SentItem,
    Visit,
    VisitBack,
)
from jieban.language.text.personal_data import remove_persons
from jieban.registry.identity.posts import Actor


def get_case(number: str, actor: Actor) -> Case:
    """The case without related rows, for an action on it. Raises NotFound, also when it is not visible."""
    found = _case_query(rules.representative_of(actor)).rows(number=_as_number(number))
    if not found:
        raise _not_found()
    names = [field.attname for field in Case._meta.concrete_fields]
    return rules.with_masked_subject(Case.from_db(DEFAULT_DB_ALIAS, names, found[0]), actor)


@lru_cache(maxsize=2000)
def _case_query(actor: Actor) -> Prepared:
    """Prepared query of a visible case by number; every request of an action runs it twice."""
    return Prepared(
        lambda: rules.visible(Case.objects.all(), actor).filter(number=Param("number")).order_by()
    )


def get_case_detail(number: str, actor: Actor) -> CaseDetail:
    """The case with everything that its page shows; six queries, and one for a primary or parent.

    Raises NotFound, also when it is not visible.
    """
    found = _detail_query(rules.representative_of(actor)).objects(number=_as_number(number))
    if not found:
        raise _not_found()
    case: CaseDetail = found[0]
    rules.with_masked_subject(case, actor)
    # Separate queries: PostgreSQL would take longer to plan the joins than to run all of these.
    for name, rows in _DETAIL_ROWS.items():
        setattr(case, name, _rows_of_case(rows, case))
    Case._meta.get_field("publication").set_cached_value(
        case, next(iter(_rows_of_case(_PUBLICATION, case)), None)
    )
    if case.primary_id or case.parent_id:
        prefetch_related_objects([case], "primary", "parent")
    return case


@lru_cache(maxsize=500)
def _detail_query(actor: Actor) -> Prepared:
    return Prepared(
        lambda: (
            rules.visible(CaseDetail.objects.all(), actor)
            .select_related("category", "street", "community", "lead", "words")
            .filter(number=Param("number"))
            .order_by()
        )
    )


_CASE = Param("case")
_DETAIL_ROWS = {
    "active": Prepared(
        lambda: Assignment.objects.filter(case=_CASE, ended_at=None).select_related("unit").order_by("id")
    ),
    "made_visits": Prepared(lambda: Visit.objects.filter(case=_CASE)),
    "requests_made": Prepared(lambda: Request.objects.filter(case=_CASE)),
    "open_disputes": Prepared(lambda: Dispute.objects.filter(case=_CASE, settled_at=None)),
}
_PUBLICATION = Prepared(lambda: Publication.objects.filter(case=_CASE))


def _rows_of_case(rows: Prepared, case: Case) -> list[Any]:
    found = rows.objects(case=case.pk)
    for row in found:
        row.case = case
    return found


def is_known(number: str, actor: Actor) -> bool:
    """Whether a visible case has this number."""
    return visible_to(actor).filter(number=_as_number(number)).exists()


def _not_found() -> NotFound:
    return NotFound(_("没有这个案件，或者您的岗位不能查看。请核对单号。"))


def history_of(case: Case) -> list[CaseEvent]:
    """Events of the case in their order, with people and texts; two queries."""
    events: list[CaseEvent] = _rows_of_case(_EVENTS, case)
    texts: dict[int, list[EventText]] = {}
    for text in _TEXTS.objects(case=case.pk):
        texts.setdefault(text.event_id, []).append(text)
    for event in events:
        event.written = texts.get(event.pk, [])
    return events


_EVENTS = Prepared(
    lambda: CaseEvent.objects.filter(case=_CASE).select_related("person", "post", "unit").order_by("seq")
)
_TEXTS = Prepared(lambda: EventText.objects.filter(case=_CASE))


def find_sent_item(person_id: int | None, key: str) -> SentItem | None:
    """The stored item that this person sent under this key; None without one."""
    return SentItem.objects.filter(person=person_id, key=key.replace("\0", "")).select_related("case").first()


def result_of(case: Case) -> str:
    """The last result that the lead reported; empty before the first.

    For a merged case it is the primary's, with names of people removed, because it was written to another requester.
    """
    reports = EventText.objects.filter(
        case=case.primary_id or case.pk, event__action=Action.REPORT_RESULT, name="result"
    )
    found = reports.order_by("-event__seq").values_list("text", flat=True).first()
    return remove_persons(found or "") if case.primary_id else found or ""


def attempts_of(case: Case) -> list[VisitBack]:
    """Calls made in this round; for a merged case, in its primary's round."""
    number = case.primary.round if case.primary else case.round
    return list(VisitBack.objects.filter(case=case, round=number).order_by("at"))
