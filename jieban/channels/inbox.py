"""Inbox: messages to a person, or to a unit for which the person acts; unread ones first."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from jieban.base.errors import NotFound
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.channels.models import Message
from jieban.registry.identity.posts import Actor

MOST_LISTED = 50
MOST_COUNTED = 99


def addressed_to(actor: Actor) -> Q:
    """Query condition: messages to this actor's person or units."""
    return (
        Q(person=actor.person_id) | Q(unit__in=actor.unit_ids)
        if actor.unit_ids
        else Q(person=actor.person_id)
    )


def unread_count(person_id: int | None, unit_ids: frozenset[int]) -> int:
    """Number of unread messages, counted up to 100; one query over two small indexes."""
    if not unit_ids:
        return _UNREAD_OF_PERSON.count(person=person_id or 0)
    return _UNREAD_OF_PERSON_AND_UNITS.count(person=person_id or 0, units=sorted(unit_ids))


def _unread(rows: QuerySet[Message]) -> QuerySet[Message, Any]:
    return rows.filter(read_at=None).order_by().values_list("pk")


def _unread_of_person() -> QuerySet[Message, Any]:
    return _unread(Message.objects.filter(person=Param("person")))


def _unread_of_person_and_units() -> QuerySet[Message, Any]:
    """UNION instead of OR, so that each part uses its own index."""
    ours = _unread(Message.objects.filter(unit__among=Param("units")))
    return _unread_of_person().union(ours, all=True)[: MOST_COUNTED + 1]


_UNREAD_OF_PERSON = Prepared(lambda: _unread_of_person()[: MOST_COUNTED + 1])
_UNREAD_OF_PERSON_AND_UNITS = Prepared(_unread_of_person_and_units)


def messages(actor: Actor) -> list[Message]:
    """Messages of the inbox: unread ones, then those read last; the newest first."""
    rows = Message.objects.filter(addressed_to(actor)).select_related("unit")
    fresh = list(rows.filter(read_at=None).order_by("-id")[:MOST_LISTED])
    if len(fresh) == MOST_LISTED:
        return fresh
    return fresh + list(rows.exclude(read_at=None).order_by("-id")[: MOST_LISTED - len(fresh)])


def mark_read(pk: int, actor: Actor, at: datetime) -> Message:
    """Marks a message as read; the first time stays. Raises NotFound for messages of others."""
    rows = Message.objects.filter(addressed_to(actor), pk=pk)
    rows.update(read_at=Coalesce(F("read_at"), at))
    found = rows.first()
    if found is None:
        raise NotFound(_("没有这条消息，或者它不是发给您的。"))
    return found


def mark_all_read(actor: Actor, up_to: int, at: datetime) -> int:
    """Marks all as read up to the newest on the page; later ones stay unread."""
    return Message.objects.filter(addressed_to(actor), pk__lte=up_to, read_at=None).update(read_at=at)


def mark_read_before(at: datetime) -> None:
    """Marks old messages as read in bulk, for the demonstration's past."""
    Message.objects.filter(read_at=None, queued_at__lt=at).update(read_at=F("queued_at"))
