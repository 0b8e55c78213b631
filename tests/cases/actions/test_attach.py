"""Attachments: files first, then rows; what is left over goes; nothing is lost at a move, a new key, a crash."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from jieban.base import filestore, keys, vault
from jieban.base.clock import now
from jieban.base.errors import Invalid, NotAllowed, Refused
from jieban.cases import actions
from jieban.cases.flow.action import Action
from jieban.cases.lists import attachment_reads
from jieban.cases.models import Attachment, Case, CaseEvent
from jieban.registry.documents import storage_checks
from jieban.registry.ledger.verification import verify_history
from jieban.registry.models import DocumentBody, DocumentFile
from jieban.settings import file_storage
from tests.base.hostile_files import GPS, SET, picture, told_picture
from tests.cases.scene import AT, Scene, handling, make_scene, visited
from tests.s3 import Shelf, running

PHOTO = picture()


@pytest.fixture(params=["folder", "s3"])
def shelf(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shelf | None]:
    """Each test keeps its files in a folder, then at an S3 service."""
    if request.param == "folder":
        yield None
        return
    with running() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        settings.STORAGES = {**settings.STORAGES, "files": file_storage("s3://papers/district")}
        yield server


def lying() -> list[str]:
    """The names of the files there are."""
    return [name for names in filestore._list_names() for name in names]


def attached(scene: Scene, case: Case, content: bytes = PHOTO, by: str = "department") -> Attachment:
    return actions.attach(case.pk, actor=scene.actor(by), at=AT, content=content)


def test_a_file_is_put_read_and_erased(
    scene: Scene, shelf: Shelf | None, django_capture_on_commit_callbacks: Any
) -> None:
    open_case = handling(scene)
    row = attached(scene, open_case, told_picture("JPEG"))
    kept = attachment_reads.attachment_of(open_case, row.pk, scene.actor("department"))
    assert (kept.harmless, GPS.encode() in kept.content) == (True, False)
    assert (
        len(attachment_reads.attachment_of(open_case, row.pk, scene.actor("department"), small=True).content)
        > 100
    )
    assert sorted(lying()) == sorted([row.file.name, row.file.thumb])
    for name in lying():
        with filestore.storage().open(name) as file:
            assert b"\xff\xd8\xff" not in file.read()[:100]
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(open_case.pk, actor=scene.actor("operator"), at=AT)
        actions.erase(open_case.pk, actor=scene.actor("admin"), at=AT, ground="个人信息保护法第四十七条")
    assert lying() == []
    assert verify_history().ok and storage_checks.verify_files().ok
    if shelf is not None:
        assert {"PUT", "GET", "DELETE"} <= shelf.methods


def test_the_history_holds_both_digests(scene: Scene) -> None:
    row = attached(scene, handling(scene), SET["jpeg and html"].make())
    facts = CaseEvent.objects.get(action="attach").facts
    assert (facts["sha256"], facts["kept"]) == (row.sha256, row.stored_sha256)
    assert row.sha256 != row.stored_sha256


def test_all_files_are_added_or_none(scene: Scene) -> None:
    case = handling(scene)
    files = [("一.jpg", PHOTO), ("二.exe", b"MZ")]
    with pytest.raises(Invalid, match="“二.exe”"):
        actions.attach_all(case.pk, actor=scene.actor("department"), at=AT, files=files)
    assert (case.attachments.count(), lying()) == (0, [])
    with pytest.raises(Invalid):
        actions.attach_all(case.pk, actor=scene.actor("department"), at=AT, files=[("", PHOTO)] * 10)


def test_a_report_and_its_files_are_kept_both_or_neither(scene: Scene) -> None:
    case = visited(scene)
    asked = {"actor": scene.actor("department"), "at": AT, "text": "已更换灯具"}
    report = partial(actions.act_with_files, actions.report_result, Action.REPORT_RESULT, case.pk, **asked)
    with pytest.raises(Invalid, match="“二.exe”"):
        report(files=[("一.jpg", PHOTO), ("二.exe", b"MZ")])
    assert (Case.objects.get(pk=case.pk).state, case.attachments.count(), lying()) == ("handling", 0, [])
    with pytest.raises(Invalid):
        report(files=[("一.jpg", PHOTO)], text=" ")
    assert (case.attachments.count(), lying()) == (0, [])
    report(files=[("一.jpg", PHOTO)])
    assert [event.action for event in case.events.order_by("seq")][-2:] == ["attach", "report_result"]


def test_the_same_file_pressed_twice_is_added_once(scene: Scene) -> None:
    case = handling(scene)
    assert attached(scene, case).pk == attached(scene, case).pk
    assert CaseEvent.objects.filter(case=case, action="attach").count() == 1
    assert len(lying()) == 2
    assert attached(scene, case, by="operator").person_id == scene.actor("operator").person_id


def test_whoever_may_not_attach_makes_nobody_decode(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    case = handling(scene)
    monkeypatch.setattr("jieban.base.media.accepting.CHILD", "nothing")
    with pytest.raises(NotAllowed):
        attached(scene, case, PHOTO + b"1", "department2")


@pytest.mark.django_db(transaction=True)
def test_the_same_file_by_two_hands_of_one_person_at_once_is_added_once() -> None:
    scene = make_scene()
    case = handling(scene)
    start = Barrier(4)
    found: list[int] = []

    def press() -> None:
        try:
            start.wait(10)
            found.append(attached(scene, case).pk)
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 4 and len(set(found)) == 1
    assert len(lying()) == 2


def test_a_row_that_fails_leaves_a_file_that_the_sweep_removes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = handling(scene)
    kept = attached(scene, case)

    def cut(*_args: object, **_more: object) -> None:
        raise OperationalError("cut off")

    with monkeypatch.context() as patch, pytest.raises(OperationalError), transaction.atomic():
        patch.setattr("jieban.cases.actions.files.attach.put_on_record", cut)
        attached(scene, case, picture("PNG"))
    assert len(lying()) == 4
    assert storage_checks.sweep_files(now() + timedelta(hours=23)) == 0
    assert storage_checks.sweep_files(now() + timedelta(hours=25)) == 2
    assert sorted(lying()) == sorted([kept.file.name, kept.file.thumb])


def in_the_database(scene: Scene, case: Case) -> Attachment:
    """An attachment as they were kept before files."""
    row = attached(scene, case)
    content = filestore.read(row.file.name)
    filestore.drop(row.file.name, row.file.thumb)
    DocumentFile.objects.filter(pk=row.file_id).update(name=None, thumb="", width=None, height=None)
    DocumentBody.objects.create(
        file_id=row.file_id, sealed=vault.seal(content.decode("latin-1"), "attachment")
    )
    return Attachment.objects.get(pk=row.pk)


def test_earlier_attachments_are_read_and_moved_in_batches(
    scene: Scene, shelf: Shelf | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(storage_checks, "FEW", 1)
    case, other = handling(scene), handling(scene)
    first, second = in_the_database(scene, case), in_the_database(scene, other)
    before = attachment_reads.attachment_of(case, first.pk, scene.actor("department"))
    assert storage_checks.verify_files().ok
    moves = storage_checks.move_to_files()
    assert next(moves) == 1  # stopped here
    call_command("move_files")
    assert "已移出 1 个附件" in capsys.readouterr().out
    assert DocumentBody.objects.count() == 0
    after = attachment_reads.attachment_of(case, first.pk, scene.actor("department"))
    assert (after.content, after.harmless) == (before.content, False)
    assert (
        attachment_reads.attachment_of(other, second.pk, scene.actor("department")).content == before.content
    )
    call_command("verify_files", "--json")
    assert json.loads(capsys.readouterr().out) == {"ok": True, "files": 2, "faults": []}
    assert verify_history().ok


@pytest.mark.parametrize("how", ["lost", "changed", "swapped", "row"])
def test_a_file_that_is_not_as_it_was_kept_is_found(
    scene: Scene, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case = handling(scene)
    row, other = attached(scene, case), attached(scene, case, picture("PNG"))
    folder = Path(filestore.storage().path(""))  # type: ignore[attr-defined]
    path = folder / row.file.name
    if how == "lost":
        path.unlink()
    if how == "changed":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    if how == "swapped":
        os.replace(folder / other.file.name, path)
        filestore.storage().save(other.file.name, ContentFile(b"1"))
    if how == "row":
        DocumentFile.objects.filter(pk=row.file_id).update(name=filestore.put(b"another"))
    with pytest.raises(SystemExit):
        call_command("verify_files")
    assert f"{case.number}：附件 {row.pk}" in capsys.readouterr().out


def test_a_lost_file_is_a_sentence(scene: Scene) -> None:
    case = handling(scene)
    row = attached(scene, case)
    filestore.drop(row.file.name)
    with pytest.raises(Refused, match="不在文件存储中") as refused:
        attachment_reads.attachment_of(case, row.pk, scene.actor("department"))
    assert refused.value.status == 404


def test_files_are_sealed_anew(scene: Scene, shelf: Shelf | None, settings: Any, tmp_path: Path,
                               django_capture_on_commit_callbacks: Any) -> None:  # fmt: skip
    path = tmp_path / "keys.json"
    path.write_text(django_settings.KEY_FILE.read_text())
    settings.KEY_FILE = path
    row = attached(scene, handling(scene))
    keys.add_data_key(path, "aes-256-gcm")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("reseal")
    kept = DocumentFile.objects.get(pk=row.file_id)
    assert not filestore.needs_new_key(kept.name) and not filestore.needs_new_key(kept.thumb)
    assert sorted(lying()) == sorted([kept.name, kept.thumb])
    assert storage_checks.verify_files().ok


def test_a_service_that_does_not_answer_is_a_sentence(
    scene: Scene, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as server:
        environment = server.environment
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {**settings.STORAGES, "files": file_storage("s3://papers")}
    with pytest.raises(Refused, match="文件存储暂时连不上") as refused:
        attached(scene, handling(scene))
    assert refused.value.status == 503
    assert Attachment.objects.count() == 0
