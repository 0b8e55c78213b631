"""Error responses of the API, all in one JSON form: code, message, fields. Never a 5xx for bad input."""

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as BadParameters
from psycopg_pool import PoolTimeout
from pydantic import ValidationError

from jieban.base.errors import Invalid, Refused
from jieban.registry.identity.tokens import NotSignedIn

log = logging.getLogger(__name__)

PREFIX = "/api/"
RETRY_AFTER = 10  # seconds
DEFAULT_ERRORS = {
    400: ("bad_request", gettext_lazy("请求无法识别。正文须是 UTF-8 编码的 JSON 对象。")),
    404: ("not_found", gettext_lazy("没有这个接口地址，请对照 /api/v1/openapi.json。")),
    405: ("wrong_method", gettext_lazy("这个地址不支持此请求方法，请对照 /api/v1/openapi.json。")),
    413: ("too_large", gettext_lazy("请求正文太大，请控制在 25 MB 以内。")),
    500: ("error", gettext_lazy("系统出现错误，已记录。请稍后再试，用同一个幂等键重发不会重复。")),
    503: ("busy", gettext_lazy("系统暂时繁忙，请十秒后用同一个幂等键重发。")),
}
FIELD_ERROR_TEXTS = {
    "missing": gettext_lazy("必填"),
    "extra_forbidden": gettext_lazy("没有这个字段"),
    "string_too_long": gettext_lazy("太长"),
    "too_long": gettext_lazy("太多"),
    "enum": gettext_lazy("不在可选值中"),
    "timezone_aware": gettext_lazy("时间须带时区，例如 2026-11-23T14:02:00+08:00"),
}


def error_response(
    status: int, code: str, message: str, fields: dict[str, str] | None = None
) -> JsonResponse:
    """The JSON form of every error response."""
    sent = JsonResponse({"code": code, "message": message, "fields": fields or {}}, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        sent["Retry-After"] = str(RETRY_AFTER)
    if status == HTTPStatus.UNAUTHORIZED:
        sent["WWW-Authenticate"] = 'Bearer realm="jieban"'
    return sent


def default_error_response(status: int) -> JsonResponse:
    """The error response for a status, with its standard message."""
    code, message = DEFAULT_ERRORS.get(status, DEFAULT_ERRORS[400])
    return error_response(status, code, str(message))


def refusal_response(refused: Refused) -> JsonResponse:
    return error_response(refused.status, refused.code, str(refused.message), refused.fields)


def invalid_from_pydantic(error: ValidationError) -> Invalid:
    """The errors of a body as Invalid, field by field."""
    return Invalid(
        _("请求有缺项或格式不对，请按 fields 改正。"), code="invalid", fields=_field_texts(error.errors())
    )


def _field_texts(errors: Iterable[Any]) -> dict[str, str]:
    return {
        _field_path(error["loc"]): str(FIELD_ERROR_TEXTS.get(error["type"], _("格式或取值不对")))
        for error in errors
    }


def _field_path(location: Iterable[Any]) -> str:
    named = [str(part) for part in location if part not in {"body", "query", "path", "header"}]
    return ".".join(named)[:100]


def register_error_handlers(api: NinjaAPI) -> None:
    """Registers the handlers of all exceptions, so that each kind of error is answered in one place."""
    handlers: dict[type[Exception], Callable[[Any], JsonResponse]] = {
        Refused: refusal_response,
        BadParameters: lambda error: refusal_response(
            Invalid(_("请求参数不对，请按 fields 改正。"), code="invalid", fields=_field_texts(error.errors))
        ),
        ValidationError: lambda error: refusal_response(invalid_from_pydantic(error)),
        AuthenticationError: lambda _error: refusal_response(
            NotSignedIn(_("请在 Authorization 头中带上令牌：Bearer 加令牌。"))
        ),
        HttpError: lambda error: default_error_response(error.status_code),
        RequestDataTooBig: lambda _error: default_error_response(413),
        OperationalError: lambda _error: default_error_response(503),
        PoolTimeout: lambda _error: default_error_response(503),
    }
    for kind, make in handlers.items():
        api.add_exception_handler(kind, _handler(make))
    api.add_exception_handler(Exception, _unexpected_error)


def _handler(make: Callable[[Any], JsonResponse]) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, error: make(error)


def _unexpected_error(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("An API request failed", exc_info=error)
    return default_error_response(500)


class JsonMiddleware:
    """Middleware that makes errors JSON, too, when they arise outside the API's own code."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = self.get_response(request)
        foreign = sent.status_code >= 400 and not sent.headers.get("Content-Type", "").startswith(
            "application/json"
        )
        if not request.path.startswith(PREFIX) or not foreign:
            return sent
        answer = default_error_response(sent.status_code)
        if "Allow" in sent.headers:
            answer["Allow"] = sent.headers["Allow"]
        return answer
