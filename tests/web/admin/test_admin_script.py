"""What is read to callers, on the administrator's page and on that of a call."""

import pytest
from django.test import Client

from jieban.registry.models import CallScript, ConfigChange
from tests.cases.scene import Scene
from tests.web.admin.forms import errors, seen
from tests.web.signed_in import at_desk

ADDRESS = "/admin/script/new/"
FIRST = "您反映的问题我记下了，单号马上报给您。工作人员会在规定时限内联系您，办结后我们会再次回访。"
NEW = "您的诉求已登记，<稍后>短信告知单号。"


@pytest.fixture
def admin(scene: Scene) -> Client:
    return at_desk(scene, "admin")


def test_another_wording_is_read_from_now_on_and_the_first_stays(scene: Scene, admin: Client) -> None:
    operator = at_desk(scene, "operator")
    assert FIRST in operator.get("/cases/new/").content.decode()
    sent = {"text": NEW, "reason": "改由短信告知", "seen": seen(admin, ADDRESS)}
    assert admin.post(ADDRESS, sent)["Location"] == "/admin/script/"
    page = operator.get("/cases/new/").content.decode()
    assert "您的诉求已登记，&lt;稍后&gt;短信告知单号。" in page and FIRST not in page
    rows = admin.get("/admin/script/").context["table"].rows
    assert [(row[0].text, row[2].text, row[3].text) for row in rows] == [
        (NEW, "人员admin", "现用"), (FIRST, "平台初始设置", "以前的"),
    ]  # fmt: skip
    change = ConfigChange.objects.get()
    assert (change.area, change.before["内容"], change.after["内容"]) == ("script", FIRST, NEW)
    assert admin.post(ADDRESS, sent | {"text": "另一句"}).status_code == 409


@pytest.mark.parametrize("text", ["", "  ", "长" * 501, FIRST])
def test_wording_that_does_not_fit_is_refused(admin: Client, text: str) -> None:
    answer = admin.post(ADDRESS, {"text": text, "reason": "x", "seen": seen(admin, ADDRESS)})
    assert (answer.status_code, list(errors(answer))) == (422, ["text"])
    assert CallScript.objects.count() == 1
