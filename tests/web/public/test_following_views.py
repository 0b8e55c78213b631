"""Following without an account: what a proven telephone may see and do, and that nobody else may."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.base import vault
from jieban.base.clock import now
from jieban.base.errors import NotAllowed
from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.lists import case_list
from jieban.cases.models import Case, CaseEvent, VisitBack
from jieban.channels.models import Message
from jieban.registry.identity.posts import RESIDENT, resident_by_phone
from jieban.registry.ledger.verification import verify_history
from jieban.web.public import visitor
from tests.cases.scene import Scene, closed, dispatched, handling, make_case, reported, visited
from tests.web.public_pages import PHONE, PHOTO, a_minute_passes, last_code, letters, prove
from tests.web.signed_in import at_desk

OTHER = "10001234568"


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return path


def later() -> datetime:
    return now() - timedelta(minutes=5)


def owner(client: Client, box: Path, case: Case) -> Client:
    assert prove(client, box, case.number)["Location"] == "/public/cases/"
    return client


def test_number_and_telephone_and_a_code_lead_to_the_case(client: Client, scene: Scene, box: Path) -> None:
    case = handling(scene, at=later())
    owner(client, box, case)
    assert case.number in client.get("/public/cases/").content.decode()
    answer = client.get(f"/public/cases/{case.number}/")
    page = answer.content.decode()
    for words in ("单位D1正在办理", "前联系您", "前给您结果", "谁在办", "补充情况或照片", "催一催", "撤回"):
        assert words in page
    assert page.count("button-main") <= 1
    assert "no-store" in answer["Cache-Control"] and PHONE not in page


@pytest.mark.parametrize("case_number", ["SJ20200101-00001-1", "nonsense", ""])
def test_the_answer_is_the_same_whether_or_not_the_pair_exists(
    scene: Scene, box: Path, case_number: str
) -> None:
    case = make_case(scene, at=later(), channel="web")
    known, unknown = Client(), Client()
    first = known.post("/public/follow/", {"number": case.number, "phone": PHONE})
    before = len(letters(box))
    for number, phone in ((case.number, OTHER), (case_number or "SJ1", "10001234569")):
        a_minute_passes()
        second = unknown.post("/public/follow/", {"number": number, "phone": phone})
        assert (second.status_code, second["Location"]) == (first.status_code, first["Location"])
    pages = [c.get("/public/follow/code/").content.decode() for c in (known, unknown)]
    assert pages[0].count("验证码短信发往") == pages[1].count("验证码短信发往") == 1
    assert len(letters(box)) == before
    refused = [c.post("/public/follow/code/", {"code": "abc"}) for c in (known, unknown)]
    assert refused[0].status_code == refused[1].status_code == 422


def test_asking_for_another_does_not_spoil_the_code_of_the_right_one(scene: Scene, box: Path) -> None:
    case = make_case(scene, at=later())
    client, stranger = Client(), Client()
    client.post("/public/follow/", {"number": case.number, "phone": PHONE})
    code = last_code(box)
    a_minute_passes()
    stranger.post("/public/follow/", {"number": "SJ20200101-00001-1", "phone": PHONE})
    assert client.post("/public/follow/code/", {"code": code}).status_code == 302


def test_without_a_code_nothing_is_seen(client: Client, scene: Scene, box: Path) -> None:
    case = make_case(scene, at=later())
    assert client.get(f"/public/cases/{case.number}/")["Location"] == "/public/follow/"
    assert client.get("/public/cases/")["Location"] == "/public/follow/"
    for name in ("supplement", "rate", "reopen", "remind", "withdraw", "still-wrong"):
        assert client.get(f"/public/cases/{case.number}/{name}/").status_code == 404
        assert client.post(f"/public/cases/{case.number}/{name}/", {"text": "x"}).status_code == 404
    assert CaseEvent.objects.count() == 1


def test_another_telephone_sees_and_does_nothing(client: Client, scene: Scene, box: Path) -> None:
    case, own = reported(scene, at=later()), make_case(scene, at=later(), phone=OTHER)
    assert prove(client, box, own.number, OTHER).status_code == 302
    assert client.get(f"/public/cases/{own.number}/").status_code == 200
    assert case.number not in client.get("/public/cases/").content.decode()
    before = CaseEvent.objects.count()
    assert client.get(f"/public/cases/{case.number}/").status_code == 404
    for name in ("supplement", "rate", "reopen", "remind", "withdraw"):
        assert client.post(f"/public/cases/{case.number}/{name}/", {"text": "x"}).status_code == 404
    assert CaseEvent.objects.count() == before


def test_the_session_ends_after_half_an_hour(
    client: Client, scene: Scene, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(scene, at=later())
    owner(client, box, case)
    session = client.session
    session[visitor.UNTIL_KEY] = (now() - timedelta(seconds=1)).timestamp()
    session.save()
    assert client.get(f"/public/cases/{case.number}/")["Location"] == "/public/follow/"
    assert client.post(f"/public/cases/{case.number}/remind/").status_code == 404


def test_the_session_can_be_ended_at_once(client: Client, scene: Scene, box: Path) -> None:
    case = make_case(scene, at=later())
    owner(client, box, case)
    client.post("/public/leave/")
    assert client.get("/public/cases/")["Location"] == "/public/follow/"


def test_the_session_changes_its_key_with_the_proof_and_is_no_sign_in(
    client: Client, scene: Scene, box: Path
) -> None:
    case = make_case(scene, at=later())
    a_minute_passes()
    client.post("/public/follow/", {"number": case.number, "phone": PHONE})
    before = client.session.session_key
    client.post("/public/follow/code/", {"code": last_code(box)})
    assert client.session.session_key != before
    assert PHONE not in str(dict(client.session))
    for address in ("/cases/", f"/cases/{case.number}/", "/desk/"):
        assert client.get(address)["Location"].startswith("/login/")


def test_without_a_gateway_the_page_says_what_to_do_instead(client: Client, scene: Scene) -> None:
    case = make_case(scene, at=later())
    assert "拨打 12345" in client.get("/public/follow/").content.decode()
    answer = client.post("/public/follow/", {"number": case.number, "phone": PHONE})
    assert answer.status_code == 422 and not Message.objects.filter(channel="sms").exists()


def test_what_was_not_said_is_added_with_photographs(client: Client, scene: Scene, box: Path) -> None:
    case = handling(scene, at=later())
    owner(client, box, case)
    address = f"/public/cases/{case.number}/supplement/"
    assert client.post(address, {}).status_code == 422
    answer = client.post(
        address, {"text": "又漏了", "photos": [SimpleUploadedFile("a.jpg", PHOTO)]}, follow=True
    )
    assert "补充的情况已经记下" in answer.content.decode() and "又漏了" in answer.content.decode()
    assert case.attachments.count() == 1
    assert Message.objects.filter(template="supplemented", unit=scene.unit("D1")).count() == 1
    assert "诉求人补充了情况" in at_desk(scene, "department").get("/messages/").content.decode()
    inside = at_desk(scene, "department").get(f"/cases/{case.number}/").content.decode()
    assert "又漏了" in inside
    kept = case.attachments.get()
    address = f"/public/cases/{case.number}/attachments/{kept.pk}/"
    assert address in client.get(f"/public/cases/{case.number}/").content.decode()
    given = client.get(address)
    assert given.content.startswith(b"\xff\xd8\xff") and given["Content-Disposition"].startswith("attachment")
    assert Client().get(f"/public/cases/{case.number}/attachments/{kept.pk}/").status_code == 404
    assert verify_history().faults == []


def test_a_bad_photograph_adds_nothing(client: Client, scene: Scene, box: Path) -> None:
    case = handling(scene, at=later())
    owner(client, box, case)
    files = [SimpleUploadedFile("a.jpg", PHOTO), SimpleUploadedFile("b.jpg", b"MZ")]
    answer = client.post(f"/public/cases/{case.number}/supplement/", {"text": "又漏了", "photos": files})
    assert answer.status_code == 422 and "不能上传程序文件" in answer.content.decode()
    assert case.attachments.count() == 0


def test_the_requester_rates(client: Client, scene: Scene, box: Path) -> None:
    case = reported(scene, at=later())
    owner(client, box, case)
    page = client.get(f"/public/cases/{case.number}/").content.decode()
    assert "评价办理结果" in page and "还没解决" in page and "已更换灯具并通电" in page
    address = f"/public/cases/{case.number}/rate/"
    assert client.get(address).content.decode().count("不想回答") == 3
    assert client.post(address, {"contacted": "yes"}).status_code == 422
    answer = client.post(
        address, {"contacted": "yes", "solved": "no_answer", "satisfied": "mostly"}, follow=True
    )
    assert "您的评价已经记下" in answer.content.decode()
    row = VisitBack.objects.get()
    assert (row.by_requester, row.person_id, row.solved) == (True, None, "no_answer")
    assert client.post(address, {"contacted": "yes", "solved": "no", "satisfied": "no"}).status_code == 422
    assert VisitBack.objects.count() == 1


def test_not_solved_is_said_after_the_report_and_after_the_close(
    client: Client, scene: Scene, box: Path
) -> None:
    case = reported(scene, at=later())
    owner(client, box, case)
    form = client.get(f"/public/cases/{case.number}/still-wrong/").context["form"]
    assert form["solved"].value() == "no"
    ended = closed(scene, at=later())
    assert (
        "要求重新办理" in client.post(f"/public/cases/{ended.number}/reopen/", {"text": ""}).content.decode()
    )
    answer = client.post(f"/public/cases/{ended.number}/reopen/", {"text": "又不亮了"}, follow=True)
    assert "单位D1正在办理" in answer.content.decode()
    ended.refresh_from_db()
    assert ended.state == "handling"


def test_withdrawing_is_asked_once_more(client: Client, scene: Scene, box: Path) -> None:
    case = handling(scene, at=later())
    owner(client, box, case)
    address = f"/public/cases/{case.number}/withdraw/"
    assert "确定要撤回吗" in client.get(address).content.decode()
    assert client.get(address).status_code == 200
    case.refresh_from_db()
    assert case.state == "handling"
    answer = client.post(address, follow=True)
    assert "您已撤回这件诉求" in answer.content.decode()
    assert client.post(address).status_code == 409


def test_urging_once_a_day(client: Client, scene: Scene, box: Path) -> None:
    case = handling(scene, at=later())
    owner(client, box, case)
    address = f"/public/cases/{case.number}/remind/"
    assert client.post(address, {"text": ""}).status_code == 302
    answer = client.post(address, {"text": "快点"})
    assert answer.status_code == 422 and "今天已经催过" in answer.content.decode()
    case.refresh_from_db()
    assert case.reminded_count == 1


def test_what_is_not_possible_now_is_refused(client: Client, scene: Scene, box: Path) -> None:
    case = make_case(scene, at=later())
    owner(client, box, case)
    assert client.get(f"/public/cases/{case.number}/reopen/").status_code == 409
    assert client.get(f"/public/cases/{case.number}/dispatch/").status_code == 404


def test_a_split_case_stays_one_for_its_requester(client: Client, scene: Scene, box: Path) -> None:
    case = make_case(scene, at=later())
    children = actions.split(
        case.pk, actor=scene.actor("operator"), at=now(), matters=[Matter(text="路灯不亮"), Matter(text="井盖松动")]
    )  # fmt: skip
    owner(client, box, case)
    page = client.get(f"/public/cases/{case.number}/").content.decode()
    assert "已分开办理" in page and "路灯不亮" in page and "井盖松动" in page
    for child in children:
        assert client.get(f"/public/cases/{child.number}/").status_code == 404


def test_of_a_merged_case_only_the_own_is_seen(client: Client, scene: Scene, box: Path) -> None:
    primary = handling(scene, at=later(), phone=OTHER, text="隔壁楼的路灯")
    case = make_case(scene, at=later())
    actions.merge(case.pk, actor=scene.actor("dispatcher"), at=now(), primary_id=primary.pk)
    owner(client, box, case)
    page = client.get(f"/public/cases/{case.number}/").content.decode()
    assert "合在一起办" in page and "隔壁楼的路灯" not in page
    assert client.get(f"/public/cases/{primary.number}/").status_code == 404


def test_a_salutation_is_read_by_whoever_asked_and_by_nobody_else(
    client: Client, scene: Scene, box: Path
) -> None:
    primary = visited(scene, at=later(), phone=OTHER)
    polite = "王女士，您好！楼道灯已更换，请放心使用。"
    actions.report_result(primary.pk, actor=scene.actor("department"), at=now(), text=polite)
    case = make_case(scene, at=later(), name="李明")
    actions.merge(case.pk, actor=scene.actor("dispatcher"), at=now(), primary_id=primary.pk)
    owner(client, box, case)
    page = client.get(f"/public/cases/{case.number}/").content.decode()
    assert "王**，您好！楼道灯已更换" in page and "王女士" not in page
    seen = at_desk(scene, "analyst").get(f"/cases/{primary.number}/").content.decode()
    assert "王女士" not in seen


def test_the_course_holds_nothing_of_the_office(client: Client, scene: Scene, box: Path) -> None:
    case = handling(scene, at=later())
    actions.add_note(case.pk, actor=scene.actor("department"), at=now(), text="此人多次来电")
    owner(client, box, case)
    page = client.get(f"/public/cases/{case.number}/").content.decode()
    for hidden in ("此人多次来电", "人员department", "人员dispatcher"):
        assert hidden not in page


def test_an_actor_known_by_nothing_has_no_case(scene: Scene) -> None:
    nameless = make_case(scene, phone="")
    assert list(case_list.visible_to(RESIDENT)) == []
    assert list(case_list.visible_to(resident_by_phone(b""))) == []
    for actor in (RESIDENT, resident_by_phone(b""), resident_by_phone(vault.blind_index(PHONE))):
        with pytest.raises(NotAllowed):
            actions.withdraw(nameless.pk, actor=actor, at=now())


def test_requesters_with_an_account_read_the_same_page(scene: Scene) -> None:
    case = make_case(scene, by="resident", channel="web", at=later())
    desk = at_desk(scene, "resident")
    assert "已收到您的诉求" in desk.get(f"/cases/{case.number}/").content.decode()
    assert desk.post(f"/public/cases/{case.number}/withdraw/").status_code == 302
    case.refresh_from_db()
    assert case.state == "withdrawn"
    other = at_desk(scene, "enterprise")
    assert other.get(f"/public/cases/{case.number}/").status_code == 404


@pytest.mark.parametrize("name", ["operator", "department", "admin"])
def test_a_post_of_the_office_is_no_requester(scene: Scene, name: str) -> None:
    case = dispatched(scene, at=later())
    assert at_desk(scene, name).get(f"/public/cases/{case.number}/")["Location"] == "/public/follow/"


def test_the_list_takes_as_many_queries_for_twenty_rows_as_for_one(
    client: Client, scene: Scene, box: Path
) -> None:
    owner(client, box, handling(scene, at=later()))

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/public/cases/")
        return len(seen)

    first = count()
    for _ in range(19):
        handling(scene, at=later())
    assert count() == first
