"""The registry of ledgers: each app declares its own once, and seals and verification walk all of them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from jieban.registry.ledger.canonical import (
    canonical_columns,
    canonical_json,
    canonical_value,
    column_names,
)
from jieban.registry.models import LedgerEntity, LedgerEvent, LedgerText

# Columns of an entity that the chain itself keeps.
CHAIN_COLUMNS = frozenset({"id", "event_count", "last_hash"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written: of which entity, and what."""

    entity: str
    what: str


@dataclass(frozen=True, eq=False)
class Ledger:
    """The history of one kind of entity: its tables, and what of them the events answer for.

    The name is part of each event's hash; event, text and row tables have a foreign key of that name to the entity.
    """

    name: str
    title: str | Promise  # what people call such an entity
    entity: type[LedgerEntity]
    event: type[LedgerEvent]
    text: type[LedgerText]
    # Rows that belong to an entity: events hold their digests.
    rows: tuple[type[models.Model], ...] = ()
    # Columns of the entity that follow from others.
    derived: Set[str] = frozenset()
    # Nullable columns that were added when a table had rows already.
    later: Mapping[type[models.Model], Set[str]] = field(default_factory=dict)
    erasure: str = "erase"  # the action by which texts may be gone
    checks: tuple[Callable[[], Iterable[Fault]], ...] = ()  # what only this ledger's app can verify

    @property
    def key(self) -> str:
        """The column in which event, text and row tables hold the entity's id."""
        return f"{self.name}_id"

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """The columns of the entity that its events answer for."""
        return tuple(
            name
            for name in column_names(self.entity)
            if name not in CHAIN_COLUMNS and name not in self.derived
        )

    @cached_property
    def tables(self) -> dict[str, type[models.Model]]:
        """The row tables by the name under which events speak of them."""
        return {row_table(model): model for model in self.rows}

    def columns(self, entity: LedgerEntity) -> dict[str, Any]:
        """The entity's columns that its events answer for."""
        return {name: canonical_value(getattr(entity, name)) for name in self.tracked}

    def row_digest(self, row: models.Model) -> str:
        """A digest of a row written by an event, so that a later change of it by other hands shows."""
        if type(row) not in self.rows:
            raise TypeError(f"{type(row).__name__} is no row of the ledger {self.name}")
        columns = canonical_columns(row, self.later.get(type(row), frozenset()))
        return hashlib.sha256(canonical_json(columns).encode()).hexdigest()[:32]

    def erased(self, entity_ids: Iterable[int]) -> set[int]:
        """Of these entities those whose erasure is on record."""
        events = self.event._default_manager.filter(
            **{f"{self.name}__in": list(entity_ids)}, action=self.erasure
        )
        return set(events.values_list(self.key, flat=True))


def row_table(model: type[models.Model]) -> str:
    return model._meta.model_name or ""


def ledgers() -> Iterator[Ledger]:
    """Those of all installed apps, in the order of the apps. An app names its own in `ledgers` of its AppConfig."""
    for app in apps.get_app_configs():
        for path in getattr(app, "ledgers", ()):
            yield import_string(path)
