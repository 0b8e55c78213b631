"""Serializer of labelled enumerations in migrations: a value is written as a plain string, as for TextChoices.

Otherwise the migration of a constraint would import the enumeration, and break when that is moved or loses a member.
"""

from django.db.migrations.serializer import ChoicesSerializer, Serializer

from jieban.base.labelled import LabelledEnum

# At the front: the serializers of Enum and str match as well, and `register_serializer` adds at the end.
Serializer._registry = {LabelledEnum: ChoicesSerializer, **Serializer._registry}  # type: ignore[attr-defined]
