"""What waits for a post: the queues of its desk, the most pressing first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Case as When
from django.db.models import IntegerField, Q, QuerySet, TextChoices, Value
from django.db.models import When as If
from django.utils.translation import gettext_lazy as _

from jieban.base.sql.prepared import Prepared
from jieban.cases.access import rules
from jieban.cases.clocks.deadlines import overdue
from jieban.cases.flow.enums import SHARES, Relation
from jieban.cases.flow.states import State, Urgency
from jieban.cases.lists.moments import Moment, asked, at_any_moment, moment
from jieban.cases.models import Assignment, Case, Dispute, Request, WhistleCall
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Role

MOST = 50  # cases in a queue; who has more waiting is shown the most pressing
COUNTED = 999

Condition = Callable[[Actor, Moment], Q]
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
    """Which cases are in a queue, and in which order those of the same urgency stand.

    `asks`: what of the moment the condition asks for.
    """

    condition: Condition
    order: str = "finish_due_at"
    asks: tuple[str, ...] = ()


def _mine(relations: Iterable[Relation], **more: object) -> Condition:
    """Cases in which one of the post's units has an active part."""

    def condition(actor: Actor, _when: Moment) -> Q:
        parts = Assignment.objects.filter(
            unit__in=actor.unit_ids, ended_at=None, relation__in=list(relations), **more
        )
        return Q(pk__in=parts.values("case"))

    return condition


def _called(actor: Actor) -> Q:
    calls = WhistleCall.objects.filter(unit__in=actor.unit_ids, arrived_at=None)
    return Q(pk__in=calls.values("case"))


_signing = _mine([Relation.LEAD, Relation.NEXT_LEAD], signed_at=None)
_leading = _mine([Relation.LEAD])
_sharing = _mine(SHARES, reported_at=None)

_RULES: dict[Queue, _Rule] = {
    Queue.DISPATCH: _Rule(lambda actor, when: Q(state=State.RECEIVED), "received_at"),
    Queue.DISPUTES: _Rule(
        lambda actor, when: Q(pk__in=Dispute.objects.filter(settled_at=None).values("case"))
    ),
    Queue.SIGN: _Rule(
        lambda actor, when: rules.stands(State.DISPATCHED) & _signing(actor, when), "dispatched_at"
    ),
    Queue.HANDLE: _Rule(lambda actor, when: rules.stands(State.HANDLING) & _leading(actor, when)),
    Queue.SHARES: _Rule(lambda actor, when: rules.stands(State.HANDLING) & _sharing(actor, when)),
    Queue.WHISTLES: _Rule(lambda actor, when: rules.stands(State.HANDLING) & _called(actor)),
    Queue.REQUESTS: _Rule(
        lambda actor, when: Q(pk__in=Request.objects.filter(decided_at=None).values("case"))
    ),
    Queue.OVERDUE: _Rule(lambda actor, when: overdue(when.at), asks=("at",)),
    Queue.REVIEW: _Rule(
        lambda actor, when: Q(state=State.ON_ACCOUNT, review_on__lte=when.today), "review_on", ("today",)
    ),
    Queue.CLOSE: _Rule(
        lambda actor, when: Q(state=State.REPORTED, visited_back_at__isnull=False), "visited_back_at"
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
    rows = _first(rules.sight_of(actor), queue).objects(**asked(moment(at), _RULES[queue].asks))
    return [rules.as_seen(case, actor) for case in rows]


def counts(actor: Actor, at: datetime) -> dict[Queue, int]:
    """How many wait in each queue of the desk, counted no further than COUNTED + 1; a query for each."""
    sight, when = rules.sight_of(actor), moment(at)
    return {
        queue: _all(sight, queue).count(**asked(when, _RULES[queue].asks))
        for queue in OF_ROLE.get(actor.role, ())
    }


@lru_cache(maxsize=500)
def _first(actor: Actor, queue: Queue) -> Prepared:
    rank = When(
        *[If(urgency=urgency, then=Value(place)) for urgency, place in PRESSING.items()],
        default=Value(len(PRESSING)),
        output_field=IntegerField(),
    )
    rule = _rule(actor, queue)
    return at_any_moment(
        lambda when: _found(actor, rule, when).select_related(*LINE).order_by(rank, rule.order, "pk")[:MOST],
        rule.asks,
    )


@lru_cache(maxsize=500)
def _all(actor: Actor, queue: Queue) -> Prepared:
    rule = _rule(actor, queue)
    return at_any_moment(
        lambda when: _found(actor, rule, when).order_by().values_list("pk")[: COUNTED + 1], rule.asks
    )


def _found(actor: Actor, rule: _Rule, when: Moment) -> QuerySet[Case]:
    """What waits is open."""
    return rules.visible(Case.objects.all(), actor, still_open=True).filter(rule.condition(actor, when))


def _rule(actor: Actor, queue: Queue) -> _Rule:
    if queue not in OF_ROLE.get(actor.role, ()):
        raise KeyError(queue)
    return _RULES[queue]
