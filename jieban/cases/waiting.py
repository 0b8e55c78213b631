"""What waits for a post: the queues of its desk, the most pressing first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case as When
from django.db.models import F, IntegerField, Q, QuerySet, TextChoices, Value
from django.db.models import When as If
from django.db.models.functions import Concat
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from jieban.base.clock import local_date
from jieban.cases import rules
from jieban.cases.deadlines import overdue
from jieban.cases.flow import SHARES, Relation, State, Urgency
from jieban.cases.models import Assignment, Case, Dispute, Request, WhistleCall
from jieban.registry.models import Role
from jieban.registry.posts import Actor

MOST = 50  # cases in a queue; who has more waiting is shown the most pressing
COUNTED = 999

Condition = Callable[[Actor, datetime], Q]
LINE = ("category", "street", "community", "lead")
PRESSING = {Urgency.LIFE: 0, Urgency.URGENT: 1}


class Queue(TextChoices):
    DISPATCH = "dispatch", _("待派单")
    DISPUTES = "disputes", _("退单待裁")
    SIGN = "sign", _("待签收")
    HANDLE = "handle", _("办理中")
    SHARES = "shares", _("待回复")
    WHISTLES = "whistles", _("待报到")
    REQUESTS = "requests", _("待审批")
    OVERDUE = "overdue", _("已超时限")
    REVIEW = "review", _("待复核")
    CLOSE = "close", _("待结案")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which cases are in a queue, and in which order those of the same urgency stand."""

    condition: Condition
    order: str = "finish_due_at"


def _mine(relations: Iterable[Relation], **more: object) -> Condition:
    """Cases in which one of the post's units has an active part."""

    def condition(actor: Actor, at: datetime) -> Q:
        parts = Assignment.objects.filter(
            unit__in=actor.unit_ids, ended_at=None, relation__in=list(relations), **more
        )
        return Q(pk__in=parts.values("case"))

    return condition


def _called(actor: Actor) -> Q:
    calls = WhistleCall.objects.filter(unit__in=actor.unit_ids, arrived_at=None)
    return Q(pk__in=calls.values("case"))


def _stands(state: State) -> Q:
    """The state of a case that was found by a unit's part in it.

    Written so that no index of states is taken for it: PostgreSQL expects a handful of cases from two such indexes
    together, reads thousands, and leaves the unit's own few aside.
    """
    return Q(Exact(Concat(F("state"), Value("")), state.value))


_signing = _mine([Relation.LEAD, Relation.NEXT_LEAD], signed_at=None)
_leading = _mine([Relation.LEAD])
_sharing = _mine(SHARES, reported_at=None)

_RULES: dict[Queue, _Rule] = {
    Queue.DISPATCH: _Rule(lambda actor, at: Q(state=State.RECEIVED), "received_at"),
    Queue.DISPUTES: _Rule(lambda actor, at: Q(pk__in=Dispute.objects.filter(settled_at=None).values("case"))),
    Queue.SIGN: _Rule(lambda actor, at: _stands(State.DISPATCHED) & _signing(actor, at), "dispatched_at"),
    Queue.HANDLE: _Rule(lambda actor, at: _stands(State.HANDLING) & _leading(actor, at)),
    Queue.SHARES: _Rule(lambda actor, at: _stands(State.HANDLING) & _sharing(actor, at)),
    Queue.WHISTLES: _Rule(lambda actor, at: _stands(State.HANDLING) & _called(actor)),
    Queue.REQUESTS: _Rule(lambda actor, at: Q(pk__in=Request.objects.filter(decided_at=None).values("case"))),
    Queue.OVERDUE: _Rule(lambda actor, at: overdue(at)),
    Queue.REVIEW: _Rule(
        lambda actor, at: Q(state=State.ON_ACCOUNT, review_on__lte=local_date(at)), "review_on"
    ),
    Queue.CLOSE: _Rule(
        lambda actor, at: Q(state=State.REPORTED, visited_back_at__isnull=False), "visited_back_at"
    ),
}

_UNIT = (Queue.SIGN, Queue.HANDLE, Queue.SHARES, Queue.WHISTLES)
OF_ROLE: dict[Role, tuple[Queue, ...]] = {
    Role.DISPATCHER: (Queue.DISPATCH, Queue.DISPUTES, Queue.OVERDUE),
    Role.SUPERVISOR: (Queue.REQUESTS, Queue.DISPUTES, Queue.OVERDUE, Queue.REVIEW, Queue.CLOSE),
    Role.STREET: _UNIT,
    Role.DEPARTMENT: _UNIT,
    Role.COMMUNITY: _UNIT,
    Role.PROPERTY: (Queue.SHARES,),
}


def waiting(actor: Actor, queue: Queue, at: datetime) -> list[Case]:
    """The first MOST cases of the queue, danger to life first, then by their limit. One query.

    Raises KeyError when the post's desk has no such queue.
    """
    rule = _rule(actor, queue)
    cases = _visible(actor).filter(rule.condition(actor, at))
    rank = When(
        *[If(urgency=urgency, then=Value(place)) for urgency, place in PRESSING.items()],
        default=Value(len(PRESSING)),
        output_field=IntegerField(),
    )
    rows = list(cases.select_related(*LINE).order_by(rank, rule.order, "pk")[:MOST])
    return [rules.as_seen(case, actor) for case in rows]


def counts(actor: Actor, at: datetime) -> dict[Queue, int]:
    """How many wait in each queue of the desk, counted no further than COUNTED + 1; a query for each."""
    cases = _visible(actor)
    return {
        queue: cases.filter(_rule(actor, queue).condition(actor, at)).order_by()[: COUNTED + 1].count()
        for queue in OF_ROLE.get(actor.role, ())
    }


def _visible(actor: Actor) -> QuerySet[Case]:
    """What waits is open."""
    return rules.visible(Case.objects.all(), actor, still_open=True)


def _rule(actor: Actor, queue: Queue) -> _Rule:
    if queue not in OF_ROLE.get(actor.role, ()):
        raise KeyError(queue)
    return _RULES[queue]
