"""Readers of the administrator's forms: the version they were opened with, and the errors beside their fields."""

from typing import Any

from django.test import Client


def seen(client: Client, address: str) -> str:
    return str(client.get(address).context["form"]["seen"].value() or "")


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)
