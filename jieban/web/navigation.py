"""The header: where a role can go, and as whom somebody acts."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jieban.cases import flow, waiting
from jieban.cases.rules import REQUESTERS
from jieban.channels import inbox
from jieban.registry import duty
from jieban.registry.models import Post, Role
from jieban.registry.posts import Actor
from jieban.web.middleware import POST_KEY

# Dispatchers and others at a desk read many rows; the rest hold a phone.
DENSE = frozenset(
    {
        Role.OPERATOR,
        Role.DISPATCHER,
        Role.STREET,
        Role.CALLER,
        Role.SUPERVISOR,
        Role.ANALYST,
        Role.AUDITOR,
        Role.ADMIN,
    }
)
LARGE = frozenset({Role.RESIDENT, Role.ENTERPRISE})


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the main navigation: the name of its address, its label, the roles that go there."""

    name: str
    label: str | Promise
    roles: frozenset[Role]


NOT_CASES = frozenset({Role.ADMIN, Role.SYSTEM})
RECEIVERS = frozenset().union(*flow.RECEIVERS.values()) - {Role.SYSTEM}
ENTRIES: tuple[Entry, ...] = (
    Entry("case-new", _("接听登记"), frozenset({Role.OPERATOR})),
    Entry("desk", _("工作台"), frozenset(waiting.OF_ROLE)),
    Entry("visit-backs", _("待回访"), frozenset({Role.CALLER})),
    Entry("cases", _("诉求"), frozenset(Role) - NOT_CASES),
    Entry("map", _("地图"), frozenset(Role) - NOT_CASES - REQUESTERS - {Role.PROPERTY}),
    Entry("case-new", _("登记诉求"), RECEIVERS - {Role.OPERATOR}),
    Entry("knowledge", _("知识库"), frozenset(Role) - REQUESTERS - {Role.SYSTEM}),
    Entry("duty", _("值班"), duty.READERS),
)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is shown on one page."""

    url: str
    label: str | Promise
    here: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a page says."""

    entries: tuple[Link, ...]
    post: str
    person: str
    density: str
    unread: str = ""  # messages: 3, 99+, or nothing


def header(request: HttpRequest) -> Header:
    """The header for the person and post of this request."""
    post = Post.objects.select_related("unit").get(pk=request.session[POST_KEY])
    role = Role(post.role)
    here = request.resolver_match.url_name if request.resolver_match else ""
    links = tuple(
        Link(reverse(entry.name), entry.label, entry.name == here) for entry in ENTRIES if role in entry.roles
    )
    density = "dense" if role in DENSE else "large" if role in LARGE else ""
    return Header(links, post_words(post), str(request.user), density, _unread(request))


def _unread(request: HttpRequest) -> str:
    actor: Actor | None = getattr(request, "actor", None)
    count = inbox.unread_count(actor.person_id, actor.unit_ids) if actor else 0
    return f"{inbox.COUNTED}+" if count > inbox.COUNTED else str(count or "")


def post_words(post: Post) -> str:
    """八角街道接诉即办指挥中心 · 指挥员."""
    return f"{post.unit.name} · {post.name}" if post.unit else post.name


def first_address(role: Role) -> str | None:
    """Where this role begins its day; None when it has no desk of its own yet."""
    return next((reverse(entry.name) for entry in ENTRIES if role in entry.roles), None)
