"""Who may reach which page at all. A page that declares nothing is refused to everybody by the middleware.

What is shown and done there the rules decide further: a role that may reach a case's page sees only its own cases.
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
    """A request to any page; nobody acts where the page needs no post."""

    actor: Actor | None
    htmx: HtmxDetails
    session: SessionStore


class ActorRequest(PageRequest):
    """A request to a page of some roles: the middleware has let through who acts in a post of one of them."""

    actor: Actor


def public(view: View) -> View:
    """Anybody may see this page."""
    return _declare_access(view, "public")


def signed_in(view: View) -> View:
    """Somebody who has signed in may see this page, also without a post."""
    return _declare_access(view, "signed_in")


def for_roles(roles: Iterable[Role]) -> Callable[[View], View]:
    """Who acts in a post of one of these roles may reach this page."""
    allowed = frozenset(roles)

    def mark(view: View) -> View:
        view.roles = allowed  # type: ignore[attr-defined]
        return view

    return mark


def first_step(view: View) -> View:
    """Somebody whose password was right may see this page, also while a second factor is still missing."""
    return _declare_access(view, "first_step")


def access_of(view: Callable[..., Any]) -> Access:
    """What a page asks of its reader. A page that says nothing needs a post."""
    access: Access = getattr(view, "access", "post")
    return access


def roles_of(view: Callable[..., Any]) -> frozenset[Role]:
    """The roles that may reach a page which needs a post; none where it declares none."""
    declared: frozenset[Role] = getattr(view, "roles", frozenset())
    return declared


def person_id_of(request: ActorRequest) -> int:
    """The id of whoever acts: only timers hold no account, and they ask for no page."""
    if request.actor.person_id is None:
        raise RuntimeError("nobody is signed in")
    return request.actor.person_id


def _declare_access(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view
