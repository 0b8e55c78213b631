"""The header: where a role can go, and as whom somebody acts."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.cases.access import unmasking
from jieban.cases.access.rules import REQUESTER_ROLES
from jieban.cases.flow import transitions
from jieban.cases.lists import queues
from jieban.cases.suggestions.reading_quality import READER_ROLES
from jieban.channels import inbox
from jieban.registry.duty import duty_roster
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Post
from jieban.registry.roles import Role
from jieban.web.page.offline_owner import owner_of
from jieban.web.shell.middleware import POST_KEY

# Dispatchers and others at a desk read many rows; the rest hold a phone.
DENSE_ROLES = frozenset(
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
LARGE_TYPE_ROLES = frozenset({Role.RESIDENT, Role.ENTERPRISE})


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A place in the main navigation: the name of its address, its label, the roles that go there."""

    name: str
    label: str | Promise
    roles: frozenset[Role]


ALERTS_URL_NAME = "audit-alerts"
ROLES_WITHOUT_CASES = frozenset({Role.ADMIN, Role.SYSTEM})
NAV_ENTRIES: tuple[NavEntry, ...] = (
    NavEntry("case-new", _("接听登记"), frozenset({Role.OPERATOR})),
    NavEntry("desk", _("工作台"), frozenset(queues.QUEUES_BY_ROLE)),
    NavEntry("field", _("今天要办"), transitions.SHARE_ROLES),
    NavEntry("visit-backs", _("待回访"), frozenset({Role.CALLER})),
    NavEntry("oversight", _("督查"), frozenset({Role.SUPERVISOR})),
    NavEntry("leader", _("今日概况"), frozenset({Role.LEADER})),
    NavEntry("street", _("本街道"), frozenset({Role.STREET})),
    NavEntry("analysis", _("分析"), frozenset({Role.ANALYST})),
    NavEntry("hot-topics", _("热点"), frozenset({Role.ANALYST, Role.LEADER})),
    NavEntry("admin-board", _("管理"), frozenset({Role.ADMIN})),
    NavEntry("admin-people", _("人员"), frozenset({Role.ADMIN})),
    NavEntry("admin-units", _("单位"), frozenset({Role.ADMIN})),
    NavEntry("admin-directory", _("派单目录"), frozenset({Role.ADMIN})),
    NavEntry("admin-rules", _("时限"), frozenset({Role.ADMIN})),
    NavEntry("admin-categories", _("分类"), frozenset({Role.ADMIN})),
    NavEntry("admin-calling", _("回访时间"), frozenset({Role.ADMIN})),
    NavEntry("admin-shifts", _("班次"), frozenset({Role.ADMIN})),
    NavEntry("proposal-quality", _("建议质量"), READER_ROLES),
    NavEntry("audit-events", _("办理记录"), frozenset({Role.AUDITOR})),
    NavEntry("audit-access", _("查看记录"), frozenset({Role.AUDITOR})),
    NavEntry("audit-changes", _("变更记录"), frozenset({Role.AUDITOR})),
    NavEntry("audit-seals", _("封存"), frozenset({Role.AUDITOR})),
    NavEntry("public-mine", _("我的诉求"), REQUESTER_ROLES),
    NavEntry("cases", _("诉求"), frozenset(Role) - ROLES_WITHOUT_CASES),
    NavEntry("map", _("地图"), frozenset(Role) - ROLES_WITHOUT_CASES - REQUESTER_ROLES - {Role.PROPERTY}),
    NavEntry("case-new", _("登记诉求"), transitions.RECEIVING_ROLES - {Role.OPERATOR}),
    NavEntry("knowledge", _("知识库"), frozenset(Role) - REQUESTER_ROLES - {Role.SYSTEM}),
    NavEntry("duty", _("值班"), duty_roster.READERS),
    NavEntry("text-messages", _("短信核对"), frozenset({Role.OPERATOR, Role.ADMIN})),
    NavEntry(ALERTS_URL_NAME, _("查看预警"), frozenset({Role.AUDITOR, Role.SUPERVISOR})),
)


@dataclass(frozen=True, slots=True)
class NavLink:
    """An entry as it is shown on one page."""

    url: str
    label: str | Promise
    here: bool
    count: str = ""  # of what waits there: 3, 99+, or nothing


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a page says."""

    entries: tuple[NavLink, ...]
    post: str
    person: str
    density: str
    takes_calls: bool
    owner: str
    unread: str = ""  # messages: 3, 99+, or nothing


POST_QUERY = Prepared(lambda: Post.objects.select_related("unit").filter(pk=Param("post")))


def header(request: HttpRequest) -> Header:
    """The header for the person and post of this request."""
    post: Post = POST_QUERY.objects(post=request.session[POST_KEY])[0]
    role = Role(post.role)
    here = request.resolver_match.url_name if request.resolver_match else ""
    links = tuple(
        NavLink(reverse(entry.name), entry.label, entry.name == here, _alert_count(entry))
        for entry in NAV_ENTRIES
        if role in entry.roles
    )
    density = "dense" if role in DENSE_ROLES else "large" if role in LARGE_TYPE_ROLES else ""
    holder = request.actor.for_name if request.actor else ""  # type: ignore[attr-defined]
    owner, takes_calls = owner_of(request.user.pk, post.pk), role == Role.OPERATOR
    return Header(
        links, post_label(post, holder), str(request.user), density, takes_calls, owner, _unread(request)
    )


def _alert_count(entry: NavEntry) -> str:
    """How many alerts nobody has looked into, beside the way to them."""
    return capped_count(unmasking.open_count(), unmasking.MOST_SHOWN) if entry.name == ALERTS_URL_NAME else ""


def _unread(request: HttpRequest) -> str:
    actor: Actor | None = getattr(request, "actor", None)
    return capped_count(
        inbox.unread_count(actor.person_id, actor.unit_ids) if actor else 0, inbox.MOST_COUNTED
    )


def capped_count(count: int, most: int) -> str:
    """3; 99+ for more than are counted; nothing for none."""
    return f"{most}+" if count > most else str(count or "")


def post_label(post: Post, holder: str = "") -> str:
    """八角街道接诉即办指挥中心 · 指挥员, and （代 张三） where the post is somebody else's."""
    words = f"{post.unit.name} · {post.name}" if post.unit else post.name
    return words + (gettext("（代 %s）") % holder if holder else "")


def home_url(role: Role) -> str | None:
    """Where this role begins its day; None when it has no desk of its own yet."""
    return next((reverse(entry.name) for entry in NAV_ENTRIES if role in entry.roles), None)
