"""A concern of somebody without an account: kept sealed while it is written, step by step, and sent once."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.errors import Invalid, NotFound, Refused
from jieban.base.media.accepting import accept
from jieban.cases import actions
from jieban.cases.actions import Concern
from jieban.cases.flow.states import CaseKind, Channel
from jieban.cases.models import PublicSubmission, SubmissionPhoto
from jieban.registry.identity.posts import ENTERPRISE, RESIDENT, Actor

MAX_AGE = timedelta(hours=24)
MOST_PHOTOS = 9
SOURCE = "public"
PHOTO_PURPOSE = "submission.photo"  # what the photographs are sealed for


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """The number of the case, and what was said of photographs that could not be taken."""

    number: str
    refused: tuple[str, ...] = ()


def draft_fields(key: str, at: datetime) -> dict[str, str]:
    """What has been written so far; empty when nothing has, or it is older than a day."""
    row = _find_draft(key, at)
    return _unseal_fields(row) if row else {}


def case_number(key: str, at: datetime) -> str:
    """The number of the case that was made of it; empty while it has not been sent."""
    row = _find_draft(key, at)
    return row.number if row else ""


def save_draft(key: str, new: dict[str, str], at: datetime) -> None:
    """Adds what a step has asked; drops what others left unsent a day ago."""
    PublicSubmission.objects.filter(at__lt=at - MAX_AGE).delete()
    known = draft_fields(key, at)
    PublicSubmission.objects.update_or_create(
        key=key, defaults={"sealed": _seal_fields(known | new), "at": at}
    )


def add_photo(key: str, content: bytes, at: datetime) -> None:
    """Keeps a photograph. Raises Missing when it is none, too large, or one too many."""
    row = _find_draft(key, at)
    if row is None:
        raise NotFound(_("填写已超过一天，请重新填写。"))
    if row.photos.count() >= MOST_PHOTOS:
        raise Invalid(_("最多 9 张照片。"), fields={"photos": _("最多 9 张照片")})
    kept = accept(content).content
    sealed = vault.seal(kept.decode("latin-1"), PHOTO_PURPOSE)
    SubmissionPhoto.objects.create(submission=row, size=len(kept), sealed=sealed)


def photos(key: str, at: datetime) -> list[SubmissionPhoto]:
    row = _find_draft(key, at)
    return list(row.photos.only("pk", "size").order_by("pk")) if row else []


def drop_photo(key: str, pk: int) -> None:
    SubmissionPhoto.objects.filter(submission__key=key, submission__number="", pk=pk).delete()


@transaction.atomic
def submit(key: str, *, known: Actor | None, at: datetime) -> SubmissionResult:
    """Makes the case, once however often it is pressed, with its photographs; `known` is who is there.

    Raises Missing, NotFound.
    """
    row = PublicSubmission.objects.select_for_update().filter(key=key, at__gte=at - MAX_AGE).first()
    if row is None:
        raise NotFound(_("填写已超过一天，请重新填写。"))
    if row.number:
        return SubmissionResult(row.number)
    concern = concern_of(_unseal_fields(row), key)
    actor = _sender(concern, known)
    case = actions.receive(concern, actor=actor, at=at).case
    owner = replace(actor, case_id=case.pk)
    refused: list[str] = []
    for photo in row.photos.order_by("pk"):
        try:
            content = vault.unseal(photo.sealed, PHOTO_PURPOSE).encode("latin-1")
            actions.attach(case.pk, actor=owner, at=at, content=content)
        except Refused as why:
            refused.append(why.message)
    row.photos.all().delete()
    PublicSubmission.objects.filter(pk=row.pk).update(number=case.number, sealed=_seal_fields({}))
    return SubmissionResult(case.number, tuple(refused))


def _sender(concern: Concern, known: Actor | None) -> Actor:
    """By the account, where it is one for this kind; whoever stays nameless has none."""
    nobody = ENTERPRISE if concern.kind == CaseKind.ENTERPRISE else RESIDENT
    return known if known and known.role == nobody.role and not concern.anonymous else nobody


def concern_of(said: dict[str, str], key: str) -> Concern:
    """What was written, as a concern."""
    nameless = said.get("anonymous") == "yes"
    return Concern(
        kind=said.get("kind", CaseKind.APPEAL),
        channel=Channel.WEB,
        text=said.get("text", ""),
        name="" if nameless else said.get("name", ""),
        phone="" if nameless else said.get("phone", ""),
        anonymous=nameless,
        hidden=said.get("hidden") == "yes",
        address=said.get("address", ""),
        place_id=int(said["place"]) if said.get("place") else None,
        lat=float(said["lat"]) if said.get("lat") else None,
        long=float(said["long"]) if said.get("long") else None,
        source=SOURCE,
        source_ref=key,
    )


def _find_draft(key: str, at: datetime) -> PublicSubmission | None:
    return PublicSubmission.objects.filter(key=key, at__gte=at - MAX_AGE).first() if key else None


def _unseal_fields(row: PublicSubmission) -> dict[str, str]:
    said: dict[str, str] = json.loads(vault.unseal(row.sealed, "submission"))
    return said


def _seal_fields(said: dict[str, Any]) -> bytes:
    return vault.seal(json.dumps(said, ensure_ascii=False), "submission")
