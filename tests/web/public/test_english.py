"""The public pages in English: no Chinese on them but data, which this scene writes in other letters."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from jieban.base.clock import local_date, now
from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.models import Case, EventText, Publication
from jieban.registry.models import Category, Person, Place, Post, Unit
from jieban.web.page import time_words
from jieban.web.shell import error_pages
from tests.cases.scene import Scene, closed, dispatched, handling, make_case, reported, visited_back
from tests.texts.sources import CHINESE
from tests.web.public_pages import PHONE, PHOTO, a_minute_passes, last_code, prove
from tests.web.signed_in import at_desk

WORDS: dict[str, Any] = {
    "text": "The street lamp is broken.", "name": "Wang", "address": "Gate 12", "channel": "web",
}  # fmt: skip
# The name of the other language is written in it.
OTHER_LANGUAGE = re.compile(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', re.DOTALL)


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return path


@pytest.fixture
def latin(scene: Scene) -> Scene:
    """The same scene with names in other letters."""
    Unit.objects.update(name=Concat(Value("Unit "), F("code")))
    Place.objects.update(name=Concat(Value("Place "), F("code")))
    Category.objects.update(name=F("code"), path=F("code"))
    Post.objects.update(name=F("code"))
    Person.objects.update(name=F("username"))
    return scene


@pytest.fixture
def reader() -> Client:
    return chosen(Client())


def chosen(client: Client) -> Client:
    client.post("/public/language/", {"language": "en"})
    return client


def chinese_in(answer: HttpResponse) -> list[str]:
    """The lines of a page with Chinese that is not data."""
    page = OTHER_LANGUAGE.sub("", answer.content.decode())
    assert '<html lang="en">' in page
    return [part for part in re.split(r"(?<=>)|(?=<)", page) if CHINESE.search(part)]


def later() -> datetime:
    return now() - timedelta(minutes=5)


def test_the_choice_is_kept_until_another_and_leads_back(client: Client, scene: Scene) -> None:
    page = client.get("/public/").content.decode()
    assert '<html lang="zh-CN">' in page and 'lang="en">English</button>' in page
    answer = client.post("/public/language/", {"language": "en", "back": "/public/follow/"})
    assert answer["Location"] == "/public/follow/"
    page = client.get("/public/follow/").content.decode()
    assert (
        '<html lang="en">' in page and "Check progress" in page and 'lang="zh-CN">简体中文</button>' in page
    )
    client.post("/public/language/", {"language": "zh-hans"})
    assert '<html lang="zh-CN">' in client.get("/public/follow/").content.decode()
    assert client.post("/public/language/", {"back": "//example.cn"})["Location"] == "/public/"


def test_a_browsers_own_language_is_not_asked(client: Client, scene: Scene) -> None:
    page = client.get("/public/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="zh-CN">' in page


def test_staff_pages_stay_chinese_and_those_of_a_requester_follow(scene: Scene) -> None:
    case = make_case(scene, by="resident", at=later(), channel="web")
    resident, operator = chosen(at_desk(scene, "resident")), chosen(at_desk(scene, "operator"))
    assert "Your request has been received." in resident.get(f"/cases/{case.number}/").content.decode()
    assert "Your request has been received." in resident.get(f"/public/cases/{case.number}/").content.decode()
    for address in (f"/cases/{case.number}/", "/cases/", "/login/", "/unknown/"):
        page = operator.get(address, follow=True).content.decode()
        assert '<html lang="zh-CN">' in page and "接办" in page
    assert "已受理" in operator.get("/cases/").content.decode()  # no name was kept in English


def test_three_steps_are_in_english_to_the_number(reader: Client, latin: Scene, box: Path) -> None:
    pages = [reader.get(address) for address in ("/public/", "/public/new/", "/public/new/?kind=enterprise")]
    pages.append(reader.post("/public/new/", {}))
    files = [SimpleUploadedFile("a.jpg", PHOTO), SimpleUploadedFile("b.jpg", b"MZ")]
    pages.append(reader.post("/public/new/", {"text": WORDS["text"], "photos": files}))
    assert "Programs cannot be uploaded" in pages[-1].content.decode()
    reader.post("/public/new/", {"text": WORDS["text"]})
    pages += [reader.get("/public/new/"), reader.get("/public/new/where/")]
    pages.append(reader.post("/public/new/where/", {"place": "x"}))
    place = Place.objects.get(level="community").pk
    reader.post("/public/new/where/", {"place": place, "address": "Gate 12", "lat": "39.9", "long": "116.2"})
    pages.append(reader.get("/public/new/who/"))
    pages += [reader.post("/public/new/who/", who) for who in ({}, {"anonymous": "no", "phone": "1"})]
    reader.post("/public/new/who/", {"anonymous": "no", "phone": PHONE, "name": "Wang", "hidden": "on"})
    pages += [reader.get("/public/new/code/"), reader.post("/public/new/code/", {"code": "1"})]
    reader.post("/public/new/code/", {"code": last_code(box)})
    pages.append(reader.get("/public/new/check/"))
    reader.post("/public/new/check/")
    pages.append(reader.get("/public/new/done/"))
    assert Case.objects.get().number in pages[-1].content.decode()
    assert [chinese_in(page) for page in pages] == [[]] * len(pages)


def test_an_anonymous_request_is_in_english(reader: Client, latin: Scene) -> None:
    reader.post("/public/new/", {"text": WORDS["text"], "kind": "enterprise"})
    reader.post("/public/new/where/", {})
    reader.post("/public/new/who/", {"anonymous": "yes"})
    pages = [reader.get("/public/new/check/")]
    reader.post("/public/new/check/")
    pages += [reader.get("/public/new/done/"), reader.get("/public/follow/")]
    assert [chinese_in(page) for page in pages] == [[]] * 3


def _declined(scene: Scene) -> Case:
    case = make_case(scene, at=later(), **WORDS)
    told = "Please go to the court."
    return actions.decline(
        case.pk, actor=scene.actor("dispatcher"), at=later(), reason="litigation", told=told
    )


def _answered(scene: Scene) -> Case:
    case = make_case(scene, at=later(), **WORDS, nature="consult")
    return actions.answer_now(case.pk, actor=scene.actor("operator"), at=later(), text="From nine to five.")


def _handed_over(scene: Scene) -> Case:
    case = make_case(scene, at=later(), **WORDS)
    return actions.hand_over(
        case.pk, actor=scene.actor("operator"), at=now(), service="110", called_at=later(), said="A fight."
    )


def _merged(scene: Scene) -> Case:
    primary, case = handling(scene, at=later(), **WORDS), make_case(scene, at=later(), **WORDS)
    return actions.merge(case.pk, actor=scene.actor("dispatcher"), at=later(), primary_id=primary.pk)


def _split(scene: Scene) -> Case:
    case = make_case(scene, at=later(), **WORDS)
    matters = [Matter(text="The lamp."), Matter(text="The drain.")]
    actions.split(case.pk, actor=scene.actor("dispatcher"), at=later(), matters=matters)
    return case


def _on_account(scene: Scene) -> Case:
    case = handling(scene, at=later(), **WORDS)
    actions.put_on_account(
        case.pk, actor=scene.actor("department"), at=later(), reason_code="funds", plan="Next year.",
        responsible="Li", review_on=local_date(now()) + timedelta(days=30),
    )  # fmt: skip
    return actions.grant(case.pk, actor=scene.actor("supervisor"), at=later())


def _reopened(scene: Scene) -> Case:
    case = closed(scene, at=later(), **WORDS)
    return actions.reopen(case.pk, actor=scene.actor("supervisor"), at=now(), text="Broken again.")


def _withdrawn(scene: Scene) -> Case:
    case = make_case(scene, at=later(), by="resident", **WORDS)
    return actions.withdraw(case.pk, actor=scene.actor("resident"), at=later(), reason="Solved.")


def _overdue(scene: Scene) -> Case:
    return handling(scene, at=now() - timedelta(days=60), **WORDS)


def _rated(scene: Scene) -> Case:
    return visited_back(scene, at=later(), **WORDS)


WAYS: list[Callable[[Scene], Case]] = [
    lambda scene: make_case(scene, at=later(), **WORDS),
    lambda scene: dispatched(scene, at=later(), **WORDS),
    lambda scene: handling(scene, at=later(), **WORDS),
    lambda scene: reported(scene, at=later(), **WORDS),
    lambda scene: closed(scene, at=later(), **WORDS),
    _declined, _answered, _handed_over, _merged, _split, _on_account, _reopened, _withdrawn, _overdue, _rated,
]  # fmt: skip
ACTS = ("supplement", "rate", "still-wrong", "reopen", "remind", "withdraw", "unknown")


def _pages_of(reader: Client, case: Case) -> Iterator[HttpResponse]:
    """The page of a case, and each form on it, empty and filled in wrongly."""
    yield reader.get(f"/public/cases/{case.number}/")
    for name in ACTS:
        yield reader.get(f"/public/cases/{case.number}/{name}/")
        if name not in {"remind", "withdraw"}:
            yield reader.post(f"/public/cases/{case.number}/{name}/", {"satisfied": "x"})


@pytest.mark.parametrize("way", WAYS)
def test_a_case_is_followed_in_english_on_every_way(
    reader: Client, latin: Scene, box: Path, way: Callable[[Scene], Case]
) -> None:
    case = way(latin)
    prove(reader, box, case.number)
    pages = [*_pages_of(reader, case), reader.get("/public/cases/"), reader.get("/public/cases/?after=x")]
    texts = {"希望尽快修好", "已更换灯具并通电"}  # what the scene has written of visits and results
    found = [part for page in pages for part in chinese_in(page)]
    assert [part for part in found if part.strip() not in texts] == []


def test_acts_and_their_refusals_are_in_english(reader: Client, latin: Scene, box: Path) -> None:
    case = handling(latin, at=later(), **WORDS)
    prove(reader, box, case.number)
    address = f"/public/cases/{case.number}"
    pages = [
        reader.post(
            f"{address}/supplement/",
            {"text": "More.", "photos": [SimpleUploadedFile("a.jpg", PHOTO)]},
            follow=True,
        ),
        reader.post(f"{address}/remind/", {}, follow=True),
        reader.post(f"{address}/remind/", {}, follow=True),
        reader.post(f"{address}/withdraw/", {}, follow=True),
        reader.post(f"{address}/withdraw/", {}, follow=True),
        reader.get("/public/cases/SJ20200101-00001-1/"),
        reader.get(f"{address}/attachments/1/"),
    ]
    assert "Photo 1" in pages[0].content.decode()
    assert "The reminder has been sent." in pages[1].content.decode()
    assert "You have sent a reminder today" in pages[2].content.decode()
    found = [part for page in pages for part in chinese_in(page)]
    assert [part for part in found if part.strip() != "诉求人催办。"] == []


def test_what_is_kept_for_the_office_is_chinese(reader: Client, latin: Scene, box: Path) -> None:
    case = handling(latin, at=later(), **WORDS)
    prove(reader, box, case.number)
    reader.post(f"/public/cases/{case.number}/remind/", {})
    kept = EventText.objects.filter(event__case=case, event__action="remind").get()
    assert CHINESE.search(kept.text)
    assert "催办" in at_desk(latin, "department").get(f"/cases/{case.number}/").content.decode()


def test_public_requests_are_in_english(reader: Client, latin: Scene, box: Path) -> None:
    pages = [reader.get("/public/open/")]
    for case in (handling(latin, at=later(), **WORDS), reported(latin, at=later(), **WORDS)):
        words = {"title": "Broken lamp", "summary": "The street lamp at the gate is broken."}
        actions.publish(case.pk, actor=latin.actor("dispatcher"), at=now(), **words)
    first, second = Publication.objects.order_by("pk")
    pages += [reader.get(f"/public/open/{row.pk}/") for row in (first, second)]
    reader.post("/public/new/", {"text": "Broken lamp"})
    pages.append(reader.get("/public/new/same/"))
    address = f"/public/open/{first.pk}"
    pages += [reader.get(f"{address}/support/"), reader.post(f"{address}/support/", {"phone": "1"})]
    a_minute_passes()
    reader.post(f"{address}/support/", {"phone": "10001234577"})
    pages.append(reader.post(f"{address}/code/", {"code": "x"}))
    reader.post(f"{address}/code/", {"code": last_code(box)})
    pages.append(reader.get(f"{address}/support/"))
    for _again in range(2):
        pages.append(reader.post(f"{address}/support/", {"text": ""}, follow=True))
    pages += [reader.get("/public/open/"), reader.get("/public/open/?q=xyz"), reader.get("/public/open/0/")]
    assert [chinese_in(page) for page in pages] == [[]] * len(pages)


def test_without_a_gateway_the_pages_are_in_english(reader: Client, latin: Scene) -> None:
    case = handling(latin, at=later(), **WORDS)
    words = {"title": "Broken lamp", "summary": "The street lamp at the gate is broken."}
    actions.publish(case.pk, actor=latin.actor("dispatcher"), at=now(), **words)
    row = Publication.objects.get()
    pages = [
        reader.get(address)
        for address in ("/public/follow/", f"/public/open/{row.pk}/", f"/public/open/{row.pk}/support/")
    ]
    pages.append(reader.post("/public/follow/", {"number": case.number, "phone": PHONE}))
    assert [chinese_in(page) for page in pages] == [[]] * len(pages)


def test_errors_are_in_english(reader: Client, latin: Scene) -> None:
    careful = chosen(Client())
    careful.handler.enforce_csrf_checks = True
    pages = [reader.get("/public/unknown/"), careful.post("/public/follow/", {})]
    with translation.override("en"):
        request = RequestFactory().get("/public/x/")
        pages += [error_pages.error_page(request, status) for status in error_pages.ERROR_TEXTS]
    for _try in range(70):
        answer = reader.post("/public/new/", {"text": "x"})
    assert answer.status_code == 429
    found = [chinese_in(page) for page in [*pages, answer]]
    assert found == [[]] * len(found)


def test_days_and_hours_are_in_english() -> None:
    at = datetime.fromisoformat("2026-11-23T14:02:05+08:00")
    with translation.override("en"):
        assert time_words.exact_words(at) == "Monday, 23 November 2026, 14:02:05"
        assert time_words.due_words(at + timedelta(days=5), at) == "28 November 14:02"
        assert time_words.when_words(at - timedelta(minutes=12), at) == "12 min ago"
