"""Inbox: the messages to a person and their units; unread first, each links to its case."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jieban.base.clock import now
from jieban.cases.lists import case_list
from jieban.channels import inbox, message_types
from jieban.channels.models import Message
from jieban.registry.roles import Right, roles_with
from jieban.web.page.access import ActorRequest, for_roles


@dataclass(frozen=True, slots=True)
class InboxRow:
    """Row of the inbox."""

    message: Message
    words: str
    tone: str
    subject: str  # empty when the case is out of this post's sight


@for_roles(roles_with(Right.INBOX))
@require_GET
def message_list(request: ActorRequest) -> HttpResponse:
    """View of the inbox: unread first, then the newest first."""
    actor = request.actor
    rows = inbox.messages(actor)
    numbers = {row.about for row in rows}
    visible = case_list.visible_to(actor).filter(number__in=numbers)
    subjects = dict(visible.order_by().values_list("number", "subject"))
    lines = [InboxRow(row, *_text_and_tone(row.template), subjects.get(row.about, "")) for row in rows]
    context = {
        "title": _("消息"),
        "now": now(),
        "lines": lines,
        "unread": sum(row.read_at is None for row in rows),
        "newest": max((row.pk for row in rows), default=0),
    }
    return render(request, "office/inbox.html", context)


def _text_and_tone(code: str) -> tuple[str, str]:
    """Sentence and badge colour of a message; its code may be from an earlier release and no longer declared."""
    kind = message_types.find(code)
    return (str(kind.sentence), kind.tone) if kind else (_("消息"), "grey")


@for_roles(roles_with(Right.INBOX))
@require_POST
def open_message(request: ActorRequest, pk: int) -> HttpResponse:
    """Action view: marks a message as read and redirects to its case."""
    message = inbox.mark_read(pk, request.actor, now())
    visible = case_list.visible_to(request.actor).filter(number=message.about).exists()
    return redirect("case", message.about) if visible else redirect("messages")


@for_roles(roles_with(Right.INBOX))
@require_POST
def mark_all_read(request: ActorRequest) -> HttpResponse:
    """Action view: marks all messages on the page as read."""
    newest = request.POST.get("newest", "")
    up_to = int(newest) if newest.isdecimal() and len(newest) < 19 else 0
    count = inbox.mark_all_read(request.actor, up_to, now())
    messages.success(request, _("已标为已读：%d 条。") % count)
    return redirect("messages")
