"""A concern by page: once, whatever is pressed twice, with its words where something is missing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jieban.cases.models import Case
from tests.base.hostile_files import picture
from tests.cases.scene import Scene
from tests.web.signed_in import at_desk

SENT = {
    "text": "楼下烧烤店夜里两点还在营业，油烟直往楼上走。", "address": "老山东里北12号楼", "nature": "complaint",
    "name": "王建国", "phone": "10001234567",
}  # fmt: skip
DESK = {"kind": "appeal", "urgency": "normal"}


def key_of(desk: object, address: str = "/cases/new/") -> str:
    return str(desk.get(address).context["form"]["key"].value())  # type: ignore[attr-defined]


def test_an_operator_takes_a_call_down(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    answer = desk.post("/cases/new/", SENT | DESK | {"key": key_of(desk)}, follow=True)
    case = Case.objects.get()
    assert (case.channel, case.kind, case.nature, case.state) == ("phone", "appeal", "complaint", "received")
    assert f"已受理，单号 {case.number}。" in answer.content.decode()


def test_a_resident_files_online_and_sees_the_own_case(scene: Scene) -> None:
    desk = at_desk(scene, "resident")
    form = desk.get("/cases/new/").context["form"]
    assert {"kind", "category", "urgency", "sensitive"} & set(form.fields) == set()
    answer = desk.post("/cases/new/", SENT | {"key": key_of(desk)}, follow=True)
    case = Case.objects.get()
    assert (case.channel, case.requester_id) == ("web", scene.actor("resident").person_id)
    assert answer.redirect_chain == [(f"/cases/{case.number}/", 302)]


def test_a_photograph_comes_with_the_concern_and_pressing_twice_keeps_it_once(scene: Scene) -> None:
    desk = at_desk(scene, "resident")
    sent = SENT | {"key": key_of(desk)}
    for _ in range(2):
        desk.post("/cases/new/", sent | {"papers": [SimpleUploadedFile("楼道.jpg", picture())]})
    case = Case.objects.get()
    assert [row.kind for row in case.attachments.all()] == ["photo"]
    assert f"/cases/{case.number}/attachments/" in desk.get(f"/cases/{case.number}/").content.decode()


def test_a_file_that_is_refused_leaves_no_case(scene: Scene) -> None:
    desk = at_desk(scene, "resident")
    sent = SENT | {"key": key_of(desk), "papers": [SimpleUploadedFile("楼道.jpg", b"MZ")]}
    answer = desk.post("/cases/new/", sent)
    assert answer.status_code == 422 and "楼道.jpg" in answer.content.decode()
    assert Case.objects.count() == 0


def test_pressing_twice_makes_one_case(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    sent = SENT | DESK | {"key": key_of(desk)}
    places = {desk.post("/cases/new/", sent)["Location"] for _ in range(3)}
    assert places == {f"/cases/{Case.objects.get().number}/"}
    assert key_of(desk) != key_of(desk)


def test_going_back_and_writing_something_else_is_told(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    sent = SENT | DESK | {"key": key_of(desk)}
    desk.post("/cases/new/", sent)
    answer = desk.post("/cases/new/", sent | {"text": "另一件事"})
    assert answer.status_code == 422
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text": ""}, "请填写“内容”。"),
        ({"text": "<p> </p>"}, "请写明诉求内容"),
        ({"nature": "nonsense"}, "请从“性质”的列表中选择。"),
        ({"place": "999999"}, "没有这个地点，请重新选择。"),
    ],
)
def test_what_is_missing_is_said_at_its_field(scene: Scene, wrong: dict[str, str], words: str) -> None:
    desk = at_desk(scene, "operator")
    answer = desk.post("/cases/new/", SENT | DESK | {"key": key_of(desk)} | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode() and "10001234567" in answer.content.decode()
    assert Case.objects.count() == 0


@pytest.mark.parametrize("name", ["dispatcher", "department", "caller", "leader", "auditor", "admin"])
def test_others_do_not_bring_cases_in(scene: Scene, name: str) -> None:
    desk = at_desk(scene, name)
    assert desk.get("/cases/new/").status_code == 403
    assert desk.post("/cases/new/", SENT).status_code == 403
    assert Case.objects.count() == 0
