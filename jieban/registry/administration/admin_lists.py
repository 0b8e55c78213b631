"""Lists for the administrator: people, posts, units, the dispatch directory, and the log of changes.

Keyset pagination, a fixed number of queries per page.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Count, Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, NotFound
from jieban.registry.identity.posts import exists_on, holdings_in_force
from jieban.registry.models import (
    ApiToken,
    Category,
    ConfigChange,
    DirectoryRow,
    Holding,
    Person,
    Post,
    Unit,
    holds_on,
)

PAGE = 50
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[M]):
    """Page of rows, with the key of the next page; empty on the last."""

    rows: list[M]
    next: str


def keyset_page(rows: QuerySet[M], field: str, size: int = PAGE) -> KeysetPage[M]:
    """The first page of rows, which are ordered by a unique field."""
    found = list(rows.order_by(field)[: size + 1])
    more = str(getattr(found[size - 1], field.lstrip("-"))) if len(found) > size else ""
    return KeysetPage(found[:size], more)


def _code_parameter(written: str) -> str:
    """Code from a URL, without NUL characters, which PostgreSQL refuses in text."""
    return written.replace("\0", "")


def key_of(text: str) -> int:
    """Key of a page that is ordered by id. Raises Invalid when it is none."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**63:
        raise Invalid(_("翻页标记无效，请回到第一页。"), fields={"after": _("无效")})
    return int(text)


def people(chosen: dict[str, Any], on: date, after: str = "") -> KeysetPage[Person]:
    """Accounts by user name, each with `held`: its holdings on the day. Two queries.

    Filtered by the beginning of name or user name, by unit or role of a post, by state.
    """
    in_force = Holding.objects.filter(holdings_in_force(on))
    rows = Person.objects.prefetch_related(
        Prefetch("holdings", queryset=in_force.select_related("post__unit").order_by("pk"), to_attr="held")
    )
    if chosen.get("q"):
        rows = rows.filter(Q(username__startswith=chosen["q"].lower()) | Q(name__startswith=chosen["q"]))
    if chosen.get("state"):
        rows = rows.filter(is_active=chosen["state"] == "active")
    narrow = {
        name: chosen[field]
        for field, name in (("unit", "post__unit__code"), ("role", "post__role"))
        if chosen.get(field)
    }
    if narrow:
        rows = rows.filter(Exists(in_force.filter(person=OuterRef("pk"), **narrow)))
    return keyset_page(rows.filter(username__gt=after) if after else rows, "username")


def person(username: str) -> Person:
    """One account. Raises NotFound."""
    found = Person.objects.filter(username=_code_parameter(username)).first()
    if found is None:
        raise NotFound(_("没有这个账号，请核对用户名。"))
    return found


def holdings_of(person: Person) -> list[Holding]:
    """History of the person's holdings, the newest first."""
    rows = Holding.objects.filter(person=person).select_related("post__unit")
    return list(rows.order_by("-valid_from", "-pk"))


def tokens_of(person: Person) -> list[ApiToken]:
    """The person's API tokens; only their digests are stored."""
    return list(ApiToken.objects.filter(person=person).select_related("post__unit").order_by("-pk"))


def posts(chosen: dict[str, Any], on: date, after: str = "") -> KeysetPage[Post]:
    """Posts by code, each with `holders` on the day. Two queries."""
    in_force = Holding.objects.filter(holdings_in_force(on)).select_related("person").order_by("pk")
    rows = Post.objects.select_related("unit").prefetch_related(
        Prefetch("holdings", queryset=in_force, to_attr="holders")
    )
    if chosen.get("q"):
        rows = rows.filter(Q(name__icontains=chosen["q"]) | Q(code__istartswith=chosen["q"]))
    if chosen.get("unit"):
        rows = rows.filter(unit__code=chosen["unit"])
    if chosen.get("role"):
        rows = rows.filter(role=chosen["role"])
    rows = rows.exclude(exists_on(on)) if chosen.get("state") == "closed" else rows.filter(exists_on(on))
    if chosen.get("state") == "empty":
        rows = rows.exclude(Exists(in_force.filter(post=OuterRef("pk"))))
    return keyset_page(rows.filter(code__gt=after) if after else rows, "code")


def post(code: str) -> Post:
    """One post. Raises NotFound."""
    found = Post.objects.select_related("unit").filter(code=_code_parameter(code)).first()
    if found is None:
        raise NotFound(_("没有这个岗位，请核对代码。"))
    return found


def holders_of(post: Post) -> list[Holding]:
    """History of the post's holders, the newest first."""
    return list(Holding.objects.filter(post=post).select_related("person").order_by("-valid_from", "-pk"))


def units(chosen: dict[str, Any], on: date, after: str = "") -> KeysetPage[Unit]:
    """Units by code, with their parents and the number of units below. One query."""
    below = Count("children", filter=exists_on(on, "children__"), distinct=True)
    rows = Unit.objects.select_related("parent").annotate(below=below)
    if chosen.get("q"):
        words = chosen["q"]
        rows = rows.filter(
            Q(name__icontains=words) | Q(short_name__icontains=words) | Q(code__istartswith=words)
        )
    if chosen.get("kind"):
        rows = rows.filter(kind=chosen["kind"])
    if chosen.get("parent"):
        rows = rows.filter(parent__code=chosen["parent"])
    rows = rows.exclude(exists_on(on)) if chosen.get("state") == "closed" else rows.filter(exists_on(on))
    return keyset_page(rows.filter(code__gt=after) if after else rows, "code")


def unit(code: str) -> Unit:
    """One unit. Raises NotFound."""
    found = Unit.objects.select_related("parent", "place").filter(code=_code_parameter(code)).first()
    if found is None:
        raise NotFound(_("没有这个单位，请核对代码。"))
    return found


def directory(chosen: dict[str, Any], on: date, after: str = "") -> KeysetPage[DirectoryRow]:
    """Rows of the dispatch directory by code, with all related rows that a line shows. Two queries."""
    rows = DirectoryRow.objects.select_related("category", "place", "lead").prefetch_related("co_handlers")
    if chosen.get("category"):
        rows = rows.filter(category__code__startswith=chosen["category"])
    if chosen.get("unit"):
        helps = DirectoryRow.co_handlers.through.objects.filter(
            directoryrow=OuterRef("pk"), unit__code=chosen["unit"]
        )
        rows = rows.filter(Q(lead__code=chosen["unit"]) | Exists(helps))
    if chosen.get("q"):
        words = chosen["q"]
        rows = rows.filter(
            Q(category__path__icontains=words)
            | Q(duty__icontains=words)
            | Q(ground__icontains=words)
            | Q(code__istartswith=words)
        )
    conditions = {
        "": holds_on(on),
        "coming": Q(valid_from__gt=on),
        "past": Q(valid_to__lte=on),
        "all": Q(),
    }
    rows = rows.filter(conditions.get(chosen.get("state") or "", holds_on(on)))
    return keyset_page(rows.filter(code__gt=after) if after else rows, "code")


def directory_row(code: str) -> DirectoryRow:
    """One row of the dispatch directory. Raises NotFound."""
    rows = DirectoryRow.objects.select_related("category", "place", "lead").prefetch_related("co_handlers")
    found = rows.filter(code=_code_parameter(code)).first()
    if found is None:
        raise NotFound(_("派单目录没有这一条，请核对条目号。"))
    return found


def categories(chosen: dict[str, Any], after: str = "") -> KeysetPage[Category]:
    """The category tree by code. One query."""
    rows = Category.objects.all()
    if chosen.get("q"):
        rows = rows.filter(Q(path__icontains=chosen["q"]) | Q(code__istartswith=chosen["q"]))
    if chosen.get("grade"):
        rows = rows.filter(grade=chosen["grade"], level=3)
    return keyset_page(rows.filter(code__gt=after) if after else rows, "code")


def category(code: str) -> Category:
    """One category. Raises NotFound."""
    found = Category.objects.select_related("parent").filter(code=_code_parameter(code)).first()
    if found is None:
        raise NotFound(_("没有这个分类，请核对代码。"))
    return found


def changes(chosen: dict[str, Any], after: str = "", size: int = PAGE) -> KeysetPage[ConfigChange]:
    """Log of changes, the newest first. One query, and one more when filtered by person."""
    rows = ConfigChange.objects.select_related("person", "post__unit")
    if chosen.get("area"):
        rows = rows.filter(area=chosen["area"])
    if chosen.get("key"):
        rows = rows.filter(key=chosen["key"])
    if chosen.get("person"):
        rows = rows.filter(person__in=list(Person.objects.filter(username=chosen["person"])[:1]))
    if chosen.get("since"):
        rows = rows.filter(at__gte=chosen["since"])
    if chosen.get("until"):
        rows = rows.filter(at__lt=chosen["until"])
    return keyset_page(rows.filter(pk__lt=key_of(after)) if after else rows, "-id", size)
