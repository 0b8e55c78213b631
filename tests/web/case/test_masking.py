"""Numbers that stand in free text are shown to those only who may see who asked, on every page and answer."""

import json

import pytest

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Case
from jieban.registry.identity import tokens
from jieban.registry.models import ApiToken, Person, Place
from tests.cases.scene import Scene, make_case
from tests.web.signed_in import at_desk

NUMBERS = ("10007654321", "110107199001011234")
TEXT = "请联系我儿子10007654321，身份证110107199001011234。楼道灯不亮。"


@pytest.fixture
def case(scene: Scene) -> Case:
    """A case with numbers in its subject, its text and the unit's words, shared with a property company."""
    at, street = now(), Place.objects.get(level="street").pk
    made = make_case(scene, at=at, subject="联系10007654321", text=TEXT, place_id=street, hidden=False)
    actions.dispatch(
        made.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit("D1").pk, note="来电人10007654321急",
        co_handler_ids=[scene.unit("D2").pk], property_id=scene.unit("P").pk,
    )  # fmt: skip
    actions.sign(made.pk, actor=scene.actor("department"), at=at)
    return made


def shown(scene: Scene, name: str, case: Case) -> str:
    desk = at_desk(scene, name)
    pages = [f"/cases/{case.number}/", "/cases/?all=1", "/desk/", f"/desk/?queue=handle&case={case.number}"]
    found = "".join(desk.get(page).content.decode() for page in pages)
    person = Person.objects.get(pk=scene.actor(name).person_id)
    token = tokens.create(person.username, now())
    ApiToken.objects.update(post_id=scene.actor(name).post_id)
    headers = {"Authorization": f"Bearer {token}"}
    for address in (f"/api/v1/cases/{case.number}", f"/api/v1/cases/{case.number}/events", "/api/v1/cases"):
        found += json.dumps(desk.get(address, headers=headers).json(), ensure_ascii=False)
    return found


@pytest.mark.parametrize("name", ["property", "analyst", "leader", "auditor"])
def test_posts_without_contact_data_read_no_numbers(scene: Scene, case: Case, name: str) -> None:
    found = shown(scene, name, case)
    assert case.number in found
    assert [number for number in NUMBERS if number in found] == []


@pytest.mark.parametrize("name", ["department", "dispatcher", "supervisor"])
def test_those_who_handle_read_what_was_said(scene: Scene, case: Case, name: str) -> None:
    found = shown(scene, name, case)
    assert all(number in found for number in NUMBERS)


def test_a_list_of_a_unit_shows_no_number_in_a_subject(scene: Scene, case: Case) -> None:
    page = at_desk(scene, "department").get("/cases/?all=1").content.decode()
    assert "联系100****21" in page and NUMBERS[0] not in page


def test_once_the_work_has_ended_the_numbers_are_masked_again(scene: Scene, case: Case) -> None:
    desk = at_desk(scene, "department")
    assert NUMBERS[0] in desk.get(f"/cases/{case.number}/").content.decode()
    actions.withdraw(case.pk, actor=scene.actor("operator"), at=now(), reason="自行解决")
    page = desk.get(f"/cases/{case.number}/").content.decode()
    assert "楼道灯不亮" in page
    assert [number for number in NUMBERS if number in page] == []
