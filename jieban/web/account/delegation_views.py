"""Delegation, 代理: somebody else acts in one's post for some days; it can be revoked."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from jieban.base.clock import local_date, now
from jieban.base.errors import Refused
from jieban.registry.identity import delegations
from jieban.registry.models import Delegation, Person, Post
from jieban.web.page.access import signed_in
from jieban.web.page.forms import PageForm
from jieban.web.shell import assurance


class DelegationForm(PageForm):
    """Form of a delegation: which post, to whom, for which days, why."""

    post = forms.ChoiceField(label=_("委托的岗位"))
    person = forms.CharField(
        label=_("受托人的用户名"),
        max_length=60,
        help_text=_("须是本单位、上级或下级单位的在任人员。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    first = forms.DateField(label=_("开始日期"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label=_("结束日期（含当日）"),
        help_text=_("最多 90 天。"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(label=_("事由"), max_length=delegations.LONGEST_REASON)

    def __init__(self, own_posts: list[Post], *args: Any) -> None:
        super().__init__(*args)
        field = self.fields["post"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(post.pk, f"{post.unit} · {post.name}") for post in own_posts]


@signed_in
@require_http_methods(["GET", "POST"])
def delegation_list(request: HttpRequest) -> HttpResponse:
    """View of the delegations given and received, and the form for a new one."""
    person = assurance.person_of(request)
    own_posts = delegations.own_posts(person, now())
    form = DelegationForm(own_posts, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _save(person, form):
        messages.success(request, gettext("已委托。受托人下次选择岗位时可以看到。"))
        return redirect("delegations")
    context = {
        "form": form,
        "held": own_posts,
        "given": [(row, state_of(row)) for row in delegations.given_by(person)],
        "taken": delegations.given_to(person, now()),
    }
    return render(request, "account/delegations.html", context)


def _save(person: Person, form: DelegationForm) -> bool:
    sent = form.cleaned_data
    try:
        delegations.give(
            person, int(sent["post"]), sent["person"],
            first=sent["first"], last=sent["last"], reason=sent["reason"], at=now(),
        )  # fmt: skip
    except Refused as refused:
        form.refuse(refused.fields, refused.message)
        return False
    return True


@signed_in
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Action view: whoever gave a delegation revokes it, at once."""
    delegations.revoke(assurance.person_of(request), pk, now())
    messages.success(request, gettext("已收回委托，立即生效。"))
    return redirect("delegations")


def state_of(row: Delegation) -> str:
    """State of a delegation: open, later, revoked or ended."""
    today = local_date(now())
    if row.revoked_at:
        return "revoked"
    if row.valid_to is not None and row.valid_to <= today:
        return "ended"
    return "later" if row.valid_from > today else "open"
