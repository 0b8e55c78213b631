"""Saved views: a person's own filters of the case list."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, NotFound
from jieban.base.text.cleaning import clean_line
from jieban.cases.models import SavedView
from jieban.registry.models import Person

MOST_VIEWS = 20  # per person; they are shown as one row of links
LONGEST_NAME = 20
LONGEST_QUERY = 1000


def views_of(person_id: int | None) -> list[SavedView]:
    """The person's views, the oldest first; one query."""
    return list(SavedView.objects.filter(person=person_id).order_by("pk")) if person_id else []


@transaction.atomic
def save_view(person_id: int, name: str, query: str, *, first: bool, at: datetime) -> SavedView:
    """Saves a view; one with the same name is replaced. Raises Invalid without a name, or for too many."""
    name = clean_line(name)[:LONGEST_NAME]
    if not name:
        raise Invalid(_("请给视图起个名称。"), fields={"name": _("必填")})
    if len(query) > LONGEST_QUERY:
        raise Invalid(_("条件太长，无法保存，请减少条件。"))
    # A lock, so that concurrent requests cannot exceed the limit.
    Person.objects.select_for_update(no_key=True).get(pk=person_id)
    own = SavedView.objects.filter(person=person_id)
    if own.exclude(name=name).count() >= MOST_VIEWS:
        raise Invalid(_("最多保存 %d 个视图，请先删除不用的。") % MOST_VIEWS)
    if first:
        own.update(first=False)
    view, _made = SavedView.objects.update_or_create(
        person_id=person_id, name=name, defaults={"query": query, "first": first, "at": at}
    )
    return view


def delete_view(person_id: int, pk: int) -> None:
    """Deletes a view. Raises NotFound when the person has no such view."""
    if not SavedView.objects.filter(person=person_id, pk=pk).delete()[0]:
        raise NotFound(_("这个视图已经删除。"))
