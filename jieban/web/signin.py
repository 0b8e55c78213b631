"""Sign-in, sign-out and the choice of the post in which somebody acts."""

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.forms import TextInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from jieban.base.clock import now
from jieban.base.errors import Missing
from jieban.registry import posts as registry_posts
from jieban.registry.models import Person
from jieban.web.access import public, signed_in
from jieban.web.middleware import POST_KEY


class SignInForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": _("用户名或密码不对，请重新输入。密码区分大小写。"),
        "inactive": _("这个账号已停用，请联系系统管理员。"),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].label = _("用户名")
        self.fields["username"].error_messages["required"] = _("请填写用户名。")
        self.fields["password"].label = _("密码")
        self.fields["password"].error_messages["required"] = _("请填写密码。")
        self.fields["username"].widget = TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "autocapitalize": "none", "maxlength": 60}
        )


login = public(
    LoginView.as_view(
        template_name="web/login.html", authentication_form=SignInForm, redirect_authenticated_user=True
    )
)
logout = public(LogoutView.as_view())


@signed_in
@require_http_methods(["GET", "POST"])
def posts(request: HttpRequest) -> HttpResponse:
    """The posts a person holds today; with one only there is nothing to choose."""
    person = request.user
    assert isinstance(person, Person)
    held = list(registry_posts.posts_of(person, now()))
    if request.method == "POST":
        return _choose(request, {str(post.pk) for post in held}, request.POST.get("post", ""))
    chosen = request.session.get(POST_KEY)
    if len(held) == 1 and chosen != held[0].pk:
        return _choose(request, {str(held[0].pk)}, str(held[0].pk))
    if chosen and chosen not in {post.pk for post in held}:
        del request.session[POST_KEY]
        messages.warning(request, gettext("原来的岗位已经结束，请重新选择。"))
    context = {"posts": held, "chosen": chosen, "next": _next(request)}
    return render(request, "web/posts.html", context)


def _choose(request: HttpRequest, held: set[str], post_id: str) -> HttpResponse:
    if post_id not in held:
        raise Missing(gettext("请从列表中选择一个在任的岗位。"))
    request.session[POST_KEY] = int(post_id)
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"
