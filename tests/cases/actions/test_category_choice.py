"""A category that has ended is not given to a case that came in afterwards."""

from datetime import date, timedelta

import pytest

from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.models import Case
from jieban.registry.models import Category
from tests.cases.scene import AT, Scene, handling, make_case

ENDS = date(2026, 3, 2)  # the day of AT


@pytest.fixture
def ended(scene: Scene) -> Category:
    return Category.objects.create(
        code="C0199", name="旧类", level=2, parent=scene.category.parent, path="城乡建设 / 旧类",
        valid_from=date(2019, 1, 1), valid_to=ENDS,
    )  # fmt: skip


def test_no_case_comes_in_by_it(scene: Scene, ended: Category) -> None:
    with pytest.raises(Invalid, match="“城乡建设 / 旧类”自 2026-03-02 起停用") as refused:
        make_case(scene, category_id=ended.pk)
    assert refused.value.fields == {"category": "已停用"}
    assert not Case.objects.exists()
    assert make_case(scene, at=AT - timedelta(days=1), category_id=ended.pk).category == ended


def test_no_case_is_corrected_to_it_but_one_that_has_it_keeps_it(scene: Scene, ended: Category) -> None:
    case = handling(scene)
    with pytest.raises(Invalid, match="停用"):
        actions.reclassify(case.pk, actor=scene.actor("operator"), at=AT, category_id=ended.pk)
    Case.objects.filter(pk=case.pk).update(category=ended)
    kept = actions.reclassify(
        case.pk, actor=scene.actor("operator"), at=AT, category_id=ended.pk, nature="suggestion"
    )
    assert (kept.category, kept.nature) == (ended, "suggestion")
    earlier = handling(scene, at=AT - timedelta(days=1))
    assert (
        actions.reclassify(earlier.pk, actor=scene.actor("operator"), at=AT, category_id=ended.pk).category
        == ended
    )
