"""Access marks of views: who may open a page at all. The middleware refuses a page without a mark to everybody.

What a page shows and offers is decided by the rules: a role that may open the page of a case sees its own cases only.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from jieban.registry.identity.posts import Actor
from jieban.registry.identity.sessions import SessionStore
from jieban.registry.roles import Role

Access = Literal["post", "signed_in", "first_step", "public"]
View = TypeVar("View", bound=Callable[..., Any])


class PageRequest(HttpRequest):
    """A request to any page; `actor` is None where the page needs no post."""

    actor: Actor | None
    htmx: HtmxDetails
    session: SessionStore


class ActorRequest(PageRequest):
    """A request to a page of some roles: the middleware has checked that its actor has a post in one of them."""

    actor: Actor


def public(view: View) -> View:
    """Mark of a view: anybody may open this page."""
    return _declare_access(view, "public")


def signed_in(view: View) -> View:
    """Mark of a view: anybody who has signed in may open this page, also without a post."""
    return _declare_access(view, "signed_in")


def for_roles(roles: Iterable[Role]) -> Callable[[View], View]:
    """Mark of a view: anybody who acts in a post of one of these roles may open this page."""
    allowed = frozenset(roles)

    def mark(view: View) -> View:
        view.roles = allowed  # type: ignore[attr-defined]
        return view

    return mark


def first_step(view: View) -> View:
    """Mark of a view: open after a right password, also while a second factor is still missing."""
    return _declare_access(view, "first_step")


def access_of(view: Callable[..., Any]) -> Access:
    """The access mark of a view. A view without one needs a post."""
    access: Access = getattr(view, "access", "post")
    return access


def roles_of(view: Callable[..., Any]) -> frozenset[Role]:
    """The roles that may open a page which needs a post; empty when the view declares none."""
    declared: frozenset[Role] = getattr(view, "roles", frozenset())
    return declared


def person_id_of(request: ActorRequest) -> int:
    """The account id of the actor. Only timers have no account, and they request no pages."""
    if request.actor.person_id is None:
        raise RuntimeError("nobody is signed in")
    return request.actor.person_id


def _declare_access(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view
