"""A resident in a browser: the three steps, and codes read from the gateway's file."""

import json
import re
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jieban.base.clock import now
from jieban.channels import sms
from jieban.channels.models import Message
from jieban.registry.models import Attempt
from tests.base.hostile_files import picture

PHONE = "10001234567"
PHOTO = picture()


def send_all() -> None:
    """Sends all messages, as the worker does."""
    for pk in Message.objects.filter(channel="sms", delivered_at=None).values_list("pk", flat=True):
        sms.send(pk, now())


def letters(path: Path) -> list[dict[str, str]]:
    send_all()
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def last_code(path: Path) -> str:
    codes = [
        found[1]
        for letter in letters(path)
        if (found := re.search(r"(?<![0-9])([0-9]{6})(?![0-9])", letter["text"]))
    ]
    return codes[-1]


def a_minute_passes() -> None:
    """Lets a minute pass, after which the next code may be requested."""
    Attempt.objects.filter(name="code.minute").delete()


def prove(client: Client, path: Path, number: str, phone: str = PHONE) -> Any:
    """Finds a case by number and telephone, up to the list."""
    a_minute_passes()
    client.post("/public/follow/", {"number": number, "phone": phone})
    return client.post("/public/follow/code/", {"code": last_code(path)})


def write(
    client: Client, *, photos: int = 0, text: str = "楼下烧烤店油烟大，半夜还有噪声。", **who: str
) -> Any:
    """Fills in the three steps; returns the response to the last."""
    files = [SimpleUploadedFile(f"{n}.jpg", PHOTO) for n in range(photos)]
    client.post("/public/new/", {"text": text, "kind": who.pop("kind", "appeal"), "photos": files})
    client.post("/public/new/where/", {"address": "老山东里12号楼底商", "place": who.pop("place", "")})
    return client.post("/public/new/who/", {"anonymous": "no", "phone": PHONE, "name": "王建国", **who})
