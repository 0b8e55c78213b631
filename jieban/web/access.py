"""Which pages may be read without a post. Everything else is refused by the middleware."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

Access = Literal["post", "signed_in", "first_step", "public"]
View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anybody may see this page."""
    return _marked(view, "public")


def signed_in(view: View) -> View:
    """Somebody who has signed in may see this page, also without a post."""
    return _marked(view, "signed_in")


def first_step(view: View) -> View:
    """Somebody whose password was right may see this page, also while a second factor is still missing."""
    return _marked(view, "first_step")


def access_of(view: Callable[..., Any]) -> Access:
    """What a page asks of its reader. A page that says nothing needs a post."""
    access: Access = getattr(view, "access", "post")
    return access


def _marked(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view
