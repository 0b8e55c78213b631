"""Text messages are in the language of the public page on which somebody asked; everybody else reads Chinese."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.models import Case, CaseText, Publication, Support
from tests.cases.scene import Scene, handling, make_case, visited_back
from tests.web.public_pages import PHONE, a_minute_passes, last_code, letters, write

NEIGHBOUR = "10001234577"
WORDS = {"title": "楼道照明不亮", "summary": "老山东里一带楼道照明不亮，正在逐栋检修。"}


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return path


def reader(language: str) -> Client:
    client = Client()
    client.post("/public/language/", {"language": language})
    return client


def filed(client: Client, box: Path) -> Case:
    """A request by the three steps, with the number proven."""
    write(client)
    client.post("/public/new/code/", {"code": last_code(box)})
    client.post("/public/new/check/")
    return Case.objects.get()


def texts_to(box: Path, phone: str) -> list[str]:
    return [letter["text"] for letter in letters(box) if letter["to"] == phone]


def test_who_files_in_english_reads_english(scene: Scene, box: Path) -> None:
    case = filed(reader("en"), box)
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=now(), lead_id=scene.unit("D1").pk)
    code, received, dispatched = texts_to(box, PHONE)
    assert code.startswith("[Jieban] Your code is ") and code.isascii()
    assert received == (
        f"[Jieban] Your request is received, No. {case.number}. Check it online with this number and your mobile "
        "number, or call 12345."
    )
    assert dispatched == (
        f"[Jieban] Your request {case.number} has been assigned to the responsible unit. Staff will contact you."
    )


def test_who_files_in_chinese_reads_chinese(scene: Scene, box: Path) -> None:
    case = filed(reader("zh-hans"), box)
    code, received = texts_to(box, PHONE)
    assert code.startswith("【接办】验证码")
    assert received == f"【接办】您的诉求已受理，单号{case.number}。凭单号和手机号可在网页查询，或拨打12345。"


def test_the_language_is_that_of_the_page_on_which_it_is_sent(scene: Scene, box: Path) -> None:
    client = reader("zh-hans")
    write(client)
    client.post("/public/new/code/", {"code": last_code(box)})
    client.post("/public/language/", {"language": "en"})
    client.post("/public/new/check/")
    client.post("/public/language/", {"language": "zh-hans"})
    client.post("/public/new/check/")
    assert CaseText.objects.get().language == "en"
    code, received = texts_to(box, PHONE)
    assert code.startswith("【接办】") and received.startswith("[Jieban] ")


def test_the_matters_of_a_split_case_keep_its_language(scene: Scene, box: Path) -> None:
    case = filed(reader("en"), box)
    matters = [Matter(text="路灯不亮"), Matter(text="下水道堵")]
    first, _second = actions.split(case.pk, actor=scene.actor("dispatcher"), at=now(), matters=matters)
    actions.dispatch(first.pk, actor=scene.actor("dispatcher"), at=now(), lead_id=scene.unit("D1").pk)
    assert texts_to(box, PHONE)[-1].startswith(f"[Jieban] Your request {case.number} has been assigned")


def test_whoever_calls_about_an_english_case_reads_chinese(scene: Scene, box: Path) -> None:
    case = handling(scene, at=now() - timedelta(hours=1), language="en")
    actions.follow_up(case.pk, actor=scene.actor("operator"), at=now(), text="还没有人来", phone=NEIGHBOUR)
    actor = scene.actor("department")
    for values in ({"kinds": ["needs"], "said": "尽快"}, {"kinds": ["opinion"], "said": "好"}):
        actions.record_visit(case.pk, actor=actor, at=now(), way="phone", **values)  # type: ignore[arg-type]
    actions.report_result(case.pk, actor=actor, at=now(), text="已修好")
    assert texts_to(box, PHONE)[-1].startswith(f"[Jieban] Your request {case.number} has a result.")
    assert texts_to(box, NEIGHBOUR)[-1].startswith(f"【接办】您来电反映的事项（{case.number}）已有办理结果")


def test_a_supporter_hears_of_the_end_in_the_language_of_the_page(scene: Scene, box: Path) -> None:
    case = visited_back(scene, at=now() - timedelta(hours=1))
    actions.publish(case.pk, actor=scene.actor("dispatcher"), at=now(), **WORDS)
    row = Publication.objects.get()
    for language, phone in (("en", NEIGHBOUR), ("zh-hans", "10001234578")):
        client = reader(language)
        a_minute_passes()
        client.post(f"/public/open/{row.pk}/support/", {"phone": phone})
        client.post(f"/public/open/{row.pk}/code/", {"code": last_code(box)})
        client.post(f"/public/open/{row.pk}/support/", {"text": ""})
    assert list(Support.objects.order_by("pk").values_list("language", flat=True)) == ["en", "zh-hans"]
    actions.close(case.pk, actor=scene.actor("supervisor"), at=now())
    assert texts_to(box, NEIGHBOUR)[-1] == (
        f"[Jieban] The public request you supported ({case.number}) is closed. You can see the result online."
    )
    assert (
        texts_to(box, "10001234578")[-1]
        == f"【接办】您支持的公开诉求（{case.number}）已结案，结果可在网页查看。"
    )


def test_sent_again_in_another_language_it_is_the_same_case(scene: Scene) -> None:
    first = make_case(scene, source="x", source_ref="1")
    assert make_case(scene, source="x", source_ref="1", language="en").pk == first.pk
    assert CaseText.objects.get().language == "zh-hans"
