"""Navigation and header: the pages a role can go to, and who acts in which post."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.cases.access import unmasking
from jieban.channels import inbox
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Post
from jieban.registry.roles import PROFILES, Right, Role
from jieban.web.page.offline_owner import owner_of
from jieban.web.shell.middleware import POST_KEY

ALERTS_URL_NAME = "audit-alerts"
# Labels of the pages in the navigation; which of them a role has, and in which order, is in its profile.
NAV_LABELS: dict[str, str | Promise] = {
    "case-new": _("登记诉求"),
    "desk": _("工作台"),
    "field": _("今天要办"),
    "visit-backs": _("待回访"),
    "oversight": _("督查"),
    "leader": _("今日概况"),
    "street": _("本街道"),
    "analysis": _("分析"),
    "hot-topics": _("热点"),
    "admin-board": _("管理"),
    "admin-people": _("人员"),
    "admin-units": _("单位"),
    "admin-directory": _("派单目录"),
    "admin-rules": _("时限"),
    "admin-categories": _("分类"),
    "admin-calling": _("回访时间"),
    "admin-shifts": _("班次"),
    "proposal-quality": _("建议质量"),
    "audit-events": _("办理记录"),
    "audit-access": _("查看记录"),
    "audit-changes": _("变更记录"),
    "audit-seals": _("封存"),
    "public-mine": _("我的诉求"),
    "cases": _("诉求"),
    "map": _("地图"),
    "knowledge": _("知识库"),
    "duty": _("值班"),
    "text-messages": _("短信核对"),
    ALERTS_URL_NAME: _("查看预警"),
}
# Roles that take calls have another label for intake: they write down what a caller says.
CALL_LABELS = NAV_LABELS | {"case-new": _("接听登记")}


@dataclass(frozen=True, slots=True)
class NavLink:
    """A navigation link, as one page shows it."""

    url: str
    label: str | Promise
    here: bool
    count: str = ""  # number of waiting items: 3, 99+, or empty


@dataclass(frozen=True, slots=True)
class Header:
    """The data of a page's header."""

    entries: tuple[NavLink, ...]
    post: str
    person: str
    density: str
    takes_calls: bool
    owner: str
    unread: str = ""  # number of unread messages: 3, 99+, or empty


POST_QUERY = Prepared(lambda: Post.objects.select_related("unit").filter(pk=Param("post")))


def header(request: HttpRequest) -> Header:
    """The header for the person and post of this request."""
    post: Post = POST_QUERY.objects(post=request.session[POST_KEY])[0]
    role = Role(post.role)
    current = request.resolver_match.url_name if request.resolver_match else ""
    links = tuple(
        NavLink(reverse(name), label, name == current, _alert_count(name)) for name, label in entries_of(role)
    )
    holder = request.actor.for_name if request.actor else ""  # type: ignore[attr-defined]
    owner, takes_calls = owner_of(request.user.pk, post.pk), Right.TAKE_CALLS in PROFILES[role].rights
    density = PROFILES[role].density.value
    return Header(
        links, post_label(post, holder), str(request.user), density, takes_calls, owner, _unread(request)
    )


def entries_of(role: Role) -> list[tuple[str, str | Promise]]:
    """The navigation of a role: URL names and labels, in order."""
    profile = PROFILES[role]
    labels = CALL_LABELS if Right.TAKE_CALLS in profile.rights else NAV_LABELS
    return [(name, labels[name]) for name in profile.menu]


def _alert_count(name: str) -> str:
    """Number of open alerts, shown beside the link to them; empty for other links."""
    return capped_count(unmasking.open_count(), unmasking.MOST_SHOWN) if name == ALERTS_URL_NAME else ""


def _unread(request: HttpRequest) -> str:
    actor: Actor | None = getattr(request, "actor", None)
    return capped_count(
        inbox.unread_count(actor.person_id, actor.unit_ids) if actor else 0, inbox.MOST_COUNTED
    )


def capped_count(count: int, most: int) -> str:
    """A count as text: 3; 99+ when more than `most`; empty for zero."""
    return f"{most}+" if count > most else str(count or "")


def post_label(post: Post, holder: str = "") -> str:
    """Label of a post: 八角街道接诉即办指挥中心 · 指挥员, with （代 张三） when acting for somebody else."""
    words = f"{post.unit.name} · {post.name}" if post.unit else post.name
    return words + (gettext("（代 %s）") % holder if holder else "")


def home_url(role: Role) -> str | None:
    """URL of the page where this role begins its day; None when it has no desk yet."""
    home = PROFILES[role].home
    return reverse(home) if home else None
