"""A concern comes in by a page: what was said first, everything else beside it."""

import secrets
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.errors import Missing, NotAllowed
from jieban.cases import actions, drafts
from jieban.cases.actions import Concern
from jieban.cases.flow import RECEIVERS, Channel, Kind, Nature, Urgency
from jieban.cases.rules import REQUESTERS
from jieban.registry.models import Role
from jieban.registry.posts import Actor
from jieban.web import calls, choices, duty
from jieban.web.act_forms import listed, one_of, text
from jieban.web.choices import NOBODY
from jieban.web.forms import PageForm
from jieban.web.queue import may_receive

# By which channel a post brings in what it writes here.
CHANNELS = {Role.OPERATOR: Channel.PHONE, Role.RESIDENT: Channel.WEB, Role.ENTERPRISE: Channel.WEB}
# What a requester does not decide.
DESK = ("kind", "category", "urgency", "sensitive")


# In the order of a call: who is there, what happened, where, what it is about.
ON_THE_LINE = (
    "phone", "name", "text", "place", "address", "category", "urgency", "nature", "kind", "subject", "hidden",
    "sensitive", "key",
)  # fmt: skip


class NewCase(PageForm):
    """What an operator takes down, or a requester or patrol writes."""

    kind = one_of(gettext_lazy("类型"), Kind.choices, initial=Kind.APPEAL)
    text = text(
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
    place = listed(gettext_lazy("所在街道、社区"), required=False)
    nature = one_of(gettext_lazy("性质"), Nature.choices, initial=Nature.HELP)
    category = listed(gettext_lazy("分类"), required=False)
    urgency = one_of(gettext_lazy("紧急程度"), Urgency.choices, initial=Urgency.NORMAL)
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60, required=False)
    phone = forms.CharField(
        label=gettext_lazy("电话"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    hidden = forms.BooleanField(label=gettext_lazy("不向承办单位公开身份"), required=False)
    sensitive = forms.BooleanField(label=gettext_lazy("敏感，控制知悉范围"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [c for c in Kind.choices if actor.role in RECEIVERS[Kind(c[0])]]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if kinds:
            self.fields["kind"].initial = kinds[0][0]
        self.fields["place"].choices = [NOBODY, *choices.places(local_date(at))]  # type: ignore[attr-defined]
        self.fields["category"].choices = [NOBODY, *choices.categories()]  # type: ignore[attr-defined]
        for name in DESK if actor.role in REQUESTERS else ():
            del self.fields[name]
        if len(kinds) == 1 and "kind" in self.fields:
            del self.fields["kind"]
        if actor.role == Role.OPERATOR:
            self.order_fields(ON_THE_LINE)

    def concern(self, actor: Actor) -> Concern:
        """What was filled in, with what the post implies."""
        sent = dict(self.cleaned_data)
        place, category = sent.pop("place"), sent.pop("category", "")
        kind = sent.pop("kind", "") or next(k for k, roles in RECEIVERS.items() if actor.role in roles)
        return Concern(
            kind=kind,
            channel=CHANNELS.get(actor.role, Channel.PATROL),
            place_id=int(place) if place else None,
            category_id=int(category) if category else None,
            source=f"page:{actor.person_id}",
            source_ref=sent.pop("key"),
            **sent,
        )


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The page on which a concern is taken down; sent twice it is one case."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    if not may_receive(actor):
        raise NotAllowed(_("您的岗位不能登记诉求。"))
    if request.method == "GET":
        kept = drafts.newest(actor.person_id, at) if actor.role == Role.OPERATOR else None
        initial = {"key": _key()} | (kept[0] if kept else {})
        return _page(request, NewCase(actor=actor, at=at, initial=initial), 200, kept[1] if kept else None)
    form = NewCase(request.POST, actor=actor, at=at)
    if not form.is_valid():
        return _page(request, form, Missing.status)
    try:
        received = actions.receive(form.concern(actor), actor=actor, at=at)
    except Missing as refused:
        form.refuse(refused.fields, refused.message)
        return _page(request, form, refused.status)
    drafts.drop(actor.person_id, form.cleaned_data["key"])
    messages.success(request, _("已受理，单号 %s。") % received.case.number)
    return redirect("case", received.case.number)


def _key() -> str:
    """What tells this page from every other, so that pressing twice makes one case."""
    return secrets.token_urlsafe(24)


def _page(request: HttpRequest, form: NewCase, status: int, kept_at: datetime | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    at_desk = actor.role == Role.OPERATOR
    context = {
        "title": _("登记诉求"),
        "form": form,
        "full_fields": ["text", "subject", "nature"]
        if at_desk
        else ["kind", "text", "subject", "nature", "urgency"],
        "button": _("受理"),
        "at_desk": at_desk,
        "kept_at": kept_at,
        "now": now(),
    }
    if at_desk:
        fields = {name: str(form[name].value() or "") for name in form.fields}
        context |= calls.context(fields, actor, now()) | {"duty": duty.on_desk(actor, now())}
    return render(request, "web/call.html" if at_desk else "web/case_new.html", context, status=status)
