"""Canonical JSON of values and rows: exact, and the same on every machine, for digests."""

import json
from collections.abc import Set
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.db import models

_JSON_TYPES = {str, bool, int}


def canonical_value(value: Any) -> Any:
    """Converts a column's value to its canonical JSON form."""
    if value is None or type(value) in _JSON_TYPES:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return [canonical_value(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value


def canonical_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_columns(row: models.Model, later: Set[str] = frozenset()) -> dict[str, Any]:
    """Canonical values of a row's columns. A column added later is left out while it is empty.

    So the digests of earlier rows stay valid.
    """
    columns = {name: canonical_value(getattr(row, name)) for name in column_names(type(row))}
    return {name: value for name, value in columns.items() if value is not None or name not in later}


@lru_cache(maxsize=100)
def column_names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
