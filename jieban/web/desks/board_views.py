"""Boards: the leader's figures of today, a street's day, the analyst's statistics; each figure with its definition."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from jieban.base.clock import local, now
from jieban.base.errors import Invalid, NotFound, WrongState
from jieban.cases import actions
from jieban.cases.flow.enums import TakeOverBy
from jieban.cases.lists import case_detail
from jieban.cases.today import day_counters
from jieban.cases.today.day_counters import Figure
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Place
from jieban.registry.roles import Role
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import datetime_field, radio_field, text_field
from jieban.web.page.forms import PageForm
from jieban.web.page.time_words import WEEKDAYS

SUPERVISE = "supervise"
SECOND_LEVEL = 2  # level of the category tree


@dataclass(frozen=True, slots=True)
class FigureCard:
    """Page model of a figure on a board, with its difference to earlier days."""

    figure: Figure
    before: list[str]
    tone: str = ""


def figure_card(figure: Figure, at: datetime) -> FigureCard:
    """The card of a figure, with its difference to yesterday and to the same weekday last week."""
    weekday = WEEKDAYS[local(at).weekday()]
    before = [
        words
        for words in (
            _comparison_text(_("昨天同一时间"), figure.today, figure.yesterday),
            _comparison_text(_("上%s同一时间") % weekday, figure.today, figure.week_ago),
        )
        if words
    ]
    late = figure.name in {"late_now", "fell_due"} and figure.today > 0
    return FigureCard(figure, before, "red" if late else "")


def _comparison_text(when: str, count: int, then: int | None) -> str:
    if then is None:
        return ""
    if count == then:
        return _("与%s持平") % when
    words = _("比%(when)s多 %(count)d 件") if count > then else _("比%(when)s少 %(count)d 件")
    return words % {"when": when, "count": abs(count - then)}


def first_line(found: list[Figure]) -> str:
    """Summary of the day in a sentence: 今天收到 86 件，比昨天同一时间少 4 件；报结 71 件；现在超时限 3 件。"""
    named = {figure.name: figure for figure in found}
    came = named["received"]
    against = _comparison_text(_("昨天同一时间"), came.today, came.yesterday)
    return _("今天收到 %(received)d 件，%(against)s；报结 %(reported)d 件；现在超时限 %(late)d 件。") % {
        "received": came.today,
        "against": against,
        "reported": named["reported"].today,
        "late": named["late_now"].today,
    }


class InstructionForm(PageForm):
    """Form for a leader's instruction on one case."""

    number = forms.CharField(
        label=gettext_lazy("单号"), max_length=24, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    way = radio_field(
        gettext_lazy("方式"),
        [(TakeOverBy.DIRECT_LINE.value, gettext_lazy("直通车提办")), (SUPERVISE, gettext_lazy("批示督办"))],
        initial=SUPERVISE,
    )
    text = text_field(gettext_lazy("要求"))
    answer_by = datetime_field(
        gettext_lazy("反馈时限"), required=False, help_text=gettext_lazy("只用于批示督办。")
    )


@for_roles({Role.LEADER})
@require_GET
def leader(request: ActorRequest) -> HttpResponse:
    """View of the leader's board: the figures of the day, and the cases that wait for a decision."""
    actor, at = request.actor, now()
    form = InstructionForm(initial={"number": request.GET.get("number", "")[:24], "way": SUPERVISE})
    return render(request, "desks/leader.html", _leader_context(actor, at, form))


def _leader_context(actor: Actor, at: datetime, form: InstructionForm) -> dict[str, Any]:
    found = day_counters.district_figures(at)
    return {
        "now": at,
        "title": _("今日概况"),
        "first_line": first_line(found),
        "figures": [figure_card(figure, at) for figure in found],
        "to_decide": day_counters.requests_to_decide(actor, at),
        "dangerous": day_counters.dangerous_cases(actor, at),
        "most_reported": [(row, _matter_url(row, at)) for row in day_counters.most_reported(actor, at)],
        "late": [
            (name, count, _cases_url(overdue="on", unit=code))
            for code, name, count in day_counters.overdue_by_unit(actor, at)
        ],
        "form": form,
    }


def _matter_url(row: dict[str, Any], at: datetime) -> str:
    """URL of the list of cases of that street and category; lists filter by categories of the second level."""
    second = row["category__parent__code"] if row["category__level"] > SECOND_LEVEL else row["category__code"]
    first_day = local(at).date() - timedelta(days=7)
    return _cases_url(street=row["street__code"], category=second, received_from=str(first_day))


def _cases_url(**narrowed: str) -> str:
    return f"{reverse('cases')}?{urlencode({name: value for name, value in narrowed.items() if value})}"


@for_roles({Role.LEADER})
@require_POST
def instruct(request: ActorRequest) -> HttpResponse:
    """Action view: takes a case up over the direct line, or has it supervised."""
    actor, at = request.actor, now()
    form = InstructionForm(request.POST)
    try:
        if form.is_valid():
            _give_instruction(actor, at, form.cleaned_data)
            messages.success(request, _("已下达：%s。") % form.cleaned_data["number"].strip())
            return redirect("leader")
        status = Invalid.status
    except (Invalid, WrongState, NotFound) as refused:
        fields = {"number": refused.message} if isinstance(refused, NotFound) else refused.fields
        form.refuse(fields, refused.message)
        status = refused.status
    return render(request, "desks/leader.html", _leader_context(actor, at, form), status=status)


def _give_instruction(actor: Actor, at: datetime, sent: dict[str, Any]) -> None:
    pk = case_detail.get_case(sent["number"], actor).pk
    if sent["way"] == SUPERVISE:
        actions.supervise_once(pk, actor=actor, at=at, text=sent["text"], answer_by=sent["answer_by"])
    else:
        actions.take_over(pk, actor=actor, at=at, by=sent["way"], text=sent["text"])


@for_roles({Role.STREET})
@require_GET
def street(request: ActorRequest) -> HttpResponse:
    """View of a street's board: figures of the day, who is on duty, open cases by unit, whistles."""
    actor, at = request.actor, now()
    found = day_counters.street_figures(actor, at)
    place = Place.objects.filter(pk=actor.place_id or 0).first()
    code = place.code if place else ""
    context = {
        "now": at,
        "title": place.name if place else _("本街道"),
        "first_line": first_line(found),
        "figures": [figure_card(figure, at) for figure in found],
        "staff": day_counters.staff(actor, at),
        "below": day_counters.subordinate_units(actor, at),
        "whistles": day_counters.whistles(actor, at),
        "map_url": f"{reverse('map')}?{urlencode({'street': code})}" if code else reverse("map"),
        "cases_url": _cases_url(street=code, state="open"),
    }
    return render(request, "desks/street.html", context)


@for_roles({Role.ANALYST})
@require_GET
def analysis(request: HttpRequest) -> HttpResponse:
    """View of the analyst's board: figures of thirty days, without any person."""
    at = now()
    found = day_counters.district_figures(at)
    context = {
        "now": at,
        "title": _("分析"),
        "first_line": first_line(found),
        "figures": [figure_card(figure, at) for figure in found],
        "tables": [
            ("by-day", _("近 30 天，按受理日"), _("日期"), day_counters.by_day(at)),
            ("by-category", _("近 30 天，按分类"), _("分类"), day_counters.by_category(at)),
            ("by-street", _("近 30 天，按街道"), _("街道"), day_counters.by_street(at)),
        ],
    }
    return render(request, "desks/analysis.html", context)
