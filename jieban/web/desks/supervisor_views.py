"""Supervisor's desk: which cases are late and why, and orders to many cases at once."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from jieban.base.clock import now
from jieban.base.errors import Refused
from jieban.cases import actions
from jieban.cases.flow.action import Action
from jieban.cases.lists import case_detail
from jieban.cases.today import lateness
from jieban.cases.today.lateness import DISTRICT, MOST_WATCHED, LateCase, LateReason, Watch
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Unit
from jieban.registry.roles import Role
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import datetime_field, text_field
from jieban.web.page.forms import PageForm
from jieban.web.page.page_models import Tab
from jieban.web.page.time_words import TONE_SHAPES, when_words

MOST_IN_BULK = 50
FEW_UNITS = 6  # units that are shown at once; the others unfold
TONES = {Watch.OVERDUE: "red", Watch.SOON: "amber", Watch.REQUESTS: "blue", Watch.REVIEW: "amber"}
DISTRICT_CODE = "-"  # stands for the district itself where a URL names a unit
BULK_ORDERS: dict[str, Any] = {
    Action.REMIND: actions.remind_once,
    Action.SUPERVISE: actions.supervise_once,
}


class OrderForm(PageForm):
    """Form for a reminder or order to many cases."""

    text = text_field(gettext_lazy("写给承办单位的话"), rows=2)
    answer_by = datetime_field(
        gettext_lazy("反馈时限"), required=False, help_text=gettext_lazy("只用于督办。")
    )


@for_roles({Role.SUPERVISOR})
@require_GET
def oversight(request: ActorRequest) -> HttpResponse:
    """View of the supervisor's desk: one watch at a time, filtered by reason and unit."""
    actor = request.actor
    return render(
        request, "desks/supervisor.html", _context(actor, _requested_filter(request), now(), OrderForm())
    )


def _requested_filter(request: HttpRequest) -> dict[str, str]:
    """The filter in the URL; values that do not exist are left out."""
    sent = request.GET
    watch = sent.get("watch", "")
    filters = {"watch": watch if watch in Watch.values else Watch.OVERDUE.value}
    if sent.get("reason", "") in LateReason.values:
        filters["reason"] = sent["reason"]
    if sent.get("unit"):
        filters["unit"] = sent["unit"].replace("\0", "")[:40]
    return filters


def _context(actor: Actor, filters: dict[str, str], at: datetime, form: OrderForm) -> dict[str, Any]:
    watch = Watch(filters["watch"])
    reason, code = filters.get("reason", ""), filters.get("unit", "")
    found = lateness.watched_cases(actor, watch, at, reason=reason, unit_id=_unit_id(code))
    units = dict(
        Unit.objects.filter(pk__in=[pk for pk, *_n in found.by_unit if pk]).values_list("pk", "code")
    )
    counts = lateness.counts(actor, at)
    tabs = [
        _tab(filters, "unit", units.get(pk or 0, DISTRICT_CODE), name or _("区里"), count)
        for pk, name, count in found.by_unit
    ]
    return {
        "now": at,
        "title": _("督查"),
        "tabs": _tabs(counts, watch),
        "cut_off": MOST_WATCHED if counts[watch] > MOST_WATCHED else 0,
        "watch": watch,
        "rows": [_row(row, at) for row in found.rows],
        "total": found.total,
        "more": found.total - len(found.rows),
        "first_line": _first_line(watch, found.total, found.by_reason, reason),
        "reasons": [
            _tab(filters, "reason", entry.value, entry.label, count) for entry, count in found.by_reason
        ],
        "units": tabs[:FEW_UNITS],
        "more_units": tabs[FEW_UNITS:],
        "more_open": any(tab.here for tab in tabs[FEW_UNITS:]),
        "narrowed": bool(reason or code),
        "clear_url": _filter_url({"watch": watch.value}),
        "form": form,
        "send_url": f"{reverse('oversight-order')}?{urlencode(filters)}",
    }


def _unit_id(code: str) -> int | None:
    if not code:
        return None
    if code == DISTRICT_CODE:
        return DISTRICT
    return Unit.objects.filter(code=code).values_list("pk", flat=True).first() or -1


def _filter_url(filters: dict[str, str]) -> str:
    return f"{reverse('oversight')}?{urlencode(filters)}"


def _tab(filters: dict[str, str], name: str, value: str, label: Any, count: int) -> Tab:
    """A filter link; when the filter is already active, the link removes it."""
    active = filters.get(name) == value
    others = {key: other for key, other in filters.items() if key != name}
    return Tab(f"{label} {count}", _filter_url(others if active else others | {name: value}), here=active)


def _tabs(counts: dict[Watch, int], current: Watch) -> list[Tab]:
    tones = {watch: TONES.get(watch, "grey") if count else "grey" for watch, count in counts.items()}
    return [
        Tab(
            f"{watch.label} {_count(count)}",
            _filter_url({"watch": watch.value}),
            tones[watch],
            TONE_SHAPES[tones[watch]],
            watch == current,
        )
        for watch, count in counts.items()
    ]


def _count(count: int) -> str:
    return f"{MOST_WATCHED}+" if count > MOST_WATCHED else str(count)


def _row(row: LateCase, at: datetime) -> tuple[LateCase, str]:
    return row, lateness.reason_sentence(row.why, when_words(row.why.since, at) if row.why.since else "")


def _first_line(watch: Watch, total: int, by_reason: list[tuple[LateReason, int]], reason: str) -> str:
    """Summary: the number of cases, and the most frequent reason."""
    if not total:
        return ""
    summary = _("%(watch)s %(count)d 件") % {"watch": watch.label, "count": total}
    if reason:
        return _("%(said)s，原因：%(reason)s。") % {"said": summary, "reason": LateReason(reason).label}
    most, count = max(by_reason, key=lambda entry: entry[1])
    return _("%(said)s，最多的原因是“%(reason)s”，%(number)d 件。") % {
        "said": summary, "reason": most.label, "number": count,
    }  # fmt: skip


@for_roles({Role.SUPERVISOR})
@require_POST
def order(request: ActorRequest) -> HttpResponse:
    """Action view: the same reminder or supervision order to each ticked case, one action for each."""
    actor, at, form = request.actor, now(), OrderForm(request.POST)
    filters, numbers = _requested_filter(request), request.POST.getlist("number")[:MOST_IN_BULK]
    do = Action.SUPERVISE if request.POST.get("do") == Action.SUPERVISE else Action.REMIND
    if not numbers:
        form.add_error(None, _("请先勾选要催办或督办的诉求。"))
    if not form.is_valid():
        context = _context(actor, filters, at, form) | {"ticked": numbers}
        return render(request, "desks/supervisor.html", context, status=422)
    done, refused = _order_each(do, numbers, actor, at, form.cleaned_data)
    if done:
        messages.success(request, _("已%(action)s %(count)d 件。") % {"action": do.label, "count": done})
    for reason in refused:
        messages.warning(request, _("没有%(action)s %(why)s") % {"action": do.label, "why": reason})
    return redirect(_filter_url(filters))


def _order_each(
    do: Action, numbers: list[str], actor: Actor, at: datetime, sent: dict[str, Any]
) -> tuple[int, list[str]]:
    """The number of cases that were reminded or supervised, and the reasons why others were not."""
    arguments = {"text": sent["text"]} | ({"answer_by": sent["answer_by"]} if do == Action.SUPERVISE else {})
    done, refused = 0, []
    for number in dict.fromkeys(numbers):
        try:
            BULK_ORDERS[do](case_detail.get_case(number, actor).pk, actor=actor, at=at, **arguments)
            done += 1
        except Refused as why:
            refused.append(f"{number[:24]}：{why.message}")
    return done, refused
