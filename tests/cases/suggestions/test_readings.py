"""What is read in cases: kept once, offered until it stands there, counted when people have decided."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.actions import Concern, GoOn
from jieban.cases.checks import confidences
from jieban.cases.checks.proposal import Proposal, wordlist_version
from jieban.cases.flow.states import State
from jieban.cases.models import Case, CaseText, Reading, TrainedModel
from jieban.cases.suggestions import proposing, reading_quality, readings
from jieban.language.classify.calibration import PRIOR
from jieban.registry.models import Category, Place
from tests.cases.scene import FROM, Scene, dispatched, make_case, relied_on

OIL = "楼下烧烤店的餐饮油烟太大，我要投诉"


def read() -> int:
    return readings.read_waiting(now())


def test_what_waits_is_read_once_with_the_version_that_read_it(scene: Scene, leaf: Category) -> None:
    case = make_case(scene, text=OIL)
    assert (read(), read()) == (1, 0)
    row = Reading.objects.get(case=case)
    assert (row.category_id, row.nature, row.shown) == (leaf.pk, "complaint", False)
    assert row.category_version and row.words_version == wordlist_version()
    assert row.words["category"] == ["餐饮油烟"] and row.category_confidence is not None
    community = Place.objects.get(level="community")
    assert row.place_id == community.pk


def test_a_case_that_cannot_be_read_holds_up_no_other(scene: Scene, leaf: Category) -> None:
    broken, whole = make_case(scene, text=OIL), make_case(scene, text=OIL)
    CaseText.objects.filter(case=broken).update(address=b"no seal")
    assert (read(), read()) == (2, 0)
    assert Reading.objects.get(case=broken).category_id is None
    assert Reading.objects.get(case=whole).category_id == leaf.pk


def test_what_was_dispatched_meanwhile_is_not_read(scene: Scene, leaf: Category) -> None:
    dispatched(scene, text=OIL)
    assert read() == 0


def test_pieces_of_the_sealed_address_are_not_kept(scene: Scene) -> None:
    make_case(scene, text="楼道灯不亮，很多天了", address="老山东里北社区12号楼1单元")
    read()
    row = Reading.objects.get()
    assert row.place_id is not None and row.words.get("place") == []


def test_erasing_a_case_erases_the_pieces_of_its_text(scene: Scene, leaf: Category) -> None:
    case = make_case(scene, text=OIL)
    read()
    case = actions.withdraw(case.pk, actor=scene.actor("operator"), at=now(), reason="不再要求")
    actions.erase(case.pk, actor=scene.actor("admin"), at=now(), ground="本人申请")
    assert Reading.objects.get(case=case).words == {}


def test_a_call_keeps_what_was_proposed_or_nothing_at_all(scene: Scene, leaf: Category) -> None:
    concern = Concern(kind="appeal", channel="phone", text=OIL, source="page:1", source_ref="k" * 32)
    found = proposing.proposals(OIL, now().date(), list)
    operator = scene.actor("operator")

    first = actions.receive_call(concern, GoOn(), found, actor=operator, at=now())
    again = actions.receive_call(concern, GoOn(), found, actor=operator, at=now())
    assert first.created and not again.created
    row = Reading.objects.get()
    assert (row.case_id, row.shown, row.category_id) == (first.case.pk, True, leaf.pk)
    doubtful = Proposal("category", found[0].options, "x", confidence=2.0)
    with pytest.raises(IntegrityError):
        other = replace(concern, source_ref="m" * 32)
        actions.receive_call(other, GoOn(), [doubtful], actor=operator, at=now())
    assert Case.objects.count() == 1


def test_an_offer_ends_when_the_case_says_so(scene: Scene, leaf: Category) -> None:
    case = make_case(scene, text="物业公司乱收物业费，楼下餐饮油烟也大，我要投诉，停水两天", place_id=None)
    read()
    fields = {one.field for one in readings.open_proposals(case).proposals}
    assert fields >= {"nature", "urgency", "is_property"}
    dispatcher = scene.actor("dispatcher")
    case = actions.reclassify(
        case.pk, actor=dispatcher, at=now(), nature="complaint", is_property=True, category_id=leaf.pk
    )
    case = actions.mark_urgent(case.pk, actor=dispatcher, at=now(), urgency="urgent", text="停水")
    assert (case.is_property, case.nature) == (True, "complaint")
    assert not {one.field for one in readings.open_proposals(case).proposals} & fields - {"category", "place"}


def test_how_sure_a_reading_was_is_kept_beside_it(scene: Scene, leaf: Category) -> None:
    version = relied_on(("is_property", "on", "", "", 90))
    case = make_case(scene, text="请问物业公司乱收物业费怎么办理，另外我要投诉")
    assert read() == 1
    row = Reading.objects.get(case=case)
    assert row.certainty_version == version
    assert row.certainty["is_property"] == {"share": 0.08, "prior": False, "way": ""}
    assert row.certainty["nature"] == {
        "share": 0.65, "prior": True, "way": "contested",
        "among": [["consult", None], ["complaint", None], ["help", None]],
    }  # fmt: skip
    offered = {one.field: one for one in readings.open_proposals(case).proposals}
    assert [one.value for one in offered["nature"].among] == ["consult", "complaint", "help"]
    assert not offered["nature"].sure and not offered["is_property"].sure
    Reading.objects.update(certainty={})  # read before confidences were kept
    assert all(
        one.sure for one in readings.open_proposals(case).proposals if one.field in {"nature", "is_property"}
    )


def test_damaged_bytes_leave_what_is_expected(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    relied_on(("is_property", "on", "", "", 90))
    TrainedModel.objects.update(content=b"jieban-model 1 0\nx")
    for _ in range(2):
        assert confidences.live_calibration() is PRIOR
    assert [record.levelname for record in caplog.records] == ["ERROR"] and "已损坏" in caplog.text


def test_danger_that_was_read_and_not_said_is_named(scene: Scene) -> None:
    fire, calm = make_case(scene, text="楼道里有燃气味，还冒烟"), make_case(scene, text="楼道灯不亮")
    said = make_case(scene, text="楼上冒烟，有人被困", urgency="life")
    read()
    assert readings.dangers([fire, calm, said]) == {fire.pk}


def test_acceptance_and_corrections_are_what_the_cases_say_now(scene: Scene, leaf: Category) -> None:
    other = Category.objects.create(
        code="C010102", name="露天烧烤", level=3, parent=scene.category, path="环境 / 大气 / 露天烧烤",
        valid_from=FROM,
    )  # fmt: skip
    at = now() - timedelta(days=10)
    at = now()
    cases = [make_case(scene, at=at, text=OIL, nature="complaint") for _ in range(4)]
    waiting = make_case(scene, at=at, text=OIL)
    assert readings.read_cases(Case.objects.all(), at) == 5
    dispatcher = scene.actor("dispatcher")
    for case, category in zip(cases, (leaf, leaf, leaf, other), strict=True):
        actions.reclassify(case.pk, actor=dispatcher, at=at, category_id=category.pk)
        actions.dispatch(case.pk, actor=dispatcher, at=at, lead_id=scene.unit("D1").pk)
    assert Case.objects.get(pk=waiting.pk).state == State.RECEIVED
    found = reading_quality.quality(now())
    share = found.whole.shares["category"]
    assert (share.proposed, share.accepted, share.corrected, share.rate) == (4, 3, 1, 0.75)
    assert found.whole.shares["nature"].rate == 1.0 and found.whole.shares["urgency"].rate is None
    assert found.confusion == {("环境", "环境"): 4}
    assert [(pair.proposed, pair.decided, pair.cases) for pair in found.pairs] == [(leaf.path, other.path, 1)]
    assert [group.cases for group in found.weeks] == [4]
    tree, words = sorted(group.name for group in found.versions)
    assert tree.startswith("tree-") and words == wordlist_version()
    actions.reclassify(cases[0].pk, actor=dispatcher, at=now(), category_id=other.pk)
    assert reading_quality.quality(now()).whole.shares["category"].accepted == 2


def test_a_choice_among_three_counts_where_one_of_them_was_right(scene: Scene, leaf: Category) -> None:
    case = dispatched(scene, at=now(), text=OIL, category_id=leaf.pk)
    row = Reading(
        case=case,
        at=now(),
        words_version="w",
        category=leaf,
        category_among=[1, leaf.pk],
        category_version="v",
    )
    row.save(force_insert=True)
    shares = reading_quality.quality(now()).whole.shares
    assert (shares["among"].proposed, shares["among"].accepted, shares["category"].proposed) == (1, 1, 0)


def test_what_was_set_without_a_proposal_is_missed(scene: Scene, leaf: Category) -> None:
    case = dispatched(scene, at=now(), text="说不清的事情一件", urgency="urgent", category_id=leaf.pk)
    Reading(case=case, at=now(), words_version="w").save(force_insert=True)
    shares = reading_quality.quality(now()).whole.shares
    assert (shares["urgency"].missed, shares["category"].missed, shares["sensitive"].missed) == (1, 1, 0)


def test_the_command_prints_the_figures(
    scene: Scene, leaf: Category, capsys: pytest.CaptureFixture[str]
) -> None:
    case = make_case(scene, at=now(), text=OIL, category_id=leaf.pk)
    read()
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=now(), lead_id=scene.unit("D1").pk)
    call_command("proposal_quality")
    assert "category：建议 1 件，采用 1 件，采用率 1.000" in capsys.readouterr().out
    call_command("proposal_quality", "--json")
    assert '"rate": 1.0' in capsys.readouterr().out
