"""What people made of readings is counted every night; the confidence follows it only while that is better."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.checks import classifiers, confidences, model_store
from jieban.cases.models import Case, CertaintyBand, ModelUse, Reading, TrainedModel
from jieban.cases.suggestions import nightly_calibration, proposing, reading_quality
from jieban.cases.suggestions.nightly_calibration import calibrate
from jieban.cases.suggestions.nightly_learning import LearningOutcome
from jieban.cases.suggestions.reading_quality import Share
from jieban.language.classify.calibration import FIELDS, PRIOR, ReadingCount, ReadingKind
from jieban.language.text.model_file import BadModel
from tests.cases.scene import AT, Scene, dispatched, make_case, make_leaf

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KIND = confidences.CALIBRATION
COMPLAINT = ReadingKind("nature", "complaint")


@pytest.fixture(autouse=True)
def small_district(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a test needs few cases."""
    monkeypatch.setattr(nightly_calibration, "FEWEST_READINGS", 30)
    monkeypatch.setattr(nightly_calibration, "FEWEST_UNSEEN", 6)


def decide(scene: Scene, *kept: str, way: str = "", **read: Any) -> None:
    """Cases an hour apart, each after those that are there, read as complaints; this is what people made of them."""
    begun = Case.objects.count()
    for number, nature in enumerate(kept, begun):
        case = dispatched(scene, at=AT + number * HOUR, nature=nature)
        certainty = {"nature": {"share": 0.7, "prior": True, "way": way}}
        row = Reading(
            case=case, at=case.received_at, words_version="w", nature="complaint", certainty=certainty
        )
        for name, value in read.items():
            setattr(row, name, value)
        row.save(force_insert=True)


MOSTLY_HELP = ("help", "help", "help", "help", "complaint")
AS_EXPECTED = (*("complaint",) * 6, "help")


@pytest.fixture
def calibrated(scene: Scene) -> model_store.ModelInUse:
    """A district in which a calibration is in use."""
    decide(scene, *MOSTLY_HELP * 8)
    assert calibrate(AT + 9 * DAY).what == LearningOutcome.LIVE
    return model_store.model_in_use(KIND)


def test_what_people_kept_is_the_confidence_once_that_is_better(scene: Scene) -> None:
    decide(scene, *MOSTLY_HELP * 8)
    before = proposing.nature("我要投诉", confidences.live_calibration())
    assert before is not None and before.sure and before.is_prior and before.calibration == "prior"
    outcome = calibrate(AT + 9 * DAY)
    assert (outcome.what, outcome.case_count, outcome.unseen_count) == (LearningOutcome.LIVE, 32, 8)
    model = TrainedModel.objects.get()
    share = (6 + 8.5) / 42  # 6 of the oldest 32 were kept, beside ten expected cases of which 8.5 are
    assert confidences.live_calibration().confidence(COMPLAINT).share == pytest.approx(share)
    assert model.mark == pytest.approx((2 * (1 - share) ** 2 + 6 * share**2) / 8)
    assert model.cold_mark == model.compared_mark == pytest.approx((2 * 0.15**2 + 6 * 0.85**2) / 8)
    assert (model.kind, model.class_count, model.compared_with) == ("calibration", 1, "prior")
    assert model.learned_until_at == AT + 31 * HOUR
    after = proposing.nature("我要投诉", confidences.live_calibration())
    assert after is not None and not after.sure and after.calibration == model.version
    assert [option.value for option in after.among] == ["complaint", "help", "consult"]


def test_what_is_not_better_changes_nothing(scene: Scene) -> None:
    decide(scene, *AS_EXPECTED * 6)
    outcome = calibrate(AT + 9 * DAY)
    assert outcome.what == LearningOutcome.NOT_BETTER and outcome.learned is not None
    assert outcome.learned.mark > outcome.learned.compared_mark
    assert confidences.live_calibration() is PRIOR and not ModelUse.objects.exists()
    assert TrainedModel.objects.get().content is None


def test_newer_cases_that_it_has_not_seen_decide(scene: Scene) -> None:
    """What was so once and is so no more does not come into use."""
    decide(scene, *MOSTLY_HELP * 6, *["complaint"] * 10)
    outcome = calibrate(AT + 9 * DAY)
    assert outcome.what == LearningOutcome.NOT_BETTER and outcome.learned is not None
    assert outcome.learned.mark > outcome.learned.compared_mark


def test_the_margin_decides(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(scene, *MOSTLY_HELP * 8)
    with monkeypatch.context() as strict:
        strict.setattr(nightly_calibration, "MARGIN", 1.0)
        assert calibrate(AT + 9 * DAY).what == LearningOutcome.NOT_BETTER
    assert confidences.live_calibration() is PRIOR


def test_what_the_one_in_use_was_counted_from_measures_nobody(
    scene: Scene, calibrated: model_store.ModelInUse
) -> None:
    assert calibrate(AT + 9 * DAY).what == LearningOutcome.SAME
    TrainedModel.objects.update(learned_until_at=AT + 36 * HOUR)
    outcome = calibrate(AT + 9 * DAY)
    assert (outcome.what, outcome.unseen_count) == (LearningOutcome.TOO_FEW, 3)


def test_too_few_readings_change_nothing(scene: Scene) -> None:
    assert calibrate(AT + 9 * DAY).what == LearningOutcome.TOO_FEW
    decide(scene, *MOSTLY_HELP * 5)
    outcome = calibrate(AT + 9 * DAY)
    assert (outcome.what, outcome.case_count, outcome.unseen_count) == (LearningOutcome.TOO_FEW, 20, 5)
    assert not TrainedModel.objects.exists()


def test_what_is_counted_is_what_the_page_calls_accepted(scene: Scene) -> None:
    decide(
        scene,
        "complaint",
        "help",
        "complaint",
        urgency="life",
        sensitive=True,
        grade="general",
        is_property=True,
    )
    decide(scene, "help", nature="")
    waiting = make_case(scene, at=AT, nature="complaint")
    gone = make_case(scene, at=AT, nature="complaint")
    for case in (waiting, gone):
        Reading(case=case, at=AT, words_version="w", nature="complaint").save(force_insert=True)
    actions.withdraw(gone.pk, actor=scene.actor("operator"), at=AT, reason="已解决")
    at = AT + DAY
    counted = list(
        nightly_calibration._outcome_counts(
            reading_quality.decided_readings(at - nightly_calibration.WINDOW, at)
        )
    )
    shares = reading_quality.quality(at).whole.shares
    for field in FIELDS:
        mine = [one for one in counted if one.read.field == field]
        assert sum(one.cases for one in mine) == shares[field].proposed > 0
        assert sum(one.cases for one in mine if one.right) == shares[field].accepted
    assert shares["nature"].accepted == 2 and shares["grade"].accepted == 3
    assert ReadingCount(ReadingKind("is_property", "on"), "", False, 3) in counted
    assert ReadingCount(ReadingKind("urgency", "life"), "normal", False, 3) in counted


def test_ways_of_reading_are_counted_apart_and_old_rows_as_plain(scene: Scene) -> None:
    contested = ReadingKind("nature", "complaint", "contested")
    decide(scene, "complaint", "help", way="contested")
    decide(scene, "complaint", certainty={})
    counted = sorted(
        nightly_calibration._outcome_counts(reading_quality.decided_readings(AT - DAY, AT + DAY))
    )
    assert counted == [
        ReadingCount(COMPLAINT, "complaint", True, 1),
        ReadingCount(contested, "complaint", True, 1),
        ReadingCount(contested, "help", False, 1),
    ]


def test_a_person_sets_what_is_expected_and_a_version_live_again(
    scene: Scene, calibrated: model_store.ModelInUse
) -> None:
    assert model_store.roll_back(KIND, by="王", at=AT + 10 * DAY).model_id is None
    assert confidences.live_calibration() is PRIOR
    decide(scene, *MOSTLY_HELP * 2)
    assert calibrate(AT + 11 * DAY).what == LearningOutcome.HELD and confidences.live_calibration() is PRIOR
    assert model_store.roll_back(KIND, to=calibrated.version, by="李", at=AT + 12 * DAY) == calibrated
    assert confidences.live_calibration().version == calibrated.version
    TrainedModel.objects.filter(pk=calibrated.model_id).update(content=b"jieban-model 1 0\n")
    model_store.roll_back(KIND, to=model_store.COLD_START, by="王", at=AT + 13 * DAY)
    with pytest.raises(BadModel, match="已损坏"):
        model_store.roll_back(KIND, to=calibrated.version, by="王", at=AT + 14 * DAY)


def test_a_kind_is_set_back_by_itself(scene: Scene, calibrated: model_store.ModelInUse) -> None:
    with pytest.raises(Invalid, match="没有改变"):
        model_store.roll_back(classifiers.CATEGORY, by="王", at=AT + 10 * DAY)
    with pytest.raises(Invalid, match="没有版本"):
        model_store.roll_back(classifiers.CATEGORY, to=calibrated.version, by="王", at=AT + 10 * DAY)
    assert model_store.model_in_use(KIND) == calibrated


def test_a_night_asks_as_much_for_many_cases_as_for_few(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly_calibration, "MARGIN", 1.0)
    counts = []
    for times in (8, 16):
        decide(scene, *MOSTLY_HELP * times)
        with CaptureQueriesContext(connection) as caught:
            assert calibrate(AT + (9 + times) * DAY).what == LearningOutcome.NOT_BETTER
        counts.append(len(caught))
    assert counts[0] == counts[1]


def certain(share: float) -> dict[str, Any]:
    return {"nature": {"share": share, "prior": False, "way": ""}}


def test_how_far_confidences_were_borne_out_is_kept_by_bands(scene: Scene) -> None:
    decide(scene, *MOSTLY_HELP, certainty=certain(0.5))
    decide(scene, "complaint", "complaint", "help", certainty=certain(0.8))
    decide(scene, "complaint", certainty=certain(0.8999))
    decide(
        scene,
        "complaint",
        "help",
        certainty=certain(0.03) | {"urgency": {"share": 0.999, "prior": True, "way": ""}},
        urgency="life",
    )
    decide(scene, "complaint", certainty={})  # read before confidences were kept
    leaf, other = make_leaf(scene), scene.category
    for first, among in ((leaf, []), (leaf, [leaf.pk, other.pk]), (other, [other.pk, leaf.pk])):
        decide(
            scene,
            "help",
            nature="",
            certainty={},
            category=first,
            category_among=among,
            category_confidence=1.0,
        )
    Case.objects.filter(reading__category_confidence=1.0).update(category=leaf)
    waiting = make_case(scene, at=AT, nature="complaint")
    row = Reading(case=waiting, at=AT, words_version="w", nature="complaint", certainty=certain(0.8))
    row.save(force_insert=True)
    assert reading_quality.bands().at is None
    at = AT + 5 * DAY
    nightly_calibration.save_confidence_bands(at)
    found = reading_quality.bands()
    assert found.at == at and found.shares == {
        ("nature", 0): Share(2, 1), ("nature", 5): Share(5, 1), ("nature", 8): Share(4, 3),
        ("urgency", 9): Share(2, 0), ("category", 9): Share(3, 2),
    }  # fmt: skip


def test_each_night_counts_anew_and_what_was_counted_stays(scene: Scene) -> None:
    decide(scene, *MOSTLY_HELP)
    assert calibrate(AT + 8 * DAY).what == LearningOutcome.TOO_FEW  # the bands are counted all the same
    assert reading_quality.bands().shares == {("nature", 7): Share(5, 1)}
    Case.objects.update(nature="complaint")
    for _twice in range(2):
        calibrate(AT + 9 * DAY)
    assert reading_quality.bands().shares == {("nature", 7): Share(5, 5)}
    assert CertaintyBand.objects.count() == 2
    for change in (CertaintyBand.objects.all().delete, lambda: CertaintyBand.objects.update(accepted=0)):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def test_counting_bands_asks_once_for_each_field(scene: Scene) -> None:
    decide(scene, *MOSTLY_HELP)
    with CaptureQueriesContext(connection) as caught:
        nightly_calibration.save_confidence_bands(AT + 9 * DAY)
    assert sum("cases_reading" in query["sql"] for query in caught) == 6


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_commands_count_list_and_set_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "把握：统计建议 0 项，测试 0 项：有人处理过的建议不够" in run("train", "district")
    monkeypatch.setattr(nightly_calibration, "WINDOW", now() - AT + DAY)
    monkeypatch.setattr(nightly_calibration, "PERIOD", now() - AT + DAY)
    decide(scene, *MOSTLY_HELP * 8)
    told = json.loads(run("train", "district", "--json"))
    assert (told["what"], told["calibration"]["what"]) == ("too_few", "live")
    version = told["calibration"]["version"]
    told = json.loads(run("proposal_quality", "--json"))
    assert told["bands"] == [
        {"field": "nature", "from": 0.7, "proposed": 40, "accepted": 8, "missed": 0, "rate": 0.2}
    ]
    listed = json.loads(run("models", "--json"))
    assert listed["models"] == [] and listed["calibration"]["answering"] == version
    assert [model["version"] for model in listed["calibration"]["models"]] == [version]
    assert f"把握，现在使用：{version}" in run("models")
    with pytest.raises(Invalid):
        run("roll_back_model", "--by", "王主任")  # of categories nothing is in use
    assert "cold-start" in run("roll_back_model", "--kind", "calibration", "--by", "王主任")
    assert "把握，现在使用：prior" in run("models") and "王主任" in run("models")
    assert json.loads(run("models", "--json"))["calibration"]["uses"][0]["version"] == "cold-start"
