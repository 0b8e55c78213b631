"""Desk page: the queue on the left, the open case in the middle, the decision on the right."""

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
NEXT_QUEUE = {Queue.SIGN: Queue.HANDLE}  # where the last case goes on, for somebody who works alone
FailedAction = tuple[Action, ActForm]


@for_roles(QUEUES_BY_ROLE)
@require_GET
def desk(request: ActorRequest) -> HttpResponse:
    """View of the desk: the requested queue, and in it the requested or the first case."""
    actor = request.actor
    at, number, compare_with = now(), request.GET.get("case", ""), request.GET.get("beside", "")
    queue = queue_of(request.GET.get("queue", ""), actor)
    return render(request, "desks/desk.html", context(actor, at, queue, number, compare_with))


def _first_filled_queue(found: dict[Queue, int]) -> Queue:
    """The first queue that is not empty."""
    return next((queue for queue, count in found.items() if count), next(iter(found)))


def url_after_decision(actor: Actor, queue: Queue, number: str, before: list[str], at: datetime) -> str:
    """Redirect target after an action on the desk.

    The same case while it still waits here, else the next one here; with none left, the same case in its new queue.
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


def queue_of(name: str, actor: Actor) -> Queue | None:
    """The queue of this name; None when the post's desk does not have it."""
    return Queue(name) if name in QUEUES_BY_ROLE.get(actor.role, ()) else None


def context(
    actor: Actor,
    at: datetime,
    requested: Queue | None,
    number: str,
    compare_with: str = "",
    failed: FailedAction | None = None,
) -> dict[str, Any]:
    """Template context of the desk. Default queue: the first that is not empty; default case: the queue's first."""
    found_in = counts(actor, at)
    queue = requested or _first_filled_queue(found_in)
    cases = queue_cases(actor, queue, at)
    chosen = number or (cases[0].number if cases else "")
    page: dict[str, Any] = {
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
        return page | {"gone": chosen}
    if found is None:
        return page
    page |= case_page.page_context(found, actor, at, failed, queue.value) | {"title": queue.label}
    page["likes"] = [
        (like, address(queue, found.number, beside=like.case.number), like.case.state == State.RECEIVED)
        for like in similar_cases.similar_cases(found, actor)
    ]
    page["may_dispatch"] = any(act.name == Action.DISPATCH for act in page["acts"])
    page["ticks"] = page["may_dispatch"] and any(waits for _like, _url, waits in page["likes"])
    if compare_with and compare_with != found.number:
        page |= _comparison_context(found, case_detail.get_case_detail(compare_with, actor), actor, at, queue)
    return page


def _comparison_context(
    case: CaseDetail, other: CaseDetail, actor: Actor, at: datetime, queue: Queue
) -> dict[str, Any]:
    """Template context for comparing two cases side by side; the open one may be merged into the other."""
    merge = offers.is_possible(Action.MERGE, case, actor, at)
    query = urlencode({"desk": queue.value})
    return {
        "sides": [case_page.page_context(row, actor, at) for row in (case, other)],
        "other": other,
        "back_url": address(queue, case.number),
        "merge_url": f"{reverse('act', args=[case.number, Action.MERGE.value])}?{query}" if merge else "",
        "swap_url": address(queue, other.number, beside=case.number),
    }


def _tabs(found_in: dict[Queue, int], current: Queue) -> list[Tab]:
    tabs = []
    for queue, count in found_in.items():
        tone, shape = TONES.get(queue, ("blue", "ring")) if count else ("grey", "bar")
        words = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
        tabs.append(Tab(f"{queue.label} {words}", address(queue), tone, shape, queue == current))
    return tabs
