"""The administrator's and auditor's pages: for their posts only, each in as many queries for thirty rows as for one."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jieban.base.clock import now
from jieban.cases.models import AccessLog, CallingHours, Limit, UnmaskAlert
from jieban.channels.models import MessageWording
from jieban.registry.ledger import seals
from jieban.registry.models import (
    CallScript,
    Category,
    DirectoryRow,
    Holding,
    Person,
    Post,
    Seal,
    ShiftKind,
    Unit,
)
from jieban.registry.roles import Role
from tests.cases.scene import FROM, Scene, make_case
from tests.web.signed_in import at_desk

ADMIN = (
    "/admin/", "/admin/checks/", "/admin/categories/", "/admin/changes/", "/admin/people/", "/admin/people/new/",
    "/admin/people/operator/", "/admin/people/operator/give/", "/admin/people/operator/suspend/",
    "/admin/posts/", "/admin/posts/new/", "/admin/posts/P-operator/", "/admin/posts/P-operator/close/",
    "/admin/units/", "/admin/units/D1/", "/admin/units/D1/rename/", "/admin/units/D1/close/",
    "/admin/directory/", "/admin/directory/new/", "/admin/directory/R1/", "/admin/directory/R1/end/",
    "/admin/rules/", "/admin/rules/new/", "/admin/limits/new/", "/admin/calendar/", "/admin/calendar/load/",
    "/admin/calling/", "/admin/calling/new/", "/admin/categories/new/", "/admin/categories/C0101/",
    "/admin/categories/C0101/change/", "/admin/categories/C0101/end/",
    "/admin/shifts/", "/admin/shifts/new/", "/admin/shifts/1/change/", "/admin/shifts/1/end/",
    "/admin/script/", "/admin/script/new/", "/admin/messages/", "/admin/messages/closed.requester.en/new/",
)  # fmt: skip
AUDIT = ("/audit/events/", "/audit/access/", "/audit/seals/", "/audit/changes/", "/audit/alerts/")
ALSO = {"/audit/alerts/": {"supervisor"}, "/audit/changes/": {"admin"}, "/admin/changes/": {"auditor"}}


@pytest.fixture
def place(scene: Scene) -> Scene:
    """A district with a row of the directory, an alert and a seal."""
    DirectoryRow.objects.create(
        code="R1", category=scene.category, place_level="district", lead=scene.unit("D1"), ground="条例",
        edition="2026版", valid_from=FROM,
    )  # fmt: skip
    ShiftKind.objects.get_or_create(pk=1, defaults={
        "name": "第一班", "starts": time(8), "ends": time(20), "valid_from": FROM,
    })  # fmt: skip
    return scene


@pytest.mark.parametrize("address", ADMIN + AUDIT)
def test_page_is_for_its_posts_only(place: Scene, address: str) -> None:
    own = {"admin"} if address in ADMIN else {"auditor"}
    allowed = own | ALSO.get(address, set())
    assert {name for name in own if at_desk(place, name).get(address).status_code == 200} == own
    roles = {role.value for role in Role} - {"system"}
    found = {name: at_desk(place, name).get(address).status_code for name in sorted(roles)}
    assert found == {name: 200 if name in allowed else 403 for name in roles}


@pytest.mark.parametrize("address", [one for one in ADMIN if one.split("/")[-2] in {
    "new", "give", "suspend", "close", "rename", "end", "load", "change"}])  # fmt: skip
def test_nobody_else_changes_anything(place: Scene, address: str) -> None:
    people, posts = Person.objects.count(), Post.objects.count()
    for name in sorted({role.value for role in Role} - {"system", "admin"}):
        assert at_desk(place, name).post(address, {"reason": "x", "seen": ""}).status_code == 403
    assert (people, posts) == (Person.objects.count(), Post.objects.count())
    assert Person.objects.get(username="operator").is_active


def rows_of_everything(scene: Scene, numbers: range) -> None:
    """A row more in every list for each number."""
    for number in numbers:
        unit = Unit.objects.create(
            code=f"X{number:02}", name=f"单位{number}", kind="department", opened_on=FROM
        )
        post = Post.objects.create(
            code=f"X{number:02}", name="承办", unit=unit, role="department", opened_on=FROM
        )
        person = Person.objects.create(username=f"a{number:02}", name=f"王{number}")
        Holding.objects.create(person=person, post=post, valid_from=FROM)
        row = DirectoryRow.objects.create(
            code=f"X{number:02}", category=scene.category, place_level="district", duty=f"职责{number}", lead=unit,
            ground="x", edition="x", valid_from=FROM,
        )  # fmt: skip
        row.co_handlers.add(scene.unit("D2"))
        case = make_case(scene, at=now() - timedelta(minutes=number))
        AccessLog.objects.create(person=person, post=post, case=case, at=now(), reason="核对")
        UnmaskAlert.objects.create(person=person, hour=now(), at=now(), count=31)
        Limit.objects.create(
            name="attempts", value=3, source="x", valid_from=FROM + timedelta(days=number + 1)
        )
        Category.objects.create(
            code=f"C0101{number:02}", name=f"分类{number}", level=3, parent=scene.category, path=f"x / y / {number}",
            valid_from=FROM,
        )  # fmt: skip
        MessageWording.objects.create(
            code="closed",
            recipient="requester",
            language="en",
            text="Closed.",
            source="x",
            valid_from=FROM + timedelta(days=number + 1),
            valid_to=FROM + timedelta(days=number + 2),
        )
        CallScript.objects.create(text=f"您好 {number}", at=now(), person=person)
        ShiftKind.objects.create(name=f"班{number}", starts=time(8), ends=time(12), valid_from=FROM)
        CallingHours.objects.create(
            days="work",
            starts=time(9),
            ends=time(10),
            source="x",
            valid_from=FROM + timedelta(days=number + 1),
        )
        Seal.objects.create(
            level="interim", day=FROM, first_id=number + 1, last_id=number + 1, count=1, root=b"r" * 32,
            previous=b"p" * 32, made_at=now(), key_id="x", signature=b"s" * 64,
        )  # fmt: skip


LISTS = [
    "/admin/people/", "/admin/people/?q=王&role=department&state=active", "/admin/posts/", "/admin/posts/?state=empty",
    "/admin/units/", "/admin/directory/", "/admin/directory/?unit=D2&q=职责", "/admin/rules/", "/admin/changes/",
    "/admin/calling/", "/admin/shifts/", "/admin/script/", "/admin/messages/", "/admin/categories/",
    "/admin/categories/C0101/",
    "/audit/events/", "/audit/events/?person=operator&action=receive", "/audit/access/",
    "/audit/access/?words=核对", "/audit/alerts/", "/audit/seals/", "/audit/changes/",
]  # fmt: skip


@pytest.mark.parametrize("address", LISTS)
def test_list_asks_as_often_for_thirty_rows_as_for_one(place: Scene, address: str) -> None:
    who = at_desk(place, "admin" if address.startswith("/admin") else "auditor")
    counts = []
    for numbers in (range(1), range(1, 30)):
        rows_of_everything(place, numbers)
        who.get(address)  # what a process keeps of the rules is read once
        with CaptureQueriesContext(connection) as asked:
            assert who.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_lists_go_on_by_key_without_gap_or_repeat(place: Scene) -> None:
    people = [f"p{number:03}" for number in range(120)]
    Person.objects.bulk_create([Person(username=name, name="测试") for name in people])
    admin, seen, address = at_desk(place, "admin"), [], "/admin/people/?q=p"
    while address:
        page = admin.get(address)
        seen += [row[0].note for row in page.context["table"].rows]
        address = page.context["next_url"]
    found = [name for name in seen if name in people]
    assert found == people


@pytest.mark.parametrize("address", ["/audit/events/", "/audit/access/", "/audit/changes/", "/audit/seals/"])
def test_a_broken_page_mark_says_what_to_do(place: Scene, address: str) -> None:
    answer = at_desk(place, "auditor").get(f"{address}?after=nonsense")
    assert (answer.status_code, "请回到第一页" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    "query", ["?since=32/13/9", "?number=%00", "?person=%00&unit=x", "?q=%00", "?until=9999-12-31"]
)
def test_filters_that_do_not_fit_break_nothing(place: Scene, query: str) -> None:
    for address in ("/audit/events/", "/audit/access/", "/audit/changes/"):
        assert at_desk(place, "auditor").get(address + query).status_code == 200
    for address in ("/admin/people/", "/admin/units/", "/admin/directory/", "/admin/posts/"):
        assert at_desk(place, "admin").get(address + query).status_code == 200


def test_the_administrator_begins_at_the_board_and_the_auditor_at_the_history(place: Scene) -> None:
    assert at_desk(place, "admin").get("/")["Location"] == reverse("admin-board")
    assert at_desk(place, "auditor").get("/")["Location"] == reverse("audit-events")


def test_no_page_shows_what_was_said(place: Scene) -> None:
    case = make_case(place, category_id=place.category.pk)
    seals.make_seal(now())
    for address in ADMIN:
        assert "楼道灯" not in at_desk(place, "admin").get(address).content.decode()
    for address in AUDIT:
        page = at_desk(place, "auditor").get(address).content.decode()
        assert "楼道灯" not in page and "王建国" not in page
    assert case.number in at_desk(place, "auditor").get("/audit/events/").content.decode()


@pytest.mark.parametrize("address", [*ADMIN, *AUDIT])
def test_at_most_one_filled_button(place: Scene, address: str) -> None:
    who = at_desk(place, "admin" if address in ADMIN else "auditor")
    assert who.get(address).content.decode().count("button-main") <= 1
