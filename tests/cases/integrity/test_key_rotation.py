"""Changing the data key: everything is sealed anew, while others write, and the earlier key can go."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from jieban.base import filestore, keys, vault
from jieban.cases import actions
from jieban.cases.history.case_texts import SEALED_COLUMNS
from jieban.cases.integrity import key_rotation
from jieban.cases.lists import attachment_reads
from jieban.cases.models import CaseText
from jieban.registry.ledger.verification import verify_history
from jieban.registry.models import DocumentFile
from tests.base.hostile_files import picture
from tests.cases.scene import AT, Scene, handling, make_case, make_scene
from tests.platforms import wait_until

PHOTO = picture()


@pytest.fixture(autouse=True)
def key_file(settings: Any, tmp_path: Path) -> Path:
    """Keys of this test alone."""
    path = tmp_path / "keys.json"
    path.write_text(settings.KEY_FILE.read_text())
    settings.KEY_FILE = path
    return path


def headers() -> set[bytes]:
    """Under which keys the personal data lies."""
    blobs = [bytes(blob) for row in CaseText.objects.values_list(*SEALED_COLUMNS) for blob in row if blob]
    names = [name for row in DocumentFile.objects.values_list("name", "thumb") for name in row]
    for name in names:
        with filestore.storage().open(name) as file:
            blobs.append(file.read())
    return {blob[2 : 2 + blob[1]] for blob in blobs}


def test_an_earlier_key_can_leave_the_file(
    scene: Scene, key_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    for _ in range(3):
        make_case(scene)
    case = handling(scene)
    photo = actions.attach(case.pk, actor=scene.actor("department"), at=AT, content=PHOTO)
    call_command("new_key", "--cipher", "sm4-gcm")
    make_case(scene)
    assert headers() == {b"k1", b"k2"}

    call_command("reseal")
    assert headers() == {b"k2"}
    assert "已重新加密 5 行" in capsys.readouterr().out
    call_command("reseal")
    assert "已重新加密 0 行" in capsys.readouterr().out

    content = json.loads(key_file.read_text())
    assert (content["current"], content["data"]["k2"]["cipher"]) == ("k2", "sm4-gcm")
    del content["data"]["k1"]
    key_file.write_text(json.dumps(content))
    keys.load.cache_clear()
    assert {vault.unseal(row.phone, "phone") for row in CaseText.objects.all()} == {"10001234567"}
    assert attachment_reads.attachment_of(case, photo.pk, scene.actor("department")).content.startswith(
        b"\xff\xd8\xff"
    )
    assert verify_history().ok


def test_a_value_that_does_not_open_is_named_and_the_rest_is_kept(
    scene: Scene, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 1)
    first, second = make_case(scene), make_case(scene)
    broken = bytes(second.words.phone)[:-1] + b"?"
    CaseText.objects.filter(pk=second.pk).update(phone=broken)
    keys.add_data_key(key_file, "aes-256-gcm")

    with pytest.raises(CommandError, match=rf"已重新加密 1 行后停止.*cases_casetext.phone, {second.pk}"):
        call_command("reseal")
    assert not vault.needs_new_key(CaseText.objects.get(pk=first.pk).phone)
    assert bytes(CaseText.objects.get(pk=second.pk).phone) == broken


@pytest.mark.django_db(transaction=True)
def test_what_somebody_corrects_meanwhile_is_not_written_over(key_file: Path) -> None:
    case = make_case(make_scene())
    keys.add_data_key(key_file, "aes-256-gcm")
    other = Thread(target=in_own_connection, args=[lambda: list(key_rotation.reseal())])
    with transaction.atomic():
        CaseText.objects.filter(pk=case.pk).update(phone=vault.seal("10007654321", "phone"))
        other.start()
        wait_until(lambda: waiting_for_locks() == 1, 20)
    other.join(20)
    words = CaseText.objects.get(pk=case.pk)
    assert vault.unseal(words.phone, "phone") == "10007654321"
    assert (vault.needs_new_key(words.name), vault.needs_new_key(words.phone)) == (False, False)


def in_own_connection(call: Callable[[], object]) -> None:
    try:
        call()
    finally:
        connection.close()


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return int(cursor.fetchone()[0])
