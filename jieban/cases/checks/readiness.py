"""Readiness of a result: what is missing before the lead may report it. Read only; used by the action and by pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from jieban.cases.access.guards import is_visited
from jieban.cases.flow.enums import Relation, VisitKind
from jieban.cases.models import Assignment, Attachment, Case, Dispute, Request, Visit

# The visits required before a report, in their order; the third comes after it.
BEFORE_REPORT = (VisitKind.NEEDS, VisitKind.OPINION)


@dataclass
class Readiness:
    """State of one case, as far as the rule `missing_of` needs it."""

    visits: set[str] = field(default_factory=set)
    photo: bool = False
    pending_request: bool = False
    disputed: bool = False
    unreported: list[str] = field(default_factory=list)  # names of co-handlers that have not reported


def readiness_of(cases: Iterable[Case], active: Sequence[Assignment] | None = None) -> dict[int, Readiness]:
    """Readiness of each case, by its id; five queries in all, four with the assignments given."""
    by_id = {case.pk: case for case in cases}
    found = {pk: Readiness() for pk in by_id}
    ids = list(by_id)
    for pk, kind in Visit.objects.filter(case__among=ids).values_list("case_id", "kind"):
        found[pk].visits.add(kind)
    photos = Attachment.objects.filter(case__among=ids, kind=Attachment.Kind.PHOTO)
    for pk, number in photos.values_list("case_id", "round"):
        found[pk].photo |= number == by_id[pk].round
    for pk in Request.objects.filter(case__among=ids, decided_at=None).values_list("case_id", flat=True):
        found[pk].pending_request = True
    for pk in Dispute.objects.filter(case__among=ids, settled_at=None).values_list("case_id", flat=True):
        found[pk].disputed = True
    for row in active if active is not None else _active(ids):
        if row.relation == Relation.CO_HANDLER and row.reported_at is None:
            found[row.case_id].unreported.append(row.unit.name)
    return found


def _active(ids: list[int]) -> Iterable[Assignment]:
    return Assignment.objects.filter(case__among=ids, ended_at=None).select_related("unit").order_by("id")


def missing_of(case: Case, readiness: Readiness) -> dict[str, str]:
    """What is missing before the lead may report, by key, with its label; empty when nothing."""
    missing: dict[str, str] = {}
    if is_visited(case):
        missing |= {kind.value: str(kind.label) for kind in BEFORE_REPORT if kind not in readiness.visits}
    if readiness.unreported:
        missing["co_handlers"] = _("%s的协办回复") % "、".join(readiness.unreported)
    if case.category is not None and case.category.needs_photo and not readiness.photo:
        missing["photo"] = _("现场照片")
    if readiness.pending_request:
        missing["request"] = _("延期或挂账申请的审批")
    if readiness.disputed:
        missing["dispute"] = _("退单的裁定")
    return missing


def still_missing(case: Case, assignments: Sequence[Assignment] | None = None) -> dict[str, str]:
    """`missing_of` for one case; reads the assignments in force if they are not given."""
    return missing_of(case, readiness_of([case], assignments)[case.pk])


def missing_for_report(case: Case) -> list[str]:
    """Labels of what is missing before the lead may report; empty when nothing."""
    return list(still_missing(case).values())
