"""Log of exports: who exported which cases."""

from datetime import datetime

from jieban.cases.lists.saved_views import LONGEST_QUERY
from jieban.cases.models import Export
from jieban.registry.identity.posts import Actor


def log_export(actor: Actor, query: str, rows: int, at: datetime) -> None:
    """Logs that a table of cases left the platform."""
    assert actor.person_id is not None
    Export.objects.create(
        person_id=actor.person_id, post_id=actor.post_id, at=at, query=query[:LONGEST_QUERY], rows=rows
    )
