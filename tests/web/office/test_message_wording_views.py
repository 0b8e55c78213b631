"""The wording of text messages on the administrator's page: listed, previewed, set from a day on, taken back."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from jieban.base.clock import local_date, now
from jieban.cases.flow import messages
from jieban.channels import message_types, message_wordings
from jieban.channels.message_types import Language, Recipient
from jieban.channels.models import MessageWording
from jieban.registry.models import ConfigChange
from tests.cases.scene import Scene
from tests.web.admin.forms import errors, seen
from tests.web.signed_in import at_desk

LIST = "/admin/messages/"
ADDRESS = "/admin/messages/closed.requester.en/new/"
NEW = "[District] Your request {单号} is closed."
OLD = messages.CLOSED.texts[Recipient.REQUESTER][Language.ENGLISH]
TOMORROW = timedelta(days=1)


@pytest.fixture
def admin(scene: Scene) -> Client:
    return at_desk(scene, "admin")


def sent(client: Client, address: str = ADDRESS, **more: Any) -> dict[str, Any]:
    return {
        "text": NEW, "begins": local_date(now()) + TOMORROW, "source": "区办〔2026〕9号", "reason": "统一口径",
        "seen": seen(client, address), **more,
    }  # fmt: skip


def saved(client: Client, values: dict[str, Any], address: str = ADDRESS) -> Any:
    page = client.post(address, values)
    return client.post(address, values | {"weighed": page.context["form"]["weighed"].value()})


def rows(client: Client, section: int | None = None) -> list[list[str]]:
    context = client.get(LIST).context
    table = context["table"] if section is None else context["sections"][section].table
    return [[f"{cell.text} {cell.note}".strip() for cell in row] for row in table.rows]


def test_every_text_is_listed_in_both_languages_and_every_message_with_its_readers(admin: Client) -> None:
    found = rows(admin)
    assert [row[0] for row in found if row[0].startswith("已结案")] == [
        "已结案 提出人，中文", "已结案 提出人，英文", "已结案 关注人，中文", "已结案 关注人，英文",
    ]  # fmt: skip
    assert (
        len(found) == 18
        and {row[4] for row in found} == {"现行"}
        and {row[5] for row in found} == {"定新用语"}
    )
    assert ["派来一件，请签收", "工作人员、提出人、关注人", "提出人、关注人"] in rows(admin, 0)
    assert ["催办", "工作人员", "—"] in rows(admin, 0)
    sentences = {str(kind.sentence) for kind in message_types.registered()}
    assert {row[0] for row in rows(admin, 0)} == sentences


def test_a_new_wording_is_previewed_with_an_example_and_holds_from_its_day(admin: Client) -> None:
    values = sent(admin)
    shown = " ".join(admin.post(ADDRESS, values).context["effect"].sentences)
    number = re.search(r"SJ\d{8}-00001-\d", shown)
    assert number and f"起排队的：[District] Your request {number[0]} is closed." in shown
    assert f"此前排队的仍是：{OLD.replace('{单号}', number[0])}" in shown and "按 1 条短信发送" in shown
    assert MessageWording.objects.count() == 18

    assert saved(admin, values)["Location"] == LIST
    begins = values["begins"].isoformat()
    assert [[row[1], *row[2:]] for row in rows(admin) if row[0] == "已结案 提出人，英文"] == [
        [f"{OLD} 平台初始设置，由区里按需要调整", "2019-01-01", begins, "现行", ""],
        [f"{NEW} 区办〔2026〕9号", begins, "—", "将生效", "撤回"],
    ]
    change = ConfigChange.objects.get()
    assert (change.area, change.label, change.reason) == ("message", "已结案（提出人，英文）", "统一口径")
    again = admin.post(ADDRESS, sent(admin, text="[District] {单号} is done."))
    assert (again.status_code, list(errors(again))) == (422, ["begins"])


def test_one_to_come_is_taken_back_and_the_one_before_goes_on(admin: Client) -> None:
    saved(admin, sent(admin))
    row = MessageWording.objects.get(text=NEW)
    address = f"/admin/messages/{row.pk}/withdraw/"
    assert "[District] Your request {单号} is closed." in admin.get(address).content.decode()
    assert admin.post(address, {"reason": "有误", "seen": seen(admin, address)})["Location"] == LIST
    assert MessageWording.objects.get(code="closed", recipient="requester", language="en").valid_to is None
    assert admin.get(address).status_code == 404
    old = MessageWording.objects.get(code="closed", recipient="requester", language="en")
    address = f"/admin/messages/{old.pk}/withdraw/"
    assert admin.post(address, {"reason": "有误", "seen": seen(admin, address)}).status_code == 409


@pytest.mark.parametrize(
    ("address", "more", "field"),
    [
        (ADDRESS, {"text": "{姓名}, {单号} is closed."}, "text"),
        (ADDRESS, {"text": "{单号 is closed."}, "text"),
        (ADDRESS, {"text": "Closed.\nThank you."}, "text"),
        (ADDRESS, {"text": ""}, "text"),
        (ADDRESS, {"text": "x" * 201}, "text"),
        (ADDRESS, {"text": OLD, "source": "平台初始设置，由区里按需要调整"}, "text"),
        ("/admin/messages/code.requester.zh-hans/new/", {"text": "请查收验证码。"}, "text"),
        (ADDRESS, {"begins": date(2026, 1, 1)}, "begins"),
        (ADDRESS, {"source": ""}, "source"),
        (ADDRESS, {"reason": ""}, "reason"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(
    admin: Client, address: str, more: dict[str, Any], field: str
) -> None:
    answer = admin.post(address, sent(admin, address, **more))
    assert (answer.status_code, list(errors(answer))) == (422, [field])
    assert f'id="id_{field}_error"' in answer.content.decode() and not ConfigChange.objects.exists()


def test_second_to_word_it_is_told(admin: Client) -> None:
    late = sent(admin)
    saved(admin, sent(admin))
    assert admin.post(ADDRESS, late).status_code == 409


@pytest.mark.parametrize(
    "name", ["closed.staff.en", "closed.requester.fr", "remind.staff.zh-hans", "nothing", "1"]
)
def test_there_is_no_page_for_what_is_never_sent(admin: Client, name: str) -> None:
    assert admin.get(f"/admin/messages/{name}/new/").status_code == 404


def test_without_rows_the_declared_texts_are_listed_and_worded_anew(admin: Client) -> None:
    MessageWording.objects.all().delete()
    assert [OLD + " 平台自带", "—", "—", "现行", "定新用语"] in [row[1:] for row in rows(admin)]
    assert saved(admin, sent(admin)).status_code == 302
    found = [row[1:] for row in rows(admin) if row[0] == "已结案 提出人，英文"]
    assert [row[3:] for row in found] == [["现行", ""], ["将生效", "撤回"]]


def test_those_of_before_stay_on_the_page(admin: Client) -> None:
    today = local_date(now())
    key = {"code": "closed", "recipient": "requester", "language": "en"}
    MessageWording.objects.filter(**key).update(valid_to=today)
    MessageWording.objects.create(**key, text=NEW, source="区办", valid_from=today)
    assert [row[1] for row in rows(admin) if row[0] == "已结案 提出人，英文"] == [f"{NEW} 区办"]
    (row,) = rows(admin, 0)
    assert (row[0], row[3], row[4], row[5]) == ("已结案 提出人，英文", today.isoformat(), "已失效", "")


def test_a_text_is_counted_as_networks_carry_it() -> None:
    counts = {"好" * 70: 1, "好" * 71: 2, "好" * 135: 3, "a" * 160: 1, "a" * 161: 2, "[" * 81: 2, "`" * 71: 2}
    assert {text: message_wordings.segment_count(text) for text in counts} == counts
