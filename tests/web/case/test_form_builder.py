"""A card is enough for an action's form: fields, lists, what it begins with, what it hands to the function."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from jieban.cases.actions import Matter
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import card_fields as f
from jieban.cases.flow.cards.card import ActionCard, OnPage
from jieban.cases.flow.enums import Solved
from jieban.cases.lists import case_detail
from jieban.cases.models import Case
from jieban.registry.models import Category
from jieban.web.case.action_forms import ActForm
from jieban.web.case.form_builder import build_form
from tests.cases.scene import AT, Scene, handling

SAMPLE = ActionCard(
    action=Action.ADD_NOTE,
    page=OnPage(1, "保存"),
    fields=(
        f.Text("text", "内容", rows=7, help="写清楚。"),
        f.Line("title", "标题", longest=5, required=False),
        f.Choice("solved", "解决", of=Solved),
        f.UnitRef("lead", "单位", group=f.UnitGroup.MAY_LEAD, required=False),
        f.UnitRefs("helpers", "协办", group=f.UnitGroup.CHILDREN),
        f.CategoryRef("category", "分类", required=False, from_case=True),
        f.GradeChoice("grade", "难易", required=False, from_case=True),
        f.YesNo("sensitive", "敏感", from_case=True),
        f.CaseRef("other", "另一件"),
        f.Matters("matters", "事项"),
        f.Answer("passed", "结论"),
        f.Text("inside", "只供接口", on_page=False),
        f.Photo("photo", "照片"),
        f.Papers("papers", "文件", required=False, in_api=False),
    ),
)
FORM = build_form(SAMPLE, ActForm)


@pytest.fixture
def case(scene: Scene, leaf: Category) -> Case:
    made = handling(scene, lead="S", category_id=leaf.pk, grade="complex")
    return case_detail.get_case_detail(made.number, scene.actor("street"))


def form(case: Case, scene: Scene, *sent: Any) -> ActForm:
    return FORM(*sent, case=case, actor=scene.actor("street"), at=AT)


def test_a_form_has_the_fields_of_the_card_in_their_order(case: Case, scene: Scene) -> None:
    made = form(case, scene)
    assert list(made.fields) == [field.name for field in SAMPLE.fields if field.name != "inside"]
    assert made.fields["text"].label == "内容" and made.fields["text"].help_text == "写清楚。"
    assert 'rows="7"' in str(made["text"]) and 'maxlength="5"' in str(made["title"])
    assert not made.fields["title"].required and str(made["solved"]).count('type="radio"') == 4


def test_lists_offer_what_exists_and_values_begin_with_the_case(
    case: Case, scene: Scene, leaf: Category
) -> None:
    made = form(case, scene)
    page = str(made["lead"])
    assert "单位D1" in page and "单位S<" in page and "单位C" not in page
    assert "单位C" in str(made["helpers"]) and "单位D1" not in str(made["helpers"])
    assert f'value="{leaf.pk}" selected' in str(made["category"])
    assert 'value="complex" selected' in str(made["grade"]) and 'value="off" selected' in str(
        made["sensitive"]
    )


def test_what_was_sent_becomes_what_the_function_takes(case: Case, scene: Scene, leaf: Category) -> None:
    helper = scene.unit("C").pk
    sent = QueryDict(
        f"text=t&solved=yes&helpers={helper}&category={leaf.pk}&grade=&sensitive=on&other={case.number}"
        "&matters=甲%0D%0A更多%0D%0A%0D%0A乙&passed=no&inside=x"
    )
    files: MultiValueDict[str, Any] = MultiValueDict({"photo": [SimpleUploadedFile("a.jpg", b"abc")]})
    made = form(case, scene, sent, files)
    assert made.is_valid(), made.errors
    assert made.wanted() == {
        "text": "t", "title": "", "solved": "yes", "lead_id": None, "helper_ids": [helper],
        "category_id": leaf.pk, "grade": "", "sensitive": True, "other_id": case.pk,
        "matters": [Matter("甲\n更多", "甲"), Matter("乙", "乙")], "passed": False, "content": b"abc", "name": "a.jpg",
        "files": [],
    }  # fmt: skip


def test_what_does_not_fit_is_said_beside_its_field(case: Case, scene: Scene) -> None:
    made = form(case, scene, QueryDict("other=nobody&title=123456&solved=x"))
    assert made.errors["other"] == ["没有这个单号，请核对后再填。"]
    assert made.errors["text"] == ["请填写“内容”。"] and made.errors["solved"] == ["请从“解决”的列表中选择。"]
    assert {"title", "helpers", "matters", "passed", "photo"} <= set(made.errors)
