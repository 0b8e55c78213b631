"""The language of a page: Chinese, or English where a reader of the public pages has chosen it by a cookie.

Staff pages are Chinese whatever the cookie says; what a browser accepts is not asked.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from jieban.channels.message_types import Language

Rest = ParamSpec("Rest")


def chosen_language(request: HttpRequest) -> Language:
    """The language that the reader has chosen."""
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return Language.ENGLISH if cookie == Language.ENGLISH else Language.CHINESE


def in_chosen_language(
    page: Callable[Concatenate[HttpRequest, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """For a page of residents that is also shown outside of the public addresses."""

    @wraps(page)
    def translated(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        with translation.override(chosen_language(request)):
            return page(request, *args, **kwargs)

    return translated


def in_chinese() -> translation.override:
    """For words that are kept or sent to the office, whoever reads the page."""
    return translation.override(Language.CHINESE)
