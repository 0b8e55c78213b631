"""Refusals and failures become pages that say what to do, at addresses that this test adds."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from psycopg_pool import PoolTimeout

from jieban.base.errors import Invalid, NotAllowed, NotFound, Refused, TooManyAttempts, WrongState
from jieban.web.page.access import public

FAILURES: dict[str, Exception] = {
    "wrong-state": WrongState("这件诉求已经报结，请刷新后查看。"),
    "not-allowed": NotAllowed("只有主办单位可以报结。"),
    "not-found": NotFound("没有单号为 1 的诉求，请核对单号。"),
    "missing": Invalid("还缺办理结果。", fields={"text": "请填写办理结果。"}),
    "too-many": TooManyAttempts("提交太快，请一分钟后再试。"),
    "refused": Refused("请求无法识别。"),
    "database": OperationalError("connection refused"),
    "pool": PoolTimeout("couldn't get a connection after 10.00 sec"),
    "bug": ValueError("a fault of ours"),
}


@public
def fail(request: HttpRequest, name: str) -> HttpResponse:
    raise FAILURES[name]


urlpatterns = [
    path("fail/<str:name>", fail),
    path("api/fail/<str:name>", fail),
    path("", include("jieban.web.urls")),
]
handler404 = "jieban.web.shell.error_pages.not_found"
handler500 = "jieban.web.shell.error_pages.server_error"

here = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@here
@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("wrong-state", 409, "这件诉求已经报结，请刷新后查看。"),
        ("not-allowed", 403, "只有主办单位可以报结。"),
        ("not-found", 404, "没有单号为 1 的诉求，请核对单号。"),
        ("missing", 422, "请填写办理结果。"),
        ("too-many", 429, "提交太快，请一分钟后再试。"),
        ("refused", 400, "请求无法识别。"),
        ("database", 503, "系统暂时繁忙"),
        ("pool", 503, "系统暂时繁忙"),
        ("bug", 500, "系统出现错误"),
        ("../unknown", 404, "请核对单号，或者从首页查找。"),
    ],
)
def test_failure_becomes_a_page_that_says_what_to_do(
    visitor: Client, name: str, status: int, words: str
) -> None:
    answer = visitor.get(f"/fail/{name}")
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert page.startswith("<!DOCTYPE html>")
    assert answer["Cache-Control"] == "no-store"


@here
def test_failure_under_htmx_is_a_notice_in_its_place(visitor: Client) -> None:
    answer = visitor.get("/fail/missing", headers={"hx-request": "true"})
    page = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#notices")
    assert "还缺办理结果。 请填写办理结果。" in page
    assert "<!doctype html>" not in page


@here
def test_busy_database_says_when_to_try_again(visitor: Client) -> None:
    assert visitor.get("/fail/database")["Retry-After"] == "10"


@here
def test_faults_are_not_shown_to_people(visitor: Client) -> None:
    assert "a fault of ours" not in visitor.get("/fail/bug").content.decode()


@here
def test_api_answers_for_itself(client: Client) -> None:
    with pytest.raises(WrongState):
        client.get("/api/fail/wrong-state")


@pytest.mark.django_db
def test_expired_form_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "请回到上一页，刷新后再提交一次。" in answer.content.decode()
