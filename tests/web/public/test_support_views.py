"""Cases that everybody may see: made public by the office, supported once a telephone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.base import vault
from jieban.base.clock import now
from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.cases import actions
from jieban.cases.models import Case, EventText, Publication, Support
from jieban.registry.identity.posts import resident_by_phone
from jieban.registry.ledger.verification import verify_history
from tests.cases.scene import AT, Scene, handling, make_case, reported, visited_back
from tests.web.public_pages import a_minute_passes, last_code, letters
from tests.web.signed_in import at_desk

SHOWN = {"title": "楼道照明不亮", "summary": "老山东里一带楼道照明不亮，正在逐栋检修。"}
NEIGHBOUR = "10001234577"


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return path


def public(scene: Scene, case: Case | None = None, **words: str) -> Publication:
    case = case or handling(scene)
    actions.publish(case.pk, actor=scene.actor("dispatcher"), at=AT, **{**SHOWN, **words})
    return Publication.objects.get(case=case)


def proven(box: Path, row: Publication, phone: str = NEIGHBOUR) -> Client:
    client = Client()
    a_minute_passes()
    assert client.post(f"/public/open/{row.pk}/support/", {"phone": phone}).status_code == 302
    assert client.post(f"/public/open/{row.pk}/code/", {"code": last_code(box)}).status_code == 302
    return client


def test_the_office_makes_a_case_public_by_its_form(scene: Scene, client: Client) -> None:
    case = handling(scene)
    desk = at_desk(scene, "supervisor")
    assert desk.post(f"/cases/{case.number}/publish/", SHOWN).status_code == 302
    row = Publication.objects.get()
    page = client.get(f"/public/open/{row.pk}/").content.decode()
    assert SHOWN["title"] in page and SHOWN["summary"] in page and "单位D1正在办理" in page
    for private in (case.number, "老人上下楼", "王建国", "10001234567", "12号楼"):
        assert private not in page
        assert private not in client.get("/public/open/").content.decode()


@pytest.mark.parametrize(
    "words",
    [
        {"title": ""},
        {"summary": " "},
        {"title": "长" * 61},
        {"summary": "请打10001234567找老王"},
        {"summary": "王女士，您好！楼道灯已更换。"},
    ],
)
def test_words_that_do_not_fit_the_public_are_refused(scene: Scene, words: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        public(scene, **words)
    assert not Publication.objects.exists()


def test_a_sensitive_case_is_never_public(scene: Scene) -> None:
    with pytest.raises(Invalid):
        public(scene, handling(scene, sensitive=True))


def test_a_case_is_made_public_once_and_taken_off(scene: Scene, client: Client) -> None:
    row = public(scene)
    with pytest.raises(WrongState):
        public(scene, row.case)
    actions.unpublish(row.case_id, actor=scene.actor("supervisor"), at=AT)
    assert client.get(f"/public/open/{row.pk}/").status_code == 404
    assert SHOWN["title"] not in client.get("/public/open/").content.decode()
    public(scene, row.case, title="楼道照明又不亮")
    assert "楼道照明又不亮" in client.get("/public/open/").content.decode()
    assert verify_history().faults == []


def test_others_do_not_make_public(scene: Scene) -> None:
    case = handling(scene)
    for name in ("operator", "street", "department", "resident", "leader", "admin"):
        with pytest.raises(NotAllowed):
            actions.publish(case.pk, actor=scene.actor(name), at=AT, **SHOWN)


def test_the_list_is_narrowed_by_street_and_words(scene: Scene, client: Client) -> None:
    place = scene.units["S"].place
    assert place is not None
    public(scene, handling(scene, place_id=place.pk))
    public(scene, handling(scene), title="烧烤油烟", summary="夜间油烟扰民")

    def found(query: str) -> list[str]:
        return [row.title for row in client.get(f"/public/open/?{query}").context["rows"]]

    assert found("") == ["烧烤油烟", "楼道照明不亮"]
    assert found(f"street={place.code}") == ["楼道照明不亮"]
    assert found("q=油烟") == ["烧烤油烟"] and found("q=烟") == ["烧烤油烟"]
    assert found("q=没有这样的") == [] and found("q=!!") == []
    assert found("after=0") == [] and found("after=x") == ["烧烤油烟", "楼道照明不亮"]
    assert found("street=%00&q=%00") == ["烧烤油烟", "楼道照明不亮"]


def test_the_list_goes_on_by_key_with_as_many_queries(scene: Scene, client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/public/open/")
        return len(seen)

    public(scene, make_case(scene))
    first = count()
    for _ in range(24):
        public(scene, make_case(scene))
    assert count() == first
    page = client.get("/public/open/").context
    following = client.get(f"/public/open/{page['next_url']}").context["rows"]
    assert len(page["rows"]) == 20 and len(following) == 5


def test_a_neighbour_supports_once_and_adds_a_sentence(scene: Scene, box: Path) -> None:
    row = public(scene)
    client = proven(box, row)
    address = f"/public/open/{row.pk}/support/"
    page = client.post(address, {"text": "我家也是，电话10001234577"}, follow=True).content.decode()
    assert "已记下您的支持" in page and "1 人也遇到了同样的问题" in page
    again = client.post(address, {"text": ""})
    assert again.status_code == 422 and "您已经支持过" in again.content.decode()
    support = Support.objects.get()
    assert bytes(support.phone_index) == vault.blind_index(NEIGHBOUR)
    assert NEIGHBOUR.encode() not in bytes(support.phone)
    note = EventText.objects.get(event__action="support", name="note").text
    assert note.startswith("我家也是") and NEIGHBOUR not in note
    inside = at_desk(scene, "department").get(f"/cases/{row.case.number}/").content.decode()
    assert "我家也是" in inside and NEIGHBOUR not in inside
    row.refresh_from_db()
    assert row.supporters == 1 and verify_history().faults == []


def test_the_table_itself_bears_a_telephone_once(scene: Scene) -> None:
    case, index = handling(scene), vault.blind_index(NEIGHBOUR)
    values = {"case": case, "phone_index": index, "phone": b"x", "at": AT}
    Support.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Support.objects.create(**values)


def test_support_needs_the_proof_of_that_telephone(scene: Scene, client: Client, box: Path) -> None:
    row = public(scene)
    assert client.post(f"/public/open/{row.pk}/support/", {"text": "x"}).status_code == 422
    for actor in (resident_by_phone(b""), resident_by_phone(vault.blind_index("10001234500"))):
        with pytest.raises(NotAllowed) as refusal:
            actions.support(row.case_id, actor=actor, at=AT, phone=NEIGHBOUR)
        assert refusal.value.code == "phone_not_proven"
    assert not Support.objects.exists()


def test_nobody_supports_the_own_case_or_one_that_is_not_public(scene: Scene, box: Path) -> None:
    row = public(scene)
    own = proven(box, row, "10001234567")
    assert "就是您反映的" in own.post(f"/public/open/{row.pk}/support/").content.decode()
    hidden = handling(scene)
    with pytest.raises(WrongState):
        actor = resident_by_phone(vault.blind_index(NEIGHBOUR))
        actions.support(hidden.pk, actor=actor, at=AT, phone=NEIGHBOUR)
    assert not Support.objects.exists()


def test_a_supporter_sees_nothing_of_the_case_itself(scene: Scene, box: Path) -> None:
    row = public(scene)
    client = proven(box, row)
    client.post(f"/public/open/{row.pk}/support/", {"text": ""})
    assert client.get(f"/public/cases/{row.case.number}/").status_code == 404


def test_supporters_are_told_when_the_case_is_closed(scene: Scene, box: Path) -> None:
    case = visited_back(scene, at=now() - timedelta(hours=1))
    row = public(scene, case)
    client = proven(box, row)
    client.post(f"/public/open/{row.pk}/support/", {"text": ""})
    actions.close(case.pk, actor=scene.actor("supervisor"), at=now())
    told = [letter for letter in letters(box) if letter["to"] == NEIGHBOUR and "已结案" in letter["text"]]
    assert len(told) == 1 and len(told[0]["text"]) <= 70
    page = Client().get(f"/public/open/{row.pk}/").content.decode()
    assert "已结案" in page or "已经结案" in page
    assert Client().post(f"/public/open/{row.pk}/support/", {"phone": "10001234599"}).status_code in {
        302,
        422,
    }


def test_erasing_takes_the_supporters_telephones_too(scene: Scene, box: Path) -> None:
    case = visited_back(scene, at=now() - timedelta(hours=1))
    row = public(scene, case)
    proven(box, row).post(f"/public/open/{row.pk}/support/", {"text": "我也是"})
    actions.close(case.pk, actor=scene.actor("supervisor"), at=now())
    actions.erase(case.pk, actor=scene.actor("admin"), at=now(), ground="个人信息保护法第四十七条")
    support = Support.objects.get()
    assert bytes(support.phone) == bytes(support.phone_index) == b""
    assert verify_history().faults == []


def test_without_a_gateway_support_goes_by_telephone(scene: Scene, client: Client) -> None:
    row = public(scene, reported(scene))
    assert "拨打 12345" in client.get(f"/public/open/{row.pk}/").content.decode()
    assert "拨打 12345" in client.get(f"/public/open/{row.pk}/support/").content.decode()
    assert client.post(f"/public/open/{row.pk}/support/", {"phone": NEIGHBOUR}).status_code == 422
