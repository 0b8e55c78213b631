"""List of cases to be visited back, the earliest limit first."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from jieban.cases.access import rules
from jieban.cases.flow.states import State
from jieban.cases.lists.case_list import PAGE_SIZE, CasePage, _decode_key, _encode_key, visible_to
from jieban.cases.models import Case, VisitBack
from jieban.registry.identity.posts import Actor


def calling_list_page(actor: Actor, *, after: str = "", size: int = PAGE_SIZE) -> CasePage:
    """Page of the calling list, the earliest limit first, with `attempts`: the number of unanswered calls.

    Cases merged into a reported one come first, because their requesters are called as well. Two queries.
    """
    due = _to_call(actor).filter(
        rules.state_in(State.REPORTED, State.HANDLING), visit_back_due_at__isnull=False
    )
    if after:
        at, pk = _decode_key(after)
        due = due.filter(
            Q(visit_back_due_at__gt=at) | Q(visit_back_due_at=at, pk__gt=pk), visit_back_due_at__gte=at
        )
    rows = list(due.order_by("visit_back_due_at", "pk")[: size + 1])
    more = _encode_key(rows[size - 1], rows[size - 1].visit_back_due_at) if len(rows) > size else ""
    merged = _to_call(actor).filter(
        state=State.MERGED, visited_back_at=None, primary__state__in=[State.REPORTED, State.CLOSED]
    )
    first = (
        [] if after else list(merged.select_related("primary__lead").order_by("-received_at", "-pk")[:size])
    )
    return CasePage([*first, *rows[:size]], more)


def _to_call(actor: Actor) -> QuerySet[Case]:
    of_round = Coalesce(OuterRef("primary__round"), OuterRef("round"))
    calls = VisitBack.objects.filter(case=OuterRef("pk"), round=of_round, reached=False)
    number = calls.order_by().values("case").annotate(number=Count("id")).values("number")
    return visible_to(actor).annotate(attempts=Coalesce(Subquery(number), 0))
