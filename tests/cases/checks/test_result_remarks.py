"""What stands out in a result before it is reported, and the one thing for which a report is refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.checks import result_remarks
from jieban.cases.checks.result_remarks import Remark, remarks
from jieban.cases.lists import case_detail
from jieban.cases.models import Case, CaseEvent, CaseText, ResultMark
from jieban.language.replies.reply_fingerprints import MOST_FINGERPRINTS
from jieban.registry.models import Unit
from tests.cases.scene import AT, Scene, make_case, reported, visited

DONE = (
    "经查，老山东里北12号楼楼道灯线路老化，路灯管理所已于3月2日按照养护标准更换灯具，"
    "恢复照明，并对同一单元其他楼层逐一检查。"
)


def report(scene: Scene, case: Case, text: str, name: str = "department") -> Case:
    return actions.report_result(case.pk, actor=scene.actor(name), at=AT, text=text)


def remarks_on(case: Case, text: str) -> list[Remark]:
    return remarks(Case.objects.get(pk=case.pk), CaseText.objects.get(case=case), text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("已与王建国联系，灯具已更换。", "第 3 字起有诉求人的姓名（王**），请删去，改称“诉求人”。"),
        ("已更换灯具，并告知王先生。", "第 10 字起有诉求人的称呼（王**），请删去，改称“诉求人”。"),
        (
            "已更换灯具，并致电100-0123-4567。",
            "第 10 字起有诉求人的电话（100****4567），请删去，改称“诉求人”。",
        ),
        (
            "已更换灯具。投诉人住在顶层。",
            "第 7 字起有能看出诉求人是谁的话（投诉人住在顶层），请删去，改称“诉求人”。",
        ),
    ],
)
def test_a_result_that_says_who_complained_is_refused(scene: Scene, text: str, told: str) -> None:
    case = visited(scene)
    events = CaseEvent.objects.filter(case=case).count()
    with pytest.raises(Invalid) as refused:
        report(scene, case, text)
    assert refused.value.code == "leak"
    assert refused.value.message == f"办理结果会泄露诉求人的身份，不能报结。{told}"
    assert refused.value.fields == {"text": told}
    assert Case.objects.get(pk=case.pk).state == "handling"
    assert (CaseEvent.objects.filter(case=case).count(), ResultMark.objects.count()) == (events, 0)


def test_a_refusal_tells_no_number_and_no_name(scene: Scene) -> None:
    case = visited(scene, address="老山东里北12号楼3单元502室")
    with pytest.raises(Invalid) as refused:
        report(scene, case, "王建国（10001234567）家住3单元502室，灯具已更换。")
    told = refused.value.message
    assert "建国" not in told and "1234567" not in told and "502" not in told
    assert told.count("请删去") == 3


POLITE = f"王女士，您好！{DONE}"


def test_a_polite_opening_is_reported_unless_the_requester_is_hidden(scene: Scene) -> None:
    case = visited(scene)
    assert remarks_on(case, POLITE) == []
    assert report(scene, case, POLITE).state == "reported"
    for more in ({"hidden": True}, {"anonymous": True}):
        with pytest.raises(Invalid, match="诉求人的称呼"):
            report(scene, visited(scene, **more), POLITE)


def test_a_salutation_is_masked_for_whoever_did_not_ask(scene: Scene) -> None:
    case = report(scene, visited(scene), POLITE + "咨询电话010-68860000。")
    follower = make_case(scene, name="李明", phone="10007654321")
    actions.merge(follower.pk, actor=scene.actor("dispatcher"), at=AT, primary_id=case.pk)
    assert case_detail.result_of(case).startswith("王女士，您好")
    follower.refresh_from_db()
    told = case_detail.result_of(follower)
    assert told.startswith("王**，您好") and told.endswith("咨询电话010-68860000。")


def test_of_a_hidden_requester_no_surname_is_confirmed(scene: Scene) -> None:
    for surname in ("王", "李"):
        case = visited(scene, hidden=True)
        with pytest.raises(Invalid, match="诉求人的称呼"):
            report(scene, case, f"已告知{surname}女士。")


@pytest.mark.parametrize("text", ["已修好", "好", "尽快处理", "您好！留言已收悉，感谢支持！", DONE])
def test_what_only_stands_out_is_reported(scene: Scene, text: str) -> None:
    case = visited(scene)
    assert report(scene, case, text).state == "reported"


def test_findings_are_sentences_with_their_places(scene: Scene) -> None:
    case = visited(scene)
    assert remarks_on(case, DONE) == []
    assert remarks_on(case, "") == []
    text = "已更换楼道灯灯具。电线待配件到货后更换。"
    assert remarks_on(case, text) == [
        Remark("没有写明谁办理的、什么时候办理的、依据是什么。", 0, len(text)),
        Remark("承诺了办理，没有写明期限：“电线待配件到货后更换。”", 9, len(text)),
    ]


def test_a_matter_left_out_is_quoted_without_numbers(scene: Scene) -> None:
    said = (
        "两个问题：1、楼道灯坏了三天，老人上下楼不方便；2、门口垃圾桶满了没人清运，电话10087654321找过物业。"
    )
    case = visited(scene, text=said)
    (left_out,) = [each for each in remarks_on(case, DONE) if "这一事项" in each.sentence]
    assert left_out.sentence.startswith("诉求中的这一事项没有看到答复：“2、门口垃圾桶满了没人清运")
    assert "87654" not in left_out.sentence


def test_the_mark_of_a_draft_is_pointed_at(scene: Scene) -> None:
    case = visited(scene)
    (left,) = remarks_on(case, f"{result_remarks.DRAFT_MARK}\n{DONE}")
    assert (left.start, left.end, left.blocks) == (0, len(str(result_remarks.DRAFT_MARK)), False)


def test_a_copied_result_is_found_among_the_units_own(scene: Scene) -> None:
    first = report(scene, visited(scene), DONE)
    assert ResultMark.objects.filter(case=first, unit=scene.unit("D1")).count() == MOST_FINGERPRINTS
    second = visited(scene)
    copied = DONE.replace("12号楼", "7号楼").replace("3月2日", "3月9日")
    assert [each.sentence for each in remarks_on(second, copied)] == [
        f"与本单位 {first.number} 的办理结果几乎相同，请核对是否照抄。"
    ]
    assert report(scene, second, copied).state == "reported"
    assert remarks_on(first, DONE) != [], "by the other case, not by itself"
    elsewhere = visited(scene, lead="D2")
    assert remarks_on(elsewhere, DONE) == []
    assert (
        remarks_on(
            visited(scene),
            "巡查员已到场，劝导商户撤除占道摊位，恢复盲道通行，后续由值守人员每日两次检查，依照市容管理规定办理，3月2日完成。",
        )
        != []
    )


def test_a_second_report_leaves_the_marks_of_the_second(scene: Scene) -> None:
    case = reported(scene)
    assert ResultMark.objects.filter(case=case).count() == 0, "too short to be copied"
    actions.send_back(case.pk, actor=scene.actor("supervisor"), at=AT, reason="没有写清")
    report(scene, case, DONE)
    assert ResultMark.objects.filter(case=case).count() == MOST_FINGERPRINTS


def test_marks_go_when_the_words_are_erased(scene: Scene) -> None:
    case = report(scene, visited(scene), DONE)
    actions.visit_back(
        case.pk,
        actor=scene.actor("caller"),
        at=AT,
        reached=True,
        contacted="yes",
        solved="yes",
        satisfied="yes",
    )
    actions.close(case.pk, actor=scene.actor("supervisor"), at=AT)
    actions.erase(case.pk, actor=scene.actor("admin"), at=AT + timedelta(days=1), ground="当事人申请")
    assert not ResultMark.objects.exists()


def test_looking_for_copies_takes_two_queries_by_an_index_however_many_there_are(scene: Scene) -> None:
    case = report(scene, visited(scene), DONE)
    value = ResultMark.objects.filter(case=case).values_list("value", flat=True).first()
    unit = Unit.objects.get(code="D1")
    ResultMark.objects.bulk_create([ResultMark(case=case, unit=unit, value=value) for _ in range(300)])
    other = visited(scene)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert list(result_remarks.copied_from(Case.objects.get(pk=other.pk), DONE)) == [case.number]
    assert len(captured) == 3  # the case itself, the marks, the texts
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN " + result_remarks._SHARING_MARKS_SQL,
            {"marks": [1, 2], "unit": unit.pk, "case": other.pk, "newest": 20, "least": 1, "most": 3},
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "result_mark_value" in plan
