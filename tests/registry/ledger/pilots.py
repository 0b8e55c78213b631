"""Second ledger entity: what an app needs to have its history sealed with the cases'. A pilot is an estate renewed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import models, transaction

from jieban.registry.documents.storing import build_document, stored_files
from jieban.registry.identity.posts import Actor
from jieban.registry.ledger.declaration import Ledger
from jieban.registry.ledger.recording import EventDraft, record
from jieban.registry.models import Document, LedgerEntity, LedgerEvent, LedgerText


class Pilot(LedgerEntity):
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default="candidate")
    budget = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "pilots"

    def __str__(self) -> str:
        return self.name


class PilotEvent(LedgerEvent):
    pilot = models.ForeignKey(Pilot, models.PROTECT, related_name="+")

    class Meta:
        app_label = "pilots"
        constraints = [models.UniqueConstraint(fields=["pilot", "seq"], name="pilot_event_once")]


class PilotText(LedgerText):
    event = models.ForeignKey(PilotEvent, models.PROTECT, related_name="+")
    pilot = models.ForeignKey(Pilot, models.PROTECT, related_name="+")

    class Meta:
        app_label = "pilots"


class Plan(Document):
    pilot = models.ForeignKey(Pilot, models.PROTECT, related_name="+")

    class Meta:
        app_label = "pilots"


PILOTS = Ledger(
    name="pilot", title="试点", entity=Pilot, event=PilotEvent, text=PilotText, rows=(Plan,)
)  # fmt: skip


def create(name: str, *, actor: Actor, at: datetime) -> Pilot:
    with transaction.atomic():
        pilot = Pilot.objects.create(name=name)
        with record(PILOTS, pilot, "create", actor=actor, at=at):
            return pilot


@contextmanager
def step(pilot_id: int, action: str, *, actor: Actor, at: datetime) -> Iterator[tuple[Pilot, EventDraft]]:
    with transaction.atomic():
        pilot = Pilot.objects.select_for_update().get(pk=pilot_id)
        with record(PILOTS, pilot, action, actor=actor, at=at) as event:
            yield pilot, event


def fund(pilot_id: int, budget: int, why: str, *, actor: Actor, at: datetime) -> None:
    with step(pilot_id, "fund", actor=actor, at=at) as (pilot, event):
        pilot.budget = budget
        event.texts["why"] = why


def choose(pilot_id: int, *, actor: Actor, at: datetime) -> None:
    with step(pilot_id, "choose", actor=actor, at=at) as (pilot, _event):
        pilot.state = "chosen"


def add_plan(pilot_id: int, content: bytes, *, actor: Actor, at: datetime) -> Plan:
    with (
        stored_files([("", content)]) as [file],
        step(pilot_id, "plan", actor=actor, at=at) as (pilot, event),
    ):
        plan = build_document(Plan, file, actor=actor, at=at, pilot=pilot)
        event.add(plan)
        return plan
