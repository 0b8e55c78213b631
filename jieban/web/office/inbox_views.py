"""The messages of a person and their units: unread first, each leads to its case."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from jieban.base.clock import now
from jieban.cases.lists import case_list
from jieban.channels import inbox
from jieban.channels.models import Message
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Right, roles_with
from jieban.web.page.access import for_roles

MESSAGE_TEXTS: dict[str, tuple[str | Promise, str]] = {
    "danger": (gettext_lazy("有生命或安全危险，请立即处置"), "red"),
    "dispatched": (gettext_lazy("派来一件，请签收"), "blue"),
    "handed_down": (gettext_lazy("下派一件，请办理"), "blue"),
    "whistled": (gettext_lazy("街道吹哨，请报到"), "amber"),
    "co_reported": (gettext_lazy("协办单位已回复"), "grey"),
    "refused": (gettext_lazy("申请没有同意"), "amber"),
    "sent_back": (gettext_lazy("退回重办"), "amber"),
    "reopened": (gettext_lazy("重新办理"), "amber"),
    "remind": (gettext_lazy("催办"), "amber"),
    "supervise": (gettext_lazy("督办"), "amber"),
    "escalate": (gettext_lazy("提级"), "amber"),
    "take_over": (gettext_lazy("提办"), "amber"),
    "received": (gettext_lazy("已受理"), "grey"),
    "declined": (gettext_lazy("不予受理"), "grey"),
    "on_account": (gettext_lazy("暂时解决不了，已挂账"), "grey"),
    "extended": (gettext_lazy("办理时间延长"), "grey"),
    "result_reported": (gettext_lazy("单位已报结，等待回访"), "grey"),
    "closed": (gettext_lazy("已结案"), "grey"),
    "warn.contact.overdue": (gettext_lazy("超过联系时限"), "red"),
    "warn.finish.overdue": (gettext_lazy("超过办结时限"), "red"),
    "warn.visit_back.overdue": (gettext_lazy("超过回访时限"), "red"),
    "warn.review.overdue": (gettext_lazy("超过复核日期"), "red"),
}
NO_DUTY = "no_duty."


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A message as it is read."""

    message: Message
    words: str
    tone: str
    subject: str  # empty where the case is out of this post's sight


@for_roles(roles_with(Right.INBOX))
@require_GET
def message_list(request: HttpRequest) -> HttpResponse:
    """Unread first, the newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = inbox.messages(actor)
    numbers = {row.about for row in rows}
    seen = case_list.visible_to(actor).filter(number__in=numbers)
    subjects = dict(seen.order_by().values_list("number", "subject"))
    lines = [InboxRow(row, *_text_and_tone(row.template), subjects.get(row.about, "")) for row in rows]
    context = {
        "title": _("消息"),
        "now": now(),
        "lines": lines,
        "unread": sum(row.read_at is None for row in rows),
        "newest": max((row.pk for row in rows), default=0),
    }
    return render(request, "web/messages.html", context)


def _text_and_tone(template: str) -> tuple[str, str]:
    if template.startswith(NO_DUTY):
        what, _tone = _text_and_tone(template.removeprefix(NO_DUTY))
        return _("%s；该单位此时无人值班，请您处置") % what, "red"
    words, tone = MESSAGE_TEXTS.get(template, (_("时限提醒"), "amber"))
    return str(words), tone


@for_roles(roles_with(Right.INBOX))
@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Marked as read, and on to its case."""
    found = inbox.mark_read(pk, request.actor, now())  # type: ignore[attr-defined]
    visible = case_list.visible_to(request.actor).filter(number=found.about).exists()  # type: ignore[attr-defined]
    return redirect("case", found.about) if visible else redirect("messages")


@for_roles(roles_with(Right.INBOX))
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """All that are on the page are read."""
    newest = request.POST.get("newest", "")
    up_to = int(newest) if newest.isdecimal() and len(newest) < 19 else 0
    count = inbox.mark_all_read(request.actor, up_to, now())  # type: ignore[attr-defined]
    messages.success(request, _("已标为已读：%d 条。") % count)
    return redirect("messages")
