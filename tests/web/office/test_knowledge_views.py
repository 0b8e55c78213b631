"""The pages of the knowledge base: searching, reading, changing, correcting; beside a call; and the answer's trace."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.models import Case
from jieban.registry.knowledge import articles
from jieban.registry.knowledge.articles import ArticleDraft
from jieban.registry.loaders import article_files as file
from jieban.registry.loaders.registry_loader import load
from jieban.registry.models import Article, ArticleState, CorrectionProposal
from jieban.web.office.knowledge_views import text_blocks
from tests.cases.scene import AT, Scene, make_case
from tests.web.signed_in import at_desk

BODY = "先联系供热单位测温。\n\n请配合：\n- 家里留人\n- 记下时间"


def written(scene: Scene, title: str = "供暖投诉与测温", unit: str = "D1", **values: object) -> Article:
    draft = ArticleDraft(
        title, BODY, scene.unit(unit).pk, date(2026, 1, 1), "演示资料", keywords="暖气", **values
    )  # type: ignore[arg-type]
    return articles.write(draft, actor=scene.actor("admin"), at=AT)


def sent(article: Article, **values: object) -> dict[str, object]:
    known = {name: getattr(article, name) for name in ("title", "body", "keywords", "source", "version")}
    return known | {"unit": article.unit_id, "valid_from": "2026-01-01", "state": "in_force"} | values


def test_the_search_marks_what_it_found_and_is_in_the_address(scene: Scene) -> None:
    written(scene)
    written(scene, "犬只登记")
    page = at_desk(scene, "operator").get("/knowledge/?q=供暖").content.decode()
    assert "<mark>供暖</mark>投诉与测温" in page and "犬只登记" not in page
    page = at_desk(scene, "operator").get("/knowledge/?q=地铁").content.decode()
    assert "没有查到" in page and "可换一个说法" in page
    other = f"/knowledge/?unit={scene.unit('D2').pk}"
    assert "供暖投诉" not in at_desk(scene, "operator").get(other).content.decode()


def test_the_page_says_who_answers_for_it_until_when_and_from_where(scene: Scene) -> None:
    article = written(scene, valid_until=date(2099, 12, 31))
    page = at_desk(scene, "operator").get(f"/knowledge/{article.pk}/").content.decode()
    for words in ("单位D1", "至 2099-12-31", "演示资料", "<li>家里留人</li>", "报告有误", "第 1 版"):
        assert words in page
    assert "修改</a>" not in page and "撤下" not in page


def test_markup_in_an_article_is_shown_as_text(scene: Scene) -> None:
    draft = ArticleDraft("标题", "a < b <x> & 'c'", scene.unit("D1").pk, date(2026, 1, 1), "演示资料")
    article = articles.write(draft, actor=scene.actor("admin"), at=AT)
    page = at_desk(scene, "operator").get(f"/knowledge/{article.pk}/").content.decode()
    assert "a &lt; b &lt;x&gt; &amp; &#x27;c&#x27;" in page


def test_the_owner_changes_it_and_the_earlier_version_stays(scene: Scene) -> None:
    article = written(scene)
    desk = at_desk(scene, "department")
    assert desk.get(f"/knowledge/{article.pk}/edit/").status_code == 200
    answer = desk.post(f"/knowledge/{article.pk}/edit/", sent(article, body="新的正文", why="电话变了"))
    assert answer["Location"] == f"/knowledge/{article.pk}/"
    assert "新的正文" in desk.get(f"/knowledge/{article.pk}/").content.decode()
    old = desk.get(f"/knowledge/{article.pk}/?version=1").content.decode()
    assert "先联系供热单位测温" in old and "您看的是第 1 版" in old
    stale = desk.post(f"/knowledge/{article.pk}/edit/", sent(article, body="晚来的正文"))
    assert stale.status_code == 409 and "刚被他人修改" in stale.content.decode()


def test_a_new_article_of_a_department_is_its_own(scene: Scene) -> None:
    desk = at_desk(scene, "department")
    wanted = {
        "title": "新条目", "body": "正文", "source": "演示资料", "valid_from": "2026-01-01", "state": "draft",
        "version": "0", "unit": scene.unit("D1").pk,
    }  # fmt: skip
    assert desk.post("/knowledge/new/", wanted | {"unit": scene.unit("D2").pk}).status_code == 422
    assert desk.post("/knowledge/new/", wanted | {"title": ""}).status_code == 422
    assert desk.post("/knowledge/new/", wanted).status_code == 302
    assert Article.objects.get().state == ArticleState.DRAFT
    again = desk.post("/knowledge/new/", wanted)
    assert again.status_code == 422 and "标题重复" in again.content.decode()


def test_a_reader_reports_what_is_wrong_and_reads_the_answer(scene: Scene) -> None:
    article = written(scene)
    reader, owner = at_desk(scene, "operator"), at_desk(scene, "department")
    url = f"/knowledge/{article.pk}/correct/"
    assert reader.post(url, {"wrong": " ", "version": "1"}).status_code == 422
    reader.post(url, {"wrong": "电话不对", "proposed": "改成 12345", "version": "1"})
    reader.post(url, {"wrong": "电话不对", "proposed": "改成 12345", "version": "1"})
    proposal = CorrectionProposal.objects.get()
    assert "电话不对" in owner.get("/knowledge/waiting/").content.decode()
    decide = f"/knowledge/corrections/{proposal.pk}/"
    assert reader.post(decide, {"accepted": "yes"}).status_code == 403
    assert owner.post(decide, {"accepted": "no", "reason": ""}).status_code == 422
    assert owner.post(decide, {"accepted": "yes"})["Location"] == f"/knowledge/{article.pk}/edit/"
    assert owner.post(decide, {"accepted": "yes"}).status_code == 409
    assert "已采纳" in reader.get(f"/knowledge/{article.pk}/").content.decode()


def test_what_runs_out_within_the_limit_is_listed_for_the_owner(scene: Scene) -> None:
    today = local_date(now())
    written(scene, "快到期", valid_until=today + timedelta(days=29))
    written(scene, "还早", valid_until=today + timedelta(days=60))
    page = at_desk(scene, "department").get("/knowledge/waiting/").content.decode()
    assert "快到期" in page and "还早" not in page


def test_a_withdrawn_article_is_found_no_more(scene: Scene) -> None:
    article = written(scene)
    owner = at_desk(scene, "department")
    assert owner.post(f"/knowledge/{article.pk}/withdraw/", {"why": ""}).status_code == 422
    owner.post(f"/knowledge/{article.pk}/withdraw/", {"why": "政策取消"})
    assert "供暖投诉" not in owner.get("/knowledge/?q=供暖").content.decode()
    assert "已撤下" in owner.get(f"/knowledge/{article.pk}/").content.decode()
    assert owner.get(f"/knowledge/{article.pk}/aloud/").status_code == 409


WRITES = ("/knowledge/{}/edit/", "/knowledge/{}/withdraw/")


@pytest.mark.parametrize("name", ["operator", "department2", "caller", "leader", "auditor", "community"])
def test_others_change_nothing(scene: Scene, name: str) -> None:
    article = written(scene)
    for url in WRITES:
        assert at_desk(scene, name).post(url.format(article.pk), sent(article, why="x")).status_code == 403
    assert article.versions.count() == 1


@pytest.mark.parametrize("name", ["resident", "enterprise"])
@pytest.mark.parametrize("path", ["", "new/", "waiting/", "{}/", "{}/edit/", "{}/aloud/"])
def test_requesters_read_nothing(scene: Scene, name: str, path: str) -> None:
    article = written(scene)
    assert at_desk(scene, name).get(f"/knowledge/{path.format(article.pk)}").status_code == 403


def test_a_draft_of_others_is_not_there(scene: Scene) -> None:
    article = written(scene, state=ArticleState.DRAFT)
    assert at_desk(scene, "operator").get(f"/knowledge/{article.pk}/").status_code == 404
    assert at_desk(scene, "operator").get("/knowledge/999999999999999999999/").status_code == 404


def test_beside_a_call_what_is_typed_or_sought_is_found(scene: Scene) -> None:
    written(scene)
    written(scene, "犬只登记")
    desk = at_desk(scene, "operator")
    beside = lambda **data: desk.post("/knowledge/beside/", data).content.decode()  # noqa: E731
    assert "<mark>供暖</mark>" in beside(text="家里供暖不热，想问问怎么办")
    assert "<mark>犬只</mark>" in beside(text="家里供暖不热", q="犬只")
    assert "还没有对得上的知识" in beside(text="地铁几点开")
    assert "没有查到" in beside(q="地铁")
    assert beside(q="\0'&|!:*()", text="\0").strip()
    assert 'hx-post="/knowledge/beside/"' in desk.get("/cases/new/").content.decode()


def test_read_aloud_carries_words_and_version_to_the_answer(scene: Scene) -> None:
    article = written(scene)
    page = at_desk(scene, "operator").get(f"/knowledge/{article.pk}/aloud/").content.decode()
    assert f'data-answer-article="{article.pk}/1"' in page and "先联系供热单位测温。" in page


def test_an_answer_in_the_call_itself_names_its_article_too(scene: Scene) -> None:
    article = written(scene)
    desk = at_desk(scene, "operator")
    call = {
        "key": "k" * 32, "kind": "appeal", "text": "暖气不热找谁", "nature": "consult", "urgency": "normal",
        "then": "answer", "answer": BODY, "answer_article": f"{article.pk}/1",
    }  # fmt: skip
    assert desk.post("/cases/new/", call).status_code == 302
    facts = Case.objects.get().events.get(action="answer_now").facts
    assert (facts["article"], facts["article_version"]) == (article.pk, 1)


def test_the_article_that_was_read_stands_in_the_history_of_the_answer(scene: Scene) -> None:
    article = written(scene)
    case = make_case(scene, at=now(), nature="consult")
    desk = at_desk(scene, "operator")
    reply = {"text": BODY, "answer_article": f"{article.pk}/1"}
    assert desk.post(f"/cases/{case.number}/answer_now/", reply).status_code == 302
    facts = case.events.get(action="answer_now").facts
    assert (facts["article"], facts["article_version"]) == (article.pk, 1)
    assert (
        "即时答复（知识库《供暖投诉与测温》第 1 版）" in desk.get(f"/cases/{case.number}/").content.decode()
    )


@pytest.mark.parametrize("named", ["9999/1", "1/99", "x", "/", "1", "99999999999999999999/1"])
def test_an_answer_by_an_article_that_is_not_there_is_refused(scene: Scene, named: str) -> None:
    case = make_case(scene, nature="consult")
    with pytest.raises(Invalid):
        actions.answer_now(case.pk, actor=scene.actor("operator"), at=AT, text="答", article=named)


def test_a_list_takes_as_many_queries_for_thirty_as_for_one(scene: Scene) -> None:
    desk = at_desk(scene, "admin")

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(address).status_code == 200
        return len(caught)

    addresses = ("/knowledge/", "/knowledge/?q=供暖", "/knowledge/waiting/")
    written(scene, valid_until=local_date(now()))
    first = [count(address) for address in addresses]
    for number in range(29):
        written(scene, f"供暖之{number}", valid_until=local_date(now()))
    assert [count(address) for address in addresses] == first


def test_blocks_are_paragraphs_and_lists() -> None:
    assert text_blocks(BODY) == [
        ("p", ["先联系供热单位测温。"]),
        ("p", ["请配合："]),
        ("ul", ["家里留人", "记下时间"]),
    ]


def test_the_demonstration_is_loaded_once_and_found(db: None) -> None:
    path = Path(settings.BASE_DIR) / "data"
    load(path / "district", AT)
    new, _changed = file.load(path / "demo" / "knowledge.json", AT)
    assert new >= 40
    assert file.load(path / "demo" / "knowledge.json", AT + timedelta(days=3)) == (0, 0)
    first = lambda words: articles.search(words, local_date(AT))[0].article.title  # noqa: E731
    assert first("居住证") == "居住证和居住登记在哪里办"
    assert first("暖气不热测温") == "供暖不热怎样投诉和测温"
    assert first("养狗要办什么证") == "犬只登记和年检"
    assert first("垃圾分类") == "垃圾分类投放和收运"
    assert first("社保卡丢了") == "社保卡申领、补办和挂失"
    assert (
        articles.suggest("楼上邻居家漏水把我家天花板泡了", local_date(AT))[0].article.title
        == "楼上漏水、邻里纠纷"
    )
