"""The pages' templates with cases that show every part of them."""

import re
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context, Template
from django.template.base import TextNode
from django.test import Client, override_settings
from django.urls import include, path

from jieban.cases.reception.calling_list import CallingListRow
from jieban.registry.roles import EVERY_ROLE
from jieban.web.page.access import for_roles
from jieban.web.page.template_loader import drop_line_breaks
from tests.web import samples
from tests.web.people import PASSWORD, make_person, make_post

pytestmark = pytest.mark.django_db

WEB = Path(__file__).resolve().parents[3] / "jieban" / "web"
LONGEST_LINE = 120
LONGEST_STYLESHEET = 600  # lines
BLOCK = "div|p|ul|ol|li|table|thead|tbody|tr|section|article|aside|main|header|nav|form|fieldset|details|dl|h[1-6]"
NESTED = re.compile(rf"<(?:{BLOCK})\b[^<]*<(?:{BLOCK})\b")


@for_roles(EVERY_ROLE)
def show_list(request: HttpRequest) -> HttpResponse:
    return render(request, "lists/case_list.html", samples.queue())


@for_roles(EVERY_ROLE)
def show_empty(request: HttpRequest) -> HttpResponse:
    return render(
        request, "lists/case_list.html", {"title": "待办诉求", "filters_used": True, "clear_url": "/"}
    )


@for_roles(EVERY_ROLE)
def show_record(request: HttpRequest, number: str = "") -> HttpResponse:
    return render(request, "case/case.html", samples.record())


@for_roles(EVERY_ROLE)
def show_new(request: HttpRequest) -> HttpResponse:
    return render(request, "calls/case_new.html", samples.new_case())


@for_roles(EVERY_ROLE)
def show_visit_backs(request: HttpRequest) -> HttpResponse:
    offers = [(CallingListRow(samples.cases()[4]), "第 1 次")]
    context = {"now": samples.NOW, "title": "待回访", "open": True, "offers": offers}
    return render(request, "desks/visit_back_list.html", context)


@for_roles(EVERY_ROLE)
def show_visit_back(request: HttpRequest, number: str = "") -> HttpResponse:
    return render(request, "desks/visit_back.html", samples.visit_back())


urlpatterns = [
    path("show/new/", show_new),
    path("show/visit-backs/", show_visit_backs),
    path("visit-backs/<str:number>/", show_visit_back, name="visit-back"),
    path("show/list/", show_list),
    path("show/empty/", show_empty),
    path("show/record/", show_record),
    path("cases/<str:number>/", show_record, name="case"),
    path("", include("jieban.web.urls")),
]


PAGES = (
    "/show/list/",
    "/show/record/",
    "/show/new/",
    "/show/visit-backs/",
    "/visit-backs/a/",
)


@pytest.fixture
def page(client: Client):  # type: ignore[no-untyped-def]
    """Reads a page as the command centre of a street."""
    make_post(make_person())
    client.post("/login/", {"username": "zhoumin", "password": PASSWORD})
    client.get("/posts/")
    with override_settings(ROOT_URLCONF=__name__):
        yield lambda address: client.get(address).content.decode()


def test_list_shows_each_limit_in_words_tone_and_shape(page) -> None:  # type: ignore[no-untyped-def]
    shown = page("/show/list/")
    for words in ("已超 4 分钟", "剩 38 分钟", "今天 24:00 前", "11月28日 24:00 前", "明天 16:00 前"):
        assert words in shown
    assert 'title="2026年11月28日 星期六 24:00"' in shown
    assert "shapes.svg#triangle" in shown


def test_list_with_filters_and_no_rows_says_how_to_go_on(page) -> None:  # type: ignore[no-untyped-def]
    assert "可减少条件，或核对单号、地点后再查。" in page("/show/empty/")


@pytest.mark.parametrize("address", [*PAGES, "/"])
def test_at_most_one_filled_button(page, address: str) -> None:  # type: ignore[no-untyped-def]
    assert page(address).count("button-main") <= 1


def test_record_says_first_who_does_what_until_when(page) -> None:  # type: ignore[no-untyped-def]
    shown = page("/show/record/")
    assert samples.record()["first_line"] in shown
    assert shown.index("正在办理") < shown.index("我家住")


def test_record_masks_the_requester_and_says_that_looking_is_recorded(page) -> None:  # type: ignore[no-untyped-def]
    shown = page("/show/record/")
    assert "100****0417" in shown
    assert "查看人、时间和理由将记录在案。" in shown


def test_wrong_field_says_what_to_do_beside_it(page) -> None:  # type: ignore[no-untyped-def]
    shown = page("/show/new/")
    assert '<p class="field-error" id="id_text_error">请填写“内容”。</p>' in shown
    assert 'aria-describedby="id_text_helptext id_text_error"' in shown


def test_visit_back_offers_an_attempt_without_answer(page) -> None:  # type: ignore[no-untyped-def]
    assert "无人接听" in page("/visit-backs/a/")


def test_templates_have_short_lines_and_one_block_a_line() -> None:
    lines = [
        (file.name, line)
        for file in WEB.glob("*/templates/**/*.html")
        for line in file.read_text().splitlines()
    ]
    assert [line for line in lines if len(line[1]) > LONGEST_LINE or NESTED.search(line[1])] == []


def test_stylesheets_are_short() -> None:
    lengths = {
        file.name: len(file.read_text().splitlines()) for file in (WEB / "static/jieban").rglob("*.css")
    }
    assert {name for name, lines in lengths.items() if lines > LONGEST_STYLESHEET} == set()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>\n  {{ a }}\n  <b>x</b>\n</p>\n", "<p>1<b>x</b></p>"),
        ("<p>\n  {{ a }} <b>x</b>\n  {{ ' ' }}y\n</p>", "<p>1 <b>x</b> y</p>"),
        (
            '<a href="{{ a }}"\n   {% if a %}class="b"{% endif %}\n   hidden>\n  z\n</a>',
            '<a href="1" class="b" hidden>z</a>',
        ),
        ("{% if a %}\n  {{ a }}\n  <br>\n{% endif %}\n1 &lt; 2", "1<br>1 &lt; 2"),
    ],
)
def test_line_break_in_a_template_means_nothing(written: str, read: str) -> None:
    template = Template(written)
    drop_line_breaks(template.nodelist.get_nodes_by_type(TextNode))
    assert template.render(Context({"a": 1})) == read


def test_pages_have_no_line_break_between_elements(page) -> None:  # type: ignore[no-untyped-def]
    assert '</header><div class="notices" id="notices"' in page("/show/list/")
