"""The header: where a role can go, and as whom somebody acts."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jieban.base.sql.prepared import Prepared
from jieban.cases.access import unmasking
from jieban.cases.access.rules import REQUESTERS
from jieban.cases.flow import transitions
from jieban.cases.lists import queues
from jieban.cases.suggestions.reading_quality import READERS
from jieban.channels import inbox
from jieban.registry.duty import duty_roster
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Post
from jieban.registry.roles import Role
from jieban.web.page.offline_owner import owner_of
from jieban.web.shell.middleware import POST_KEY

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


ALERTS = "audit-alerts"
NOT_CASES = frozenset({Role.ADMIN, Role.SYSTEM})
ENTRIES: tuple[Entry, ...] = (
    Entry("case-new", _("接听登记"), frozenset({Role.OPERATOR})),
    Entry("desk", _("工作台"), frozenset(queues.OF_ROLE)),
    Entry("field", _("今天要办"), transitions.SHARERS),
    Entry("visit-backs", _("待回访"), frozenset({Role.CALLER})),
    Entry("oversight", _("督查"), frozenset({Role.SUPERVISOR})),
    Entry("leader", _("今日概况"), frozenset({Role.LEADER})),
    Entry("street", _("本街道"), frozenset({Role.STREET})),
    Entry("analysis", _("分析"), frozenset({Role.ANALYST})),
    Entry("hot-topics", _("热点"), frozenset({Role.ANALYST, Role.LEADER})),
    Entry("admin-board", _("管理"), frozenset({Role.ADMIN})),
    Entry("admin-people", _("人员"), frozenset({Role.ADMIN})),
    Entry("admin-units", _("单位"), frozenset({Role.ADMIN})),
    Entry("admin-directory", _("派单目录"), frozenset({Role.ADMIN})),
    Entry("admin-rules", _("时限"), frozenset({Role.ADMIN})),
    Entry("admin-categories", _("分类"), frozenset({Role.ADMIN})),
    Entry("admin-calling", _("回访时间"), frozenset({Role.ADMIN})),
    Entry("admin-shifts", _("班次"), frozenset({Role.ADMIN})),
    Entry("proposal-quality", _("建议质量"), READERS),
    Entry("audit-events", _("办理记录"), frozenset({Role.AUDITOR})),
    Entry("audit-access", _("查看记录"), frozenset({Role.AUDITOR})),
    Entry("audit-changes", _("变更记录"), frozenset({Role.AUDITOR})),
    Entry("audit-seals", _("封存"), frozenset({Role.AUDITOR})),
    Entry("public-mine", _("我的诉求"), REQUESTERS),
    Entry("cases", _("诉求"), frozenset(Role) - NOT_CASES),
    Entry("map", _("地图"), frozenset(Role) - NOT_CASES - REQUESTERS - {Role.PROPERTY}),
    Entry("case-new", _("登记诉求"), transitions.RECEIVING - {Role.OPERATOR}),
    Entry("knowledge", _("知识库"), frozenset(Role) - REQUESTERS - {Role.SYSTEM}),
    Entry("duty", _("值班"), duty_roster.READERS),
    Entry("text-messages", _("短信核对"), frozenset({Role.OPERATOR, Role.ADMIN})),
    Entry(ALERTS, _("查看预警"), frozenset({Role.AUDITOR, Role.SUPERVISOR})),
)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is shown on one page."""

    url: str
    label: str | Promise
    here: bool
    count: str = ""  # of what waits there: 3, 99+, or nothing


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a page says."""

    entries: tuple[Link, ...]
    post: str
    person: str
    density: str
    takes_calls: bool
    owner: str
    unread: str = ""  # messages: 3, 99+, or nothing


_POST = Prepared(lambda post: Post.objects.select_related("unit").filter(pk=post), post=-1)


def header(request: HttpRequest) -> Header:
    """The header for the person and post of this request."""
    post: Post = _POST.objects(post=request.session[POST_KEY])[0]
    role = Role(post.role)
    here = request.resolver_match.url_name if request.resolver_match else ""
    links = tuple(
        Link(reverse(entry.name), entry.label, entry.name == here, _waiting(entry))
        for entry in ENTRIES
        if role in entry.roles
    )
    density = "dense" if role in DENSE else "large" if role in LARGE else ""
    holder = request.actor.for_name if request.actor else ""  # type: ignore[attr-defined]
    owner, takes_calls = owner_of(request.user.pk, post.pk), role == Role.OPERATOR
    return Header(
        links, post_words(post, holder), str(request.user), density, takes_calls, owner, _unread(request)
    )


def _waiting(entry: Entry) -> str:
    """How many alerts nobody has looked into, beside the way to them."""
    return counted(unmasking.open_count(), unmasking.COUNTED) if entry.name == ALERTS else ""


def _unread(request: HttpRequest) -> str:
    actor: Actor | None = getattr(request, "actor", None)
    return counted(inbox.unread_count(actor.person_id, actor.unit_ids) if actor else 0, inbox.COUNTED)


def counted(count: int, most: int) -> str:
    """3; 99+ for more than are counted; nothing for none."""
    return f"{most}+" if count > most else str(count or "")


def post_words(post: Post, holder: str = "") -> str:
    """八角街道接诉即办指挥中心 · 指挥员, and （代 张三） where the post is somebody else's."""
    words = f"{post.unit.name} · {post.name}" if post.unit else post.name
    return words + (gettext("（代 %s）") % holder if holder else "")


def first_address(role: Role) -> str | None:
    """Where this role begins its day; None when it has no desk of its own yet."""
    return next((reverse(entry.name) for entry in ENTRIES if role in entry.roles), None)
