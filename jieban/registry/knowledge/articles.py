"""Knowledge base: full-text search, versioned articles with an owner unit, and corrections by readers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotAllowed, NotFound, WrongState
from jieban.base.text.cleaning import clean, clean_line
from jieban.base.text.search_tokens import TOKEN_RUN, query_tokens, tokens
from jieban.registry.identity.posts import Actor, exists_on
from jieban.registry.models import (
    Article,
    ArticleState,
    ArticleVersion,
    Category,
    CorrectionProposal,
    Unit,
)
from jieban.registry.roles import Right, roles_with

MOST_FOUND = 20
MOST_ON_PAGE = 30
MOST_QUERY_TERMS = 40  # of a search; of text typed during a call the last ones count
LONGEST_BODY = 10_000
EXCERPT = 60  # characters of the body around the first hit
READERS = roles_with(Right.KNOWLEDGE)
EDITORS = roles_with(Right.EDIT_KNOWLEDGE) | roles_with(Right.EDIT_KNOWLEDGE_OF_UNIT)
# Stop words: bigrams of callers' sentences that say nothing about the matter.
_STOP_WORDS = (
    "我想 我要 我们 我家 想问 问问 请问 咨询 一下 怎么 什么 么办 如何 可以 能不 不能 需要 现在 没有 这个 那个 哪里 "
    "里办 知道 时候 已经 还是 是不 是否 他们 小区 居民 反映 希望 尽快 解决 问题 北京 区的 办理 申请"
)
STOP_PAIRS = frozenset(_STOP_WORDS.split())
MarkedText = list[tuple[str, bool]]  # a text in pieces, and whether each is a hit


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """Draft of an article. Fields are named as the columns of `Wording`."""

    title: str
    body: str
    unit_id: int
    valid_from: date
    source: str
    category_id: int | None = None
    valid_until: date | None = None
    keywords: str = ""
    state: str = ArticleState.IN_FORCE


WORDING = tuple(field.name for field in fields(ArticleDraft))


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """Search hit: an article with the hits marked in its title and in an excerpt."""

    article: Article
    title: MarkedText
    excerpt: MarkedText


def may_read(actor: Actor) -> bool:
    """Whether the actor may read articles; drafts only those who may edit them."""
    return Right.KNOWLEDGE in actor.profile.rights


def may_edit(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may edit: the owner unit's street or department post, dispatchers, the administrator."""
    return may_edit_all(actor) or (_owns_articles(actor) and unit_id in actor.unit_ids)


def may_write(actor: Actor) -> bool:
    return may_edit_all(actor) or _owns_articles(actor)


def may_edit_all(actor: Actor) -> bool:
    """Whether the articles of every unit are this post's to change."""
    return Right.EDIT_KNOWLEDGE in actor.profile.rights


def _owns_articles(actor: Actor) -> bool:
    return Right.EDIT_KNOWLEDGE_OF_UNIT in actor.profile.rights


def in_force(on: date) -> Q:
    """Condition: an article may be read to a caller on this day."""
    return Q(state=ArticleState.IN_FORCE, valid_from__lte=on) & (Q(valid_until=None) | Q(valid_until__gte=on))


def search(
    text: str,
    on: date,
    *,
    most: int = MOST_FOUND,
    category_id: int | None = None,
    unit_id: int | None = None,
) -> list[ArticleHit]:
    """Searches articles in force that have every word, those with it in the title first.

    When there are none, those whose title or keywords have some of the words.
    """
    rows = Article.objects.filter(in_force(on))
    if category_id is not None:
        rows = rows.filter(category=category_id)
    if unit_id is not None:
        rows = rows.filter(unit=unit_id)
    return _ranked(rows, _all_terms_query(text), text, most) or suggest(text, on, most=most, rows=rows)


def suggest(text: str, on: date, *, most: int = 3, rows: QuerySet[Article] | None = None) -> list[ArticleHit]:
    """Suggests articles in force whose title or keywords match a caller's words, the best first."""
    among = Article.objects.filter(in_force(on)) if rows is None else rows
    return _ranked(among, _any_term_query(text), text, most)


def _ranked(rows: QuerySet[Article], query: SearchQuery | None, text: str, most: int) -> list[ArticleHit]:
    if query is None:
        return []
    found = (
        rows.filter(search=query)
        .annotate(rank=SearchRank(F("search"), query))
        .select_related("unit", "category")
        .defer("search")
        .order_by("-rank", "title", "id")[:most]
    )
    return [_hit(article, text) for article in found]


def _all_terms_query(text: str) -> SearchQuery | None:
    # The tokens are only letters, figures and Chinese characters, so that none is query syntax.
    words = query_tokens(text)[:MOST_QUERY_TERMS]
    return _raw(" & ".join(word.replace("*", ":*") for word in words))


def _any_term_query(text: str) -> SearchQuery | None:
    words = [word for word in query_tokens(text) if len(word.rstrip("*")) > 1 and word not in STOP_PAIRS]
    return _raw(" | ".join(f"{word.rstrip('*')}:AB" for word in words[-MOST_QUERY_TERMS:]))


def _raw(query: str) -> SearchQuery | None:
    return SearchQuery(query, config="simple", search_type="raw") if query else None


def _hit(article: Article, text: str) -> ArticleHit:
    sought = _highlight_terms(text)
    body = " ".join(line.removeprefix("- ").strip() for line in article.body.splitlines() if line.strip())
    first = min((at for word in sought if (at := body.lower().find(word)) >= 0), default=0)
    start = max(0, first - EXCERPT // 3)
    piece = ("…" if start else "") + body[start : start + EXCERPT]
    return ArticleHit(article, highlight(article.title, sought), highlight(piece, sought))


def _highlight_terms(text: str) -> list[str]:
    """Terms to highlight: runs as typed, and their bigrams where the whole run does not occur."""
    runs = TOKEN_RUN.findall(text.lower())
    pairs = [word.rstrip("*") for word in query_tokens(text) if word not in STOP_PAIRS]
    return list(dict.fromkeys([*runs, *pairs]))


def highlight(text: str, sought: Sequence[str]) -> MarkedText:
    """Splits the text into hits and the pieces between them."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter that grows when it is made small: nothing is marked
        return [(text, False)]
    inside = [False] * len(text)
    for word in sought:
        at = lower.find(word)
        while word and at >= 0:
            inside[at : at + len(word)] = [True] * len(word)
            at = lower.find(word, at + 1)
    parts: MarkedText = []
    for sign, hit in zip(text, inside, strict=True):
        if parts and parts[-1][1] == hit:
            parts[-1] = (parts[-1][0] + sign, hit)
        else:
            parts.append((sign, hit))
    return parts


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Page of articles by title; `next` is the key of the following page, empty on the last."""

    articles: list[Article]
    next: str


def list_articles(
    actor: Actor, on: date, *, unit_id: int | None = None, category_id: int | None = None,
    mine: bool = False, after: str = "",
) -> ArticlePage:  # fmt: skip
    """Articles that the post may read, by title. `mine`: all of the own unit, drafts and withdrawn ones too."""
    rows = Article.objects.select_related("unit", "category").defer("search", "body")
    rows = rows.filter(_in_own_units(actor)) if mine else rows.filter(in_force(on))
    if unit_id is not None:
        rows = rows.filter(unit=unit_id)
    if category_id is not None:
        rows = rows.filter(category=category_id)
    if after:
        title, pk = _page_key(after)
        rows = rows.filter(Q(title__gt=title) | Q(title=title, pk__gt=pk))
    found = list(rows.order_by("title", "id")[: MOST_ON_PAGE + 1])
    more = len(found) > MOST_ON_PAGE
    found = found[:MOST_ON_PAGE]
    return ArticlePage(found, f"{found[-1].pk}~{found[-1].title}" if more else "")


def _page_key(text: str) -> tuple[str, int]:
    pk, _tilde, title = text.partition("~")
    if not pk.isdecimal() or len(pk) > 18 or "\0" in title:
        raise Invalid(_("翻页的位置不对，请回到第一页。"))
    return title, int(pk)


def _in_own_units(actor: Actor) -> Q:
    if may_edit_all(actor):
        return Q()
    return Q(unit__in=actor.unit_ids) if _owns_articles(actor) else Q(pk=None)


def article_of(pk: int, actor: Actor) -> Article:
    """One article. Raises NotFound when there is none, or it is a draft of others."""
    found = Article.objects.select_related("unit", "category").defer("search").filter(pk=pk).first()
    draft = found is not None and found.state == ArticleState.DRAFT
    if found is None or not may_read(actor) or (draft and not may_edit(actor, found.unit_id)):
        raise NotFound(_("没有这条知识，或者它还没有发布。"))
    return found


def version_of(article: Article, number: int) -> ArticleVersion:
    """A version of the article. Raises NotFound."""
    rows = article.versions.select_related("unit", "category", "person")
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound(_("这条知识没有第 %d 版。") % number)
    return found


def pending_corrections(actor: Actor) -> list[CorrectionProposal]:
    """Corrections that the post must decide, the oldest first."""
    rows = CorrectionProposal.objects.filter(decided_at=None).select_related("article__unit", "person")
    own = _in_own_units(actor)
    if own:
        rows = rows.filter(article__in=Article.objects.filter(own))
    return list(rows.order_by("at", "id")[:MOST_ON_PAGE])


def due_for_review(actor: Actor, on: date, days: int) -> list[Article]:
    """Articles of the own units that have expired, or will within so many days, the earliest first."""
    rows = Article.objects.filter(
        _in_own_units(actor), state=ArticleState.IN_FORCE, valid_until__lt=on + timedelta(days=days)
    )
    rows = rows.select_related("unit").defer("search", "body")
    return list(rows.order_by("valid_until", "id")[:MOST_ON_PAGE])


@transaction.atomic
def write(draft: ArticleDraft, *, actor: Actor, at: datetime) -> Article:
    """Creates an article with its first version. Raises NotAllowed, Invalid."""
    _check_edit(actor, draft.unit_id)
    draft = _cleaned_draft(draft, at)
    article = Article(**_columns(draft), version=1, changed_at=at)
    _save(article, actor, at, "")
    return article


@transaction.atomic
def revise(
    pk: int, draft: ArticleDraft, *, version: int, actor: Actor, at: datetime, why: str = ""
) -> Article:
    """Revises an article; `version` is the one that was on the screen (optimistic check).

    The same content again changes nothing. Raises NotAllowed, Invalid, WrongState.
    """
    article = _locked(pk)
    _check_edit(actor, article.unit_id)
    _check_edit(actor, draft.unit_id)
    draft = _cleaned_draft(draft, at)
    if _columns(draft) == {name: getattr(article, name) for name in WORDING}:
        return article
    if article.version != version:
        raise WrongState(_("这条知识刚被他人修改。请刷新页面，看过新的一版再改。"))
    return _save_version(article, _columns(draft), actor, at, why)


@transaction.atomic
def withdraw(pk: int, *, actor: Actor, at: datetime, why: str) -> Article:
    """Withdraws (撤下) an article from search; its versions stay. Raises NotAllowed, Invalid."""
    article = _locked(pk)
    _check_edit(actor, article.unit_id)
    if article.state == ArticleState.WITHDRAWN:
        return article
    if not clean_line(why):
        raise Invalid(_("请写明为什么撤下。"), fields={"why": _("请写明原因")})
    return _save_version(article, {"state": ArticleState.WITHDRAWN}, actor, at, why)


def _save_version(
    article: Article, values: dict[str, object], actor: Actor, at: datetime, why: str
) -> Article:
    """Saves the values as the next version of the article."""
    for name, value in values.items():
        setattr(article, name, value)
    article.version += 1
    article.changed_at = at
    _save(article, actor, at, clean_line(why)[:200])
    return article


@transaction.atomic
def propose_correction(
    pk: int, *, number: int, actor: Actor, at: datetime, wrong: str, proposed: str = ""
) -> CorrectionProposal:
    """Proposes a correction (报告有误) as a reader, one open proposal per person. Idempotent."""
    article = _locked(pk)
    if actor.person_id is None or not may_read(actor):
        raise NotAllowed(_("您的岗位不能对知识条目报告有误。"))
    wrong, proposed = clean(wrong), clean(proposed)
    if not wrong:
        raise Invalid(_("请写明哪里有误。"), fields={"wrong": _("请写明哪里有误")})
    if len(wrong) > LONGEST_BODY or len(proposed) > LONGEST_BODY:
        raise Invalid(_("文字太长，请控制在一万字以内。"), fields={"wrong": _("最多一万字")})
    before = article.proposals.filter(person=actor.person_id, decided_at=None).first()
    if before is not None and (before.wrong, before.proposed) == (wrong, proposed):
        return before
    if before is not None:
        raise WrongState(_("您对这一条已报告过有误，责任单位还没有答复。请等答复后再报告。"))
    version_of(article, number)
    return CorrectionProposal.objects.create(
        article=article, number=number, person_id=actor.person_id, at=at, wrong=wrong, proposed=proposed
    )


@transaction.atomic
def decide(
    proposal_id: int, *, actor: Actor, at: datetime, accepted: bool, reason: str
) -> CorrectionProposal:
    """Accepts or rejects a correction as owner, with a reason. Raises NotFound, NotAllowed, WrongState, Invalid."""
    found = CorrectionProposal.objects.select_related("article").filter(pk=proposal_id)
    proposal = found.select_for_update(of=("self",), no_key=True).first()
    if proposal is None:
        raise NotFound(_("没有这条纠错建议。"))
    _check_edit(actor, proposal.article.unit_id)
    if proposal.decided_at is not None:
        raise WrongState(_("这条纠错建议已经答复过。"))
    reason = clean_line(reason)[:300]
    if not reason and not accepted:
        raise Invalid(_("不采纳的，请写明理由。"), fields={"reason": _("请写明理由")})
    proposal.decided_at, proposal.decided_by_id = at, actor.person_id
    proposal.accepted, proposal.reason = accepted, reason
    proposal.save(update_fields=["decided_at", "decided_by", "accepted", "reason"])
    return proposal


def _check_edit(actor: Actor, unit_id: int) -> None:
    if not may_edit(actor, unit_id):
        raise NotAllowed(_("这条知识由责任单位维护，您的岗位不能修改。发现有误请用“报告有误”。"))


def _locked(pk: int) -> Article:
    found = Article.objects.select_for_update(no_key=True).defer("search").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这条知识，请回到知识库重新查找。"))
    return found


def _columns(draft: ArticleDraft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in WORDING}


def _cleaned_draft(draft: ArticleDraft, at: datetime) -> ArticleDraft:
    """Cleans the texts of a draft. Raises Invalid with an error for each field."""
    tidy = ArticleDraft(
        title=clean_line(draft.title)[:100], body=clean(draft.body), unit_id=draft.unit_id,
        valid_from=draft.valid_from, source=clean_line(draft.source)[:200], category_id=draft.category_id,
        valid_until=draft.valid_until, keywords=clean_line(draft.keywords)[:200], state=draft.state,
    )  # fmt: skip
    wrong = dict(_draft_problems(tidy, local_date(at)))
    if wrong:
        raise Invalid(_("知识条目还不能保存，请按提示补正。"), fields=wrong)
    return tidy


def _draft_problems(draft: ArticleDraft, on: date) -> Iterator[tuple[str, str]]:
    for name, words in (
        ("title", _("请填写标题")),
        ("body", _("请填写正文")),
        ("source", _("请填写来源文件")),
    ):
        if not getattr(draft, name):
            yield name, words
    if len(draft.body) > LONGEST_BODY:
        yield "body", _("正文太长，请控制在一万字以内")
    if draft.valid_until is not None and draft.valid_until < draft.valid_from:
        yield "valid_until", _("有效至不能早于生效日")
    if draft.state not in {ArticleState.DRAFT, ArticleState.IN_FORCE}:
        yield "state", _("请选择草稿或有效；要撤下请用“撤下”")
    if not Unit.objects.filter(exists_on(on), pk=draft.unit_id).exists():
        yield "unit", _("没有这个单位，或者单位已撤销")
    if draft.category_id is not None and not Category.objects.filter(pk=draft.category_id).exists():
        yield "category", _("没有这个分类")


def _save(article: Article, actor: Actor, at: datetime, why: str) -> None:
    """Saves the article, its version, and its search vector."""
    try:
        with transaction.atomic():
            article.save()
    except IntegrityError:
        raise Invalid(
            _("责任单位已有同名的知识，请修改那一条，或换一个标题。"), fields={"title": _("标题重复")}
        ) from None
    ArticleVersion.objects.create(
        article=article, number=article.version, person_id=actor.person_id, at=at, why=why,
        **{name: getattr(article, name) for name in WORDING},
    )  # fmt: skip
    Article.objects.filter(pk=article.pk).update(
        search=_vector(article.title, "A") + _vector(article.keywords, "B") + _vector(article.body, "D")
    )


def _vector(text: str, weight: str) -> SearchVector:
    return SearchVector(Value(" ".join(tokens(text))), config="simple", weight=weight)
