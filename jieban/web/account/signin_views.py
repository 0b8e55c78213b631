"""Sign-in, second step, sign-out, and the choice of the post in which somebody acts."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jieban.base.clock import now
from jieban.base.errors import Invalid, TooManyAttempts
from jieban.registry.identity import attempts, second_factors
from jieban.registry.identity import posts as registry_posts
from jieban.registry.models import Person
from jieban.web.account import signin_limits
from jieban.web.page.access import public, signed_in
from jieban.web.page.forms import PageForm
from jieban.web.shell import assurance
from jieban.web.shell.middleware import POST_KEY


class SignInForm(AuthenticationForm):
    """Form for user name and password."""

    # One message for every error: nobody learns here which accounts exist.
    error_messages = {
        "invalid_login": _("用户名或密码不对，请重新输入。密码区分大小写。"),
        "inactive": _("用户名或密码不对，请重新输入。密码区分大小写。"),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].label = _("用户名")
        self.fields["username"].error_messages["required"] = _("请填写用户名。")
        self.fields["password"].label = _("密码")
        self.fields["password"].error_messages["required"] = _("请填写密码。")
        self.fields["username"].widget = forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "autocapitalize": "none", "maxlength": 60}
        )


class CodeForm(PageForm):
    """Form for a TOTP code or a recovery code."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=20,
        help_text=_("验证器上的 6 位动态码；手机不在身边时，可填一个 10 位恢复码。"),
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """View of the sign-in; each attempt is counted by account and network before the password is checked."""
    if request.user.is_authenticated:
        return redirect(next_page(request))
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        try:
            if person := _password_of(request, form):
                return assurance.after_first_factor(request, person, next_page(request))
        except TooManyAttempts as refused:
            form, status = SignInForm(request), refused.status
            messages.error(request, refused.message)
    button = settings.OIDC_BUTTON if settings.OIDC_ISSUER else ""
    context = {"form": form, "next": next_page(request, ""), "oidc_button": button}
    return render(request, "account/login.html", context, status=status)


def _password_of(request: HttpRequest, form: SignInForm) -> Person | None:
    """The person whose password was right, or None. Raises TooManyAttempts before the password is checked."""
    account, at = signin_limits.account_key(request.POST.get("username", "")), now()
    attempts.record_attempt(signin_limits.PASSWORDS_OF_NETWORK, signin_limits.network(request), at)
    attempts.record_attempt(signin_limits.PASSWORDS_OF_ACCOUNT, account, at)
    if not form.is_valid():
        return None
    attempts.reset_attempts(signin_limits.PASSWORDS_OF_ACCOUNT, account)
    attempts.uncount_attempt(signin_limits.PASSWORDS_OF_NETWORK, signin_limits.network(request))
    person = form.get_user()
    assert isinstance(person, Person)
    return person


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """View of the second step: a code, or a passkey by JavaScript."""
    pending = assurance.pending_sign_in(request)
    if pending is None:
        return redirect(settings.LOGIN_URL)
    person, key, back = pending
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _code_is_right(person, key, form.cleaned_data["code"]):
            assurance.sign_in(request, person, second=True)
            return redirect(back)
        form.add_error("code", gettext("验证码不对或已经用过。请等验证器显示下一个码再输入。"))
    kinds = {factor.type for factor in second_factors.of_person(person)}
    return render(request, "account/second_step.html", {"form": form, "kinds": kinds})


def _code_is_right(person: Person, key: str, code: str) -> bool:
    """Checks the code. Raises TooManyAttempts before the code is checked."""
    at = now()
    attempts.record_attempt(signin_limits.CODES_OF_SIGN_IN, key, at)
    attempts.record_attempt(signin_limits.CODES_OF_ACCOUNT, str(person.pk), at)
    if not second_factors.consume_code(person, code, at):
        return False
    attempts.reset_attempts(signin_limits.CODES_OF_ACCOUNT, str(person.pk))
    return True


logout = public(LogoutView.as_view())


@signed_in
@require_http_methods(["GET", "POST"])
def choose_post(request: HttpRequest) -> HttpResponse:
    """View of the posts a person holds or has by delegation today; a single one is chosen at once."""
    own_posts = registry_posts.posts_of(assurance.person_of(request), now())
    if request.method == "POST":
        return _choose(request, {str(post.pk) for post in own_posts}, request.POST.get("post", ""))
    chosen = request.session.get(POST_KEY)
    if len(own_posts) == 1 and chosen != own_posts[0].pk:
        return _choose(request, {str(own_posts[0].pk)}, str(own_posts[0].pk))
    if chosen and chosen not in {post.pk for post in own_posts}:
        del request.session[POST_KEY]
        messages.warning(request, gettext("原来的岗位已经结束，请重新选择。"))
    context = {"posts": own_posts, "chosen": chosen, "next": next_page(request)}
    return render(request, "account/posts.html", context)


def _choose(request: HttpRequest, allowed: set[str], post_id: str) -> HttpResponse:
    if post_id not in allowed:
        raise Invalid(gettext("请从列表中选择一个在任的岗位。"))
    request.session[POST_KEY] = int(post_id)
    return redirect(next_page(request))


def next_page(request: HttpRequest, otherwise: str = "/") -> str:
    """The page that the person wanted, if it is a page of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or otherwise
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else otherwise
