"""What the cases of a hot topic have in common, for whoever makes a theme of it."""

from typing import Any

from jieban.cases.models import Case, HotTopic
from jieban.cases.topics import hot_topics
from jieban.cases.topics.topic_matter import TopicMatter, matter_of
from jieban.registry.models import Category, Place
from tests.cases.scene import AT, FROM, Scene, make_case
from tests.cases.topics.complaints import PLANT


def topic_of(scene: Scene, *values: dict[str, Any]) -> HotTopic:
    for number, (text, more) in enumerate(zip(PLANT, values, strict=False)):
        make_case(scene, text=text, phone=f"1000000{number:04}", **more)
    hot_topics.refresh(AT)
    return HotTopic.objects.get()


def test_category_and_community_are_those_of_most_cases(scene: Scene) -> None:
    community = Place.objects.get(level="community")
    own = {"category_id": scene.category.pk, "place_id": community.pk}
    other = Category.objects.create(code="C09", name="其他", level=1, path="其他", valid_from=FROM)
    topic = topic_of(scene, own, own, own)
    Case.objects.filter(pk=Case.objects.latest("pk").pk).update(category=other, community=None)
    assert matter_of(topic, scene.actor("analyst")) == TopicMatter(3, scene.category, community)


def test_where_communities_differ_the_street_is_common(scene: Scene) -> None:
    community = Place.objects.get(level="community")
    second = Place.objects.create(
        code="110107002004", level="community", name="老山西里社区", parent=community.parent, opened_on=FROM
    )
    topic = topic_of(scene, {"place_id": community.pk}, {"place_id": second.pk}, {}, {})
    assert matter_of(topic, scene.actor("leader")) == TopicMatter(4)
    Case.objects.filter(community=None).update(street=community.parent)
    assert matter_of(topic, scene.actor("leader")) == TopicMatter(4, None, community.parent)


def test_only_visible_cases_count(scene: Scene) -> None:
    topic = topic_of(scene, *[{"category_id": scene.category.pk}] * 3)
    Case.objects.update(sensitive=True)
    assert matter_of(topic, scene.actor("analyst")) == TopicMatter(0)


def test_the_key_of_a_topic_stays_and_a_merged_one_leads_on(scene: Scene) -> None:
    topic = topic_of(scene, *[{}] * 3)
    hot_topics.refresh(AT)
    assert hot_topics.get_topic(topic.pk, scene.actor("analyst")) == topic
