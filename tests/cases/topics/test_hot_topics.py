"""Hot topics in the product: a daily run that respects what an analyst decided."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from jieban.base.errors import Invalid, NotAllowed, NotFound
from jieban.cases.models import Case, HotTopic, HotTopicCase, HotTopicChange
from jieban.cases.topics import hot_topics
from jieban.cases.topics.hot_topics import WINDOW
from tests.cases.scene import AT, Scene, make_case
from tests.cases.topics.complaints import PARKING, PLANT

DAY = timedelta(days=1)


def told(scene: Scene, *texts: str, at: datetime = AT, **values: object) -> list[Case]:
    """Cases with these texts, a day apart, each by somebody else."""
    return [
        make_case(scene, at=at + number * DAY, text=text, phone=f"1000000{number:04}", **values)
        for number, text in enumerate(texts)
    ]


def members(topic: HotTopic) -> set[int]:
    return set(topic.members.filter(out=False).values_list("case_id", flat=True))


def pks(cases: list[Case]) -> set[int]:
    return {case.pk for case in cases}


@pytest.fixture
def two(scene: Scene) -> tuple[HotTopic, HotTopic]:
    """The topics of the plant and of the parking spaces, found by a run."""
    told(scene, *PLANT[:3])
    told(scene, *PARKING)
    hot_topics.refresh(AT + 5 * DAY)
    plant, parking = (HotTopic.objects.get(place__contains=name) for name in ("翠湖新城", "云栖苑"))
    return plant, parking


def test_a_run_finds_topics_with_figures_and_name(scene: Scene) -> None:
    plant, parking = told(scene, *PLANT), told(scene, *PARKING)
    told(scene, "老山东里北楼道灯坏了三天。")
    assert hot_topics.refresh(AT + 5 * DAY) == hot_topics.RefreshResult(joined=7, founded=2)
    first, second = HotTopic.objects.order_by("-heat")
    assert (members(first), members(second)) == (pks(plant), pks(parking))
    assert first.place.startswith("翠湖新城") and "搅拌" in str(first)
    assert (first.case_count, first.person_count, first.day_count) == (4, 4, 4)
    assert (first.first_on, first.last_on) == (AT.date(), (AT + 3 * DAY).date())


def test_a_second_run_changes_nothing_and_a_new_case_joins(
    scene: Scene, two: tuple[HotTopic, HotTopic]
) -> None:
    assert hot_topics.refresh(AT + 5 * DAY) == hot_topics.RefreshResult(0, 0)
    (new,) = told(scene, PLANT[3], at=AT + 6 * DAY)
    assert hot_topics.refresh(AT + 7 * DAY) == hot_topics.RefreshResult(joined=1, founded=0)
    assert new.pk in members(two[0])
    assert HotTopic.objects.get(pk=two[0].pk).case_count == 4


def test_sensitive_cases_and_parts_of_a_split_case_belong_to_no_topic(scene: Scene) -> None:
    told(scene, *PLANT[:2])
    told(scene, PLANT[2], sensitive=True)
    assert hot_topics.refresh(AT + 5 * DAY) == hot_topics.RefreshResult(0, 0)


def test_a_topic_without_new_cases_grows_cold_and_keeps_its_cases(two: tuple[HotTopic, HotTopic]) -> None:
    hot_topics.refresh(AT + WINDOW + 5 * DAY)
    plant = HotTopic.objects.get(pk=two[0].pk)
    assert (plant.heat, plant.case_count, len(members(plant))) == (0, 0, 3)


def test_merged_topics_stay_one_after_the_next_run(scene: Scene, two: tuple[HotTopic, HotTopic]) -> None:
    plant, parking = two
    kept = hot_topics.merge(plant.pk, actor=scene.actor("analyst"), at=AT + 6 * DAY, into_id=parking.pk)
    assert (kept.pk, kept.case_count) == (parking.pk, 6)
    (new,) = told(scene, PLANT[3], at=AT + 6 * DAY)
    hot_topics.refresh(AT + 7 * DAY)
    assert new.pk in members(parking) and len(members(parking)) == 7
    assert hot_topics.get_topic(plant.pk, scene.actor("leader")).pk == parking.pk


def test_a_split_topic_stays_split_after_the_next_run(scene: Scene, two: tuple[HotTopic, HotTopic]) -> None:
    plant = two[0]
    chosen = Case.objects.filter(pk__in=members(plant)).order_by("pk").first()
    assert chosen is not None
    made = hot_topics.split(
        plant.pk,
        actor=scene.actor("analyst"),
        at=AT,
        numbers=[chosen.number],
        place="翠湖新城",
        subject="夜间生产",
    )
    assert hot_topics.refresh(AT + 7 * DAY) == hot_topics.RefreshResult(0, 0)
    assert (members(made), len(members(plant))) == ({chosen.pk}, 2)
    assert str(HotTopic.objects.get(pk=made.pk)) == "翠湖新城夜间生产"


def test_a_case_put_out_does_not_come_back_not_even_by_a_merge(
    scene: Scene, two: tuple[HotTopic, HotTopic]
) -> None:
    (plant, parking), analyst = two, scene.actor("analyst")
    out = Case.objects.filter(pk__in=members(plant)).order_by("pk")[0]
    hot_topics.put_out(plant.pk, actor=analyst, at=AT, numbers=[out.number])
    hot_topics.refresh(AT + 7 * DAY)
    assert out.pk not in members(plant)
    hot_topics.merge(plant.pk, actor=analyst, at=AT, into_id=parking.pk)
    hot_topics.refresh(AT + 8 * DAY)
    assert out.pk not in members(parking)


def test_a_name_given_by_hand_stays(scene: Scene, two: tuple[HotTopic, HotTopic]) -> None:
    hot_topics.rename(
        two[0].pk, actor=scene.actor("analyst"), at=AT, place="翠湖新城", subject=" 搅拌站扰民 10001234567 "
    )
    told(scene, PLANT[3], at=AT + 6 * DAY)
    hot_topics.refresh(AT + 7 * DAY)
    assert str(HotTopic.objects.get(pk=two[0].pk)) == "翠湖新城搅拌站扰民 100****67"


@pytest.mark.parametrize(
    ("numbers", "subject", "fields"),
    [
        ([], "事项", {"cases"}),
        (["SJ20260302-00001-0"], "事项", {"cases"}),
        (None, "事项", {"cases"}),
        (1, " ", {"subject"}),
    ],
)
def test_what_a_split_lacks_is_told(
    scene: Scene,
    two: tuple[HotTopic, HotTopic],
    numbers: list[str] | int | None,
    subject: str,
    fields: set[str],
) -> None:
    own = list(Case.objects.filter(pk__in=members(two[0])).values_list("number", flat=True))
    chosen = own[:numbers] if isinstance(numbers, int) else own if numbers is None else numbers
    with pytest.raises(Invalid) as refused:
        hot_topics.split(
            two[0].pk, actor=scene.actor("analyst"), at=AT, numbers=chosen, place="", subject=subject
        )
    assert refused.value.fields.keys() == fields
    assert len(members(two[0])) == 3


def test_a_topic_is_not_merged_into_itself_nor_twice(scene: Scene, two: tuple[HotTopic, HotTopic]) -> None:
    (plant, parking), analyst = two, scene.actor("analyst")
    with pytest.raises(Invalid):
        hot_topics.merge(plant.pk, actor=analyst, at=AT, into_id=plant.pk)
    hot_topics.merge(plant.pk, actor=analyst, at=AT, into_id=parking.pk)
    with pytest.raises(NotFound):
        hot_topics.merge(plant.pk, actor=analyst, at=AT, into_id=parking.pk)


def test_only_an_analyst_corrects_and_only_analyst_and_leader_read(
    scene: Scene, two: tuple[HotTopic, HotTopic]
) -> None:
    pk = two[0].pk
    for actor in scene.anybody:
        if actor.role != "analyst":
            with pytest.raises(NotAllowed):
                hot_topics.rename(pk, actor=actor, at=AT, place="", subject="事项")
            with pytest.raises(NotAllowed):
                hot_topics.merge(pk, actor=actor, at=AT, into_id=two[1].pk)
            with pytest.raises(NotAllowed):
                hot_topics.put_out(pk, actor=actor, at=AT, numbers=["1"])
            with pytest.raises(NotAllowed):
                hot_topics.split(pk, actor=actor, at=AT, numbers=["1"], place="", subject="事项")
        if actor.role not in {"analyst", "leader"}:
            with pytest.raises(NotAllowed):
                hot_topics.hottest_topics(actor, AT)
            with pytest.raises(NotAllowed):
                hot_topics.get_topic(pk, actor)


def test_a_case_that_became_sensitive_is_shown_in_no_topic(
    scene: Scene, two: tuple[HotTopic, HotTopic]
) -> None:
    case = Case.objects.filter(pk__in=members(two[0])).order_by("pk")[0]
    Case.objects.filter(pk=case.pk).update(sensitive=True)
    for name in ("analyst", "leader"):
        assert case.pk not in pks(hot_topics.cases_of(two[0], scene.actor(name)))
        assert sum(hot_topics.trend(two[0], scene.actor(name), AT + 5 * DAY)) == 2


def test_the_list_takes_two_queries_and_tells_weeks(scene: Scene, two: tuple[HotTopic, HotTopic]) -> None:
    told(scene, PLANT[3], at=AT + 7 * DAY)
    hot_topics.refresh(AT + 8 * DAY)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = hot_topics.hottest_topics(scene.actor("leader"), AT + 8 * DAY)
    assert len(queries) == 2
    assert [trend.topic for trend in found] == list(two)
    assert [list(trend.weeks) for trend in found] == [[0] * 6 + [3, 1], [0] * 6 + [3, 0]]


def test_every_change_is_written_down_and_stays(scene: Scene, two: tuple[HotTopic, HotTopic]) -> None:
    analyst = scene.actor("analyst")
    hot_topics.rename(two[0].pk, actor=analyst, at=AT, place="", subject="事项")
    newest, first = hot_topics.changes_of(two[0])
    assert (newest.what, newest.person_id, newest.post_id) == ("rename", analyst.person_id, analyst.post_id)
    assert (first.what, first.person) == ("found", None)
    with pytest.raises(DatabaseError), transaction.atomic():
        HotTopicChange.objects.filter(pk=newest.pk).update(note="")


def test_a_case_is_in_one_topic_only(two: tuple[HotTopic, HotTopic]) -> None:
    case_id = min(members(two[0]))
    with pytest.raises(DatabaseError), transaction.atomic():
        HotTopicCase.objects.create(topic=two[1], case_id=case_id, at=AT)
