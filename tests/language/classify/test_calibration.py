"""Confidence of marks: what was counted, drawn towards what is expected, and how it is measured and kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieban.language.classify import calibration, word_marks
from jieban.language.classify.calibration import (
    FEWEST,
    PRIOR,
    Calibration,
    ReadingCount,
    ReadingKind,
    brier,
    prior,
)
from jieban.language.text import model_file
from jieban.language.text.model_file import BadModel

COMPLAINT = ReadingKind("nature", "complaint")
EXPECTED = 0.85
READS = st.sampled_from(
    [
        COMPLAINT,
        ReadingKind("nature", "help", "contested"),
        ReadingKind("nature", "praise", "weak"),
        ReadingKind("urgency", "life"),
        ReadingKind("urgency", "urgent"),
        ReadingKind("grade", "complex"),
        ReadingKind("sensitive", "on"),
        ReadingKind("is_property", "on"),
    ]
)
COUNTS = st.integers(0, 100_000)


def of(read: ReadingKind, kept: int, *others: tuple[str, int]) -> Calibration:
    wrong = (ReadingCount(read, value, False, cases) for value, cases in others)
    return Calibration((ReadingCount(read, read.value, True, kept), *wrong), "v")


def share(read: ReadingKind, kept: int, lost: int) -> float:
    return of(read, kept, ("x", lost)).confidence(read).share


def test_the_share_kept_is_drawn_towards_what_is_expected() -> None:
    assert prior(COMPLAINT) == EXPECTED
    found = of(COMPLAINT, 18, ("help", 2)).confidence(COMPLAINT)
    assert (found.share, found.is_prior) == (pytest.approx(26.5 / 30), False)


def test_too_few_cases_leave_what_is_expected_and_say_so() -> None:
    for kept, lost in ((0, 0), (FEWEST - 1, 0), (0, FEWEST - 1)):
        found = of(COMPLAINT, kept, ("help", lost)).confidence(COMPLAINT)
        assert (found.share, found.is_prior, found.instead) == (EXPECTED, True, ())
    assert not of(COMPLAINT, FEWEST).confidence(COMPLAINT).is_prior


def test_what_people_never_keep_is_hardly_believed_but_not_ruled_out() -> None:
    assert share(COMPLAINT, 0, 1_000) == pytest.approx(8.5 / 1_010)
    assert 0 < share(COMPLAINT, 0, 1_000_000) < 0.001


def test_what_stands_instead_shares_out_the_rest() -> None:
    found = of(COMPLAINT, 8, ("help", 9), ("report", 3)).confidence(COMPLAINT)
    assert [value for value, _ in found.instead] == ["help", "report"]
    assert found.share + sum(part for _, part in found.instead) == pytest.approx(1)
    assert found.instead[0][1] == pytest.approx(3 * found.instead[1][1])


def test_each_kind_of_reading_is_counted_by_itself() -> None:
    contested = ReadingKind("nature", "complaint", "contested")
    assert of(COMPLAINT, 500).confidence(contested).is_prior
    assert prior(contested) < prior(COMPLAINT)


@given(READS, COUNTS, COUNTS)
def test_a_confidence_is_a_share_between_what_is_expected_and_what_was_counted(
    read: ReadingKind, kept: int, lost: int
) -> None:
    found = share(read, kept, lost)
    assert 0 < found < 1
    if kept + lost >= FEWEST:
        low, high = sorted((prior(read), kept / (kept + lost)))
        assert low - 1e-9 <= found <= high + 1e-9


@given(READS, st.integers(0, 5_000), st.integers(0, 5_000))
def test_one_more_that_was_kept_never_makes_it_less_sure(read: ReadingKind, kept: int, lost: int) -> None:
    if kept + lost >= FEWEST:
        assert share(read, kept, lost + 1) < share(read, kept, lost) < share(read, kept + 1, lost)


@given(st.floats(0, 1))
def test_danger_to_life_is_never_in_doubt(found: float) -> None:
    assert calibration.is_sure("urgency", "life", found)
    assert calibration.is_sure("urgency", "urgent", found) == (found >= calibration.SURE)


def test_the_mark_is_the_mean_squared_distance() -> None:
    rows = [ReadingCount(COMPLAINT, "complaint", True, 3), ReadingCount(COMPLAINT, "help", False, 1)]
    assert brier(PRIOR, rows) == pytest.approx((3 * 0.15**2 + 0.85**2) / 4)
    with pytest.raises(ValueError, match="no case"):
        brier(PRIOR, [])


@given(st.integers(FEWEST, 2_000), st.integers(0, 2_000))
def test_what_was_counted_marks_no_worse_than_the_prior_on_the_same_cases(kept: int, lost: int) -> None:
    rows = of(COMPLAINT, kept, ("help", lost)).counted
    assert brier(Calibration(rows, "v"), rows) <= brier(PRIOR, rows) + 1e-12


def test_what_was_written_is_read_and_names_its_content() -> None:
    rows = of(COMPLAINT, 18, ("help", 2)).counted
    version, content = calibration.serialize(rows, {"cases": 20})
    found = calibration.deserialize(content, "a")
    assert found.version == version and set(found.counted) == set(rows)
    assert calibration.serialize(rows[::-1], {"cases": 20}) == (version, content)
    assert calibration.serialize(rows[:1], {"cases": 20})[0] != version


def test_what_is_damaged_foreign_or_senseless_is_refused() -> None:
    _version, content = calibration.serialize(of(COMPLAINT, 20).counted, {})
    with pytest.raises(BadModel, match="已损坏"):
        calibration.deserialize(content[:-3] + b"123", "a")
    with pytest.raises(BadModel, match="另一种模型"):
        calibration.deserialize(model_file.serialize("combined", {"counts": []}, {})[1], "a")
    for row in (
        ["colour", "red", "", "red", True, 3], ["nature", "help", "loud", "help", True, 3],
        ["nature", "help", "", "help", True, -1], ["nature", "help", "", "help", True, "3"], ["nature"], 7,
    ):  # fmt: skip
        with pytest.raises(BadModel, match="不完整"):
            calibration.deserialize(model_file.serialize("calibration", {"counts": [row]}, {})[1], "a")


@pytest.mark.parametrize(
    ("text", "way", "others"),
    [
        ("请问居住证怎么办理", "", ()),
        ("请问居住证怎么办理，另外想投诉窗口", "contested", ("complaint",)),
        ("感谢，就是来说一声", "weak", ()),
    ],
)
def test_how_a_nature_was_read_is_told(text: str, way: str, others: tuple[str, ...]) -> None:
    found = word_marks.nature(text)
    assert found is not None and (found.way, found.others) == (way, others)
    assert 0 < prior(ReadingKind("nature", found.value, found.way)) < 1
