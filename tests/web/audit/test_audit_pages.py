"""The auditor's searches, the files they give, and the alerts at looks in unusual number."""

import csv
import io
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.base.errors import NotAllowed, WrongState
from jieban.base.masking import mask_phone
from jieban.cases.access import unmasking
from jieban.cases.lists import contact_reads
from jieban.cases.models import AccessLog, Case, CaseEvent, Limit, UnmaskAlert
from jieban.registry.administration import unit_changes
from jieban.registry.changing.config_changes import ChangeContext
from jieban.registry.ledger import seals
from tests.cases.scene import AT, Scene, handling, make_case, make_scene, visited_back
from tests.web.signed_in import at_desk


def rows(page: Any) -> list[list[str]]:
    return [[str(cell.text) for cell in row] for row in page.context["table"].rows]


def reveal(scene: Scene, case: Case, at: datetime, by: str = "dispatcher") -> None:
    contact_reads.reveal_contact(case, scene.actor(by), reason="核实地址", at=at)


@pytest.fixture
def auditor(scene: Scene) -> Client:
    return at_desk(scene, "auditor")


def test_history_is_found_by_number_person_unit_and_action(scene: Scene, auditor: Client) -> None:
    one, other = handling(scene), make_case(scene)
    found = rows(auditor.get(f"/audit/events/?number={one.number}"))
    assert [(row[0], row[1], row[2], row[-1]) for row in found] == [
        ("签收", "已派单 → 办理中", "人员department", "完好"),
        ("派单", "已受理 → 已派单", "人员dispatcher", "完好"),
        ("受理", "已受理", "人员operator", "完好"),
    ]
    assert len(rows(auditor.get("/audit/events/?person=operator"))) == 2
    assert len(rows(auditor.get("/audit/events/?unit=D1"))) == 1
    assert len(rows(auditor.get("/audit/events/?action=dispatch"))) == 1
    assert len(rows(auditor.get("/audit/events/?since=2099-01-01"))) == 0
    assert other.number in auditor.get("/audit/events/").content.decode()


def test_changed_chain_is_shown_to_be_changed(scene: Scene, auditor: Client) -> None:
    sound, broken = make_case(scene), make_case(scene)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET grade = 'complex' WHERE id = %s", [broken.pk])
    found = {row[-1] for row in rows(auditor.get(f"/audit/events/?number={broken.number}"))}
    assert found == {"不一致"}
    assert rows(auditor.get(f"/audit/events/?number={sound.number}"))[0][-1] == "完好"


def test_requesters_are_not_named_nor_found_by_name(scene: Scene, auditor: Client) -> None:
    make_case(scene, by="resident", channel="web")
    page = auditor.get("/audit/events/")
    assert rows(page)[0][2] == "诉求人"
    assert "人员resident" not in page.content.decode()
    assert rows(auditor.get("/audit/events/?person=resident")) == []
    assert "人员resident" not in auditor.get("/audit/events/?export=csv").content.decode()


def test_history_pages_follow_each_other_without_gap_or_repeat(scene: Scene, auditor: Client) -> None:
    for _number in range(60):
        make_case(scene)
    seen: list[str] = []
    address = "/audit/events/"
    while address:
        page = auditor.get(address)
        seen += [row[5] for row in rows(page)]
        address = page.context["next_url"]
    hashes = CaseEvent.objects.order_by("-recorded_at", "-id").values_list("hash", flat=True)
    assert seen == [bytes(one).hex()[:12] for one in hashes]


def test_each_look_is_one_line_of_the_log(scene: Scene, auditor: Client) -> None:
    case, other = make_case(scene), make_case(scene)
    desk = at_desk(scene, "dispatcher")
    for reason in ("核实地址", "核实地址", "回电"):
        assert desk.post(f"/cases/{case.number}/contact/", {"reason": reason}).status_code == 200
    assert desk.post(f"/cases/{other.number}/contact/", {"reason": " "}).status_code == 422
    assert at_desk(scene, "leader").post(f"/cases/{case.number}/contact/", {"reason": "x"}).status_code == 403
    desk.get(f"/cases/{case.number}/")
    auditor.get("/audit/access/")
    assert AccessLog.objects.count() == 3
    assert len(rows(auditor.get("/audit/access/"))) == 3
    assert len(rows(auditor.get("/audit/access/?words=回电"))) == 1
    assert len(rows(auditor.get(f"/audit/access/?number={case.number}&person=dispatcher"))) == 3
    assert rows(auditor.get(f"/audit/access/?number={other.number}")) == []


def test_words_without_another_condition_are_sought_in_the_last_days(scene: Scene, auditor: Client) -> None:
    case = make_case(scene)
    reveal(scene, case, now() - timedelta(days=40))
    assert rows(auditor.get("/audit/access/?words=核实")) == []
    assert len(rows(auditor.get("/audit/access/?words=核实&person=dispatcher"))) == 1


def parsed(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_export_holds_what_is_seen_and_no_formula(scene: Scene, auditor: Client) -> None:
    case = make_case(scene)
    reason = '=HYPERLINK("http://x")'
    contact_reads.reveal_contact(case, scene.actor("dispatcher"), reason=reason, at=AT)
    answer = auditor.get("/audit/access/?export=csv")
    assert "attachment" in answer["Content-Disposition"]
    assert parsed(answer)[1] == [
        "2026-03-02 10:00:00", "人员dispatcher", "dispatcher", "单位HOT 派单员", case.number, "查看联系方式",
        f"'{reason}",
    ]  # fmt: skip
    events = parsed(auditor.get(f"/audit/events/?export=csv&number={case.number}"))
    assert [row[2:7] for row in events[1:]] == [[case.number, "1", "受理", "", "已受理"]]
    assert "5000 条为限" in auditor.get("/audit/access/").content.decode()


def test_changes_of_the_configuration_are_found(scene: Scene, auditor: Client) -> None:
    unit = scene.unit("D1")
    unit_changes.rename(
        unit.pk,
        "城管委",
        "",
        step=ChangeContext(scene.actor("admin"), AT, "机构改革", unit_changes.version_tag_of(unit)),
    )
    found = rows(auditor.get("/audit/changes/?area=unit&person=admin&key=D1"))
    assert [row[:5] for row in found] == [["改名", "名称：单位D1", "名称：城管委", "机构改革", "人员admin"]]
    assert rows(auditor.get("/audit/changes/?area=rule")) == []
    assert parsed(auditor.get("/audit/changes/?export=csv"))[1][6:] == [
        "改名", "名称：单位D1", "名称：城管委", "机构改革",
    ]  # fmt: skip


def test_seal_says_whether_the_history_under_it_is_as_it_was(scene: Scene, auditor: Client) -> None:
    case = visited_back(scene)
    seal = seals.make_seal(now())
    assert seal is not None
    assert rows(auditor.get("/audit/seals/"))[0][4:] == ["有效", "在"]
    assert "现在的 7 条记录与封存时一致。" in auditor.get(f"/audit/seals/{seal.pk}/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_caseevent DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM cases_eventtext WHERE case_id = %s", [case.pk])
        cursor.execute("DELETE FROM cases_caseevent WHERE case_id = %s AND seq = 7", [case.pk])
        cursor.execute("ALTER TABLE cases_caseevent ENABLE TRIGGER USER")
    assert "与封存时不一致" in auditor.get(f"/audit/seals/{seal.pk}/").content.decode()


def test_auditor_changes_nothing(scene: Scene, auditor: Client) -> None:
    seals.make_seal(now())
    for address in ("/audit/events/", "/audit/access/", "/audit/changes/", "/audit/seals/"):
        assert auditor.post(address).status_code == 405


def test_more_than_the_limit_within_an_hour_raises_one_alert(scene: Scene) -> None:
    case = make_case(scene)
    begin = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    for minute in range(30):
        reveal(scene, case, begin + timedelta(minutes=minute))
    assert not UnmaskAlert.objects.exists()
    for minute in range(30, 35):
        reveal(scene, case, begin + timedelta(minutes=minute))
    alert = UnmaskAlert.objects.get()
    assert (alert.person_id, alert.hour, alert.at, alert.count) == (
        scene.actor("dispatcher").person_id, begin, begin + timedelta(minutes=30), 35,
    )  # fmt: skip


def test_looks_spread_over_more_than_an_hour_raise_none(scene: Scene) -> None:
    case = make_case(scene)
    for number in range(60):
        reveal(scene, case, AT + timedelta(minutes=2 * number))
    assert AccessLog.objects.count() == 60
    assert not UnmaskAlert.objects.exists()


def test_two_who_look_much_raise_two_alerts(scene: Scene) -> None:
    Limit.objects.filter(name="unmask_hour").update(value=1)
    case = make_case(scene)
    for by in ("dispatcher", "supervisor", "dispatcher", "supervisor"):
        reveal(scene, case, AT, by)
    assert UnmaskAlert.objects.count() == 2


def test_callers_on_the_line_do_not_count(scene: Scene) -> None:
    Limit.objects.filter(name="unmask_hour").update(value=1)
    for _number in range(5):
        make_case(scene)
    assert len(contact_reads.cases_of_phone("10001234567", scene.actor("operator"), AT)) == 5
    assert list(AccessLog.objects.values_list("how", flat=True)) == ["call"] * 5
    assert not UnmaskAlert.objects.exists()


def test_without_a_limit_looking_goes_on(scene: Scene) -> None:
    Limit.objects.filter(name="unmask_hour").delete()
    reveal(scene, make_case(scene), AT)
    assert AccessLog.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_raise_one_alert_that_counts_all() -> None:
    scene = make_scene()
    Limit.objects.filter(name="unmask_hour").update(value=3)
    case, gate = make_case(scene), threading.Barrier(8)
    mask_phone("10001234567")

    def look() -> None:
        gate.wait()
        try:
            for _time in range(5):
                reveal(scene, Case.objects.get(pk=case.pk), AT)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AccessLog.objects.count() == 40
    assert UnmaskAlert.objects.get().count == 40


def raised(scene: Scene, by: str = "dispatcher") -> UnmaskAlert:
    return UnmaskAlert.objects.create(person_id=scene.actor(by).person_id, hour=AT, at=AT, count=31)


@pytest.mark.parametrize("name", ["auditor", "supervisor"])
def test_alert_is_looked_into_with_a_note(scene: Scene, name: str) -> None:
    alert, who = raised(scene), at_desk(scene, name)
    assert "人员dispatcher一小时内查看 31 次" in who.get("/audit/alerts/").content.decode()
    address = f"/audit/alerts/{alert.pk}/"
    assert who.post(address, {"note": " "}).status_code == 422
    page = who.post(address, {"note": "集中回访停水诉求"})
    assert page.status_code == 200 and "集中回访停水诉求" in page.content.decode()
    assert rows(who.get("/audit/alerts/")) == []
    assert len(rows(who.get("/audit/alerts/?all=1"))) == 1


def test_second_to_look_into_an_alert_is_told(scene: Scene) -> None:
    alert = raised(scene)
    unmasking.review_alert(alert.pk, actor=scene.actor("auditor"), at=AT, note="已问")
    with pytest.raises(WrongState, match="刚刚已由别人核查"):
        unmasking.review_alert(alert.pk, actor=scene.actor("supervisor"), at=AT, note="也问了")
    alert.refresh_from_db()
    assert (alert.note, alert.looked_by_id) == ("已问", scene.actor("auditor").person_id)


def test_nobody_looks_into_the_own_alert(scene: Scene) -> None:
    alert = raised(scene, "supervisor")
    with pytest.raises(NotAllowed, match="涉及您本人"):
        unmasking.review_alert(alert.pk, actor=scene.actor("supervisor"), at=AT, note="没事")


@pytest.mark.parametrize("name", ["dispatcher", "admin", "leader", "operator", "resident"])
def test_alerts_are_for_auditors_and_supervisors(scene: Scene, name: str) -> None:
    alert = raised(scene)
    assert at_desk(scene, name).get(f"/audit/alerts/{alert.pk}/").status_code == 403
    assert at_desk(scene, name).post(f"/audit/alerts/{alert.pk}/", {"note": "x"}).status_code == 403
    alert.refresh_from_db()
    assert alert.looked_at is None


def test_open_alerts_are_a_figure(scene: Scene, client: Client) -> None:
    raised(scene)
    assert "jieban_unmask_alerts_open 1" in client.get("/metrics").content.decode()


@pytest.mark.parametrize("name", ["auditor", "supervisor"])
def test_open_alerts_are_counted_beside_the_way_to_them(scene: Scene, name: str) -> None:
    who = at_desk(scene, name)
    badge = '查看预警<span class="unread">%s</span>'
    assert '查看预警<span class="unread">' not in who.get("/cases/").content.decode()
    first = raised(scene)
    page = who.get("/cases/").content.decode()
    assert badge % 1 in page and 'href="/audit/alerts/"' in page
    person = scene.actor("dispatcher").person_id
    UnmaskAlert.objects.bulk_create(
        UnmaskAlert(person_id=person, hour=AT + timedelta(hours=number), at=AT, count=31)
        for number in range(1, 120)
    )
    with CaptureQueriesContext(connection) as asked:
        assert badge % "99+" in who.get("/cases/").content.decode()
    assert sum("cases_unmaskalert" in query["sql"] for query in asked) == 1
    UnmaskAlert.objects.exclude(pk=first.pk).delete()
    unmasking.review_alert(first.pk, actor=scene.actor(name), at=AT, note="已问")
    assert '<span class="unread">' not in who.get("/cases/").content.decode()


def test_others_see_no_count_of_alerts(scene: Scene) -> None:
    raised(scene)
    with CaptureQueriesContext(connection) as asked:
        assert "查看预警" not in at_desk(scene, "dispatcher").get("/cases/").content.decode()
    assert not any("cases_unmaskalert" in query["sql"] for query in asked)
