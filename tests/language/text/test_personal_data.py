"""Persons, numbers and plates in running text, and the text without them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.language.text.personal_data import LONGEST, PersonalDataKind, mask_text, personal_data


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我叫张建国，电话10012345678，住3号楼", "我叫张**，电话100****78，住3号楼"),
        ("联系王女士处理", "联系王**处理"),
        ("张秀兰女士反映", "张**反映"),
        ("感谢李先生", "感谢李**"),
        ("房东李先生不退押金", "房东李**不退押金"),
        ("欧阳明日先生到场", "欧**到场"),
        ("联系人：李建国，微信：lijg_2020", "联系人：李**，微信：l****"),
        ("京A12345和京AD12345，冀B·8Q12K", "京A****和京A****，冀B****"),
        ("身份证110107199001011234", "身份证110****34"),
        ("写信到zhang.san@example.com", "写信到z****"),
    ],
)
def test_personal_data_is_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "由于女士较多，请增设厕位", "我是高中生，想问暑期班", "我是王村的，想修路", "关于先生的称呼",
        "石景山区古城路5号院",
        "安全员张贴了公告", "2026年3月2日14时在3号楼开会", "单号SJ2026030200012", "京津冀一体化", "业主：全体住户",
        "高峰时段发车间隔20分钟", "多家单位", "",
    ],
)  # fmt: skip
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert mask_text(text) == text


def test_known_names_and_addresses_go_wherever_they_stand() -> None:
    text = "秀兰家在八角北里小区12号楼3单元502室，王秀兰来过"
    shown = mask_text(text, known=["王秀兰", "八角北里小区12号楼3单元502室", "", "王"])
    assert shown == "秀兰家在***，王**来过"


def test_places_are_those_in_the_text() -> None:
    text = "诉求由刘女士提出，车牌京A12345。"
    assert [(span.kind, text[span.start : span.end]) for span in personal_data(text)] == [
        (PersonalDataKind.TITLED, "刘女士"),
        (PersonalDataKind.PLATE, "京A12345"),
    ]


def test_what_is_too_long_to_look_at_is_not_shown() -> None:
    shown = mask_text("路" * LONGEST + "我叫张建国")
    assert shown == "路" * LONGEST + "***"


@settings(max_examples=150, deadline=None)
@given(st.text(), st.lists(st.text(max_size=6), max_size=3))
def test_any_text_is_masked_without_error(text: str, known: list[str]) -> None:
    spans = personal_data(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(first.end <= second.start for first, second in zip(spans, spans[1:], strict=False))
    assert isinstance(mask_text(text, known=known), str)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="的在了和，。 \n电路灯", max_size=40), st.integers(10_000_000, 99_999_999))
def test_a_mobile_number_never_stays(around: str, rest: int) -> None:
    assert str(rest) not in mask_text(f"{around}100{rest}{around}")
