"""Drafts of the intake form, stored encrypted, so that a closed page loses nothing."""

import json
from datetime import datetime, timedelta

from jieban.base import vault
from jieban.cases.models import Draft

MAX_AGE = timedelta(hours=24)
MOST_BYTES = 100_000
LONGEST_KEY = 64


def save_draft(person_id: int, key: str, fields: dict[str, str], at: datetime) -> None:
    """Saves the draft of the page with this key; deletes drafts older than a day."""
    content = json.dumps(fields, ensure_ascii=False)
    if len(content) > MOST_BYTES:
        return
    Draft.objects.filter(person=person_id, at__lt=at - MAX_AGE).delete()
    Draft.objects.update_or_create(
        person_id=person_id, key=_clean_key(key), defaults={"sealed": vault.seal(content, "draft"), "at": at}
    )


def newest_draft(person_id: int, at: datetime) -> tuple[dict[str, str], datetime] | None:
    """The person's newest draft within a day, and when it was saved; or None."""
    row = Draft.objects.filter(person=person_id, at__gte=at - MAX_AGE).order_by("-at").first()
    if row is None:
        return None
    fields: dict[str, str] = json.loads(vault.unseal(row.sealed, "draft"))
    return fields, row.at


def delete_draft(person_id: int, key: str) -> None:
    """Deletes a draft that was sent or discarded."""
    Draft.objects.filter(person=person_id, key=_clean_key(key)).delete()


def _clean_key(key: str) -> str:
    """Sanitizes the key that a page sends."""
    return key.replace("\0", "")[:LONGEST_KEY]
