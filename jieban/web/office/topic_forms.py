"""Forms for correcting hot topics; each knows which function of `hot_topics` it calls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieban.base.errors import Invalid
from jieban.cases.models import Case, HotTopic
from jieban.cases.topics import hot_topics
from jieban.registry.identity.posts import Actor
from jieban.web.page.forms import PageForm


class TopicForm(PageForm):
    """Base form of a change to a topic."""

    def do(self, topic: HotTopic, actor: Actor, at: datetime) -> HotTopic:
        """Performs the change. Returns the topic to show next."""
        raise NotImplementedError


class MergeTopicForm(TopicForm):
    """Form for merging a topic into another."""

    into = forms.ChoiceField(label=_("并入"))

    def __init__(self, *args: Any, others: Sequence[HotTopic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = [("", _("请选择")), *((str(one.pk), str(one)) for one in others)]  # type: ignore[attr-defined]

    def do(self, topic: HotTopic, actor: Actor, at: datetime) -> HotTopic:
        return hot_topics.merge(topic.pk, actor=actor, at=at, into_id=int(self.cleaned_data["into"]))


class _CasesForm(TopicForm):
    cases = forms.MultipleChoiceField(label=_("诉求"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, cases: Sequence[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].choices = [(case.number, f"{case.number} {case.subject}") for case in cases]  # type: ignore[attr-defined]


class SplitTopicForm(_CasesForm):
    """Form for splitting a topic: which cases move, and the name of the new topic."""

    place = forms.CharField(label=_("新热点的地点"), max_length=60, required=False)
    subject = forms.CharField(label=_("新热点的事项"), max_length=100)

    def do(self, topic: HotTopic, actor: Actor, at: datetime) -> HotTopic:
        sent = self.cleaned_data
        return hot_topics.split(
            topic.pk, actor=actor, at=at, numbers=sent["cases"], place=sent["place"], subject=sent["subject"]
        )


class PutOutForm(_CasesForm):
    """Form for removing cases from a topic."""

    def do(self, topic: HotTopic, actor: Actor, at: datetime) -> HotTopic:
        return hot_topics.put_out(topic.pk, actor=actor, at=at, numbers=self.cleaned_data["cases"])


class RenameTopicForm(TopicForm):
    """Form for a topic's name and street."""

    place = forms.CharField(label=_("地点"), max_length=60, required=False)
    subject = forms.CharField(label=_("事项"), max_length=100)

    def do(self, topic: HotTopic, actor: Actor, at: datetime) -> HotTopic:
        return hot_topics.rename(topic.pk, actor=actor, at=at, **self.cleaned_data)


def try_change(form: TopicForm, topic: HotTopic, actor: Actor, at: datetime) -> tuple[int, HotTopic | None]:
    """Performs the form's change. Returns the HTTP status of errors, 0 without errors, and the topic to show next."""
    if not form.is_bound:
        return 200, None
    if not form.is_valid():
        return Invalid.status, None
    try:
        return 200, form.do(topic, actor, at)
    except Invalid as refused:
        form.refuse(refused.fields, refused.message)
        return refused.status, None
