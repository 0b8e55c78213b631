"""A card is enough for an action's body, its description and its call."""

import json
from typing import Any

import pytest
from ninja import NinjaAPI
from pydantic import ValidationError

from jieban.api.v1 import action_calls, routes
from jieban.api.v1.body_builder import body_for
from jieban.base.errors import Invalid
from jieban.cases.actions import Matter
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import card_fields as f
from jieban.cases.flow.cards.card import ActionCard
from jieban.cases.flow.enums import Solved, VisitKind
from tests.cases.scene import Scene, make_case

SAMPLE = ActionCard(
    action=Action.ADD_NOTE,
    fields=(
        f.Text("text", "内容"),
        f.Line("title", "标题", longest=5, longest_sent=9, required=False),
        f.Choice("solved", "解决", of=Solved, required=False),
        f.Choices("kinds", "哪些", of=VisitKind),
        f.UnitRef("lead", "单位", group=f.UnitGroup.MAY_LEAD),
        f.UnitRefs("helpers", "单位", group=f.UnitGroup.MAY_LEAD, required=False),
        f.CaseRef("other", "另一件"),
        f.Matters("matters", "事项"),
        f.YesNo("known", "知道", required=False),
        f.Tick("sure", "确定", required=False),
        f.Files("file", "文件", argument="files"),
        f.Papers("papers", "照片", required=False, in_api=False),
    ),
)
SENT: dict[str, Any] = {
    "text": "内容", "kinds": ["needs"], "lead": "D1", "helpers": ["D2", "S"], "matters": [{"text": "甲"}],
    "file": "YWJj",
}  # fmt: skip


def test_a_body_has_the_fields_of_the_card_and_its_limits() -> None:
    shape = body_for(SAMPLE)
    assert set(shape.model_fields) == {field.name for field in SAMPLE.fields} - {"papers"}
    wrong = {"title": "长" * 10, "kinds": ["x"], "more": 1} | {"matters": [{}] * 21}
    with pytest.raises(ValidationError) as refused:
        shape.model_validate(wrong)
    assert {(error["loc"][0], error["type"]) for error in refused.value.errors()} == {
        ("text", "missing"), ("title", "string_too_long"), ("kinds", "enum"), ("lead", "missing"),
        ("other", "missing"), ("matters", "too_long"), ("file", "missing"), ("more", "extra_forbidden"),
    }  # fmt: skip


def test_codes_and_numbers_become_ids(scene: Scene) -> None:
    case, actor = make_case(scene), scene.actor("dispatcher")
    body = body_for(SAMPLE).model_validate(SENT | {"other": f" {case.number} "})
    assert action_calls.arguments_of(SAMPLE, body, actor) == {
        "text": "内容", "title": "", "solved": "", "kinds": [VisitKind.NEEDS], "lead_id": scene.unit("D1").pk,
        "helper_ids": [scene.unit("D2").pk, scene.unit("S").pk], "other_id": case.pk,
        "matters": [Matter("甲")], "known": None, "sure": False, "files": [("", b"abc")],
    }  # fmt: skip
    unknown = body_for(SAMPLE).model_validate(SENT | {"other": "x", "lead": "nobody"})
    with pytest.raises(Invalid) as refused:
        action_calls.arguments_of(SAMPLE, unknown, actor)
    assert refused.value.fields == {"lead": "没有这个代码"}


def test_the_description_has_the_action_of_a_card() -> None:
    api = NinjaAPI(urls_namespace="sample")
    routes.add_action(api, SAMPLE, body_for(SAMPLE))
    [(path, methods)] = api.get_openapi_schema(path_prefix="")["paths"].items()
    described = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert path == "/cases/{number}/actions/add_note"
    assert set(described["required"]) == {"text", "kinds", "lead", "other", "matters", "file"}
    assert described["properties"]["title"]["maxLength"] == 9 and "papers" not in described["properties"]
    assert "#/" not in json.dumps(described)
