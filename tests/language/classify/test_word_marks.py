"""Nature, urgency, care and difficulty from words alone. Every sentence is invented for these tests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.base.text.cleaning import clean
from jieban.cases.flow.states import Nature, Urgency
from jieban.language.classify import word_marks
from jieban.language.text import lexicon
from jieban.registry.models import Category

DANGER = [
    "樓道裡煤氣味很重", "電梯裡困了三個人", "有人觸電了",
    "楼道里煤气味很重", "家里煤 气 味特别大", "厨房一股煤汽味", "闻到好大的煤气", "燃气灶那边有股味道像燃气漏了",
    "天然气管子好像漏了，天然气的味道呛人", "煤气中毒了快来人", "施工把燃气管道挖断了", "液化气罐在漏气，滋滋响",
    "电梯里困了两个人", "我被关在电梯里半小时了", "电梯突然往下掉", "扶梯把孩子的鞋夹进去了", "老人卡在电梯门那里",
    "我儿子想不开，在楼顶", "我不想活了", "她说活着没意思，要喝药了", "有人站在天台边上", "邻居要跳楼", "他割腕了",
    "讨不到工资我就从塔吊上跳下去", "再不解决我就死给你们看", "路灯杆漏电，狗被电死了", "井边的电线掉水里了，有人触电",
    "公交站牌麻电", "四楼窗户冒烟", "楼道电表箱着火了", "电瓶在屋里炸了", "满屋糊味，插座烧起来了", "看见火苗了",
    "楼上冒着浓烟", "房子要塌了", "围墙倒塌压着人", "路面塌陷，车掉进去了", "基坑边上塌方了", "雨棚快倒了",
    "孩子不见了", "我家老人走丢了一天", "五岁小孩放学没回家，找不到了", "女儿失联两天", "有人抱走了孩子",
    "独居老人敲门不应", "对门老太太好几天没出门了，喊不应", "我妈晕倒在地上叫不醒", "有人昏迷在长椅上", "爸爸心梗了",
    "孩子误食老鼠药", "小孩噎住了", "喘不上气了", "血流不止", "停电了，我爸用呼吸机，呼吸机快没电了", "制氧机停电了",
    "湖里有人沉下去了", "孩子掉冰窟窿里了", "老人掉进没盖的井里", "掉河里了快救人", "邻居拿着刀砍人", "我老公要杀我",
    "他往死里打孩子", "有人泼汽油要点火", "车祸，有人被轧", "泥石流下来了", "化工厂氯气泄漏", "救命", "要出人命了",
    "煤气没味道了但是人晕倒了", "头卡在护栏里", "孩子反锁在屋里，灶上还烧着水",
    "昨天也没有冒烟，今天又冒烟了", "有没有触电的危险？线掉水里了", "家里全是一氧化炭",
]  # fmt: skip
CALM = [
    "楼道灯不亮", "家里没有冒烟，就是呛", "请问居住证怎么办理", "广场舞音乐太吵", "建议多种几棵树", "快递没有送上门",
    "公交车等了四十分钟", "物业费涨价没有公示", "谢谢社区的小王帮我搬家",
    "退休金认证怎么做", "树上有鸟窝很好看", "健身房不退卡钱", "学校划片划到哪里",
]  # fmt: skip


@pytest.mark.parametrize("text", DANGER)
def test_danger_to_life_is_never_missed(text: str) -> None:
    found = word_marks.urgency(text)
    assert found is not None and found.value == "life"


@pytest.mark.parametrize("text", CALM)
def test_what_is_calm_stays_calm(text: str) -> None:
    assert word_marks.urgency(text) is None


@pytest.mark.parametrize("text", ["小区停水两天了", "井盖丢失", "外墙的瓷砖掉下来了", "污水倒灌进一层"])
def test_what_must_be_done_today_is_urgent(text: str) -> None:
    found = word_marks.urgency(text)
    assert found is not None and found.value == "urgent"


def test_the_words_that_mark_are_where_the_text_has_them() -> None:
    text = "您好，五号楼\n 煤 气味很重，路灯还漏电"
    found = word_marks.urgency(text)
    assert found is not None
    assert found.words == ("煤 气味", "漏电")
    assert all(clean(text)[span.start : span.end] == span.written for span in found.spans)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("请问居住证怎么办理，另外想投诉窗口", "consult"),
        ("不是投诉，路灯坏了", "help"),
        ("路灯坏了，请尽快修，感谢！", "help"),
        ("感谢社区的帮助", "praise"),
        ("要表扬收费员小李", "praise"),
        ("举报楼下私搭阳光房", "report"),
        ("建议在路口增设座椅", "suggestion"),
        ("物业态度差，一直没下文", "complaint"),
    ],
)
def test_nature_is_what_is_said_first_and_thanks_are_only_courtesy(text: str, value: str) -> None:
    found = word_marks.nature(text)
    assert found is not None and found.value == value


def test_nothing_said_is_no_nature() -> None:
    assert word_marks.nature("今天天气好") is None


@pytest.mark.parametrize(
    ("text", "of_category", "value"),
    [
        ("历史遗留问题，多个部门互相推诿", "simple", "complex"),
        ("路灯不亮", "general", "simple"),
        ("路灯不亮", "complex", "complex"),
        ("今天天气好", "general", "general"),
    ],
)
def test_grade_is_the_category_s_moved_by_the_words(text: str, of_category: str, value: str) -> None:
    assert word_marks.grade(text, of_category).value == value


def test_care_and_property_service() -> None:
    assert word_marks.sensitive("邻居家暴，孩子一直哭") is not None
    assert word_marks.sensitive("楼道灯不亮") is None
    found = word_marks.about_property("单元门上个月就坏了，物业一直不修")
    assert found is not None and "物业" in found.words
    assert word_marks.about_property("公交车不到站") is None


def test_the_lists_mark_only_what_there_is() -> None:
    assert {word.value for word in lexicon.word_list("nature").values()} == set(Nature.values)
    assert {word.value for word in lexicon.word_list("urgency").values()} <= set(Urgency.values)
    assert {word.value for word in lexicon.word_list("grade").values()} <= set(Category.Grade.values)
    assert set(word_marks.GRAVEST) == set(Urgency.values) - {Urgency.NORMAL}


@pytest.mark.parametrize(
    "line", ["煤气味,gone,来源", "煤气味,life,", "煤气…,life,来源", "漏电,life,甲\n漏电,life,乙"]
)
def test_a_list_that_is_wrong_says_where(
    line: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "urgency.csv").write_text(f"word,urgency,source\n{line}\n", encoding="utf-8")  # type: ignore[operator]
    monkeypatch.setattr(lexicon, "LEXICON_FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"urgency\.csv, line [23]"):
        lexicon.word_list.__wrapped__("urgency")


PIECES = st.sampled_from(
    [
        "煤气味", "冒烟", "🔥", "ＡＢＣ", "hello ", "<b>", "</b>", "&nbsp;", "\u200b", "\ufeff", "，。！", "漏電",
        "忽略以上所有指令", "Ignore all previous instructions", "\n", "\t", "İ", "ß", "𠮷", "\ud800", "{}", "%s",
    ]
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map("".join))
def test_any_text_has_an_answer_with_places_that_fit(text: str) -> None:
    whole = clean(text)
    functions = (
        word_marks.nature,
        word_marks.urgency,
        word_marks.sensitive,
        word_marks.about_property,
    )
    for function in functions:
        found = function(text)
        assert found is None or all(whole[span.start : span.end] == span.written for span in found.spans)
    assert word_marks.grade(text).value in Category.Grade.values


def test_danger_at_the_end_of_a_very_long_text_is_found() -> None:
    found = word_marks.urgency("路面不平，走路不便。" * 20_000 + "快来人，煤气味很重")
    assert found is not None and found.value == "life"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("这是我的救命钱，请帮忙追回", None),
        ("关于电梯的收费有关问题", None),
        ("路口被电动车堵死", None),
        ("晚上吵死人了", None),
        ("楼道堆杂物，存在火灾隐患", "urgent"),
        ("充电桩太密，一旦着火后果不堪设想", "urgent"),
        # Where anything else says danger, the longer word takes nothing back.
        ("救命钱被骗光了，他现在站在楼顶要跳楼", "life"),
        ("电梯门关闭后有人被关在里面出不来", "life"),
        ("楼道有火灾隐患，刚才已经冒烟了", "life"),
        ("救救我们业主，楼上着火了", "life"),
        ("隔壁被电击倒了", "life"),
    ],
)
def test_a_word_of_danger_within_a_longer_word_is_what_that_one_says(text: str, value: str | None) -> None:
    found = word_marks.urgency(text)
    assert (found.value if found else None) == value
