"""Account security, 账号安全: password, second factors and sessions, and their changes."""

import base64
from io import BytesIO
from typing import Any

import qrcode
from django import forms
from django.contrib import messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base.clock import now
from jieban.base.errors import Refused
from jieban.registry.identity import attempts, passwords, second_factors, sessions
from jieban.registry.models import Person
from jieban.web.account import signin_limits
from jieban.web.account.signin_views import next_page
from jieban.web.page.access import first_step, signed_in
from jieban.web.page.forms import PageForm
from jieban.web.shell import assurance

TOTP_SESSION_KEY = "totp-secret"  # session key of a TOTP secret, until its first code was right


def _password_field(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1000, widget=widget, help_text=help_text)


class ConfirmForm(PageForm):
    """Form that asks for the password again."""

    password = _password_field(_("密码"), "current-password")


class PasswordForm(PageForm):
    """Form for the old password, and the new one twice."""

    old = _password_field(_("现在的密码"), "current-password")
    new = _password_field(
        _("新密码"), "new-password", _("至少 10 个字符，不能全是数字，不要用姓名或用户名。")
    )
    again = _password_field(_("再输一次新密码"), "new-password")

    def __init__(self, person: Person, *args: Any) -> None:
        super().__init__(*args)
        self.person = person

    def clean(self) -> dict[str, Any]:
        """Checks that both new passwords are the same, and strong enough."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", gettext("两次输入的新密码不一样，请重新输入。"))
        elif data.get("new") and data["new"] == data.get("old"):
            self.add_error("new", gettext("新密码与现在的一样，请另想一个。"))
        elif data.get("new"):
            try:
                password_validation.validate_password(data["new"], self.person)
            except forms.ValidationError as weak:
                self.add_error("new", weak)
        return data


class TotpForm(PageForm):
    """Form for the first TOTP code."""

    code = forms.CharField(
        label=_("验证器显示的 6 位动态码"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@signed_in
@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """View of the account: its factors and its sessions."""
    person, at = assurance.person_of(request), now()
    factors = second_factors.of_person(person)
    context = {
        "person": person,
        "factors": factors,
        "kinds": {factor.type for factor in factors},
        "codes_left": second_factors.recovery_codes_left(factors),
        "required": assurance.needs_second_factor(person, at),
        "sessions": [
            (session, sessions.last_used_at(session), session.session_key == request.session.session_key)
            for session in sessions.of_person(person, at)
        ],
    }
    return render(request, "account/account.html", context)


@first_step
@never_cache
@require_GET
@assurance.proved
def set_up(request: HttpRequest) -> HttpResponse:
    """View: the choice of a first second factor; an account that has one is shown instead."""
    if second_factors.has_any(assurance.person_of(request)):
        return redirect("account")
    return render(request, "account/set_up.html", {"required": not assurance.is_assured(request)})


@first_step
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """View: asks for the password again before a change of the account."""
    person = assurance.person_of(request)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _is_password(request, person, form.cleaned_data["password"]):
            assurance.mark_password_confirmed(request)
            return redirect(next_page(request, "/account/"))
        form.add_error("password", gettext("密码不对，请重新输入。"))
    title = gettext("请再输入一次密码")
    lead = gettext("修改账号安全设置前，须确认是您本人。没有密码的账号请退出后重新登录。")
    context = {
        "form": form,
        "title": title,
        "lead": lead,
        "button": gettext("继续"),
        "next": next_page(request),
    }
    return render(request, "account/account_form.html", context)


@first_step
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """View: a new password; all other sessions end."""
    person = assurance.person_of(request)
    form = PasswordForm(person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _is_password(request, person, form.cleaned_data["old"]):
            _change_password(request, person, form.cleaned_data["new"])
            return redirect(next_page(request, "/account/"))
        form.add_error("old", gettext("现在的密码不对，请重新输入。"))
    lead = gettext("修改后，这个账号在其他设备上的登录立即失效。")
    if person.password_given:
        lead = gettext("这是管理员给您的初始密码，请先改成自己的密码，再开始办理。")
    context = {
        "form": form, "title": gettext("修改密码"), "button": gettext("修改密码"), "lead": lead,
        "next": next_page(request),
    }  # fmt: skip
    return render(request, "account/account_form.html", context)


def _is_password(request: HttpRequest, person: Person, text: str) -> bool:
    """Checks the password. Raises TooManyAttempts before the password is checked."""
    attempts.record_attempt(signin_limits.CONFIRMATIONS, str(person.pk), now())
    if not person.check_password(text):
        return False
    attempts.reset_attempts(signin_limits.CONFIRMATIONS, str(person.pk))
    update_session_auth_hash(request, person)  # an old hash may have been upgraded
    return True


def _change_password(request: HttpRequest, person: Person, text: str) -> None:
    passwords.set_password(person, text)
    update_session_auth_hash(request, person)
    sessions.end_others(person, request.session.session_key)
    messages.success(request, gettext("密码已修改，其他设备上的登录已失效。"))


@first_step
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@assurance.proved
def totp(request: HttpRequest) -> HttpResponse:
    """View: sets up TOTP; the secret as a QR code and as text, saved when a first code was right."""
    person = assurance.person_of(request)
    secret = request.session.setdefault(TOTP_SESSION_KEY, second_factors.new_secret())
    form = TotpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            attempts.record_attempt(signin_limits.CODES_OF_ACCOUNT, str(person.pk), now())
            second_factors.add_totp(person, secret, form.cleaned_data["code"], now())
        except Refused as refused:
            form.refuse(refused.fields, refused.message)
        else:
            return _after_factor_added(request, person)
    picture = _qr_code_url(second_factors.provisioning_uri(person, secret))
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render(request, "account/totp.html", {"form": form, "picture": picture, "secret": grouped})


def _after_factor_added(request: HttpRequest, person: Person) -> HttpResponse:
    request.session.pop(TOTP_SESSION_KEY, None)
    attempts.reset_attempts(signin_limits.CODES_OF_ACCOUNT, str(person.pk))
    assurance.after_factor_added(request, person)
    return redirect("factor-added")


@signed_in
@require_GET
def factor_added(request: HttpRequest) -> HttpResponse:
    """View after a second factor was added: offers recovery codes to an account that has none."""
    person = assurance.person_of(request)
    if second_factors.recovery_codes_left(second_factors.of_person(person)) is None:
        return render(request, "account/added.html")
    messages.success(request, gettext("两步验证已添加。"))
    return redirect("account")


@signed_in
@never_cache
@require_POST
@assurance.proved
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """View: new recovery codes, which replace the earlier ones."""
    person = assurance.person_of(request)
    if not second_factors.has_any(person):
        return redirect("set-up")
    codes = second_factors.new_recovery_codes(person)
    return render(request, "account/recovery_codes.html", {"codes": codes})


@signed_in
@require_POST
@assurance.proved
def remove_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Action view: removes TOTP or a passkey."""
    person = assurance.person_of(request)
    second_factors.remove(person, pk, keep_one=assurance.needs_second_factor(person, now()))
    messages.success(request, gettext("已停用。"))
    return redirect("account")


@signed_in
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Action view: ends all other sessions of the account."""
    person = assurance.person_of(request)
    count = sessions.end_others(person, request.session.session_key)
    words = gettext("已退出其他 %d 处登录。") % count if count else gettext("没有其他登录。")
    messages.success(request, words)
    return redirect("account")


def _qr_code_url(link: str) -> str:
    """A QR code as a data URL."""
    image = BytesIO()
    qrcode.make(link, box_size=6, border=3).save(image)
    return "data:image/png;base64," + base64.b64encode(image.getvalue()).decode()
