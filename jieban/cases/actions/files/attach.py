"""Photographs, papers, recordings: decoded and written before the case is locked, then put on record."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base import filestore
from jieban.base.errors import Invalid, NotFound, Refused
from jieban.base.media.accepting import AcceptedFile, accept
from jieban.base.sql.row_writes import fetch
from jieban.cases.actions.door.transition import admit, lock_cases, transition
from jieban.cases.flow.action import Action
from jieban.cases.models import Attachment, AttachmentFile, Case
from jieban.registry.identity.posts import Actor

MOST_FILES = 9  # at once
NamedContent = tuple[str, bytes]  # the name it came under, and what it holds


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was accepted and written; no row names it yet."""

    accepted: AcceptedFile
    name: str
    thumb: str


def attach(case_id: int, *, actor: Actor, at: datetime, content: bytes, name: str = "") -> Attachment:
    """Adds one file. What it is is read from the content; the name is only said when it is refused."""
    return attach_all(case_id, actor=actor, at=at, files=[(name, content)])[0]


def attach_all(
    case_id: int, *, actor: Actor, at: datetime, files: Sequence[NamedContent]
) -> list[Attachment]:
    """Adds up to nine files, all or none. What the same person brought before in this round is not added again."""
    check_admission(case_id, Action.ATTACH, actor=actor, at=at)
    check_file_count(files)
    with stored_files(files) as kept, transaction.atomic():
        return [put_on_record(case_id, one, actor=actor, at=at) for one in kept]


def check_admission(case_id: int, do: Action, *, actor: Actor, at: datetime) -> None:
    """Refuses before anything is decoded. Raises NotFound, NotAllowed, WrongState."""
    case = next(iter(fetch(Case, "WHERE id = %s", [case_id])), None)
    if case is None:
        raise NotFound(_("没有这个案件，请核对单号。"))
    admit(case, do, actor=actor, at=at)


def act_with_files(
    act: Callable[..., object],
    do: Action,
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    files: Sequence[NamedContent] = (),
    **values: Any,
) -> None:
    """An act and the files that belong to it, both or neither. A report asks for its files, so they come before."""
    if not files:
        act(case_id, actor=actor, at=at, **values)
        return
    for needed in (do, Action.ATTACH):
        check_admission(case_id, needed, actor=actor, at=at)
    check_file_count(files)
    with stored_files(files) as kept, transaction.atomic():
        if do != Action.REPORT_RESULT:
            act(case_id, actor=actor, at=at, **values)
        for one in kept:
            put_on_record(case_id, one, actor=actor, at=at)
        if do == Action.REPORT_RESULT:
            act(case_id, actor=actor, at=at, **values)


def check_file_count(files: Sequence[NamedContent]) -> None:
    """Refuses more files than can be brought at once."""
    if not 0 < len(files) <= MOST_FILES:
        raise Invalid(_("一次可上传 1 至 9 个文件。"), fields={"file": _("1 至 9 个")})


@contextmanager
def stored_files(files: Sequence[NamedContent]) -> Iterator[list[StoredFile]]:
    """Files decoded and written, outside of any lock. A refusal takes them away again.

    After any other failure they stay, as it may not be known whether the row was committed; the sweep removes
    what no row names.
    """
    accepted = [accept(content, name) for name, content in files]
    kept: list[StoredFile] = []
    for one in accepted:
        kept.append(
            StoredFile(one, filestore.put(one.content), filestore.put(one.thumb) if one.thumb else "")
        )
    try:
        yield kept
    except Refused:
        for file in kept:
            _discard_file(file)
        raise


def _discard_file(file: StoredFile) -> None:
    with suppress(filestore.StorageUnreachable):  # then the sweep does it
        filestore.drop(file.name, file.thumb)


def put_on_record(case_id: int, file: StoredFile, *, actor: Actor, at: datetime) -> Attachment:
    """The attachment of a file held; call inside the transaction. The history holds both digests."""
    known = _existing_attachment(case_id, file, actor)
    if known is not None:
        _discard_file(file)
        return known
    told = file.accepted
    with transition(case_id, Action.ATTACH, actor=actor, at=at) as now:
        row = Attachment(
            case=now.case, kind=told.kind, media_type=told.media_type, size=len(told.content), at=at,
            sha256=told.original_sha256, round=now.case.round, person_id=actor.person_id, unit_id=actor.unit_id,
        )  # fmt: skip
        now.add(row)
        AttachmentFile.objects.create(
            attachment=row, name=file.name, thumb=file.thumb, size=len(told.content), sha256=told.sha256,
            width=told.width, height=told.height,
        )  # fmt: skip
        now.facts |= {"sha256": row.sha256, "kept": told.sha256, "kind": row.kind}
    return row


def _existing_attachment(case_id: int, file: StoredFile, actor: Actor) -> Attachment | None:
    """The same file by the same person in this round: a second press, or a phone that sends again."""
    case = lock_cases(case_id).get(case_id)
    if case is None or actor.person_id is None:
        return None
    same = Attachment.objects.filter(case=case, round=case.round, person=actor.person_id)
    return same.filter(sha256=file.accepted.original_sha256, file__isnull=False).first()
