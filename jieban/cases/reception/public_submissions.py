"""Public submissions by people without an account: an encrypted draft in steps, submitted exactly once."""

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
from jieban.channels.message_types import Language
from jieban.registry.identity.posts import ENTERPRISE, RESIDENT, Actor

MAX_AGE = timedelta(hours=24)
MOST_PHOTOS = 9
SOURCE = "public"
PHOTO_PURPOSE = "submission.photo"  # what the photographs are sealed for


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """Result of a submission: the case's number, and messages about photographs that were refused."""

    number: str
    refused: tuple[str, ...] = ()


def draft_fields(key: str, at: datetime) -> dict[str, str]:
    """Fields of the draft; empty when there is none, or it is older than a day."""
    row = _find_draft(key, at)
    return _unseal_fields(row) if row else {}


def case_number(key: str, at: datetime) -> str:
    """Number of the submitted case; empty before."""
    row = _find_draft(key, at)
    return row.number if row else ""


def save_draft(key: str, new: dict[str, str], at: datetime) -> None:
    """Saves the fields of a step; deletes all drafts older than a day."""
    PublicSubmission.objects.filter(at__lt=at - MAX_AGE).delete()
    known = draft_fields(key, at)
    PublicSubmission.objects.update_or_create(
        key=key, defaults={"sealed": _seal_fields(known | new), "at": at}
    )


def add_photo(key: str, content: bytes, at: datetime) -> None:
    """Adds a photograph. Raises Invalid when it is none, too large, or one too many."""
    row = _find_draft(key, at)
    if row is None:
        raise NotFound(_("填写已超过一天，请重新填写。"))
    if row.photos.count() >= MOST_PHOTOS:
        raise Invalid(_("最多 9 张照片。"), fields={"photos": _("最多 9 张照片")})
    cleaned = accept(content).content
    sealed = vault.seal(cleaned.decode("latin-1"), PHOTO_PURPOSE)
    SubmissionPhoto.objects.create(submission=row, size=len(cleaned), sealed=sealed)


def photos(key: str, at: datetime) -> list[SubmissionPhoto]:
    row = _find_draft(key, at)
    return list(row.photos.only("pk", "size").order_by("pk")) if row else []


def drop_photo(key: str, pk: int) -> None:
    SubmissionPhoto.objects.filter(submission__key=key, submission__number="", pk=pk).delete()


@transaction.atomic
def submit(
    key: str, *, known: Actor | None, at: datetime, language: str = Language.CHINESE
) -> SubmissionResult:
    """Submits the draft with its photographs as a case; idempotent. `known` is the signed-in actor, if any.

    The text messages about the case are in this language.

    Raises Invalid, NotFound.
    """
    row = PublicSubmission.objects.select_for_update().filter(key=key, at__gte=at - MAX_AGE).first()
    if row is None:
        raise NotFound(_("填写已超过一天，请重新填写。"))
    if row.number:
        return SubmissionResult(row.number)
    concern = replace(concern_of(_unseal_fields(row), key), language=language)
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
    """Actor of the submission: the account, where its role fits the kind; none for an anonymous one."""
    nobody = ENTERPRISE if concern.kind == CaseKind.ENTERPRISE else RESIDENT
    return known if known and known.role == nobody.role and not concern.anonymous else nobody


def concern_of(fields: dict[str, str], key: str) -> Concern:
    """The fields as a concern."""
    nameless = fields.get("anonymous") == "yes"
    return Concern(
        kind=fields.get("kind", CaseKind.APPEAL),
        channel=Channel.WEB,
        text=fields.get("text", ""),
        name="" if nameless else fields.get("name", ""),
        phone="" if nameless else fields.get("phone", ""),
        anonymous=nameless,
        hidden=fields.get("hidden") == "yes",
        address=fields.get("address", ""),
        place_id=int(fields["place"]) if fields.get("place") else None,
        lat=float(fields["lat"]) if fields.get("lat") else None,
        long=float(fields["long"]) if fields.get("long") else None,
        source=SOURCE,
        source_ref=key,
    )


def _find_draft(key: str, at: datetime) -> PublicSubmission | None:
    return PublicSubmission.objects.filter(key=key, at__gte=at - MAX_AGE).first() if key else None


def _unseal_fields(row: PublicSubmission) -> dict[str, str]:
    said: dict[str, str] = json.loads(vault.unseal(row.sealed, "submission"))
    return said


def _seal_fields(fields: dict[str, Any]) -> bytes:
    return vault.seal(json.dumps(fields, ensure_ascii=False), "submission")
