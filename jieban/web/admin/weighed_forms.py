"""Form handling of the administrator's pages: a form with a reason, tried once, with a preview where it matters."""

import hashlib
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.clock import now
from jieban.base.errors import Invalid, WrongState
from jieban.registry.changing.config_changes import LONGEST_REASON, ChangeContext
from jieban.registry.identity.posts import Actor
from jieban.web.page.access import ActorRequest
from jieban.web.page.forms import PageForm
from jieban.web.page.tables import Effect

HIDDEN_FIELDS = ("reason", "seen", "weighed")


class ReasonForm(PageForm):
    """Base form of a configuration change: its reason, and the fingerprint of what the page showed."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("理由和修改前后的内容一并记录在案，审计员可以查到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    weighed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name not in HIDDEN_FIELDS])

    def wanted(self) -> dict[str, Any]:
        """The arguments of the change."""
        return {name: value for name, value in self.cleaned_data.items() if name not in HIDDEN_FIELDS}

    def step(self, actor: Actor) -> ChangeContext:
        return ChangeContext(actor, now(), self.cleaned_data["reason"], self.cleaned_data["seen"])

    def fingerprint(self) -> str:
        """Fingerprint of the fields that were previewed; it differs when a field was changed since."""
        return hashlib.sha256(
            repr(sorted(self.wanted().items(), key=lambda item: item[0])).encode()
        ).hexdigest()[:32]

    def was_previewed(self) -> bool:
        return bool(self.cleaned_data.get("weighed") == self.fingerprint())


def set_hidden_values(form: ReasonForm, **values: str) -> None:
    """Sets hidden values that are sent with the form when it is shown again."""
    sent = QueryDict(mutable=True)
    sent.update(form.data)
    for name, value in values.items():
        sent[name] = value
        if form.is_bound and hasattr(form, "cleaned_data"):
            form.cleaned_data[name] = value
    form.data = sent


def try_change(form: ReasonForm, actor: Actor, do: Callable[..., Any]) -> tuple[int, Any]:
    """Tries the change once. Returns the HTTP status of errors, 0 without errors, and the function's result."""
    if not form.is_valid():
        return Invalid.status, None
    try:
        return 0, do(step=form.step(actor), **form.wanted())
    except (Invalid, WrongState) as refused:
        form.refuse(refused.fields, refused.message)
        return refused.status, None


def weighed(form: ReasonForm, actor: Actor, weigh: Callable[..., Effect]) -> tuple[int, Effect | None]:
    """Computes the effect of the change. Returns the HTTP status of errors, 0 without errors, and the effect."""
    status, effect = try_change(form, actor, weigh)
    if not status:
        set_hidden_values(form, weighed=form.fingerprint())
    return status, effect


def form_page(request: HttpRequest, form: ReasonForm, status: int, **context: Any) -> HttpResponse:
    """Renders the page of one form."""
    context.setdefault("button", _("保存"))
    return render(
        request, "admin/admin_form.html", {"form": form, "now": now(), **context}, status=status or 200
    )


def change_page(
    request: ActorRequest,
    form: ReasonForm,
    do: Callable[..., Any],
    *,
    back: str,
    done: Callable[[Any], str] | str,
    **context: Any,
) -> HttpResponse:
    """Page of a form without preview: shown, shown with errors, or performed and redirected to `back`."""
    if request.method != "POST":
        return form_page(request, form, 0, back=back, **context)
    status, result = try_change(form, request.actor, do)
    if status:
        return form_page(request, form, status, back=back, **context)
    messages.success(request, done if isinstance(done, str) else done(result))
    return redirect(back)


def preview_and_change_page(
    request: ActorRequest,
    form: ReasonForm,
    weigh: Callable[..., Effect],
    do: Callable[..., Any],
    *,
    back: str,
    done: str,
    **context: Any,
) -> HttpResponse:
    """Page of a form with preview: the first press shows the effect, the second saves what the first one showed."""
    if request.method == "POST" and form.is_valid() and form.was_previewed():
        return change_page(request, form, do, back=back, done=done, button=_("保存"), **context)
    if request.method != "POST":
        return form_page(request, form, 0, back=back, button=_("查看影响"), **context)
    status, effect = weighed(form, request.actor, weigh)
    button = _("查看影响") if status else _("确认保存")
    return form_page(request, form, status, back=back, button=button, effect=effect, **context)
