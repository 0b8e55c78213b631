"""The desk: what waits on the left, the case in the middle, the decision on the right."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from jieban.base.clock import now
from jieban.base.errors import NotFound
from jieban.cases.access import offers
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import State
from jieban.cases.lists import case_detail
from jieban.cases.lists.queues import (
    MOST_COUNTED,
    QUEUE_SIZE,
    QUEUES_BY_ROLE,
    Queue,
    counts,
    queue_cases,
)
from jieban.cases.models import CaseDetail
from jieban.cases.suggestions import similar_cases
from jieban.registry.identity.posts import Actor
from jieban.web.case import case_page
from jieban.web.case.action_forms import ActForm
from jieban.web.desks.desk_rows import address, rows_of
from jieban.web.office import duty_views
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.page_models import Tab

TONES = {Queue.OVERDUE: ("red", "triangle"), Queue.DISPUTES: ("amber", "diamond")}
NEXT_QUEUE = {Queue.SIGN: Queue.HANDLE}  # where the last case of a queue goes that somebody works on alone
FailedAction = tuple[Action, ActForm]


@for_roles(QUEUES_BY_ROLE)
@require_GET
def desk(request: ActorRequest) -> HttpResponse:
    """The queue asked for, and the case asked for or the first."""
    actor = request.actor
    at, number, beside = now(), request.GET.get("case", ""), request.GET.get("beside", "")
    queue = queue_of(request.GET.get("queue", ""), actor)
    return render(request, "desks/desk.html", context(actor, at, queue, number, beside))


def _first_filled_queue(found: dict[Queue, int]) -> Queue:
    """The first queue in which something waits."""
    return next((queue for queue, count in found.items() if count), next(iter(found)))


def url_after_decision(actor: Actor, queue: Queue, number: str, before: list[str], at: datetime) -> str:
    """The address of the desk with what to go on with after an action.

    The same case while it waits here, else the next that does; when none does, the case in its new queue.
    """
    left = {case.number for case in queue_cases(actor, queue, at)}
    if number in left:
        return address(queue, number)
    place = before.index(number) if number in before else 0
    onward = next((other for other in [*before[place:], *reversed(before[:place])] if other in left), "")
    if onward:
        return address(queue, onward)
    then = NEXT_QUEUE.get(queue)
    there = then is not None and number in {case.number for case in queue_cases(actor, then, at)}
    return address(then, number) if then and there else address(queue)


def queue_of(asked: str, actor: Actor) -> Queue | None:
    """The queue of this name, where the post's desk has it."""
    return Queue(asked) if asked in QUEUES_BY_ROLE.get(actor.role, ()) else None


def context(
    actor: Actor,
    at: datetime,
    asked: Queue | None,
    number: str,
    beside: str = "",
    failed: FailedAction | None = None,
) -> dict[str, Any]:
    """What the desk shows; without a queue the first in which something waits, without a number its first case."""
    found_in = counts(actor, at)
    queue = asked or _first_filled_queue(found_in)
    cases = queue_cases(actor, queue, at)
    chosen = number or (cases[0].number if cases else "")
    shown: dict[str, Any] = {
        "now": at,
        "title": queue.label,
        "queue": queue,
        "tabs": _tabs(found_in, queue),
        "rows": rows_of(cases, queue, chosen, at),
        "full": len(cases) == QUEUE_SIZE,
        "opened": bool(number),
        "queue_url": address(queue),
        "duty": duty_views.desk_duty(actor, at),
    }
    try:
        found = case_detail.get_case_detail(chosen, actor) if chosen else None
    except NotFound:
        return shown | {"gone": chosen}
    if found is None:
        return shown
    shown |= case_page.page_context(found, actor, at, failed, queue.value) | {"title": queue.label}
    shown["likes"] = [
        (like, address(queue, found.number, beside=like.case.number), like.case.state == State.RECEIVED)
        for like in similar_cases.similar_cases(found, actor)
    ]
    shown["may_dispatch"] = any(act.name == Action.DISPATCH for act in shown["acts"])
    shown["ticks"] = shown["may_dispatch"] and any(waits for _like, _url, waits in shown["likes"])
    if beside and beside != found.number:
        shown |= _comparison_context(found, case_detail.get_case_detail(beside, actor), actor, at, queue)
    return shown


def _comparison_context(
    case: CaseDetail, other: CaseDetail, actor: Actor, at: datetime, queue: Queue
) -> dict[str, Any]:
    """Two cases side by side; the one looked at may be merged into the other."""
    merge = offers.is_possible(Action.MERGE, case, actor, at)
    query = urlencode({"desk": queue.value})
    return {
        "sides": [case_page.page_context(row, actor, at) for row in (case, other)],
        "other": other,
        "back_url": address(queue, case.number),
        "merge_url": f"{reverse('act', args=[case.number, Action.MERGE.value])}?{query}" if merge else "",
        "swap_url": address(queue, other.number, beside=case.number),
    }


def _tabs(found_in: dict[Queue, int], here: Queue) -> list[Tab]:
    found = []
    for queue, count in found_in.items():
        tone, shape = TONES.get(queue, ("blue", "ring")) if count else ("grey", "bar")
        words = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
        found.append(Tab(f"{queue.label} {words}", address(queue), tone, shape, queue == here))
    return found
