"""The language of a page: Chinese, or English where a reader of the public pages has chosen it by a cookie.

Staff pages are Chinese whatever the cookie says; what a browser accepts is not asked.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

ENGLISH = "en"
Rest = ParamSpec("Rest")


def chosen_language(request: HttpRequest) -> str:
    """The language that the reader has chosen."""
    return (
        ENGLISH if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) == ENGLISH else settings.LANGUAGE_CODE
    )


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
    return translation.override(settings.LANGUAGE_CODE)
