"""The administrator's forms: shown, refused beside their fields, weighed before they are saved, and done once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jieban.base.clock import local_date, now
from jieban.cases.models import DeadlineRule, Limit
from jieban.registry.models import ConfigChange, DirectoryRow, Holding, Person, Post, Unit
from jieban.worktime.models import CalendarYear
from tests.cases.scene import Scene, make_case
from tests.registry.administration.directory_rows import make_row
from tests.web.admin.forms import errors, seen
from tests.web.signed_in import at_desk
from tests.worktime.notices import NOTICE


@pytest.fixture
def admin(scene: Scene) -> Client:
    return at_desk(scene, "admin")


def test_account_is_opened_and_its_password_shown_once(admin: Client) -> None:
    sent = {"username": "zhoumin", "name": "周敏", "reason": "新入职"}
    page = admin.post("/admin/people/new/", sent)
    password = page.context["password"]
    assert page.status_code == 200 and password in page.content.decode()
    assert Person.objects.get(username="zhoumin").check_password(password)
    assert password not in admin.get("/admin/people/zhoumin/").content.decode()
    again = admin.post("/admin/people/new/", sent)
    assert (again.status_code, list(errors(again))) == (422, ["username"])


def test_a_password_of_the_administrators_is_changed_before_anything_else(
    scene: Scene, admin: Client
) -> None:
    address, new = "/admin/people/operator/password/", "柳树下第三块石头旁边"
    given = admin.post(address, {"reason": "本人遗忘", "seen": seen(admin, address)}).context["password"]
    operator = Client()
    operator.post("/login/", {"username": "operator", "password": given})
    for page in ("/cases/", "/desk/", "/account/", "/account/delegations/"):
        assert operator.get(page)["Location"].startswith("/account/password/?next=")
    assert "初始密码" in operator.get("/account/password/").content.decode()
    same = operator.post("/account/password/", {"old": given, "new": given, "again": given})
    assert same.status_code == 200 and Person.objects.get(username="operator").password_given
    changed = operator.post("/account/password/", {"old": given, "new": new, "again": new, "next": "/cases/"})
    assert changed["Location"] == "/cases/"
    assert "/account/password/" not in operator.get("/cases/").get("Location", "")


def test_suspended_person_is_put_out_of_the_page_they_read(scene: Scene, admin: Client) -> None:
    operator = at_desk(scene, "operator")
    assert operator.get("/cases/").status_code == 200
    address = "/admin/people/operator/suspend/"
    assert admin.post(address, {"reason": "离职", "seen": seen(admin, address)}).status_code == 302
    assert operator.get("/cases/").status_code == 302
    assert "停用" in admin.get("/admin/people/operator/").content.decode()


def test_new_password_ends_sessions(scene: Scene, admin: Client) -> None:
    operator, address = at_desk(scene, "operator"), "/admin/people/operator/password/"
    page = admin.post(address, {"reason": "本人遗忘", "seen": seen(admin, address)})
    assert Person.objects.get(username="operator").check_password(page.context["password"])
    assert operator.get("/cases/")["Location"].startswith("/login/")


def test_post_is_given_by_a_form(admin: Client) -> None:
    address, on = "/admin/people/operator/give/", local_date(now())
    post = Post.objects.get(code="P-dispatcher")
    sent = {"post_id": post.pk, "begins": on, "reason": "轮岗", "seen": seen(admin, address)}
    assert admin.post(address, sent)["Location"] == "/admin/people/operator/"
    assert Holding.objects.filter(post=post, person__username="operator", valid_from=on).count() == 1
    assert admin.post(address, sent).status_code == 409  # a second press finds what the first has changed


def test_form_without_reason_names_the_field(admin: Client) -> None:
    answer = admin.post("/admin/units/D1/rename/", {"name": "城管委", "seen": ""})
    assert (answer.status_code, errors(answer)) == (422, {"reason": ["请填写“理由”。"]})


def test_second_to_change_a_unit_is_told_on_the_form(admin: Client) -> None:
    address = "/admin/units/D1/rename/"
    mark = seen(admin, address)
    assert admin.post(address, {"name": "城管委", "reason": "更名", "seen": mark}).status_code == 302
    late = admin.post(address, {"name": "城市管理委", "reason": "更名", "seen": mark})
    assert late.status_code == 409
    assert "请重新打开本页，核对后再办" in late.content.decode()
    assert Unit.objects.get(code="D1").name == "城管委"


def row_sent(scene: Scene, mark: str, **more: Any) -> dict[str, Any]:
    return {
        "begins": local_date(now()) + timedelta(days=5), "category": scene.category.pk, "place_level": "district",
        "place": "", "duty": "", "lead": scene.unit("D2").pk, "co_handlers": [], "ground": "区编办〔2026〕3号",
        "edition": "2026版", "reason": "职责调整", "seen": mark, **more,
    }  # fmt: skip


def test_row_is_weighed_first_and_saved_by_the_second_press(scene: Scene, admin: Client) -> None:
    make_row(scene, "R1")
    case = make_case(scene, category_id=scene.category.pk)
    address = "/admin/directory/new/?row=R1"
    sent = row_sent(scene, seen(admin, address))

    page = admin.post(address, sent)
    shown = page.content.decode()
    assert "现有 1 件待派单的诉求，主办建议将由 单位D1 改为 单位D2。" in shown
    assert case.number in shown and "楼道灯" not in shown
    assert "确认保存" in shown
    assert DirectoryRow.objects.count() == 1

    weighed = page.context["form"]["weighed"].value()
    other = admin.post(address, sent | {"weighed": weighed, "duty": "照明"})  # changed since: weighed anew
    assert other.status_code == 200 and DirectoryRow.objects.count() == 1
    assert admin.post(address, sent | {"weighed": weighed})["Location"] == "/admin/directory/R1/"
    assert DirectoryRow.objects.get(code="R1").valid_to == sent["begins"]
    again = admin.post(address, sent | {"weighed": weighed})
    assert again.status_code == 409
    assert DirectoryRow.objects.count() == 2


def test_row_that_does_not_fit_is_refused_before_it_is_weighed(scene: Scene, admin: Client) -> None:
    make_row(scene, "R1")
    address = "/admin/directory/new/?row=R1"
    sent = row_sent(scene, seen(admin, address), lead="")
    answer = admin.post(address, sent)
    assert (answer.status_code, list(errors(answer))) == (422, ["place_level"])


def test_new_row_for_a_category_without_one(scene: Scene, admin: Client) -> None:
    sent = row_sent(scene, "", begins=local_date(now()))
    page = admin.post("/admin/directory/new/", sent)
    form = page.context["form"]
    sent |= {"seen": form["seen"].value(), "weighed": form["weighed"].value()}
    assert admin.post("/admin/directory/new/", sent).status_code == 302
    assert DirectoryRow.objects.get().lead == scene.unit("D2")


def test_rule_is_weighed_and_saved(scene: Scene, admin: Client) -> None:
    make_case(scene, at=now() - timedelta(days=2))
    begins = local_date(now()) + timedelta(days=1)
    address = "/admin/rules/new/?grade=general&kind=&clock=finish"
    sent: dict[str, Any] = {
        "grade": "general", "clock": "finish", "kind": "", "basis": "days", "amount": 9, "begins": begins,
        "source": "区办〔2026〕8号", "reason": "年度通知", "seen": seen(admin, address),
    }  # fmt: skip
    page = admin.post(address, sent)
    shown = page.content.decode()
    assert "近 30 天收到的 1 件同级诉求若按新规定：0 件的时限会提前，1 件会推后，0 件不变。" in shown
    assert "此前受理的诉求，时限不变，共 0 件受影响。" in shown
    sent["weighed"] = page.context["form"]["weighed"].value()
    assert admin.post(address, sent)["Location"] == "/admin/rules/"
    row = DeadlineRule.objects.get(valid_from=begins)
    assert (row.amount, row.basis, row.source) == (9, "days", "区办〔2026〕8号")
    assert "将生效" in admin.get("/admin/rules/").content.decode()

    address = f"/admin/rules/{row.pk}/withdraw/"
    assert admin.post(address, {"reason": "有误", "seen": seen(admin, address)}).status_code == 302
    assert not DeadlineRule.objects.filter(valid_from=begins).exists()


def test_limit_is_weighed_and_saved(admin: Client) -> None:
    begins = local_date(now()) + timedelta(days=1)
    address = "/admin/limits/new/?name=unmask_hour"
    sent: dict[str, Any] = {
        "name": "unmask_hour", "value": 20, "begins": begins, "source": "x", "reason": "x",
        "seen": seen(admin, address),
    }  # fmt: skip
    page = admin.post(address, sent)
    assert "超过 20 次即预警（此前为 30 次）" in page.content.decode()
    sent["weighed"] = page.context["form"]["weighed"].value()
    assert admin.post(address, sent).status_code == 302
    assert Limit.objects.get(name="unmask_hour", valid_from=begins).value == 20


def test_limit_from_today_is_refused_with_what_to_do(admin: Client) -> None:
    sent = {"name": "attempts", "value": 5, "begins": local_date(now()), "source": "x", "reason": "x"}
    answer = admin.post("/admin/limits/new/", sent)
    assert (answer.status_code, list(errors(answer))) == (422, ["begins"])


def test_calendar_is_read_looked_at_and_taken_over(admin: Client) -> None:
    address = "/admin/calendar/load/"
    file = SimpleUploadedFile("2031.csv", NOTICE.encode())
    mark = seen(admin, address)
    page = admin.post(address, {"file": file, "reason": "国办通知", "seen": mark})
    assert "2031 年的放假安排将齐全。" in page.content.decode()
    assert not CalendarYear.objects.filter(year=2031).exists()
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("days", "name", "weighed", "seen", "reason")}
    assert admin.post(address, sent)["Location"] == "/admin/calendar/"
    assert CalendarYear.objects.get(year=2031).source == "2031.csv"
    assert ConfigChange.objects.get().what == "录入放假安排"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"day,is_workday,name,notice\n2031-13-01,0,x,x\n"),
        ("a.csv", b"\xff\xfe\x00"),
        ("a.exe", b"MZ"),
        ("a.xlsx", b"no workbook"),
        ("a.csv", b""),
    ],
)
def test_file_that_is_no_notice_is_refused_beside_its_field(admin: Client, name: str, content: bytes) -> None:
    answer = admin.post("/admin/calendar/load/", {"file": SimpleUploadedFile(name, content), "reason": "x"})
    assert (answer.status_code, list(errors(answer))) == (422, ["file"])


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/admin/people/nobody/", None),
        ("/admin/people/%00/", None),
        ("/admin/posts/%00/", None),
        ("/admin/units/%00/", None),
        ("/admin/directory/%00/", None),
        ("/admin/people/operator/nothing/", None),
        ("/admin/units/none/rename/", {}),
        ("/admin/directory/none/end/", {}),
        ("/admin/rules/999999/withdraw/", {}),
        ("/admin/limits/999999/withdraw/", {}),
        ("/admin/directory/new/?row=none", None),
    ],
)
def test_what_is_not_there_is_said_to_be_not_there(admin: Client, address: str, sent: Any) -> None:
    answer = admin.get(address) if sent is None else admin.post(address, sent)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/admin/people/operator/give/", {"post_id": "x", "begins": "0001-01-01"}),
        ("/admin/people/operator/end/", {"holding_id": "999999", "last": "9999-12-31"}),
        ("/admin/people/operator/revoke/", {"token_id": "-1"}),
        ("/admin/directory/new/", {"category": "x", "begins": "9999-12-31"}),
        ("/admin/rules/new/", {"grade": "\0", "amount": "9" * 400}),
        ("/admin/limits/new/", {"name": "x", "value": "-1"}),
        ("/admin/posts/new/", {"code": "\0", "unit_id": "x", "opened_on": "9999-12-31"}),
    ],
)
def test_bad_input_is_refused_with_a_sentence(admin: Client, address: str, sent: dict[str, str]) -> None:
    assert admin.post(address, sent | {"reason": "x", "seen": "x"}).status_code in {404, 409, 422}


def test_checks_say_what_the_command_says(scene: Scene, admin: Client) -> None:
    page = admin.get("/admin/checks/").content.decode()
    assert "单位C" not in page or "没有人在岗" in page
    assert "日历" in page and "派单目录与责任单位" in page


def test_closing_a_unit_shows_why_not(scene: Scene, admin: Client) -> None:
    make_row(scene, "R1")
    address = "/admin/units/D1/close/"
    sent = {"closed_on": date(2099, 1, 1), "reason": "机构改革", "seen": seen(admin, address)}
    answer = admin.post(address, sent)
    assert (answer.status_code, list(errors(answer))) == (422, ["closed_on"])
    assert "派单目录还有 1 条指向它" in answer.content.decode()
