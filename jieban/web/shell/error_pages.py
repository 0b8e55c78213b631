"""Error pages, and error fragments for HTMX: what happened and what to do next.

None of them reads the database, so that they can be shown when it does not answer.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jieban.base.clock import local, now
from jieban.base.errors import Refused
from jieban.web.page.access import public

# Seconds after which a browser or an API client may try again.
RETRY_AFTER = 10
# On these pages nobody has a post; the error texts are those for residents.
PUBLIC_PREFIX = "/public/"


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The texts of an error page."""

    title: str | Promise
    message: str | Promise
    advice: str | Promise


ERROR_TEXTS: dict[int, ErrorText] = {
    400: ErrorText(_("这次请求无法识别"), _("提交的内容不完整或格式不对。"), _("请回到上一页，刷新后再试。")),
    403: ErrorText(
        _("这个岗位不能办理"),
        _("您现在的岗位没有这一项权限。"),
        _("如果您还有其他岗位，请切换岗位后再试；需要增加权限，请联系系统管理员。"),
    ),
    404: ErrorText(
        _("没有找到"),
        _("网址有误，或者这件诉求不在您岗位的范围内。"),
        _("请核对单号，或者从首页查找。"),
    ),
    409: ErrorText(
        _("情况已经变化"),
        _("这件诉求刚刚被办理过，现在不能这样操作。"),
        _("请回到这件诉求，查看最新情况后再办理。"),
    ),
    422: ErrorText(
        _("内容还不完整"),
        _("有内容没有填写或填写有误，没有提交。"),
        _("请回到上一页，补充或改正后再提交。"),
    ),
    429: ErrorText(
        _("操作过于频繁"),
        _("短时间内操作次数太多。"),
        _("请等一分钟再试。"),
    ),
    500: ErrorText(
        _("系统出现错误"),
        _("这次操作没有完成，错误已经记录。"),
        _("请稍后再试。仍然不行时，请把下面的编号和时间告诉系统管理员。"),
    ),
    503: ErrorText(
        _("系统暂时繁忙"),
        _("这次操作没有完成，已有的数据不受影响。"),
        _("请等十秒再试。持续不行时，请联系系统管理员，急事请先电话联系。"),
    ),
}


def error_page(
    request: HttpRequest,
    status: int,
    message: str = "",
    fields: Iterable[str] = (),
) -> HttpResponse:
    """The error response for a status, with its standard text or the message given."""
    texts = ERROR_TEXTS.get(status, ERROR_TEXTS[400])
    if getattr(request, "htmx", False):
        return _fragment(request, status, message or f"{texts.message}{texts.advice}", fields)
    context = {
        "status": status,
        "title": texts.title,
        "message": message or texts.message,
        "fields": list(fields),
        "advice": texts.advice,
        "at": f"{local(now()):%Y-%m-%d %H:%M:%S}",
    }
    template = "shell/error_page.html"
    if request.path.startswith(PUBLIC_PREFIX):
        template = "public/public_error.html"
        context["title"] = texts.title if status != 403 else _("现在不能办理")
    return _with_retry_after(render(request, template, context, status=status))


def _fragment(request: HttpRequest, status: int, words: str, fields: Iterable[str]) -> HttpResponse:
    answer = render(
        request, "shell/error_fragment.html", {"words": " ".join([words, *fields])}, status=status
    )
    answer["HX-Retarget"] = "#notices"
    answer["HX-Reswap"] = "innerHTML show:window:top"
    return _with_retry_after(answer)


def _with_retry_after(answer: HttpResponse) -> HttpResponse:
    if answer.status_code == 503:
        answer["Retry-After"] = str(RETRY_AFTER)
    answer["Cache-Control"] = "no-store"
    return answer


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The response for a refusal of the rules, with its own message."""
    return error_page(request, refused.status, refused.message, refused.fields.values())


def busy(request: HttpRequest) -> HttpResponse:
    """The response when the database does not answer, or not in time."""
    return error_page(request, 503)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 400)


@public
def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Handler of 500; also reached when the database failed in a middleware, before a view was chosen."""
    return busy(request) if isinstance(sys.exc_info()[1], OperationalError) else error_page(request, 500)
