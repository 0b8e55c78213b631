"""Files through every way in: the page of a case, the check on the spot, the API. Never a 5xx, nothing kept."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jieban.base.clock import now
from jieban.base.media.accepting import REFUSAL_MESSAGES
from jieban.base.media.refusals import UnfitReason
from jieban.cases import actions
from jieban.cases.lists import attachment_reads
from jieban.cases.models import Attachment
from jieban.registry.identity import tokens
from jieban.web.case.file_links import LINK_LIFETIME, signed_link
from tests.base.hostile_files import CANARIES, SET, picture, refused, told_picture
from tests.cases.scene import AT, Scene, handling
from tests.web.signed_in import at_desk


def test_every_refused_file_is_refused_on_the_page_and_by_the_api(scene: Scene) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    desk.raise_request_exception = False
    program = Client(
        headers={"authorization": f"Bearer {tokens.create('department', now())}"},
        raise_request_exception=False,
    )
    for name, sent in refused():
        assert isinstance(sent.answer, UnfitReason)
        content = sent.make()
        page = desk.post(f"/cases/{case.number}/attach/", {"file": SimpleUploadedFile("附件.jpg", content)})
        assert page.status_code == 422, name
        if sent.answer != UnfitReason.TOO_BIG:  # the field says so before anything is read
            assert str(REFUSAL_MESSAGES[sent.answer]) in page.content.decode(), name
        body = {"file": base64.b64encode(content).decode()}
        answer = program.post(
            f"/api/v1/cases/{case.number}/actions/attach", body, content_type="application/json"
        )
        assert answer.status_code in {413, 422}, name
        assert answer.json()["message"], name
    assert Attachment.objects.count() == 0


KEPT = [
    "jpeg that tells where",
    "pdf with a script",
    "docx that names its author",
    "mp3 that names its singer",
]


@pytest.mark.parametrize("name", KEPT)
def test_what_is_accepted_comes_back_without_what_was_to_go(scene: Scene, name: str) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    content = SET[name].make()
    assert (
        desk.post(f"/cases/{case.number}/attach/", {"file": SimpleUploadedFile("a", content)}).status_code
        == 302
    )
    row = case.attachments.get()
    answer = desk.get(signed_link("attachment", case.number, row.pk, scene.actor("department")))
    assert answer["Content-Type"] == SET[name].answer
    assert not [canary for canary in CANARIES if canary in answer.content]
    how = "inline" if row.kind == "photo" else "attachment"
    assert answer["Content-Disposition"].startswith(f"{how}; filename=")


@pytest.mark.parametrize("odd", ["照片\u202egpj.exe", "长" * 80, "🙂.jpg", "../../x.jpg", "a'\"<script>.jpg"])
def test_a_file_under_an_odd_name_is_kept_without_it(scene: Scene, odd: str) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    file = SimpleUploadedFile("a.jpg", picture())
    file._name = odd  # type: ignore[attr-defined]
    assert desk.post(f"/cases/{case.number}/attach/", {"file": file}).status_code == 302
    assert "script>.jpg" not in desk.get(f"/cases/{case.number}/").content.decode()


def test_a_name_longer_than_any_computer_allows_is_no_failure_of_ours(scene: Scene) -> None:
    case = handling(scene)
    file = SimpleUploadedFile("a.jpg", picture())
    file._name = "长" * 500  # type: ignore[attr-defined]
    assert (
        at_desk(scene, "department").post(f"/cases/{case.number}/attach/", {"file": file}).status_code == 400
    )
    assert case.attachments.count() == 0


def test_several_files_are_added_by_one_press_and_shown_small(scene: Scene) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    files = [
        SimpleUploadedFile("1.jpg", picture()),
        SimpleUploadedFile("2.pdf", SET["pdf with a link"].make()),
    ]
    assert desk.post(f"/cases/{case.number}/attach/", {"file": files}).status_code == 302
    page = desk.get(f"/cases/{case.number}/")
    photo, paper = page.context["attachments"]
    assert (photo.label, paper.label, paper.small) == ("照片 1", "文件 2", "")
    assert f'src="{photo.small}"' in page.content.decode() and f'alt="{photo.alt}"' in page.content.decode()
    for url in (photo.url, photo.small, paper.url):
        assert desk.get(url).status_code == 200


def sent_with(scene: Scene) -> tuple[Any, Any]:
    case = handling(scene)
    row = actions.attach(case.pk, actor=scene.actor("department"), at=AT, content=told_picture("JPEG"))
    return case, row


@pytest.mark.parametrize("page", ["attachment", "attachment-small"])
def test_a_link_holds_for_one_person_and_one_file(scene: Scene, page: str) -> None:
    case, row = sent_with(scene)
    desk = at_desk(scene, "department")
    mine = signed_link(page, case.number, row.pk, scene.actor("department"))
    assert desk.get(mine).status_code == 200
    other = signed_link(page, case.number, row.pk, scene.actor("operator"))
    for wrong in (other, mine.split("?")[0], mine[:-1] + ("a" if mine[-1] != "a" else "b"), f"{mine}x"):
        answer = desk.get(wrong)
        assert answer.status_code == 403
        assert "请重新打开这件诉求" in answer.content.decode()
    assert at_desk(scene, "operator").get(mine).status_code == 403
    assert at_desk(scene, "operator").get(other).status_code == 200


def test_a_link_holds_for_ten_minutes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    case, row = sent_with(scene)
    real = signing.time.time
    url = {}
    for minutes in (9, 11):
        monkeypatch.setattr(signing.time, "time", lambda back=minutes: real() - back * 60)
        url[minutes] = signed_link("attachment", case.number, row.pk, scene.actor("department"))
    monkeypatch.setattr(signing.time, "time", real)
    assert timedelta(minutes=10) == LINK_LIFETIME
    desk = at_desk(scene, "department")
    assert (desk.get(url[9]).status_code, desk.get(url[11]).status_code) == (200, 403)


def test_what_was_erased_is_said_and_has_no_link(scene: Scene) -> None:
    case, _row = sent_with(scene)
    actions.withdraw(case.pk, actor=scene.actor("operator"), at=AT)
    actions.erase(case.pk, actor=scene.actor("admin"), at=AT, ground="个人信息保护法第四十七条")
    shown = attachment_reads.attachments_of(case, scene.actor("operator"))
    assert [row.erased for row in shown] == [True]
    page = at_desk(scene, "operator").get(f"/cases/{case.number}/").content.decode()
    assert "已按规定清除" in page and f"/cases/{case.number}/attachments/" not in page


def test_the_list_of_files_takes_one_query(scene: Scene, django_assert_num_queries: Any) -> None:
    case, _row = sent_with(scene)
    for size in range(10, 20):
        content = picture("PNG", (size, size))
        actions.attach(case.pk, actor=scene.actor("department"), at=AT, content=content)
    with django_assert_num_queries(1):
        assert len(attachment_reads.attachments_of(case, scene.actor("department"))) == 11
