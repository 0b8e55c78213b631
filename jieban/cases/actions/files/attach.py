"""Attaching files: photographs, papers and recordings are stored before the case is locked, then recorded."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.errors import NotFound
from jieban.base.sql.row_writes import fetch
from jieban.cases.actions.door.transition import admit, lock_cases, transition
from jieban.cases.flow.action import Action
from jieban.cases.models import Attachment, Case
from jieban.registry.documents.storing import (
    NamedContent,
    StoredFile,
    build_document,
    check_file_count,
    discard_file,
    stored_files,
)
from jieban.registry.identity.posts import Actor


def attach(case_id: int, *, actor: Actor, at: datetime, content: bytes, name: str = "") -> Attachment:
    """Attaches one file. Its type is detected from its content; the name is used only in refusals."""
    return attach_all(case_id, actor=actor, at=at, files=[(name, content)])[0]


def attach_all(
    case_id: int, *, actor: Actor, at: datetime, files: Sequence[NamedContent]
) -> list[Attachment]:
    """Attaches up to nine files, all or none. A file that the same person attached in this round is skipped."""
    check_admission(case_id, Action.ATTACH, actor=actor, at=at)
    check_file_count(files)
    with stored_files(files) as stored, transaction.atomic():
        return [put_on_record(case_id, one, actor=actor, at=at) for one in stored]


def check_admission(case_id: int, do: Action, *, actor: Actor, at: datetime) -> None:
    """Checks permission before any decoding. Raises NotFound, NotAllowed, WrongState."""
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
    """Runs an action with its files in one transaction. A report requires its files, so they are attached first."""
    if not files:
        act(case_id, actor=actor, at=at, **values)
        return
    for needed in (do, Action.ATTACH):
        check_admission(case_id, needed, actor=actor, at=at)
    check_file_count(files)
    with stored_files(files) as stored, transaction.atomic():
        if do != Action.REPORT_RESULT:
            act(case_id, actor=actor, at=at, **values)
        for one in stored:
            put_on_record(case_id, one, actor=actor, at=at)
        if do == Action.REPORT_RESULT:
            act(case_id, actor=actor, at=at, **values)


def put_on_record(case_id: int, file: StoredFile, *, actor: Actor, at: datetime) -> Attachment:
    """Records a stored file as an attachment; call inside the transaction. The history has both digests."""
    known = _existing_attachment(case_id, file, actor)
    if known is not None:
        discard_file(file)
        return known
    with transition(case_id, Action.ATTACH, actor=actor, at=at) as now:
        row = build_document(Attachment, file, actor=actor, at=at, case=now.case, round=now.case.round)
        now.add(row)
        now.facts |= {"sha256": row.sha256, "kept": row.stored_sha256, "kind": row.kind}
    return row


def _existing_attachment(case_id: int, file: StoredFile, actor: Actor) -> Attachment | None:
    """The same file by the same person in this round: a double click, or a phone that sends again."""
    case = lock_cases(case_id).get(case_id)
    if case is None or actor.person_id is None:
        return None
    same = Attachment.objects.filter(case=case, round=case.round, person=actor.person_id)
    return same.filter(sha256=file.accepted.original_sha256, file__erased_at=None).first()
