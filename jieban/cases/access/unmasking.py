"""Rate alert for views of contact data: one per person and hour, open until somebody reviews it.

Only views on demand count, each with a reason of its own. An operator with the caller on the line views contact data
by the caller's number at every call; that is logged, but not counted.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotAllowed, NotFound, WrongState
from jieban.cases.clocks.deadlines import limits_on
from jieban.cases.models import AccessLog, Limit, UnmaskAlert
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Right

WINDOW = timedelta(hours=1)
MOST_COUNTED = 10_000
MOST_SHOWN = 99  # open alerts; above that a page shows "99+"
LONGEST_NOTE = 300
_UPSERT_ALERT_SQL = """
INSERT INTO cases_unmaskalert (person_id, hour, at, count, note) VALUES (%(person)s, %(hour)s, %(at)s, %(count)s, '')
ON CONFLICT (person_id, hour) DO UPDATE SET count = greatest(cases_unmaskalert.count, excluded.count)
"""


def check_look_count(person_id: int, at: datetime) -> None:
    """Creates an alert when the person's views within the last hour exceed the limit of the day.

    Called after the view was logged. Two views at once create one alert: a unique constraint joins them.
    """
    most = limits_on(local_date(at)).get(Limit.Name.UNMASK_HOUR)
    if most is None:
        return
    looks = AccessLog.objects.filter(
        person=person_id, how=AccessLog.How.REVEAL, at__gt=at - WINDOW, at__lte=at
    )
    count = looks.order_by()[:MOST_COUNTED].count()
    if count <= most:
        return
    hour = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT_ALERT_SQL, {"person": person_id, "hour": hour, "at": at, "count": count})


def alerts(*, open_only: bool = False) -> QuerySet[UnmaskAlert]:
    """Open alerts, or all."""
    rows = UnmaskAlert.objects.select_related("person", "looked_by")
    return rows.filter(looked_at=None) if open_only else rows


def open_count() -> int:
    """Number of open alerts, counted up to one more than MOST_SHOWN; one query by an index."""
    return UnmaskAlert.objects.filter(looked_at=None).order_by()[: MOST_SHOWN + 1].count()


def get_alert(pk: int) -> UnmaskAlert:
    """One alert. Raises NotFound."""
    found = alerts().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这条预警，请回到预警列表。"))
    return found


def review_alert(pk: int, *, actor: Actor, at: datetime, note: str) -> None:
    """Closes an alert with a note of what its review found. The second of two reviewers is refused.

    Raises NotAllowed for other posts and for the person concerned, Invalid without a note, WrongState when reviewed.
    """
    if Right.REVIEW_ALERTS not in actor.profile.rights or actor.person_id is None:
        raise NotAllowed(_("预警由督查员和审计员处理，您现在的岗位不能办理。"))
    found = get_alert(pk)
    if found.person_id == actor.person_id:
        raise NotAllowed(_("预警涉及您本人，请由别人核查。"))
    note = note.strip()
    if not note:
        raise Invalid(_("请填写核查情况。"), fields={"note": _("必填")})
    done = UnmaskAlert.objects.filter(pk=pk, looked_at=None).update(
        looked_at=at, looked_by=actor.person_id, note=note[:LONGEST_NOTE]
    )
    if not done:
        raise WrongState(_("这条预警刚刚已由别人核查，请回到预警列表查看。"))
