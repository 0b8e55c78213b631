"""Registry of ledgers: each app declares its own once; seals and verification walk all of them."""

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

# Columns of an entity that belong to the chain itself.
CHAIN_COLUMNS = frozenset({"id", "event_count", "last_hash"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Fault found by verification: the entity, and what is wrong."""

    entity: str
    what: str


@dataclass(frozen=True, eq=False)
class Ledger:
    """Declaration of the history of one kind of entity: its tables, and the columns that events cover.

    The name is part of each event's hash; event, text and row tables have a foreign key of that name to the entity.
    """

    name: str
    title: str | Promise  # name of such an entity in messages
    entity: type[LedgerEntity]
    event: type[LedgerEvent]
    text: type[LedgerText]
    # Tables of rows that belong to an entity; events have their digests.
    rows: tuple[type[models.Model], ...] = ()
    # Columns of the entity that are derived from others.
    derived: Set[str] = frozenset()
    # Nullable columns that were added when a table had rows already.
    later: Mapping[type[models.Model], Set[str]] = field(default_factory=dict)
    erasure: str = "erase"  # action after which texts may be missing
    checks: tuple[Callable[[], Iterable[Fault]], ...] = ()  # further checks of the ledger's app

    @property
    def key(self) -> str:
        """Name of the column with the entity's id, in event, text and row tables."""
        return f"{self.name}_id"

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """Columns of the entity that its events cover."""
        return tuple(
            name
            for name in column_names(self.entity)
            if name not in CHAIN_COLUMNS and name not in self.derived
        )

    @cached_property
    def tables(self) -> dict[str, type[models.Model]]:
        """Row tables by the name used in events."""
        return {row_table(model): model for model in self.rows}

    def columns(self, entity: LedgerEntity) -> dict[str, Any]:
        """Values of the entity's columns that its events cover."""
        return {name: canonical_value(getattr(entity, name)) for name in self.tracked}

    def row_digest(self, row: models.Model) -> str:
        """Digest of a row written with an event, to detect later changes."""
        if type(row) not in self.rows:
            raise TypeError(f"{type(row).__name__} is no row of the ledger {self.name}")
        columns = canonical_columns(row, self.later.get(type(row), frozenset()))
        return hashlib.sha256(canonical_json(columns).encode()).hexdigest()[:32]

    def erased(self, entity_ids: Iterable[int]) -> set[int]:
        """Those of these entities that have an erasure on record."""
        events = self.event._default_manager.filter(
            **{f"{self.name}__in": list(entity_ids)}, action=self.erasure
        )
        return set(events.values_list(self.key, flat=True))


def row_table(model: type[models.Model]) -> str:
    return model._meta.model_name or ""


def ledgers() -> Iterator[Ledger]:
    """Ledgers of all installed apps, in the order of the apps; an AppConfig names its own in `ledgers`."""
    for app in apps.get_app_configs():
        for path in getattr(app, "ledgers", ()):
            yield import_string(path)
