"""Of a sensitive case know the units on its path, whoever asked, and the district's desks; nobody else."""

import pytest

from jieban.cases.lists import case_list
from jieban.cases.lists.case_list import CaseFilter
from jieban.cases.models import Case
from tests.cases.scene import Scene, handling

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "knows"),
    [
        ("operator", True), ("dispatcher", True), ("supervisor", True), ("leader", True), ("department2", True),
        ("auditor", True), ("analyst", False), ("street", False), ("department", False), ("community", False),
    ],
)  # fmt: skip
def test_sensitive_case_is_known_to_few(scene: Scene, name: str, knows: bool) -> None:
    place = scene.unit("S").place
    assert place is not None
    case = handling(scene, lead="D2", place_id=place.pk, sensitive=True)
    plain = handling(scene, lead="D2", place_id=place.pk)
    actor = scene.actor(name)
    seen = [row.number for row in case_list.list_cases(actor, CaseFilter()).cases]
    assert (case.number in seen) is knows
    assert (case in case_list.visible_to(actor)) is knows
    if name in {"analyst", "street"}:
        assert plain.number in seen


def test_street_on_the_path_knows_its_sensitive_case(scene: Scene) -> None:
    case = handling(scene, lead="S", sensitive=True)
    assert [row.number for row in case_list.list_cases(scene.actor("street"), CaseFilter()).cases] == [
        case.number
    ]
    assert Case.objects.get().sensitive
