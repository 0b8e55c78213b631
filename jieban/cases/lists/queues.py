"""Queues of a post's desk: the cases that wait for it, the most urgent first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Case as When
from django.db.models import IntegerField, Q, QuerySet, TextChoices, Value
from django.db.models import When as If
from django.utils.translation import gettext_lazy as _

from jieban.base.sql.as_of import AT, TODAY, PreparedAsOf
from jieban.cases.access import rules
from jieban.cases.clocks.deadlines import overdue
from jieban.cases.flow.enums import SHARE_RELATIONS, Relation
from jieban.cases.flow.states import State, Urgency
from jieban.cases.models import Assignment, Case, Dispute, Request, WhistleCall
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import PROFILES, Role

QUEUE_SIZE = 50  # cases shown of a queue: the most urgent ones
MOST_COUNTED = 999

Condition = Callable[[Actor], Q]
LIST_RELATED = ("category", "street", "community", "lead")
URGENCY_RANK = {Urgency.LIFE: 0, Urgency.URGENT: 1}


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
class _QueueRule:
    """Condition of a queue, and the order of its cases within the same urgency."""

    condition: Condition
    order: str = "finish_due_at"


def _has_part(relations: Iterable[Relation], **more: object) -> Condition:
    """Condition: one of the actor's units has an assignment in force of these relations."""

    def condition(actor: Actor) -> Q:
        parts = Assignment.objects.filter(
            unit__in=actor.unit_ids, ended_at=None, relation__in=list(relations), **more
        )
        return Q(pk__in=parts.values("case"))

    return condition


def _whistled_condition(actor: Actor) -> Q:
    calls = WhistleCall.objects.filter(unit__in=actor.unit_ids, arrived_at=None)
    return Q(pk__in=calls.values("case"))


_unsigned_part = _has_part([Relation.LEAD, Relation.NEXT_LEAD], signed_at=None)
_lead_part = _has_part([Relation.LEAD])
_open_share = _has_part(SHARE_RELATIONS, reported_at=None)

_RULES: dict[Queue, _QueueRule] = {
    Queue.DISPATCH: _QueueRule(lambda actor: Q(state=State.RECEIVED), "received_at"),
    Queue.DISPUTES: _QueueRule(
        lambda actor: Q(pk__in=Dispute.objects.filter(settled_at=None).values("case"))
    ),
    Queue.SIGN: _QueueRule(
        lambda actor: rules.state_in(State.DISPATCHED) & _unsigned_part(actor), "dispatched_at"
    ),
    Queue.HANDLE: _QueueRule(lambda actor: rules.state_in(State.HANDLING) & _lead_part(actor)),
    Queue.SHARES: _QueueRule(lambda actor: rules.state_in(State.HANDLING) & _open_share(actor)),
    Queue.WHISTLES: _QueueRule(lambda actor: rules.state_in(State.HANDLING) & _whistled_condition(actor)),
    Queue.REQUESTS: _QueueRule(
        lambda actor: Q(pk__in=Request.objects.filter(decided_at=None).values("case"))
    ),
    Queue.OVERDUE: _QueueRule(lambda actor: overdue(AT)),
    Queue.REVIEW: _QueueRule(lambda actor: Q(state=State.ON_ACCOUNT, review_on__lte=TODAY), "review_on"),
    Queue.CLOSE: _QueueRule(
        lambda actor: Q(state=State.REPORTED, visited_back_at__isnull=False), "visited_back_at"
    ),
}

# The queues of each role that has a desk, in their order.
QUEUES_BY_ROLE: dict[Role, tuple[Queue, ...]] = {
    role: tuple(map(Queue, profile.queues)) for role, profile in PROFILES.items() if profile.queues
}


def queue_cases(actor: Actor, queue: Queue, at: datetime) -> list[Case]:
    """The first QUEUE_SIZE cases of the queue, danger to life first, then by limit. One query.

    Raises KeyError when the actor's desk has no such queue.
    """
    rows = _list_query(rules.representative_of(actor), queue).objects(at)
    return [rules.with_masked_subject(case, actor) for case in rows]


def counts(actor: Actor, at: datetime) -> dict[Queue, int]:
    """Length of each queue of the desk, counted up to MOST_COUNTED + 1; one query per queue."""
    sight = rules.representative_of(actor)
    return {queue: _count_query(sight, queue).count(at) for queue in QUEUES_BY_ROLE.get(actor.role, ())}


@lru_cache(maxsize=500)
def _list_query(actor: Actor, queue: Queue) -> PreparedAsOf:
    rank = When(
        *[If(urgency=urgency, then=Value(place)) for urgency, place in URGENCY_RANK.items()],
        default=Value(len(URGENCY_RANK)),
        output_field=IntegerField(),
    )
    rule = _rule(actor, queue)
    return PreparedAsOf(
        lambda: (
            _queue_rows(actor, rule)
            .select_related(*LIST_RELATED)
            .order_by(rank, rule.order, "pk")[:QUEUE_SIZE]
        )
    )


@lru_cache(maxsize=500)
def _count_query(actor: Actor, queue: Queue) -> PreparedAsOf:
    rule = _rule(actor, queue)
    return PreparedAsOf(lambda: _queue_rows(actor, rule).order_by().values_list("pk")[: MOST_COUNTED + 1])


def _queue_rows(actor: Actor, rule: _QueueRule) -> QuerySet[Case]:
    """Queryset of a queue; all its cases are open."""
    return rules.visible(Case.objects.all(), actor, still_open=True).filter(rule.condition(actor))


def _rule(actor: Actor, queue: Queue) -> _QueueRule:
    if queue not in QUEUES_BY_ROLE.get(actor.role, ()):
        raise KeyError(queue)
    return _RULES[queue]
