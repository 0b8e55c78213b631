"""List of cases; all its filters are in the URL."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jieban.base.clock import SHANGHAI, local_date, now
from jieban.cases.actions.course.dispatching import MAY_LEAD
from jieban.cases.flow.states import CaseKind, State
from jieban.cases.lists import case_list, saved_views
from jieban.cases.lists.case_list import CaseFilter
from jieban.cases.models import Case, SavedView
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES, Right, roles_with
from jieban.web.page import choices, highlight, list_columns
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import date_field, select_field
from jieban.web.page.forms import PageForm
from jieban.web.page.page_models import Tab

MOST_COUNTED = 999  # above it a tab shows 999+
OPEN_CHOICE = ("open", gettext_lazy("未办结"))
DEFAULT_FILTER = {"state": "open"}
# Filters that are used often: label, query, tone, shape.
TABS: tuple[tuple[Any, dict[str, str], str, str], ...] = (
    (gettext_lazy("未办结"), {"state": "open"}, "grey", "bar"),
    (gettext_lazy("已超时限"), {"overdue": "on"}, "red", "triangle"),
    (gettext_lazy("待派单"), {"state": State.RECEIVED.value}, "blue", "ring"),
    (gettext_lazy("待签收"), {"state": State.DISPATCHED.value}, "blue", "ring"),
    (gettext_lazy("办理中"), {"state": State.HANDLING.value}, "grey", "bar"),
    (gettext_lazy("已报结"), {"state": State.REPORTED.value}, "grey", "bar"),
    (gettext_lazy("挂账"), {"state": State.ON_ACCOUNT.value}, "grey", "bar"),
    (gettext_lazy("全部"), {}, "grey", "bar"),
)
REQUESTER_TABS = (TABS[0], TABS[-1])


class FilterForm(PageForm):
    """Filter form of a list; it uses codes, so that a link can be passed on."""

    q = forms.CharField(label=gettext_lazy("搜索单号、地点、内容"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=[("", gettext_lazy("全部")), OPEN_CHOICE, *State.choices],
        required=False,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), choices=[("", gettext_lazy("全部")), *CaseKind.choices], required=False
    )
    street = select_field(gettext_lazy("街道"), required=False)
    category = select_field(gettext_lazy("分类"), required=False)
    unit = select_field(gettext_lazy("主办单位"), required=False)
    received_from = date_field(gettext_lazy("受理自"), required=False)
    received_to = date_field(gettext_lazy("受理至"), required=False)
    overdue = forms.BooleanField(label=gettext_lazy("只看已超时限"), required=False)
    cols = forms.MultipleChoiceField(
        label=gettext_lazy("显示的列"),
        choices=[(column.key, column.label) for column in list_columns.COLUMNS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Any, *, actor: Actor, at: datetime) -> None:
        super().__init__(data)
        on, everything = local_date(at), ("", _("全部"))
        lists: dict[str, Any] = {
            "street": lambda: [everything, *choices.streets(on)],
            "category": lambda: [everything, *choices.categories(on, level=2, key="code")],
            "unit": lambda: [everything, *choices.units_by_kind(MAY_LEAD, on, key="code")],
        }
        for name, make in lists.items():
            if actor.role in REQUESTER_ROLES:
                del self.fields[name]
            else:
                self.fields[name].choices = make()  # type: ignore[attr-defined]
        if actor.role in REQUESTER_ROLES:
            del self.fields["cols"]

    def chosen(self, at: datetime) -> CaseFilter:
        """The filter; invalid values are left out, and their field shows an error."""
        sent = self.cleaned_data if self.is_valid() else {**self.cleaned_data}
        until = sent.get("received_to")
        return CaseFilter(
            q=sent.get("q") or "",
            state=sent.get("state") or "",
            kind=sent.get("kind") or "",
            street=sent.get("street") or "",
            category=sent.get("category") or "",
            unit=sent.get("unit") or "",
            received_from=_midnight(sent.get("received_from")),
            received_to=_midnight(until + timedelta(days=1) if until and until < date.max else until),
            overdue_at=at if sent.get("overdue") else None,
        )


def _midnight(on: date | None) -> datetime | None:
    return datetime.combine(on, time(0), SHANGHAI) if on else None


# Query parameters of the list besides the filters.
KNOWN_PARAMETERS = frozenset({*FilterForm.base_fields, "all"})


@for_roles(roles_with(Right.CASES))
@require_GET
def cases(request: ActorRequest) -> HttpResponse:
    """View of the list: the visible cases, the newest first; without any filter the open ones."""
    actor, at = request.actor, now()
    may_keep = Right.SAVED_VIEWS in actor.profile.rights
    views = saved_views.views_of(actor.person_id) if may_keep else []
    query = _clean_query(request.GET) or _clean_query(
        QueryDict(next((view.query for view in views if view.first), ""))
    )
    filters = _filters(query, actor, at)
    chosen = filters.chosen(at)
    page = case_list.list_cases(actor, chosen, after=query.get("after", ""))
    context = _context(actor, at, query, page.next) | {"cases": page.cases, "filters": filters}
    context |= _rows_context(page.cases, chosen.q, actor, query) | {"views": _views(views, query)}
    return render(request, "lists/case_list.html", context)


def chosen(sent: QueryDict, actor: Actor, at: datetime) -> CaseFilter:
    """The filter that this URL stands for."""
    return _filters(_clean_query(sent), actor, at).chosen(at)


def _clean_query(sent: QueryDict) -> dict[str, str]:
    """The query parameters; columns joined by commas, so that each parameter occurs once."""
    query = {name: str(value) for name, value in sent.items() if value}
    if "cols" in query:
        query["cols"] = ",".join(sent.getlist("cols"))
    if "state" in sent and "state" not in query:  # an empty state means every state, not the default (open)
        query["all"] = "1"
    return query


def _filters(query: dict[str, str], actor: Actor, at: datetime) -> FilterForm:
    columns = [column.key for column in list_columns.requested_columns(query.get("cols", "").split(","))]
    sent = _form_data(query) or ({} if "all" in query else DEFAULT_FILTER)
    return FilterForm({**sent, "cols": columns}, actor=actor, at=at)


def _form_data(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in {"after", "all", "cols"}}


def _context(actor: Actor, at: datetime, query: dict[str, str], following: str) -> dict[str, Any]:
    first = {name: value for name, value in query.items() if name != "after"}
    return {
        "now": at,
        "title": _("我的诉求") if actor.role in REQUESTER_ROLES else _("诉求"),
        "filters_used": bool(_form_data(query)) and _form_data(query) != DEFAULT_FILTER,
        "clear_url": reverse("cases"),
        "tabs": tabs(actor, at, {name: value for name, value in first.items() if name != "cols"}),
        "next_url": _list_url(query | {"after": following}) if following else "",
        "first_url": _list_url(first) if "after" in query else "",
        "new_url": reverse("case-new") if may_receive(actor) else "",
        "query": urlencode(first or DEFAULT_FILTER),
        "may_keep": Right.SAVED_VIEWS in actor.profile.rights,
    }


def _rows_context(cases: list[Case], search: str, actor: Actor, query: dict[str, str]) -> dict[str, Any]:
    """The rows, with the search words marked in them, and the columns."""
    texts = case_list.texts_of(cases, actor) if search else {}
    for case in cases:  # the text after the subject: the subject repeats its beginning
        texts[case.pk] = texts.get(case.pk, "").removeprefix(case.subject)
    rows = [
        (
            case,
            highlight.highlight(case.subject, search),
            highlight.highlight(highlight.snippet(texts.get(case.pk, ""), search), search),
        )
        for case in cases
    ]
    return {"rows": rows, "columns": list_columns.requested_columns(query.get("cols", "").split(","))}


def _views(views: list[SavedView], query: dict[str, str]) -> list[tuple[SavedView, str, bool]]:
    current = urlencode({name: value for name, value in query.items() if name != "after"})
    return [(view, f"{reverse('cases')}?{view.query}", view.query == current) for view in views]


def may_receive(actor: Actor) -> bool:
    """Whether the post may receive a case of any kind."""
    return bool(actor.profile.brings_in)


def _list_url(sent: dict[str, str]) -> str:
    return f"{reverse('cases')}?{urlencode(sent)}" if sent else reverse("cases")


def tabs(actor: Actor, at: datetime, query: dict[str, str]) -> list[Tab]:
    """Tabs for the filters used often, with the number of cases of each; one query for each."""
    entries = REQUESTER_TABS if actor.role in REQUESTER_ROLES else TABS
    wanted = [
        CaseFilter(state=sent.get("state", ""), overdue_at=at if "overdue" in sent else None)
        for _l, sent, *_ in entries
    ]
    counts = case_list.count_by_filter(actor, wanted[:-1], most=MOST_COUNTED)
    current = query or DEFAULT_FILTER
    return [
        Tab(
            f"{label} {_count(count)}" if count is not None else str(label),
            _list_url(sent or {"all": "1"}),
            tone if count or count is None else "grey",
            shape,
            current == (sent or {"all": "1"}),
        )
        for (label, sent, tone, shape), count in zip(entries, [*counts, None], strict=True)
    ]


def _count(count: int) -> str:
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
