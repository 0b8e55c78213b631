"""Bringing something in without an account: three steps, once, however often it is pressed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from jieban.base import vault
from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Attachment, Case, CaseEvent, PublicSubmission, SubmissionPhoto
from jieban.cases.reception import public_submissions
from jieban.registry.ledger.verification import verify_history
from jieban.web.public.submission_views import BEGIN_ALLOWANCE, PHONE_ALLOWANCE
from tests.cases.scene import Scene, make_case
from tests.web.public_pages import PHONE, PHOTO, a_minute_passes, last_code, letters, write
from tests.web.signed_in import at_desk


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return path


def test_the_first_page_has_three_things_to_press(client: Client, scene: Scene) -> None:
    page = client.get("/public/").content.decode()
    for words in ("反映问题", "查询进度", "支持大家都关心的事"):
        assert words in page
    assert "/public/" in client.get("/login/").content.decode()


def test_larger_type_is_switched_without_a_script(client: Client, scene: Scene) -> None:
    assert "larger" not in client.get("/public/").content.decode()
    answer = client.post("/public/size/", {"back": "/public/new/"})
    assert answer["Location"] == "/public/new/"
    assert "public larger" in client.get("/public/new/").content.decode()
    client.post("/public/size/")
    assert "public larger" not in client.get("/public/").content.decode()


@pytest.mark.parametrize("back", ["https://example.cn/", "//example.cn", "javascript:x", "/\\example.cn"])
def test_the_switch_leads_nowhere_else(client: Client, db: None, back: str) -> None:
    assert client.post("/public/size/", {"back": back})["Location"] == "/public/"


def test_three_steps_and_a_code_make_a_case_with_its_photographs(
    client: Client, scene: Scene, box: Path
) -> None:
    answer = write(client, photos=2)
    assert answer["Location"] == "/public/new/code/"
    assert client.get("/public/new/check/")["Location"] == "/public/new/who/"  # not proven yet
    assert client.post("/public/new/check/")["Location"] == "/public/new/who/"
    assert client.post("/public/new/code/", {"code": last_code(box)})["Location"] == "/public/new/check/"
    shown = client.get("/public/new/check/").content.decode()
    assert "楼下烧烤店油烟大" in shown and "照片 2 张" in shown and PHONE in shown
    assert client.post("/public/new/check/")["Location"] == "/public/new/done/"

    case = Case.objects.get()
    assert (case.kind, case.channel, case.requester_id) == ("appeal", "web", None)
    assert bytes(case.phone_index) == vault.blind_index(PHONE)
    assert case.attachments.count() == 2
    event = CaseEvent.objects.filter(case=case).first()
    assert event is not None and (event.role, event.person_id, event.post_id) == ("resident", None, None)
    done = client.get("/public/new/done/").content.decode()
    assert case.number in done and "请截图或抄下单号" in done and f"/public/cases/{case.number}/" in done
    assert [letter["to"] for letter in letters(box)] == [PHONE, PHONE]
    assert case.number in letters(box)[1]["text"]
    assert verify_history().faults == []


def test_pressing_twice_makes_one_case(client: Client, scene: Scene) -> None:
    write(client, photos=1)
    client.post("/public/new/check/")
    assert client.post("/public/new/check/")["Location"] == "/public/new/done/"
    assert Case.objects.count() == 1 and Attachment.objects.count() == 1
    key = PublicSubmission.objects.get().key
    assert public_submissions.submit(key, known=None, at=now()).number == Case.objects.get().number
    assert Case.objects.count() == 1


def test_after_one_another_can_be_written(client: Client, scene: Scene) -> None:
    write(client)
    client.post("/public/new/check/")
    assert "烧烤店" not in client.get("/public/new/").content.decode()
    write(client, text="路灯不亮")
    client.post("/public/new/check/")
    assert Case.objects.count() == 2


def test_what_is_written_is_kept_sealed_and_goes_after_sending(client: Client, scene: Scene) -> None:
    write(client, photos=1)
    with connection.cursor() as cursor:
        for table in ("cases_publicsubmission", "cases_submissionphoto", "django_session"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} AS t")
            stored = cursor.fetchone()[0] or ""
            for plain in (PHONE, PHONE.encode().hex(), "烧烤", "烧烤".encode().hex(), PHOTO.hex()):
                assert plain not in stored
    client.post("/public/new/check/")
    assert not SubmissionPhoto.objects.exists()
    assert public_submissions.draft_fields(PublicSubmission.objects.get().key, now()) == {}


def test_what_was_left_goes_after_a_day(client: Client, scene: Scene) -> None:
    write(client)
    PublicSubmission.objects.update(at=now() - timedelta(hours=25))
    assert client.get("/public/new/check/")["Location"] == "/public/new/"
    public_submissions.save_draft("another", {"text": "x"}, now())
    assert [row.key for row in PublicSubmission.objects.all()] == ["another"]


def test_nobody_else_sees_what_is_being_written(client: Client, scene: Scene) -> None:
    write(client)
    stranger = Client()
    assert "烧烤" not in stranger.get("/public/new/").content.decode()
    stranger.cookies["submission"] = PublicSubmission.objects.get().key  # without our signature
    assert "烧烤" not in stranger.get("/public/new/").content.decode()
    assert stranger.post("/public/new/check/")["Location"] == "/public/new/"
    assert not Case.objects.exists()


def test_without_a_name_the_page_says_what_one_then_cannot_do(
    client: Client, scene: Scene, box: Path
) -> None:
    assert write(client, anonymous="yes", photos=1)["Location"] == "/public/new/check/"
    assert "以后不能查询、补充和评价" in client.get("/public/new/check/").content.decode()
    client.post("/public/new/check/")
    case = Case.objects.get()
    assert case.anonymous and case.hidden and bytes(case.phone_index) == b"" and case.attachments.count() == 1
    assert letters(box) == []
    assert client.get(f"/public/cases/{case.number}/")["Location"] == "/public/follow/"
    assert "匿名反映的不能在网上查询" in client.get("/public/new/done/").content.decode()


def test_an_enterprise_brings_in_its_own_kind(client: Client, scene: Scene) -> None:
    write(client, kind="enterprise")
    client.post("/public/new/check/")
    event = CaseEvent.objects.get()
    assert (Case.objects.get().kind, event.role) == ("enterprise", "enterprise")


def test_whoever_wants_to_stay_hidden_is(client: Client, scene: Scene) -> None:
    write(client, hidden="on")
    client.post("/public/new/check/")
    case = Case.objects.get()
    assert case.hidden and not case.anonymous


def test_a_place_from_the_list_gives_the_street(client: Client, scene: Scene) -> None:
    community = scene.units["C"].place
    assert community is not None
    write(client, place=str(community.pk))
    client.post("/public/new/check/")
    case = Case.objects.get()
    assert case.community_id == community.pk and case.street_id == community.parent_id


@pytest.mark.parametrize(
    ("address", "sent", "said"),
    [
        ("/public/new/", {"text": ""}, "请填写“什么事”。"),
        ("/public/new/", {"text": " \n "}, "请填写“什么事”。"),
        ("/public/new/where/", {"place": "999999"}, "请从“街道、社区”的列表中选择。"),
        ("/public/new/where/", {"lat": "x"}, "lat"),
        ("/public/new/who/", {"anonymous": "no", "phone": "88001234"}, "请填写 11 位手机号"),
        ("/public/new/who/", {"phone": PHONE}, "请选择“要不要留下联系方式”。"),
    ],
)
def test_what_does_not_fit_is_said_beside_it(
    client: Client, scene: Scene, address: str, sent: dict[str, str], said: str
) -> None:
    if address != "/public/new/":
        client.post("/public/new/", {"text": "路灯不亮"})
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_hostile_letters_are_taken_without_an_error(client: Client, scene: Scene) -> None:
    assert client.post("/public/new/", {"text": "灯\0坏了"}).status_code == 422
    write(client, text="灯坏了 \ue000\u202e <b>x</b>", name="王" * 60)
    client.post("/public/new/check/")
    assert Case.objects.get().subject == "灯坏了 x"


def test_a_file_that_is_no_photograph_is_refused_and_the_rest_is_kept(client: Client, scene: Scene) -> None:
    files = [SimpleUploadedFile("a.jpg", PHOTO), SimpleUploadedFile("b.jpg", b"MZ program")]
    answer = client.post("/public/new/", {"text": "路灯不亮", "photos": files})
    assert answer.status_code == 422 and "不能上传程序文件" in answer.content.decode()
    assert SubmissionPhoto.objects.count() == 1
    assert "路灯不亮" in client.get("/public/new/").content.decode()


def test_nine_photographs_and_no_more(client: Client, scene: Scene) -> None:
    files = [SimpleUploadedFile(f"{n}.jpg", PHOTO) for n in range(10)]
    answer = client.post("/public/new/", {"text": "路灯不亮", "photos": files})
    assert answer.status_code == 422 and "最多 9 张照片" in answer.content.decode()
    first = SubmissionPhoto.objects.order_by("pk").first()
    assert SubmissionPhoto.objects.count() == 9 and first is not None
    Client().post("/public/new/photo/", {"photo": first.pk})
    assert SubmissionPhoto.objects.count() == 9
    client.post("/public/new/photo/", {"photo": first.pk})
    assert SubmissionPhoto.objects.count() == 8


def test_a_wrong_code_leads_no_further(client: Client, scene: Scene, box: Path) -> None:
    write(client)
    code = last_code(box)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    answer = client.post("/public/new/code/", {"code": wrong})
    assert answer.status_code == 422 and "验证码不对或已过期" in answer.content.decode()
    assert client.post("/public/new/check/")["Location"] == "/public/new/who/"


def test_a_proof_of_one_number_is_none_of_another(client: Client, scene: Scene, box: Path) -> None:
    write(client)
    client.post("/public/new/code/", {"code": last_code(box)})
    assert client.get("/public/new/check/").status_code == 200
    a_minute_passes()
    client.post("/public/new/who/", {"anonymous": "no", "phone": "10001234568"})
    assert client.post("/public/new/check/")["Location"] == "/public/new/who/"
    assert not Case.objects.exists()


def test_a_robot_does_not_flood(client: Client, scene: Scene) -> None:
    for n in range(PHONE_ALLOWANCE.most):
        write(client, text=f"第{n}件")
        assert client.post("/public/new/check/").status_code == 302
    write(client, text="再来一件")
    answer = client.post("/public/new/check/")
    assert answer.status_code == 429 and "回到首页" in answer.content.decode()
    assert Case.objects.count() == PHONE_ALLOWANCE.most


def test_forged_addresses_do_not_steer_the_limit(client: Client, scene: Scene) -> None:
    statuses = [
        client.post("/public/new/", {"text": "路灯"}, headers={"X-Forwarded-For": f"192.0.2.{n % 250}"}).status_code
        for n in range(BEGIN_ALLOWANCE.most + 1)
    ]  # fmt: skip
    assert statuses[-1] == 429 and statuses.count(302) == BEGIN_ALLOWANCE.most


def test_an_account_brings_in_its_own(scene: Scene) -> None:
    desk = at_desk(scene, "resident")
    write(desk)
    desk.post("/public/new/check/")
    assert Case.objects.get().requester_id == scene.actor("resident").person_id
    assert Case.objects.get().number in desk.get("/public/cases/").content.decode()


def test_the_like_of_it_is_shown_after_the_first_step(client: Client, scene: Scene) -> None:
    shown = make_case(scene)
    actions.publish(
        shown.pk,
        actor=scene.actor("dispatcher"),
        at=now(),
        title="烧烤店油烟扰民",
        summary="老山一带烧烤店油烟大",
    )
    answer = client.post("/public/new/", {"text": "楼下烧烤店油烟大"})
    assert answer["Location"] == "/public/new/same/"
    page = client.get("/public/new/same/").content.decode()
    assert "烧烤店油烟扰民" in page and "我也是" in page and "都不是，继续写" in page
    assert client.post("/public/new/", {"text": "井盖松动"})["Location"] == "/public/new/where/"
