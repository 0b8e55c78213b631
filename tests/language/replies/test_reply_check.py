"""What stands out in a reply, and what says who complained."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.language.replies.leaks import Leak, LeakKind, RequesterIdentity, find_leaks
from jieban.language.replies.reply_check import (
    FindingKind,
    OriginalMessage,
    ReplyFinding,
    check_reply,
)
from jieban.language.replies.reply_fingerprints import (
    MOST_FINGERPRINTS,
    jaccard,
    reply_fingerprints,
)
from tests.language.odd_texts import COURTESY, ODD_TEXTS

LIFT = OriginalMessage(
    "柳荫里小区3号楼电梯停运", "柳荫里小区3号楼的电梯从上周五起就停了，楼里老人多，请尽快修好。"
)
GOOD = "经查，柳荫里小区3号楼电梯主机故障。维保公司已于3月6日按照《电梯维护保养规则》更换配件，恢复运行。"
TWO = OriginalMessage(
    "小区问题",
    "柳荫里小区有两个问题：1、3号楼前的路灯坏了半个月没人修；2、北门外的烧烤摊每天半夜还在营业，油烟很大。",
)
WANG = RequesterIdentity("王秀兰", "10012345678", "柳荫里小区3号楼2单元502室")


def kinds(reply: str, asked: OriginalMessage = LIFT) -> list[FindingKind]:
    return [finding.kind for finding in check_reply(reply, asked) if isinstance(finding, ReplyFinding)]


def of_kind(kind: FindingKind, reply: str, asked: OriginalMessage = LIFT) -> list[ReplyFinding]:
    return [
        finding
        for finding in check_reply(reply, asked)
        if isinstance(finding, ReplyFinding) and finding.kind == kind
    ]


def test_a_good_reply_has_no_findings() -> None:
    assert check_reply(GOOD, LIFT) == []


def test_courtesies_alone_are_found() -> None:
    assert kinds(COURTESY)[0] == FindingKind.COURTESIES


def test_passing_a_matter_on_is_no_result() -> None:
    assert kinds("您好！您反映的问题已转相关部门核实、办复。感谢您的留言。")[0] == FindingKind.PASSED_ON


def test_a_reply_to_something_else_is_found() -> None:
    other = (
        "经核实，槐树街早市的流动摊贩长期占用盲道。城管执法队于4月3日依法清理了12处摊位，劝导商户进入便民市场经营，"
        "并安排两名队员每日早晨值守。"
    )
    assert kinds(other) == [FindingKind.FOREIGN]
    assert check_reply(other, LIFT)[0] == ReplyFinding(FindingKind.FOREIGN, 0, len(other))


def test_a_matter_that_was_left_out_is_named_by_its_place_in_the_message() -> None:
    reply = "经查，3号楼前的路灯线路老化，路灯管理所已于5月2日按照养护标准更换灯头，恢复照明。"
    (left_out,) = of_kind(FindingKind.MATTER, reply, TWO)
    assert TWO.text[left_out.start : left_out.end].startswith("2、北门外的烧烤摊")
    both = reply + "北门外的烧烤摊已由城管执法队责令停止夜间营业，安装油烟净化设备。"
    assert of_kind(FindingKind.MATTER, both, TWO) == []
    assert of_kind(FindingKind.MATTER, "上述问题均已于5月2日由城管委依规处理完毕。", TWO) == []


@pytest.mark.parametrize(
    ("reply", "lacking"),
    [
        (GOOD, ()),
        ("柳荫里小区3号楼电梯情况特殊。", ("done", "who", "when", "ground")),
        ("柳荫里小区3号楼电梯已修好。", ("who", "when", "ground")),
        ("维保公司已修好柳荫里小区3号楼电梯。", ("when", "ground")),
        ("维保公司已于3月6日修好柳荫里小区3号楼电梯。", ("ground",)),
    ],
)
def test_what_a_result_lacks(reply: str, lacking: tuple[str, ...]) -> None:
    assert tuple(part for finding in of_kind(FindingKind.LACKS, reply) for part in finding.details) == lacking


def test_an_answer_to_a_question_needs_its_ground_only() -> None:
    asked = OriginalMessage("养老保险补缴", "请问灵活就业人员的养老保险可以补缴吗？", consultation=True)
    assert of_kind(FindingKind.LACKS, "灵活就业人员的养老保险不能补缴。", asked)[0].details == ("ground",)
    assert of_kind(FindingKind.LACKS, "按照《社会保险法》，灵活就业人员的养老保险不能补缴。", asked) == []


@pytest.mark.parametrize(
    ("reply", "promised"),
    [
        ("我局将尽快安排维修电梯。", ["我局将尽快安排维修电梯。"]),
        ("电梯已停用检查，待配件到货后更换。", ["待配件到货后更换。"]),
        ("我局将于6月底前更换电梯配件。", []),
        ("电梯将在5个工作日内更换配件。", []),
        ("电梯已更换配件，恢复运行。", []),
        ("今后将继续加强电梯巡查力度。", []),
        ("现将处理结果回复如下：电梯已恢复。", []),
    ],
)
def test_a_promise_without_a_date_is_found(reply: str, promised: list[str]) -> None:
    assert [reply[found.start : found.end] for found in of_kind(FindingKind.PROMISE, reply)] == promised


def test_other_peoples_data_is_pointed_at() -> None:
    reply = GOOD + "维保公司李先生（电话10087654321）已到场，车牌京A12345；值班电话010-88990000。"
    found = [(reply[each.start : each.end], each.details) for each in of_kind(FindingKind.OTHERS, reply)]
    assert found == [("李先生", ("titled",)), ("10087654321", ("number",)), ("京A12345", ("plate",))]


@pytest.mark.parametrize(
    ("reply", "kind", "place"),
    [
        ("已与王秀兰联系。", LeakKind.NAME, "王秀兰"),
        ("已与王 秀 兰联系。", LeakKind.NAME, "王 秀 兰"),
        ("已与王女士联系。", LeakKind.TITLE, "王女士"),
        ("已与王秀兰女士联系。", LeakKind.TITLE, "王秀兰女士"),
        ("已告知王某某。", LeakKind.TITLE, "王某某"),
        ("已告知王**。", LeakKind.TITLE, "王**"),
        ("已致电10012345678。", LeakKind.PHONE, "10012345678"),
        ("已致电100-1234-5678。", LeakKind.PHONE, "100-1234-5678"),
        ("已致电１００１２３４５６７８。", LeakKind.PHONE, "１００１２３４５６７８"),
        ("已致电幺零零一二三四五六七八。", LeakKind.PHONE, "幺零零一二三四五六七八"),
        ("已致电100\u200b12345678。", LeakKind.PHONE, "100\u200b12345678"),
        ("已致电100****5678。", LeakKind.PHONE, "100****5678"),
        ("已致电尾号5678的来电人。", LeakKind.PHONE, "尾号5678"),
        ("已到3号楼2单元502室查看。", LeakKind.ADDRESS, "3号楼2单元502室"),
        ("已到2单元502室查看。", LeakKind.ADDRESS, "2单元502"),
        ("已到家住502室的居民处查看。", LeakKind.ADDRESS, "家住502室"),
        ("经查，投诉人住在三层东侧。", LeakKind.POINTER, "投诉人住在三层东侧"),
        ("举报人是该公司前员工，双方有纠纷。", LeakKind.POINTER, "举报人是该公司前员工"),
        ("诉求人姓李，不愿透露。", LeakKind.POINTER, "诉求人姓李"),
        ("李先生反映的情况属实。", LeakKind.POINTER, "先生反映"),
        ("是您楼下邻居投诉的。", LeakKind.POINTER, "楼下邻居投诉"),
        ("诉求人的车辆京A12345已挪走。", LeakKind.POINTER, "诉求人的车辆"),
    ],
)
def test_what_says_who_complained_is_found(reply: str, kind: LeakKind, place: str) -> None:
    assert [(leak.kind, reply[leak.start : leak.end]) for leak in find_leaks(reply, WANG)][0] == (
        kind,
        place,
    )


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        "已与诉求人联系，诉求人表示满意。",
        "诉求人是否满意，由回访核实。",
        "诉求人为此表示感谢，来电人是想咨询政策。",
        "已到柳荫里小区3号楼查看。",
        "物业经理李女士到场。",
        "已致电10087654321，尾号4321。",
        "请到街道办事处502室办理，或3单元503室查看。",
        "王府井大街路灯已修复，王村道路已硬化。",
        "因小区王姓住户较多，已逐户走访。",
        "来电人反映的问题属实，反映人员已撤离。",
        "楼上住户已停止装修，楼下住户漏水点已修复。",
    ],
)
def test_what_says_nothing_of_who_complained_passes(reply: str) -> None:
    assert find_leaks(reply, WANG) == []


def test_of_a_hidden_requester_any_surname_is_a_leak_and_none_is_confirmed() -> None:
    hidden = RequesterIdentity("王秀兰", "10012345678", "", secret=True)
    for surname in ("王", "李"):
        assert [leak.kind for leak in find_leaks(f"已与{surname}女士联系。", hidden)] == [LeakKind.TITLE]
    assert find_leaks("已告知李某某。", hidden) == find_leaks("已告知王某某。", hidden) == []
    assert find_leaks("已致电100****5678。", hidden) == find_leaks("已致电100****0000。", hidden) == []
    assert [leak.kind for leak in find_leaks("已与王秀兰联系", hidden)] == [LeakKind.NAME]


@pytest.mark.parametrize(
    "opening", ["王女士，您好！", "王女士您好，", "尊敬的王女士：您好。", " 敬爱的王大妈：", "王先生,你好！"]
)
def test_a_reply_may_call_whoever_asked_by_their_title_to_begin_with(opening: str) -> None:
    assert find_leaks(opening + GOOD, WANG) == []
    for known in (WANG, RequesterIdentity("王女士")):
        assert (
            find_leaks(opening + GOOD, known) == check_reply(opening + GOOD, replace(LIFT, known=known)) == []
        )


@pytest.mark.parametrize(
    "reply",
    [
        "王女士反映的楼道灯已更换。", "王女士，楼道灯已更换。", "王秀兰女士，您好！", "您好！已告知王女士。",
        "王女士，您好！已与王女士联系。", "王某某，您好！",
    ],
)  # fmt: skip
def test_what_is_more_than_a_salutation_is_a_leak(reply: str) -> None:
    assert {leak.kind for leak in find_leaks(reply, WANG)} & {LeakKind.TITLE, LeakKind.NAME}


def test_the_salutation_of_somebody_else_is_pointed_at() -> None:
    reply = "李女士，您好！" + GOOD
    assert find_leaks(reply, WANG) == []
    pointed = [
        each for each in check_reply(reply, replace(LIFT, known=WANG)) if isinstance(each, ReplyFinding)
    ]
    assert [(each.kind, reply[each.start : each.end]) for each in pointed] == [(FindingKind.OTHERS, "李女士")]


def test_a_hidden_requester_is_not_called_by_a_title() -> None:
    for surname in ("王", "李"):
        hidden = RequesterIdentity("王秀兰", secret=True)
        assert [leak.kind for leak in find_leaks(f"{surname}女士，您好！{GOOD}", hidden)] == [LeakKind.TITLE]


def test_who_left_no_name_leaks_by_pointers_only() -> None:
    assert find_leaks("已与王女士联系，已致电10012345678，到502室查看。", RequesterIdentity()) == []
    assert [leak.kind for leak in find_leaks("举报人住在5层。", RequesterIdentity())] == [LeakKind.POINTER]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_any_reply_is_checked(text: str) -> None:
    for asked in (LIFT, OriginalMessage(text, text, WANG), OriginalMessage("", "")):
        assert all(0 <= found.start <= found.end for found in check_reply(text, asked))


def test_a_reply_of_nothing_has_a_defined_answer() -> None:
    assert check_reply("", LIFT) == check_reply(" \n", LIFT) == []
    assert check_reply("……", LIFT) == [ReplyFinding(FindingKind.COURTESIES, 0, 2)]


@settings(max_examples=100, deadline=None)
@given(st.text(), st.text(max_size=8), st.text(max_size=14), st.text(max_size=20), st.booleans())
def test_any_reply_and_requester_are_checked(
    text: str, name: str, phone: str, address: str, secret: bool
) -> None:
    found = check_reply(
        text, OriginalMessage("路灯", "路灯坏了", RequesterIdentity(name, phone, address, secret))
    )
    assert all(
        0 <= each.start <= each.end <= len(text) for each in found if isinstance(each, ReplyFinding | Leak)
    )


def test_a_copied_text_keeps_its_marks_when_dates_and_numbers_change() -> None:
    other = GOOD.replace("3月6日", "4月18日").replace("3号楼", "11号楼")
    assert jaccard(GOOD, other) == 1.0
    assert reply_fingerprints(GOOD) == reply_fingerprints(other)
    assert len(reply_fingerprints(GOOD)) == MOST_FINGERPRINTS


def test_different_texts_share_no_marks() -> None:
    other = "城管执法队于5月8日晚到青石巷检查，责令六家烧烤摊安装油烟净化设备，并将营业时间限至二十二时。"
    assert jaccard(GOOD, other) == 0.0
    assert not set(reply_fingerprints(GOOD)) & set(reply_fingerprints(other))


def test_a_short_text_cannot_be_copied() -> None:
    assert reply_fingerprints("已更换灯具并通电") == []
    assert jaccard("已更换灯具并通电", "已更换灯具并通电") == 0.0
