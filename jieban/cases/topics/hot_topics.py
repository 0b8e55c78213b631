"""Service for hot topics of the district's cases: daily clustering, corrections by an analyst, and queries.

A topic groups cases and changes none. Decisions of an analyst are final: the daily run adds cases to topics and
creates new ones, but moves no case between topics, merges no topics, and does not add a case again that was put out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext as _

from jieban.base.clock import SHANGHAI, local_date
from jieban.base.errors import Invalid, NotAllowed, NotFound
from jieban.base.text.cleaning import clean_line
from jieban.cases.access import rules
from jieban.cases.models import Case, HotTopic, HotTopicCase, HotTopicChange
from jieban.language.text.personal_data import mask_text
from jieban.language.topics import topic_finder as language
from jieban.language.topics.topic_messages import TopicMessage
from jieban.language.topics.topic_score import Heat
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Right, roles_with

WINDOW = timedelta(days=90)  # older cases do not count
MOST_CASES = 20_000  # the newest of the window that one run compares
FOUNDED_BY = 3  # cases from which a topic is created
WEEKS = 8
MOST_LISTED = 100
MOST_MEMBERS = 200
READER_ROLES = roles_with(Right.HOT_TOPICS)
EDITOR_ROLES = roles_with(Right.EDIT_HOT_TOPICS)
TopicChange = HotTopicChange.What


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """Result of a daily run: cases that joined a topic, and new topics."""

    joined: int
    founded: int


@dataclass(frozen=True, slots=True)
class TopicTrend:
    """Trend of a topic: its visible cases by week over the last WEEKS weeks, this week last."""

    topic: HotTopic
    weeks: Sequence[int]


def refresh(at: datetime) -> RefreshResult:
    """Daily run over the cases of the last 90 days; idempotent. Clustering is done before anything is locked."""
    messages = _messages(_in_window(at)[:MOST_CASES])
    known: dict[str, str] = {}
    barred: dict[str, set[str]] = defaultdict(set)
    for case_id, topic_id, out in HotTopicCase.objects.values_list("case_id", "topic_id", "out"):
        if out:
            barred[str(case_id)].add(str(topic_id))
        else:
            known[str(case_id)] = str(topic_id)
    return _save_topics(language.find(messages, known=known, barred=barred), at)


@transaction.atomic
def merge(topic_id: int, *, actor: Actor, at: datetime, into_id: int) -> HotTopic:
    """Merges the first topic into the other; its URL redirects there. Raises Invalid for itself."""
    _may_edit(actor)
    if topic_id == into_id:
        raise Invalid(_("不能并入自身，请选择另一个热点。"), fields={"into": _("请选择另一个热点。")})
    topics = _lock_topics([topic_id, into_id])
    gone, target = topics[topic_id], topics[into_id]
    there = gone.members.filter(case__in=target.members.values("case"))
    returning = list(there.filter(out=False).values_list("case_id", flat=True))
    there.delete()
    target.members.filter(case__in=returning).update(out=False, by_hand=True)
    gone.members.update(topic=target, by_hand=True)
    gone.merged_into = target
    gone.save(update_fields=["merged_into"])
    HotTopic.objects.filter(merged_into=gone).update(merged_into=target)
    _update_figures(target, at)
    _log_change(gone, TopicChange.MERGE, actor, at, _("并入“%s”") % target)
    _log_change(target, TopicChange.MERGE, actor, at, _("并入了“%s”") % gone)
    return target


@transaction.atomic
def split(
    topic_id: int, *, actor: Actor, at: datetime, numbers: Collection[str], place: str, subject: str
) -> HotTopic:
    """Splits the cases of these numbers off into a topic with this name. Raises Invalid."""
    _may_edit(actor)
    topic = _lock_topics([topic_id])[topic_id]
    members = _members_by_number(topic, numbers)
    if members.count() == topic.members.filter(out=False).count():
        raise Invalid(_("不能拆出全部诉求；只是名称不对时请改名。"), fields={"cases": _("请至少留下一件。")})
    name = _clean_name(place, subject)
    made = HotTopic.objects.create(**name, named_by_hand=True, founded_at=at, measured_at=at)
    count = members.update(topic=made, by_hand=True, at=at)
    for one in (topic, made):
        _update_figures(one, at)
    _log_change(
        topic,
        TopicChange.SPLIT,
        actor,
        at,
        _("拆出 %(count)d 件为“%(name)s”") % {"count": count, "name": made},
    )
    _log_change(made, TopicChange.SPLIT, actor, at, _("从“%s”拆出") % topic)
    return made


@transaction.atomic
def put_out(topic_id: int, *, actor: Actor, at: datetime, numbers: Collection[str]) -> HotTopic:
    """Removes the cases of these numbers from the topic for good. Raises Invalid."""
    _may_edit(actor)
    topic = _lock_topics([topic_id])[topic_id]
    count = _members_by_number(topic, numbers).update(out=True, by_hand=True, at=at)
    _update_figures(topic, at)
    _log_change(topic, TopicChange.PUT_OUT, actor, at, _("移出 %d 件") % count)
    return topic


@transaction.atomic
def rename(topic_id: int, *, actor: Actor, at: datetime, place: str, subject: str) -> HotTopic:
    """Renames a topic; the daily run keeps the name. Raises Invalid without a matter."""
    _may_edit(actor)
    topic, name = _lock_topics([topic_id])[topic_id], _clean_name(place, subject)
    before = str(topic)
    HotTopic.objects.filter(pk=topic.pk).update(**name, named_by_hand=True)
    topic.refresh_from_db()
    _log_change(topic, TopicChange.RENAME, actor, at, _("原名“%s”") % before)
    return topic


def hottest_topics(actor: Actor, at: datetime) -> list[TopicTrend]:
    """The hottest topics with a visible case in the last 90 days, hottest first; two queries."""
    _may_read(actor)
    topics = list(
        HotTopic.objects.filter(merged_into=None, heat__gt=0).order_by("-heat", "-pk")[:MOST_LISTED]
    )
    weeks = _weeks(topics, actor, at)
    return [TopicTrend(topic, weeks[topic.pk]) for topic in topics]


def get_topic(pk: int, actor: Actor) -> HotTopic:
    """The topic, or the one it was merged into. Raises NotFound."""
    _may_read(actor)
    topic = HotTopic.objects.select_related("merged_into").filter(pk=pk).first()
    if topic is None:
        raise NotFound(_("没有这个热点。"))
    return topic.merged_into or topic


def trend(topic: HotTopic, actor: Actor, at: datetime) -> Sequence[int]:
    """Trend of one topic, as in the list."""
    return _weeks([topic], actor, at)[topic.pk]


def cases_of(topic: HotTopic, actor: Actor) -> list[Case]:
    """The topic's visible cases, the newest MOST_MEMBERS, with subjects as in lists; one query."""
    rows = (
        _visible(actor)
        .filter(pk__in=topic.members.filter(out=False).values("case"))
        .select_related("lead", "community")
        .order_by(*rules.NEWEST_FIRST)
    )
    return [rules.with_masked_subject(case, actor) for case in rows[:MOST_MEMBERS]]


def changes_of(topic: HotTopic) -> list[HotTopicChange]:
    """Log of the topic's changes, the newest first."""
    return list(topic.changes.select_related("person", "post").order_by("-pk")[:MOST_LISTED])


def _visible(actor: Actor) -> QuerySet[Case]:
    """Visible cases without sensitive ones, for every reader: a case may become sensitive after it joined."""
    return rules.visible(Case.objects.filter(sensitive=False), actor)


def _in_window(at: datetime) -> QuerySet[Case]:
    """Cases of the window. Of a split case only the original counts; repeats count, as they are other people's."""
    return Case.objects.filter(
        received_at__gt=at - WINDOW, received_at__lte=at, sensitive=False, parent=None
    ).order_by(*rules.NEWEST_FIRST)


def _messages(cases: QuerySet[Case]) -> list[TopicMessage]:
    rows = cases.select_related("words", "community", "category").annotate(supported=Count("supports"))
    return [
        TopicMessage(
            key=str(case.pk),
            subject=case.subject,
            text=case.words.text,
            at=case.received_at,
            person=str(case.requester_id or "") or bytes(case.phone_index).hex(),
            likes=case.supported,
            place=case.community.name if case.community else "",
            kind=tuple(case.category.path.split(" / ")) if case.category else (),
        )
        for case in rows
        if case.words.erased_at is None
    ]


@transaction.atomic
def _save_topics(found: Sequence[language.Topic], at: datetime) -> RefreshResult:
    """Saves the clusters, except where an analyst has decided otherwise meanwhile."""
    live = {
        topic.pk: topic
        for topic in HotTopic.objects.select_for_update().filter(merged_into=None).order_by("pk")
    }
    taken = set(HotTopicCase.objects.filter(out=False).values_list("case_id", flat=True))
    barred = set(HotTopicCase.objects.filter(out=True).values_list("topic_id", "case_id"))
    joined = founded = 0
    warm: set[int] = set()
    for one in found:
        free = [int(message.key) for message in one.messages if int(message.key) not in taken]
        topic = live.get(int(one.label)) if one.label else None
        if topic is None:
            if one.label or len(free) < FOUNDED_BY:
                continue
            topic = _create_topic(one, at)
            founded += 1
        new = [case_id for case_id in free if (topic.pk, case_id) not in barred]
        for case_id in new:
            topic.members.create(case_id=case_id, at=at)
        joined += len(new)
        warm.add(topic.pk)
        _set_figures(topic, one.heat, one, at)
    HotTopic.objects.filter(pk__in=live.keys() - warm).update(heat=0, case_count=0, measured_at=at)
    return RefreshResult(joined, founded)


def _create_topic(one: language.Topic, at: datetime) -> HotTopic:
    topic = HotTopic.objects.create(subject=one.subject[:100], founded_at=at, measured_at=at)
    _log_change(topic, TopicChange.FOUND, None, at, _("%d 件诉求反映同一事项") % one.heat.messages)
    return topic


def _update_figures(topic: HotTopic, at: datetime) -> None:
    """Updates the figures after a manual change of the cases; the name stays until the next run."""
    members = topic.members.filter(out=False).values("case")
    messages = _messages(_in_window(at).filter(pk__in=members))
    _set_figures(topic, language.heat_of(messages), messages, at)


def _set_figures(
    topic: HotTopic, heat: Heat, found: language.Topic | Sequence[TopicMessage], at: datetime
) -> None:
    messages = found.messages if isinstance(found, language.Topic) else found
    days = sorted(local_date(message.at) for message in messages if message.at)
    topic.heat = heat.value if days else 0
    topic.case_count, topic.person_count = heat.messages, heat.persons
    topic.day_count, topic.supporter_count = heat.days, heat.supporters
    topic.last_on = days[-1] if days else topic.last_on
    topic.first_on = min(filter(None, [topic.first_on, *days[:1]]), default=None)
    topic.measured_at = at
    if isinstance(found, language.Topic) and not topic.named_by_hand:
        topic.place, topic.subject = (
            mask_text(found.place)[:60],
            mask_text(found.subject)[:100],
        )
    topic.save()


def _weeks(topics: Iterable[HotTopic], actor: Actor, at: datetime) -> dict[int, list[int]]:
    """Weekly counts per topic over the last WEEKS weeks, which begin on Monday; one query."""
    days = local_date(at)
    this_week = days - timedelta(days=days.weekday())
    counted = {topic.pk: [0] * WEEKS for topic in topics}
    rows = (
        HotTopicCase.objects.filter(topic__in=list(counted), out=False, case__in=_visible(actor))
        .filter(case__received_at__gt=at - timedelta(weeks=WEEKS))
        .annotate(week=TruncWeek("case__received_at", tzinfo=SHANGHAI))
        .values_list("topic_id", "week")
        .annotate(count=Count("pk"))
    )
    for topic_id, week, count in rows:
        ago = (this_week - week.date()).days // 7
        if 0 <= ago < WEEKS:
            counted[topic_id][WEEKS - 1 - ago] = count
    return counted


def _lock_topics(ids: Collection[int]) -> dict[int, HotTopic]:
    """Locks topics in the order of their ids. Raises NotFound when one does not exist or was merged."""
    rows = HotTopic.objects.select_for_update().filter(pk__in=ids, merged_into=None).order_by("pk")
    found = {topic.pk: topic for topic in rows}
    if len(found) < len(set(ids)):
        raise NotFound(_("没有这个热点，或已并入其他热点。请刷新后重试。"))
    return found


def _members_by_number(topic: HotTopic, numbers: Collection[str]) -> QuerySet[HotTopicCase]:
    members = topic.members.filter(out=False, case__number__in=numbers)
    if not numbers or members.count() < len(set(numbers)):
        raise Invalid(_("请选择本热点里的诉求。"), fields={"cases": _("请至少选择一件，且都属于本热点。")})
    return topic.members.filter(pk__in=list(members.values_list("pk", flat=True)))


def _clean_name(place: str, subject: str) -> dict[str, str]:
    place, subject = clean_line(place)[:60], clean_line(subject)[:100]
    if not subject:
        raise Invalid(_("请填写事项。"), fields={"subject": _("必填")})
    return {"place": mask_text(place), "subject": mask_text(subject)}


def _log_change(topic: HotTopic, what: str, actor: Actor | None, at: datetime, note: str) -> None:
    HotTopicChange.objects.create(
        topic=topic, what=what, at=at, note=note[:300],
        person_id=actor.person_id if actor else None, post_id=actor.post_id if actor else None,
    )  # fmt: skip


def _may_read(actor: Actor) -> None:
    if actor.role not in READER_ROLES:
        raise NotAllowed(_("您的岗位不查看热点。"))


def _may_edit(actor: Actor) -> None:
    if actor.role not in EDITOR_ROLES:
        raise NotAllowed(_("热点由分析员合并、拆分和改名。"))
