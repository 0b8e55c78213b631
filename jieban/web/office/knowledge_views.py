"""Knowledge base: search, articles, editing and corrections; and the panel beside a call."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid, NotAllowed, Refused, WrongState
from jieban.cases.clocks import deadlines
from jieban.cases.models import Limit
from jieban.registry.identity.posts import Actor
from jieban.registry.knowledge import articles
from jieban.registry.knowledge.articles import ArticleDraft
from jieban.registry.models import Article, ArticleState, Unit
from jieban.web.page import choices
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.choices import EMPTY_OPTION
from jieban.web.page.fields import date_field, radio_field, select_field, text_field
from jieban.web.page.forms import PageForm
from jieban.web.page.page_models import Fact, Tab

OWNER_KINDS = (Unit.Kind.HOTLINE, Unit.Kind.DEPARTMENT, Unit.Kind.STREET, Unit.Kind.PARTNER)
MOST_TYPED = 400  # the last characters typed in a call, from which articles are suggested
STATES = [(state.value, state.label) for state in (ArticleState.IN_FORCE, ArticleState.DRAFT)]
Block = tuple[str, list[str]]  # a paragraph, or a list of lines


class SearchForm(PageForm):
    """Filter form of the list of articles."""

    q = forms.CharField(label=gettext_lazy("搜索标题、关键词、正文"), required=False, max_length=200)
    unit = select_field(gettext_lazy("责任单位"), required=False)
    category = select_field(gettext_lazy("分类"), required=False)

    def __init__(self, data: Any, on: date) -> None:
        super().__init__(data)
        everything = ("", _("全部"))
        self.fields["unit"].choices = [everything, *choices.units_by_kind(OWNER_KINDS, on)]  # type: ignore[attr-defined]
        self.fields["category"].choices = [everything, *choices.categories(on, level=2)]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["data-search"] = ""


class ArticleForm(PageForm):
    """Form of an article: its text and how long it is valid."""

    title = forms.CharField(
        label=gettext_lazy("标题"), max_length=100, help_text=gettext_lazy("照来电人会问的话写。")
    )
    body = text_field(
        gettext_lazy("正文"),
        rows=12,
        help_text=gettext_lazy("空一行另起一段；以“- ”开头的行排成清单。写到哪里办、带什么、找谁。"),
    )
    keywords = forms.CharField(
        label=gettext_lazy("关键词"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("群众的说法，用空格分开，如：暖气 不热 测温。"),
    )
    unit = select_field(gettext_lazy("责任单位"))
    category = select_field(gettext_lazy("分类"), required=False)
    valid_from = date_field(gettext_lazy("生效日"))
    valid_until = date_field(
        gettext_lazy("有效至"),
        required=False,
        help_text=gettext_lazy("到期前会提醒责任单位复核；长期有效的不填。"),
    )
    source = forms.CharField(
        label=gettext_lazy("来源文件"), max_length=200, help_text=gettext_lazy("文件名称和文号，或网页名称。")
    )
    state = radio_field(gettext_lazy("状态"), STATES, initial=ArticleState.IN_FORCE)
    why = forms.CharField(label=gettext_lazy("修改原因"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on = local_date(at)
        own = (
            choices.units_by_kind(OWNER_KINDS, on)
            if articles.may_edit_all(actor)
            else choices.own_units(actor, on)
        )
        self.fields["unit"].choices = [EMPTY_OPTION, *own]  # type: ignore[attr-defined]
        self.fields["category"].choices = [EMPTY_OPTION, *choices.categories(on, level=2)]  # type: ignore[attr-defined]
        if not self.initial.get("version") and not self.is_bound:
            del self.fields["why"]

    def draft(self) -> ArticleDraft:
        sent = self.cleaned_data
        category = sent["category"]
        return ArticleDraft(
            title=sent["title"], body=sent["body"], unit_id=int(sent["unit"]), valid_from=sent["valid_from"],
            source=sent["source"], category_id=int(category) if category else None,
            valid_until=sent["valid_until"], keywords=sent["keywords"], state=sent["state"],
        )  # fmt: skip


@for_roles(articles.READERS)
@require_GET
def search(request: ActorRequest) -> HttpResponse:
    """View of the search: hits, else all articles by title; filters in the URL."""
    actor, on = request.actor, local_date(now())
    query = {name: str(value) for name, value in request.GET.items() if value}
    form = SearchForm(query, on)
    sent = form.cleaned_data if form.is_valid() else {}
    unit, category = (int(sent[name]) if sent.get(name) else None for name in ("unit", "category"))
    hits, page = [], None
    if sent.get("q"):
        hits = articles.search(sent["q"], on, category_id=category, unit_id=unit)
    else:
        page = articles.list_articles(
            actor, on, unit_id=unit, category_id=category, mine="mine" in query, after=query.get("after", "")
        )
    return render(request, "office/knowledge_list.html", _list_context(actor, query, form, hits, page, on))


def _list_context(
    actor: Actor, query: dict[str, str], form: SearchForm, hits: list[articles.ArticleHit],
    page: articles.ArticlePage | None, on: date,
) -> dict[str, Any]:  # fmt: skip
    first = {name: value for name, value in query.items() if name != "after"}
    rows = hits or [
        articles.ArticleHit(row, [(row.title, False)], []) for row in (page.articles if page else [])
    ]
    used = {name for name in first if name != "mine"}
    return {
        "title": _("知识库"),
        "filters": form,
        "filters_used": bool(used),
        "clear_url": reverse("knowledge"),
        "hits": rows,
        "today": on,
        "tabs": _tabs(actor, "mine" if "mine" in query else ""),
        "next_url": f"?{urlencode(first | {'after': page.next})}" if page and page.next else "",
        "first_url": f"?{urlencode(first)}" if "after" in query else "",
        "new_url": reverse("knowledge-new") if articles.may_write(actor) else "",
        "full": len(hits) == articles.MOST_FOUND,
    }


def _tabs(actor: Actor, current: str) -> list[Tab]:
    if not articles.may_write(actor):
        return []
    return [
        Tab(_("现行知识"), reverse("knowledge"), here=current == ""),
        Tab(_("本单位维护"), f"{reverse('knowledge')}?mine=1", here=current == "mine"),
        Tab(_("待处理"), reverse("knowledge-waiting"), here=current == "waiting"),
    ]


@for_roles(articles.EDITORS)
@require_GET
def owner_tasks(request: ActorRequest) -> HttpResponse:
    """View of the owner's tasks: corrections to decide, articles that are about to expire."""
    actor, on = request.actor, local_date(now())
    days = deadlines.limit(Limit.Name.ARTICLE_DAYS, on)
    context = {
        "title": _("知识库待处理"),
        "tabs": _tabs(actor, "waiting"),
        "proposals": articles.pending_corrections(actor),
        "due": articles.due_for_review(actor, on, days),
        "days": days,
        "today": on,
        "now": now(),
    }
    return render(request, "office/knowledge_waiting.html", context)


@for_roles(articles.EDITORS)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """View: creates an article."""
    actor, at = request.actor, now()
    if request.method == "GET":
        start = {"valid_from": local_date(at), "unit": str(actor.unit_id or "")}
        return _form(request, ArticleForm(actor=actor, at=at, initial=start), _("新增知识"), 200)
    form = ArticleForm(request.POST, actor=actor, at=at)
    article, status = _save(form, actor, at, None)
    if article is None:
        return _form(request, form, _("新增知识"), status)
    messages.success(request, _("已保存，第 1 版。"))
    return redirect("knowledge-article", article.pk)


@for_roles(articles.EDITORS)
@require_http_methods(["GET", "POST"])
def edit(request: ActorRequest, pk: int) -> HttpResponse:
    """View: saves the next version of an article."""
    actor, at = request.actor, now()
    article = articles.article_of(pk, actor)
    if not articles.may_edit(actor, article.unit_id):
        raise NotAllowed(_("这条知识由%s维护。发现有误，请用“报告有误”。") % article.unit.name)
    title = _("修改知识：%s") % article.title
    if request.method == "GET":
        return _form(request, ArticleForm(actor=actor, at=at, initial=_initial(article)), title, 200, article)
    form = ArticleForm(request.POST, actor=actor, at=at)
    saved, status = _save(form, actor, at, article)
    if saved is None:
        return _form(request, form, title, status, article)
    messages.success(request, _("已保存，现在是第 %d 版。") % saved.version)
    return redirect("knowledge-article", pk)


def _initial(article: Article) -> dict[str, Any]:
    """Initial values of the form; saving a withdrawn article puts it into force again."""
    known = {name: getattr(article, name) for name in ("title", "body", "keywords", "source", "version")}
    dates = {"valid_from": article.valid_from, "valid_until": article.valid_until}
    ids = {"unit": str(article.unit_id), "category": str(article.category_id or "")}
    state = article.state if article.state != ArticleState.WITHDRAWN else ArticleState.IN_FORCE
    return known | dates | ids | {"state": state}


def _save(
    form: ArticleForm, actor: Actor, at: datetime, article: Article | None
) -> tuple[Article | None, int]:
    """Saves the article. Returns it, or None with the HTTP status of errors."""
    if not form.is_valid():
        return None, Invalid.status
    try:
        if article is None:
            return articles.write(form.draft(), actor=actor, at=at), 0
        sent = form.cleaned_data
        version, why = sent["version"], sent.get("why", "")
        return articles.revise(article.pk, form.draft(), version=version, actor=actor, at=at, why=why), 0
    except (Invalid, WrongState) as refused:
        form.refuse(refused.fields, refused.message)
        return None, refused.status


def _form(
    request: HttpRequest, form: ArticleForm, title: str, status: int, article: Article | None = None
) -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "full_fields": ["title", "body", "keywords", "source", "why"],
        "button": _("保存"),
        "article": article,
        "proposals": list(article.proposals.filter(decided_at=None)) if article else [],
    }
    return render(request, "office/knowledge_form.html", context, status=status)


@for_roles(articles.READERS)
@require_GET
def article(request: ActorRequest, pk: int) -> HttpResponse:
    """View of an article: its current version, or the version asked for."""
    actor, at = request.actor, now()
    found = articles.article_of(pk, actor)
    version = request.GET.get("version", "")
    number = int(version) if version.isdecimal() and len(version) < 9 else found.version
    return render(request, "office/knowledge.html", _context(found, number, actor, at))


def _context(found: Article, number: int, actor: Actor, at: datetime) -> dict[str, Any]:
    version = articles.version_of(found, number)
    may_edit = articles.may_edit(actor, found.unit_id)
    return {
        "now": at,
        "title": version.title,
        "article": found,
        "shown": version,
        "old": number != found.version,
        "first_line": _first_line(found, local_date(at)),
        "blocks": text_blocks(version.body),
        "facts": [
            Fact(_("责任单位"), version.unit.name),
            Fact(_("有效期"), _period(version.valid_from, version.valid_until)),
            Fact(_("来源文件"), version.source),
            Fact(_("分类"), version.category.path if version.category else _("未分类")),
            Fact(_("关键词"), version.keywords or _("没有填写")),
        ],
        "versions": list(found.versions.select_related("person").order_by("-number")[:50]),
        "may_edit": may_edit,
        "proposals": list(found.proposals.filter(decided_at=None).select_related("person").order_by("at"))
        if may_edit
        else list(found.proposals.filter(person=actor.person_id).order_by("-at")[:5]),
    }


def _first_line(found: Article, today: date) -> str:
    if found.state == ArticleState.DRAFT:
        return _("这是草稿，还查不到，也不能念给来电人。")
    if found.state == ArticleState.WITHDRAWN:
        return _("这条已撤下，不再念给来电人。")
    if found.valid_until and found.valid_until < today:
        return _("这条已过有效期，由%s复核，复核前不念给来电人。") % found.unit.name
    if found.valid_from > today:
        return _("这条还没有生效，不念给来电人。")
    return _("现行有效，第 %(number)d 版，由%(unit)s负责。") % {
        "number": found.version,
        "unit": found.unit.name,
    }


def _period(first: date, last: date | None) -> str:
    return _("%(first)s 起，%(last)s") % {
        "first": first.isoformat(),
        "last": _("至 %s") % last.isoformat() if last else _("长期"),
    }


def text_blocks(body: str) -> list[Block]:
    """Blocks of a plain text: paragraphs separated by blank lines, and lists of lines that begin with a dash."""
    blocks: list[Block] = []
    for line in body.splitlines():
        entry = line.startswith("- ")
        if not line.strip():
            blocks.append(("p", []))
        elif entry and blocks and blocks[-1][0] == "ul":
            blocks[-1][1].append(line[2:])
        elif entry:
            blocks.append(("ul", [line[2:]]))
        elif blocks and blocks[-1][0] == "p":
            blocks[-1][1].append(line)
        else:
            blocks.append(("p", [line]))
    return [block for block in blocks if block[1]]


@for_roles(articles.READERS)
@require_POST
def correct(request: ActorRequest, pk: int) -> HttpResponse:
    """Action view, 报告有误: reports an error to the article's owner."""
    actor, at = request.actor, now()
    sent = {name: request.POST.get(name, "") for name in ("wrong", "proposed")}
    number = request.POST.get("version", "")
    found = articles.article_of(pk, actor)
    version = int(number) if number.isdecimal() and len(number) < 9 else found.version
    return _perform_and_redirect(
        request,
        pk,
        lambda: articles.propose_correction(pk, number=version, actor=actor, at=at, **sent),
        _("已转给责任单位，答复会写在这一条里。"),
    )


@for_roles(articles.EDITORS)
@require_POST
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    """Action view: the owner accepts a correction and goes on to edit the article, or rejects it with a reason."""
    actor, at = request.actor, now()
    accepted = request.POST.get("accepted") == "yes"
    reason = request.POST.get("reason", "")
    proposal = articles.decide(pk, actor=actor, at=at, accepted=accepted, reason=reason)
    if accepted:
        messages.success(request, _("已采纳，请接着修改正文并保存。"))
        return redirect("knowledge-edit", proposal.article_id)
    messages.success(request, _("已答复：没有采纳。"))
    return redirect("knowledge-article", proposal.article_id)


@for_roles(articles.EDITORS)
@require_POST
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Action view, 撤下: withdraws an article, which is then no longer found."""
    actor, at = request.actor, now()
    why = request.POST.get("why", "")
    return _perform_and_redirect(
        request,
        pk,
        lambda: articles.withdraw(pk, actor=actor, at=at, why=why),
        _("已撤下，来电时不再查到。"),
    )


def _perform_and_redirect(request: ActorRequest, pk: int, act: Any, words: str) -> HttpResponse:
    """Performs an action and redirects to the article; errors become messages there."""
    try:
        act()
    except (Invalid, WrongState) as refused:
        found = articles.article_of(pk, request.actor)
        context = _context(found, found.version, request.actor, now())
        sent = {name: request.POST.get(name, "") for name in ("wrong", "proposed", "why")}
        return render(
            request,
            "office/knowledge.html",
            context | {"refused": _refusal_text(refused), "sent": sent},
            status=refused.status,
        )
    messages.success(request, words)
    return redirect("knowledge-article", pk)


def _refusal_text(refused: Refused) -> str:
    return refused.message


@for_roles(articles.READERS)
@require_POST
def suggested_articles(request: HttpRequest) -> HttpResponse:
    """HTMX view beside a call: hits for the search box, else suggestions from the caller's words."""
    q = request.POST.get("q", "").strip()[:MOST_TYPED]
    typed = request.POST.get("text", "").strip()[-MOST_TYPED:]
    on = local_date(now())
    hits = articles.search(q, on, most=6) if q else articles.suggest(typed, on)
    return render(request, "office/knowledge_hits.html", {"hits": hits, "sought": q, "typed": typed})


@for_roles(articles.READERS)
@require_GET
def read_aloud(request: ActorRequest, pk: int) -> HttpResponse:
    """HTMX view of an article to read to the caller; only one that is valid today."""
    actor, at = request.actor, now()
    found = articles.article_of(pk, actor)
    if not Article.objects.filter(articles.in_force(local_date(at)), pk=pk).exists():
        raise WrongState(_first_line(found, local_date(at)))
    return render(
        request, "office/knowledge_aloud.html", {"article": found, "blocks": text_blocks(found.body)}
    )
