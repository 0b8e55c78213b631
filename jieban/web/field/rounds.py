"""Page model of the task list: each task with its place, its time limit and the next step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.clock import local, local_date
from jieban.cases.access.guards import is_visited
from jieban.cases.checks.readiness import missing_of
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation, VisitKind
from jieban.cases.flow.transitions import transition_for
from jieban.cases.lists.field_tasks import Task, TaskClock
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category
from jieban.web.page.time_words import TonedText, clock_words

CLOCK_LABELS: dict[TaskClock, str | Promise] = {
    TaskClock.SIGN: gettext_lazy("签收"),
    TaskClock.CONTACT: gettext_lazy("联系"),
    TaskClock.FINISH: gettext_lazy("办结"),
    TaskClock.SHARE: gettext_lazy("回复"),
}
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """Row of the list."""

    task: Task
    place: str
    clock: TonedText
    label: str
    next: str
    walk: str

    @property
    def case(self) -> Case:
        return self.task.case

    @property
    def url(self) -> str:
        return reverse("field-case", args=[self.case.number])


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Rows under a heading."""

    label: str
    tone: str
    rows: list[TaskRow]


def place_words(case: Case) -> str:
    """Name of the place; the address itself is contact data and not shown in a list."""
    place = case.place or case.community or case.street
    return place.name if place else str(_("地点待核实"))


def next_words(task: Task) -> str:
    """The next step, in a word or two."""
    if task.clock == TaskClock.SIGN:
        return str(_("签收"))
    missing = missing_of(task.case, task.readiness)
    meetings = [word for name, word in missing.items() if name in VisitKind.values]
    if task.relation == Relation.LEAD:
        return meetings[0] if meetings else next(iter(missing.values()), str(_("报结")))
    if task.relation == Relation.CHILD and meetings:
        return meetings[0]
    return str(_("回复主办单位"))


def task_row(task: Task, at: datetime) -> TaskRow:
    walk = _("步行约 %d 分钟") % task.minutes if task.minutes is not None else ""
    clock = clock_words(task.due, at, start=task.assigned_at)
    return TaskRow(task, place_words(task.case), clock, str(CLOCK_LABELS[task.clock]), next_words(task), walk)


def groups_by_time(found: Iterable[Task], at: datetime) -> list[TaskGroup]:
    """Tasks grouped as overdue, today, later; empty groups are left out."""
    late, today, later = [
        TaskGroup(_("已超时"), "red", []),
        TaskGroup(_("今天"), "amber", []),
        TaskGroup(_("之后"), "grey", []),
    ]
    for task in found:
        group = later
        if task.due is not None and task.due < at:
            group = late
        elif task.due is not None and local_date(task.due - MICROSECOND) <= local_date(at):
            group = today
        group.rows.append(task_row(task, at))
    return [group for group in (late, today, later) if group.rows]


def groups_by_distance(found: Sequence[Task], at: datetime) -> list[TaskGroup]:
    """Tasks by distance, the nearest first; then those without a point on the map."""
    near = TaskGroup(_("由近到远"), "grey", [task_row(task, at) for task in found if task.metres is not None])
    rest = TaskGroup(_("没有定位点"), "grey", [task_row(task, at) for task in found if task.metres is None])
    return [group for group in (near, rest) if group.rows]


def offline_rows(groups: Iterable[TaskGroup], actor: Actor) -> list[dict[str, Any]]:
    """The rows that a phone may store for a day offline: what the list shows, nothing more."""
    return [_offline_row(row, actor) for group in groups for row in group.rows]


def _offline_row(row: TaskRow, actor: Actor) -> dict[str, Any]:
    case, due = row.case, row.task.due
    return {
        "number": case.number,
        "subject": case.subject,
        "place": row.place,
        "clock": row.label,
        "due": due.isoformat() if due else "",
        "until": _absolute_time(due) if due else "",
        "next": row.next,
        "visits": _open_visits(row.task, actor),
        "several": case.grade == Category.Grade.SIMPLE,
        "version": case.event_count,
    }


def _absolute_time(due: datetime) -> str:
    """Absolute time, 11月28日 24:00; 今天 would become wrong on an offline phone."""
    last = local(due - MICROSECOND)
    midnight = local_date(due - MICROSECOND) != local_date(due)
    clock = "24:00" if midnight else f"{local(due):%H:%M}"
    return str(_("%(month)d月%(day)d日 %(clock)s")) % {"month": last.month, "day": last.day, "clock": clock}


def _open_visits(task: Task, actor: Actor) -> list[str]:
    """The meetings that the unit may still record."""
    case = task.case
    may = transition_for(Action.RECORD_VISIT, actor.role, case.kind, case.state)  # type: ignore[arg-type]
    if may is None or not is_visited(case) or task.relation == Relation.NEXT_LEAD:
        return []
    return [kind.value for kind in VisitKind if kind not in task.readiness.visits]
