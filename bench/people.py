"""Accounts of the demonstration's registry that act in the measurements, and the cases they create."""

import uuid
from dataclasses import replace
from functools import lru_cache

from bench.place import Place, database
from bench.server import TEXT
from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.actions import Concern
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor, actor_of, posts_of
from jieban.registry.models import Category, Person


@lru_cache(maxsize=50)
def actor(username: str) -> Actor:
    person = Person.objects.get(username=username)
    post = posts_of(person, now())[0]
    return actor_of(person, type(post).objects.select_related("unit__parent").get(pk=post.pk))


@lru_cache(maxsize=1)
def _concern() -> Concern:
    category = Category.objects.filter(level=3).order_by("code").first()
    return Concern(
        kind="appeal", channel="phone", text=TEXT, subject="楼道灯不亮", name="王建国", phone="10001234567",
        address="老山东里北12号楼", category_id=category.pk if category else None, source="bench",
    )  # fmt: skip


def bring_in() -> Case:
    """A new case by the operator: case, text with encryption, limits, event, message and job."""
    concern = replace(_concern(), source_ref=uuid.uuid4().hex)
    return actions.receive(concern, actor=actor("operator"), at=now()).case


def dispatched() -> int:
    """A new case that waits for the signature of the `department` account's unit."""
    lead = actor("department").unit_id
    if lead is None:
        raise RuntimeError("the account has no unit")
    case = bring_in()
    return actions.dispatch(case.pk, actor=actor("dispatcher"), at=now(), lead_id=lead).pk


def lived(place: Place, name: str) -> str:
    """A case of this database with a history: dispatched, signed and visited."""
    with database(place, name):
        pk, lead = dispatched(), actor("department")
        actions.sign(pk, actor=lead, at=now())
        actions.record_visit(pk, actor=lead, at=now(), kinds=["needs"], way="phone", said="尽快修好")
        return str(Case.objects.get(pk=pk).number)
