"""The knowledge base: found by words while it holds, changed in versions, corrected by its readers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection, connections

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotAllowed, NotFound, Refused, WrongState
from jieban.registry.knowledge import articles
from jieban.registry.knowledge.articles import ArticleDraft
from jieban.registry.models import Article, ArticleState, CorrectionProposal
from tests.cases.scene import AT, Scene, make_scene

TODAY = local_date(AT)
HEATING = "家里温度低，先联系供热单位上门测温。\n- 测温时家里有人\n- 记下测温的时间"


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def draft(scene: Scene, title: str = "供暖投诉与测温", unit: str = "D1", **values: object) -> ArticleDraft:
    wanted = {
        "title": title, "body": HEATING, "unit_id": scene.unit(unit).pk, "valid_from": date(2026, 1, 1),
        "source": "演示资料", "keywords": "暖气 供热",
    }  # fmt: skip
    return ArticleDraft(**(wanted | values))  # type: ignore[arg-type]


def written(scene: Scene, title: str = "供暖投诉与测温", **values: object) -> Article:
    return articles.write(draft(scene, title, **values), actor=scene.actor("admin"), at=AT)


def found(text: str, on: date = TODAY) -> list[str]:
    return [hit.article.title for hit in articles.search(text, on)]


def test_words_of_title_keywords_and_body_find_the_title_first(scene: Scene) -> None:
    written(scene, "居住证办理", body="持居住证可申请供暖补贴。", keywords="")
    written(scene)
    written(scene, "犬只登记", body="携犬到派出所。", keywords="养狗 狗证")
    assert found("供暖") == ["供暖投诉与测温", "居住证办理"]
    assert found("暖气") == ["供暖投诉与测温"]
    assert found("狗证") == ["犬只登记"]
    assert found("犬只 派出所") == ["犬只登记"]
    assert found("地铁") == [] and found("") == [] and found("' & | !") == []


def test_a_sentence_of_a_caller_finds_what_it_speaks_of(scene: Scene) -> None:
    written(scene)
    written(scene, "犬只登记", body="我家想问一下怎么办理。", keywords="养狗")
    assert found("我想问一下我家暖气从昨天晚上开始一直不热怎么办") == ["供暖投诉与测温"]
    assert [hit.article.title for hit in articles.suggest("请问邻居养狗扰民", TODAY)] == ["犬只登记"]


def test_hits_are_marked_in_title_and_excerpt(scene: Scene) -> None:
    written(scene)
    (hit,) = articles.search("测温", TODAY)
    assert hit.title == [("供暖投诉与", False), ("测温", True)]
    assert ("测温", True) in hit.excerpt
    assert "".join(text for text, _hit in hit.excerpt).startswith("家里温度低")


def test_only_what_holds_today_is_found(scene: Scene) -> None:
    written(scene, "已过期", valid_until=TODAY - timedelta(days=1))
    written(scene, "最后一天", valid_until=TODAY)
    written(scene, "明天生效", valid_from=TODAY + timedelta(days=1))
    written(scene, "还是草稿", state=ArticleState.DRAFT)
    gone = written(scene, "已撤下")
    articles.withdraw(gone.pk, actor=scene.actor("admin"), at=AT, why="政策取消")
    assert found("测温") == ["最后一天"]
    listed = articles.list_articles(scene.actor("operator"), TODAY).articles
    assert [article.title for article in listed] == ["最后一天"]


def test_every_change_is_a_version_and_the_old_one_can_be_read(scene: Scene) -> None:
    article = written(scene)
    changed = draft(scene, body="电话先问供热单位。", title="供暖投诉")
    later = AT + timedelta(days=1)
    article = articles.revise(
        article.pk, changed, version=1, actor=scene.actor("department"), at=later, why="供热单位换了"
    )
    assert (article.version, found("供暖投诉"), found("上门测温")) == (2, ["供暖投诉"], [])
    old, new = (articles.version_of(article, number) for number in (1, 2))
    assert (old.body, new.body, new.why) == (HEATING, "电话先问供热单位。", "供热单位换了")
    assert new.person_id == scene.actor("department").person_id
    with pytest.raises(NotFound):
        articles.version_of(article, 3)


def test_the_same_words_again_make_no_version_and_an_old_page_overwrites_nothing(scene: Scene) -> None:
    article = written(scene)
    change = lambda body, version: articles.revise(  # noqa: E731
        article.pk, draft(scene, body=body), version=version, actor=scene.actor("admin"), at=AT
    )
    assert change(HEATING, 1).version == 1
    assert change("新的正文", 1).version == 2
    assert change("新的正文", 1).version == 2  # pressed twice
    with pytest.raises(WrongState):
        change("另一人的正文", 1)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", {"title": "  "}),
        ("body", {"body": "<p></p>"}),
        ("source", {"source": ""}),
        ("body", {"body": "字" * 10_001}),
        ("valid_until", {"valid_until": date(2025, 12, 31)}),
        ("state", {"state": "withdrawn"}),
        ("unit", {"unit_id": 2**40}),
        ("category", {"category_id": 2**40}),
    ],
)
def test_what_does_not_fit_is_named(scene: Scene, field: str, values: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        written(scene, **values)  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}


def test_a_unit_has_one_article_of_a_title(scene: Scene) -> None:
    written(scene)
    with pytest.raises(Invalid) as refused:
        written(scene)
    assert refused.value.fields == {"title": "标题重复"}
    written(scene, unit="D2")


def test_only_the_owner_the_dispatcher_and_the_administrator_change_it(scene: Scene) -> None:
    article = written(scene, unit="S")
    may = [a for a in scene.anybody if articles.may_edit(a, article.unit_id)]
    assert {actor.role.value for actor in may} == {"dispatcher", "admin", "street"}
    for actor in scene.anybody:
        if actor not in may:
            with pytest.raises(NotAllowed):
                articles.revise(article.pk, draft(scene), version=1, actor=actor, at=AT)
            with pytest.raises(NotAllowed):
                articles.withdraw(article.pk, actor=actor, at=AT, why="不该")
    with pytest.raises(NotAllowed):  # nor is it given to others
        articles.revise(article.pk, draft(scene), version=1, actor=scene.actor("street"), at=AT)


def test_a_draft_is_seen_by_those_who_may_change_it(scene: Scene) -> None:
    article = written(scene, state=ArticleState.DRAFT)
    assert articles.article_of(article.pk, scene.actor("department")) == article
    for name in ("department2", "operator", "resident"):
        with pytest.raises(NotFound):
            articles.article_of(article.pk, scene.actor(name))


def propose(
    scene: Scene, article: Article, by: str = "operator", wrong: str = "电话不对"
) -> CorrectionProposal:
    return articles.propose_correction(
        article.pk, number=article.version, actor=scene.actor(by), at=AT, wrong=wrong, proposed="改成 12345"
    )


def test_a_correction_waits_for_the_owner_and_is_decided_once(scene: Scene) -> None:
    article = written(scene)
    proposal = propose(scene, article)
    assert propose(scene, article) == proposal
    with pytest.raises(WrongState):
        propose(scene, article, wrong="又想到一处")
    owner = scene.actor("department")
    assert (
        articles.pending_corrections(owner)
        == [proposal]
        == articles.pending_corrections(scene.actor("admin"))
    )
    assert (
        articles.pending_corrections(scene.actor("department2"))
        == []
        == articles.pending_corrections(scene.actor("operator"))
    )
    with pytest.raises(NotAllowed):
        articles.decide(proposal.pk, actor=scene.actor("operator"), at=AT, accepted=True, reason="")
    with pytest.raises(Invalid):
        articles.decide(proposal.pk, actor=owner, at=AT, accepted=False, reason=" ")
    decided = articles.decide(proposal.pk, actor=owner, at=AT, accepted=False, reason="电话没有变")
    assert (decided.accepted, decided.reason, decided.decided_by_id) == (False, "电话没有变", owner.person_id)
    assert articles.pending_corrections(owner) == []
    with pytest.raises(WrongState):
        articles.decide(proposal.pk, actor=owner, at=AT, accepted=True, reason="")
    assert propose(scene, article, wrong="又想到一处").decided_at is None


@pytest.mark.parametrize("name", ["resident", "enterprise"])
def test_requesters_neither_read_nor_correct(scene: Scene, name: str) -> None:
    article = written(scene)
    with pytest.raises(NotAllowed):
        propose(scene, article, by=name)
    with pytest.raises(NotFound):
        articles.article_of(article.pk, scene.actor(name))


def test_what_ran_out_or_soon_will_is_shown_to_its_owner(scene: Scene) -> None:
    for days in (-5, 0, 29, 30, 200):
        written(scene, f"到期{days}", valid_until=TODAY + timedelta(days=days))
    written(scene, "长期")
    written(scene, "别家", unit="D2", valid_until=TODAY)
    due = [article.title for article in articles.due_for_review(scene.actor("department"), TODAY, 30)]
    assert due == ["到期-5", "到期0", "到期29"]
    assert articles.due_for_review(scene.actor("operator"), TODAY, 30) == []


def test_pages_by_title_lose_and_repeat_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "MOST_ON_PAGE", 3)
    for number in range(7):
        written(scene, f"条目~{number}")
    seen, after = [], ""
    while True:
        page = articles.list_articles(scene.actor("operator"), TODAY, after=after)
        seen += [article.title for article in page.articles]
        if not (after := page.next):
            break
    assert seen == [f"条目~{number}" for number in range(7)]
    with pytest.raises(Invalid):
        articles.list_articles(scene.actor("operator"), TODAY, after="nonsense")


def test_the_search_uses_its_index(scene: Scene) -> None:
    written(scene)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        query = Article.objects.filter(search=articles._all_terms_query("测温"))
        assert "article_search" in query.explain()


def at_once(*calls: Callable[[], object]) -> list[object]:
    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        except Refused as refused:
            return type(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_two_who_change_at_once_one_wins(transactional_db: None) -> None:
    scene = make_scene()
    article = written(scene)

    def change(number: int) -> object:
        new = replace(draft(scene), body=f"第{number}人写的")
        return articles.revise(article.pk, new, version=1, actor=scene.actor("admin"), at=AT)

    answers = at_once(*(partial(change, number) for number in range(4)))
    assert answers.count(WrongState) == 3
    assert article.versions.count() == 2


def test_pressed_twice_at_once_there_is_one_correction(transactional_db: None) -> None:
    scene = make_scene()
    article = written(scene)
    answers = at_once(*(lambda: propose(scene, article) for _ in range(4)))
    assert CorrectionProposal.objects.count() == 1
    assert len({answer.pk for answer in answers if isinstance(answer, CorrectionProposal)}) == 1
