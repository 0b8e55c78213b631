"""Finder of hot topics: clusters messages by matter and place, names the clusters, and ranks them by heat."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jieban.base.clock import local_date
from jieban.language.topics.topic_grouping import cluster, merge_by_centres, similar_pairs
from jieban.language.topics.topic_messages import TopicMessage, sorted_by_number
from jieban.language.topics.topic_purity import split_impure
from jieban.language.topics.topic_score import Heat
from jieban.language.topics.topic_titles import name_topic
from jieban.language.topics.topic_vectors import MessageVectors, vectorize

FEWEST = 2  # messages that make a topic


@dataclass(frozen=True)
class Topic:
    """Topic: a cluster of messages. `rank` from 1, the hottest; `first_on` and `last_on` are the days of the
    first and the last message, None when no message has a time; `messages` by time, `label` of a known topic.
    """

    rank: int
    heat: Heat
    place: str
    subject: str
    first_on: date | None
    last_on: date | None
    messages: Sequence[TopicMessage]
    label: str = ""

    @property
    def name(self) -> str:
        """Name: place and matter as one phrase."""
        return f"{self.place}{self.subject}"


def find(
    messages: Collection[TopicMessage],
    *,
    known: Mapping[str, str] | None = None,
    barred: Mapping[str, set[str]] | None = None,
) -> list[Topic]:
    """Finds the topics of the messages, the hottest first; a message similar to no other belongs to no topic.

    `known` is the topic in which a message, by key, already is: it stays there, others may join it, and known topics
    are never merged. `barred`: the topics that a message must not join. The same messages in any order give the same
    topics.
    """
    ordered = sorted_by_number(messages)
    if not ordered:
        return []
    at = {message.key: place for place, message in enumerate(ordered)}
    found = vectorize(ordered)
    labels = {at[key]: label for key, label in (known or {}).items() if key in at}
    kept_out = {at[key]: set(topics) for key, topics in (barred or {}).items() if key in at}
    grown = cluster(similar_pairs(found), len(ordered), known=labels, barred=kept_out)
    groups = split_impure(merge_by_centres(grown, found, kept_out), found, labels)
    topics = [
        _topic(label, members, ordered, found) for label, members in groups if len(members) >= FEWEST or label
    ]
    return _ranked(topics)


def heat_of(messages: Sequence[TopicMessage]) -> Heat:
    """Heat of the messages together; an anonymous author counts as a person of their own."""
    nameless = sum(not message.person for message in messages)
    return Heat(
        messages=len(messages),
        persons=len({message.person for message in messages if message.person}) + nameless,
        days=len({local_date(message.at) for message in messages if message.at}),
        supporters=max(0, sum(message.likes - message.against for message in messages)),
    )


def _topic(
    label: str, members: Sequence[int], ordered: Sequence[TopicMessage], found: MessageVectors
) -> Topic:
    messages = [ordered[member] for member in members]
    name = name_topic(messages, [found.mentions[member] for member in members], _centrality(members, found))
    days = sorted(local_date(message.at) for message in messages if message.at)
    return Topic(
        rank=0,
        heat=heat_of(messages),
        place=name.place,
        subject=name.subject,
        first_on=days[0] if days else None,
        last_on=days[-1] if days else None,
        messages=sorted(
            messages, key=lambda message: (message.at is None, message.at and message.at.timestamp())
        ),
        label=label,
    )


def _centrality(members: Sequence[int], found: MessageVectors) -> list[float]:
    """Similarity of each member to the centre of the cluster, by subject and by matter, 0.01 to 1."""
    near = np.full(len(members), 0.01)
    for matrix in (found.whole[0], found.matter[1]):
        rows = matrix[np.array(members)]
        centre = np.asarray(rows.sum(axis=0)).ravel() / len(members)
        near += 0.495 * np.asarray(rows @ centre).ravel()
    return [round(float(value), 6) for value in near]


def _ranked(topics: Sequence[Topic]) -> list[Topic]:
    hottest = sorted(
        topics,
        key=lambda topic: (-topic.heat.value, -len(topic.messages), topic.label, topic.messages[0].key),
    )
    return [Topic(**{**vars(topic), "rank": rank}) for rank, topic in enumerate(hottest, start=1)]
