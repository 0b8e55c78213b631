"""Form of a new case."""

import dataclasses
import secrets
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from jieban.base.clock import local_date
from jieban.cases.actions import Concern
from jieban.cases.flow.states import CaseKind, Channel, Nature, Urgency
from jieban.cases.flow.transitions import RECEIVERS
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES
from jieban.web.page import choices
from jieban.web.page.choices import EMPTY_OPTION
from jieban.web.page.fields import radio_field, select_field, text_field
from jieban.web.page.forms import FilesField, PageForm

# Fields that a requester does not decide.
DESK_FIELDS = ("kind", "category", "urgency", "sensitive")


def new_key() -> str:
    """Idempotency key of a page, so that pressing twice makes one case."""
    return secrets.token_urlsafe(24)


class NewCaseForm(PageForm):
    """Form of a new case, for operators, requesters and patrols."""

    kind = radio_field(gettext_lazy("类型"), CaseKind.choices, initial=CaseKind.APPEAL)
    text = text_field(
        gettext_lazy("内容"),
        rows=6,
        help_text=gettext_lazy("写清什么时间、什么地点、发生了什么、希望怎样。"),
    )
    subject = forms.CharField(
        label=gettext_lazy("主题"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("一句话说明，不填则取内容的开头。"),
    )
    address = forms.CharField(
        label=gettext_lazy("详细地址"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("小区、楼号、路口等，加密保存。"),
    )
    place = select_field(gettext_lazy("所在街道、社区"), required=False)
    nature = radio_field(gettext_lazy("性质"), Nature.choices, initial=Nature.HELP)
    category = select_field(gettext_lazy("分类"), required=False)
    urgency = radio_field(gettext_lazy("紧急程度"), Urgency.choices, initial=Urgency.NORMAL)
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60, required=False)
    phone = forms.CharField(
        label=gettext_lazy("电话"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    hidden = forms.BooleanField(label=gettext_lazy("不向承办单位公开身份"), required=False)
    sensitive = forms.BooleanField(label=gettext_lazy("敏感，控制知悉范围"), required=False)
    papers = FilesField(label=gettext_lazy("照片或文件"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [c for c in CaseKind.choices if actor.role in RECEIVERS[CaseKind(c[0])]]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if kinds:
            self.fields["kind"].initial = kinds[0][0]
        self.order_fields(("kind", "text", "papers"))
        self.offer_places(local_date(at))
        self.fields["category"].choices = [EMPTY_OPTION, *choices.categories(local_date(at))]  # type: ignore[attr-defined]
        for name in DESK_FIELDS if actor.role in REQUESTER_ROLES else ():
            del self.fields[name]
        if len(kinds) == 1 and "kind" in self.fields:
            del self.fields["kind"]

    def offer_places(self, on: date) -> None:
        """Fills in the options of the place field."""
        self.fields["place"].choices = [EMPTY_OPTION, *choices.places(on)]  # type: ignore[attr-defined]

    def concern(self, actor: Actor) -> Concern:
        """The concern as entered, with the values that follow from the post."""
        known = {part.name for part in dataclasses.fields(Concern)}
        sent = {name: value for name, value in self.cleaned_data.items() if name in known}
        place, category = self.cleaned_data["place"], self.cleaned_data.get("category", "")
        kind = sent.pop("kind", "") or next(k for k, roles in RECEIVERS.items() if actor.role in roles)
        return Concern(
            kind=kind,
            channel=Channel(actor.profile.channel),
            place_id=int(place) if place else None,
            category_id=int(category) if category else None,
            source=f"page:{actor.person_id}",
            source_ref=self.cleaned_data["key"],
            **sent,
        )
