"""Hot topics: how each grows, its cases; an analyst merges, splits and renames them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import now
from jieban.cases.models import Case, HotTopic, HotTopicChange
from jieban.cases.topics import hot_topics
from jieban.cases.topics.hot_topics import EDITOR_ROLES, READER_ROLES, TopicTrend
from jieban.cases.topics.topic_matter import TopicMatter, matter_of
from jieban.registry.identity.posts import Actor
from jieban.web.office import topic_forms
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import ActionLink, PageTable, TableCell, TableSection, day_text

ACTION_LABELS = {
    "merge": gettext_lazy("并入其他热点"),
    "split": gettext_lazy("拆分为新热点"),
    "put-out": gettext_lazy("移出诉求"),
    "rename": gettext_lazy("改名称"),
}


@for_roles(READER_ROLES)
@require_GET
def topic_list(request: ActorRequest) -> HttpResponse:
    """View of the hottest topics of the last 90 days."""
    actor, at = request.actor, now()
    rows = [_row(trend) for trend in hot_topics.hottest_topics(actor, at)]
    columns = [_("热点"), _("热度"), _("诉求"), _("起止"), _("近 8 周（周一起，末位为本周）")]
    table = PageTable(
        columns, rows, caption=_("热点问题"), empty=_("近 90 天没有热点。"),
        hint=_("3 件以上诉求反映同一地点的同一事项时，次日起列在这里。"),
    )  # fmt: skip
    lead = _(
        "热度由件数、人数、持续天数和公开诉求的支持人数取对数后加权得出（权重 0.35、0.30、0.15、0.20，再乘 10），"
        "只计近 90 天；每天凌晨更新。敏感诉求不计入。"
    )
    return render(
        request, "admin/admin_table.html", {"title": _("热点问题"), "now": at, "table": table, "lead": lead}
    )


def _row(trend: TopicTrend) -> list[TableCell]:
    topic = trend.topic
    return [
        TableCell(str(topic), url=reverse("hot-topic", args=[topic.pk]), first=True),
        TableCell(f"{topic.heat:.1f}"),
        TableCell(_("%d 件") % topic.case_count, note=_("%d 人") % topic.person_count),
        TableCell(f"{day_text(topic.first_on)} — {day_text(topic.last_on)}"),
        TableCell(_weekly_counts(trend.weeks), note=_growth_text(trend.weeks)),
    ]


def _weekly_counts(counts: Sequence[int]) -> str:
    return " · ".join(map(str, counts))


def _growth_text(counts: Sequence[int]) -> str:
    """Growth in words: the last four weeks compared with the four before."""
    before, lately = sum(counts[:4]), sum(counts[4:])
    if lately == before:
        return _("近 4 周与前 4 周持平")
    more = _("近 4 周比前 4 周多 %d 件") if lately > before else _("近 4 周比前 4 周少 %d 件")
    return more % abs(lately - before)


@for_roles(READER_ROLES)
@require_GET
def topic_detail(request: ActorRequest, pk: int) -> HttpResponse:
    """View of one topic: figures, cases, and its log."""
    actor, at = request.actor, now()
    topic = hot_topics.get_topic(pk, actor)
    if topic.pk != pk:
        return redirect("hot-topic", topic.pk)
    return render(request, "admin/admin_record.html", {"now": at, **_context(topic, actor, at)})


def _context(topic: HotTopic, actor: Actor, at: datetime) -> dict[str, Any]:
    cases = hot_topics.cases_of(topic, actor)
    return {
        "title": str(topic),
        "first_line": _first_line(topic, hot_topics.trend(topic, actor, at)),
        "facts": _facts(topic, matter_of(topic, actor)),
        "sections": [
            TableSection(_("诉求"), _case_table(cases), note=_("最近 %d 件") % len(cases)),
            TableSection(_("变动"), _change_table(hot_topics.changes_of(topic))),
        ],
        "doors": _action_links(topic, actor),
        "waiting": _("合并、拆分和改名由分析员办理。"),
        "back": reverse("hot-topics"),
        "back_label": _("热点问题"),
    }


def _first_line(topic: HotTopic, weeks: Sequence[int]) -> str:
    if not topic.heat:
        return _("近 90 天没有新的诉求。")
    return _("近 90 天 %(cases)d 件诉求，%(persons)d 人反映；%(growth)s。") % {
        "cases": topic.case_count, "persons": topic.person_count, "growth": _growth_text(weeks),
    }  # fmt: skip


def _facts(topic: HotTopic, matter: TopicMatter) -> list[Fact]:
    return [
        Fact(_("多数诉求的分类"), matter.category.path if matter.category else _("不一，或尚未分类")),
        Fact(_("多数诉求的地点"), matter.place.name if matter.place else _("不在同一街道，或地点未填")),
        Fact(_("热度"), f"{topic.heat:.1f}"),
        Fact(_("起止"), f"{day_text(topic.first_on)} — {day_text(topic.last_on)}"),
        Fact(_("有诉求的天数"), str(topic.day_count)),
        Fact(_("支持人数"), str(topic.supporter_count)),
    ]


def _case_table(cases: Sequence[Case]) -> PageTable:
    rows = [
        [
            TableCell(case.subject, note=case.number, url=reverse("case", args=[case.number]), first=True),
            TableCell(at=case.received_at),
            TableCell(str(case.get_state_display())),
            TableCell(case.community.name if case.community else "—"),
            TableCell(case.lead.name if case.lead else "—"),
        ]
        for case in cases
    ]
    columns = [_("诉求"), _("受理时间"), _("状态"), _("社区"), _("主办单位")]
    return PageTable(columns, rows, caption=_("本热点的诉求"), empty=_("没有您可以查看的诉求。"))


def _change_table(changes: Sequence[HotTopicChange]) -> PageTable:
    rows = [
        [
            TableCell(str(change.get_what_display()), first=True),
            TableCell(change.note),
            TableCell(change.person.name if change.person else _("每日更新")),
            TableCell(at=change.at),
        ]
        for change in changes
    ]
    return PageTable(
        [_("事项"), _("说明"), _("经办"), _("时间")], rows, caption=_("变动"), empty=_("没有变动。")
    )


def _action_links(topic: HotTopic, actor: Actor) -> list[ActionLink]:
    if actor.role not in EDITOR_ROLES:
        return []
    return [
        ActionLink(label, reverse(f"hot-topic-{name}", args=[topic.pk]))
        for name, label in ACTION_LABELS.items()
    ]


@for_roles(EDITOR_ROLES)
@require_http_methods(["GET", "POST"])
def merge(request: ActorRequest, pk: int) -> HttpResponse:
    """View: merges the topic into another."""
    actor = request.actor
    topic = hot_topics.get_topic(pk, actor)
    others = [trend.topic for trend in hot_topics.hottest_topics(actor, now())]
    form = topic_forms.MergeTopicForm(
        _form_data(request), others=[other for other in others if other.pk != topic.pk]
    )
    lead = _("本热点的诉求全部归入所选热点，本热点不再单列；以后每天的更新不会再把它们分开。")
    return _change_page(request, form, "merge", topic, lead)


@for_roles(EDITOR_ROLES)
@require_http_methods(["GET", "POST"])
def split(request: ActorRequest, pk: int) -> HttpResponse:
    """View: splits some cases off into a new topic."""
    topic, cases = _with_cases(request, pk)
    form = topic_forms.SplitTopicForm(_form_data(request), cases=cases, initial={"place": topic.place})
    return _change_page(
        request, form, "split", topic, _("选中的诉求成为新的热点；以后每天的更新不会再把它们并回来。")
    )


@for_roles(EDITOR_ROLES)
@require_http_methods(["GET", "POST"])
def put_out(request: ActorRequest, pk: int) -> HttpResponse:
    """View: removes some cases from the topic."""
    topic, cases = _with_cases(request, pk)
    form = topic_forms.PutOutForm(_form_data(request), cases=cases)
    return _change_page(
        request, form, "put-out", topic, _("选中的诉求不属于本热点；以后每天的更新不会再把它们归入。")
    )


@for_roles(EDITOR_ROLES)
@require_http_methods(["GET", "POST"])
def rename(request: ActorRequest, pk: int) -> HttpResponse:
    """View: renames the topic."""
    topic = hot_topics.get_topic(pk, request.actor)
    form = topic_forms.RenameTopicForm(
        _form_data(request), initial={"place": topic.place, "subject": topic.subject}
    )
    return _change_page(request, form, "rename", topic, _("改后的名称固定下来，每天的更新不再改动。"))


def _with_cases(request: ActorRequest, pk: int) -> tuple[HotTopic, list[Case]]:
    actor = request.actor
    topic = hot_topics.get_topic(pk, actor)
    return topic, hot_topics.cases_of(topic, actor)


def _form_data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _change_page(
    request: ActorRequest, form: topic_forms.TopicForm, name: str, topic: HotTopic, lead: str
) -> HttpResponse:
    """The page of a change form; after a change, a redirect to the topic."""
    status, done = topic_forms.try_change(form, topic, request.actor, now())
    if done is not None:
        return redirect("hot-topic", done.pk)
    context = {
        "now": now(), "title": f"{ACTION_LABELS[name]}：{topic}", "lead": lead, "form": form, "button": _("保存"),
        "full_fields": ["cases", "into"], "back": reverse("hot-topic", args=[topic.pk]),
    }  # fmt: skip
    return render(request, "admin/admin_form.html", context, status=status)
