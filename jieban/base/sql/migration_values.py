"""Serializer of labelled enumerations in migrations: a value stands there as a plain text, as with TextChoices.

Otherwise a constraint's migration would import the enumeration, and break when it is moved or loses a member.
"""

from django.db.migrations.serializer import ChoicesSerializer, Serializer

from jieban.base.labelled import LabelledEnum

# First, because the serializers of any Enum and of any str fit as well; `register_serializer` only adds at the end.
Serializer._registry = {LabelledEnum: ChoicesSerializer, **Serializer._registry}  # type: ignore[attr-defined]
