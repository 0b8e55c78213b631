from datetime import date

import pytest
from django.test import Client

from jieban.registry.models import Holding, Unit
from jieban.registry.roles import Role
from tests.web.people import PASSWORD, make_person, make_post, make_unit

pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str = "zhoumin", **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login/", {"username": username, "password": PASSWORD, **more})


def test_login_with_one_post_leads_home(client: Client) -> None:
    make_post(make_person())
    assert sign_in(client)["Location"] == "/"
    assert client.get("/")["Location"] == "/posts/?next=%2F"
    assert client.get("/posts/?next=%2F")["Location"] == "/"
    assert "八角街道接诉即办指挥中心 · 指挥员" in client.get("/", follow=True).content.decode()


def test_login_with_a_wrong_password_says_what_to_do(client: Client) -> None:
    make_person()
    answer = client.post("/login/", {"username": "zhoumin", "password": "wrong"})
    assert "用户名或密码不对，请重新输入。" in answer.content.decode()


def test_login_leads_back_to_the_page_that_was_asked_for(client: Client) -> None:
    make_post(make_person())
    assert client.get("/posts/?a=1")["Location"] == "/login/?next=%2Fposts%2F%3Fa%3D1"
    assert sign_in(client, next="/posts/?a=1")["Location"] == "/posts/?a=1"


def test_login_never_leads_to_another_host(client: Client) -> None:
    make_post(make_person())
    assert sign_in(client, next="//elsewhere.example/")["Location"] == "/"
    assert client.get("/posts/?next=https://elsewhere.example/")["Location"] == "/"


def test_posts_are_listed_and_one_is_chosen(client: Client) -> None:
    person = make_person()
    make_post(person)
    second = make_post(person, "派单员", Role.DISPATCHER, make_unit("区热线中心", Unit.Kind.HOTLINE))
    sign_in(client)
    page = client.get("/posts/").content.decode()
    assert "指挥员" in page and "派单员" in page
    assert client.post("/posts/", {"post": second.pk})["Location"] == "/"
    assert "区热线中心 · 派单员" in client.get("/", follow=True).content.decode()


def test_posts_of_others_cannot_be_chosen(client: Client) -> None:
    make_post(make_person())
    others = make_post(make_person("lichen", "李陈"), "派单员")
    sign_in(client)
    assert client.post("/posts/", {"post": others.pk}).status_code == 422
    assert client.get("/")["Location"] == "/posts/?next=%2F"


def test_somebody_without_a_post_is_told_whom_to_ask(client: Client) -> None:
    make_person()
    sign_in(client)
    assert client.get("/")["Location"] == "/posts/?next=%2F"
    assert "您现在没有岗位" in client.get("/posts/").content.decode()


def test_a_post_that_ends_ends_the_right_at_once(client: Client) -> None:
    post = make_post(make_person())
    sign_in(client)
    client.get("/posts/")
    assert client.get("/")["Location"] == "/desk/"
    Holding.objects.filter(post=post).update(valid_to=date(2020, 2, 1))
    assert client.get("/")["Location"] == "/posts/?next=%2F"
    assert "原来的岗位已经结束" in client.get("/posts/?next=%2F", follow=True).content.decode()


def test_an_account_that_ends_ends_the_right_at_once(client: Client) -> None:
    person = make_person()
    make_post(person)
    sign_in(client)
    client.get("/posts/")
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert client.get("/")["Location"] == "/login/?next=%2F"


def test_logout_needs_a_post_request(client: Client) -> None:
    make_post(make_person())
    sign_in(client)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"] == "/login/?next=%2F"


def test_htmx_is_sent_to_the_login_as_a_whole_page(client: Client) -> None:
    answer = client.get("/", headers={"hx-request": "true", "hx-current-url": "http://testserver/posts/?x=1"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/login/?next=%2Fposts%2F")


def test_pages_of_a_person_are_not_kept_by_the_browser(client: Client) -> None:
    make_post(make_person())
    sign_in(client)
    client.get("/posts/")
    assert "no-store" in client.get("/cases/")["Cache-Control"]


def test_pages_allow_only_our_own_scripts(client: Client) -> None:
    assert client.get("/login/")["Content-Security-Policy"].startswith("default-src 'self';")
