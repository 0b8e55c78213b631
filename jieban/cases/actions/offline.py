"""Idempotent submission of actions from phones, also from offline use; an action keeps the time of its record."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotAllowed
from jieban.cases.actions.course import dispatching, extensions, handling, supervise
from jieban.cases.actions.files.attach import act_with_files
from jieban.cases.clocks import deadlines
from jieban.cases.flow.action import Action
from jieban.cases.models import Assignment, Case, Limit, SentItem
from jieban.registry.identity.posts import Actor

# Actions that a phone can send; only those of OFFLINE_ACTIONS may be recorded before they are sent.
SENDABLE_ACTIONS: dict[Action, Callable[..., object]] = {
    Action.RECORD_VISIT: handling.record_visit,
    Action.ADD_NOTE: supervise.add_note,
    Action.SIGN: dispatching.sign,
    Action.CO_REPORT: handling.co_report,
    Action.REPORT_RESULT: handling.report_result,
    Action.REQUEST_EXTENSION: extensions.request_extension,
    Action.PUT_ON_ACCOUNT: extensions.put_on_account,
}
OFFLINE_ACTIONS = frozenset({Action.RECORD_VISIT, Action.ADD_NOTE})
CLOCK_TOLERANCE = timedelta(minutes=5)  # largest lead of a phone's clock over the server's
KEY_PATTERN = re.compile(r"[\w-]{8,64}", re.ASCII)


@transaction.atomic
def apply_sent_item(
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    key: str,
    do: Action,
    values: Mapping[str, Any],
    taken_at: datetime | None = None,
    photos: Sequence[bytes] = (),
    confirmed: bool = False,
) -> SentItem:
    """Applies an action with its photographs once per person and key; a repeat returns the stored item.

    The action gets the time of its record. A concurrent request with the same key waits for the first and gets its
    result; if the first is refused, nothing is stored and the next one counts as the first.
    Raises what the action raises, and Invalid with the code `future`, `too_early` or `late` (not `confirmed`).
    """
    taken = min(taken_at or at, at)
    item, first = _get_or_create_item(case_id, actor, at, key, do, taken)
    if not first:
        return item
    _check_time(case_id, actor, at, taken_at or at, confirmed)
    files = [("", content) for content in photos]
    act_with_files(SENDABLE_ACTIONS[do], do, case_id, actor=actor, at=taken, files=files, **values)
    return item


def _get_or_create_item(
    case_id: int, actor: Actor, at: datetime, key: str, do: Action, taken: datetime
) -> tuple[SentItem, bool]:
    if actor.person_id is None:
        raise NotAllowed(_("只有登录的工作人员才能发送。"))
    if not KEY_PATTERN.fullmatch(key) or do not in SENDABLE_ACTIONS:
        raise Invalid(_("这一项无法识别，请回到诉求重新填写。"), code="unknown_item")
    item, first = SentItem.objects.get_or_create(
        person_id=actor.person_id,
        key=key,
        defaults={"case_id": case_id, "action": do, "taken_at": taken, "sent_at": at},
    )
    if not first and (item.case_id, item.action) != (case_id, do):
        raise Invalid(_("这一项与先前发送的不同，请回到诉求重新填写。"), code="other_item")
    return item, first


def _check_time(case_id: int, actor: Actor, at: datetime, taken_at: datetime, confirmed: bool) -> None:
    if taken_at > at + CLOCK_TOLERANCE:
        raise Invalid(
            _("记录的时间还没有到，请把手机时间改为自动设置后重新办理。"),
            fields={"taken_at": _("晚于现在")},
            code="future",
        )
    mine = Assignment.objects.filter(case=case_id, unit__in=actor.unit_ids, ended_at=None)
    began = mine.order_by("assigned_at").values_list("assigned_at", flat=True).first()
    if began is not None and taken_at < began - CLOCK_TOLERANCE:
        raise Invalid(
            _("记录的时间早于本件派到贵单位的时间，请核对手机时间后重新办理。"),
            fields={"taken_at": _("早于派单时间")},
            code="too_early",
        )
    received_at = Case.objects.values_list("received_at", flat=True).get(pk=case_id)
    hours = deadlines.limit(Limit.Name.LATE_HOURS, local_date(received_at))
    if taken_at < at - timedelta(hours=hours) and not confirmed:
        raise Invalid(
            _("这条记录已超过 %d 小时才发送。时间无误的，请确认后发送；有误的，请重新办理。") % hours,
            fields={"taken_at": _("请确认时间")},
            code="late",
        )
