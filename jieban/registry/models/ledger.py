"""Tables of ledgers: abstract ones for each package's entities, and the seals over all of them."""

import json
from typing import Any

from django.db import models

from jieban.registry.models.person import Person, Post
from jieban.registry.models.place import Unit
from jieban.registry.roles import Role


class LedgerEntity(models.Model):
    """A row whose whole life is in a ledger. It knows the head of its chain of events."""

    event_count = models.PositiveIntegerField(default=0)
    last_hash = models.BinaryField(max_length=32, default=b"")

    class Meta:
        abstract = True


class LedgerEvent(models.Model):
    """One thing that was done to an entity. Never updated, never deleted: a trigger refuses.

    A subclass adds the foreign key to its entity, under the ledger's name, and the constraint that entity and `seq`
    are unique. `body` is canonical JSON: what was decided ("facts"), the entity's changed columns ("set"), digests
    of the rows that were written ("rows") and salted commitments of the texts ("texts").
    """

    # From one sequence for all ledgers, so that a seal covers a range of ids.
    id = models.BigIntegerField(primary_key=True)
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=20)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()  # when it happened
    recorded_at = models.DateTimeField()  # when it was written down
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12, blank=True)
    body = models.TextField()
    hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=16)

    class Meta:
        abstract = True

    @property
    def facts(self) -> dict[str, Any]:
        return dict(json.loads(self.body)["facts"])


class LedgerText(models.Model):
    """A text written in an event: what somebody said, a result, a note. May be erased; the event stays.

    A subclass adds the foreign keys `event` and, under the ledger's name, that to its entity.
    """

    name = models.CharField(max_length=30)
    salt = models.BinaryField(max_length=16)
    text = models.TextField()
    erased_at = models.DateTimeField(null=True, blank=True)

    event_id: int

    class Meta:
        abstract = True


class Seal(models.Model):
    """A signed statement over the events of every ledger up to `last_id`: how many, their Merkle root."""

    class Level(models.TextChoices):
        INTERIM = "interim"
        DAY = "day"

    level = models.CharField(max_length=8, choices=Level.choices)
    day = models.DateField()
    first_id = models.BigIntegerField()  # the first id that may belong to it
    last_id = models.BigIntegerField()
    count = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "first_id"], name="seal_once")]
