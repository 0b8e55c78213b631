"""URL patterns of sign-in and accounts."""

from django.urls import path

from jieban.web.account import account_views, delegation_views, oidc_views, passkey_views, signin_views

urlpatterns = [
    path("login/", signin_views.login, name="login"),
    path("login/second/", signin_views.second_step, name="second"),
    path("login/second/passkey/begin/", passkey_views.begin_second, name="second-passkey-begin"),
    path("login/second/passkey/", passkey_views.finish_second, name="second-passkey"),
    path("login/passkey/begin/", passkey_views.begin, name="passkey-begin"),
    path("login/passkey/", passkey_views.finish, name="passkey"),
    path("login/oidc/", oidc_views.begin, name="oidc"),
    path("login/oidc/back/", oidc_views.callback, name="oidc-back"),
    path("logout/", signin_views.logout, name="logout"),
    path("account/", account_views.account, name="account"),
    path("account/confirm/", account_views.confirm, name="confirm"),
    path("account/password/", account_views.password, name="password"),
    path("account/set-up/", account_views.set_up, name="set-up"),
    path("account/totp/", account_views.totp, name="totp"),
    path("account/passkeys/begin/", passkey_views.begin_adding, name="passkey-add-begin"),
    path("account/passkeys/", passkey_views.add, name="passkey-add"),
    path("account/added/", account_views.factor_added, name="factor-added"),
    path("account/recovery-codes/", account_views.recovery_codes, name="recovery-codes"),
    path("account/factors/<int:pk>/remove/", account_views.remove_factor, name="factor-remove"),
    path("account/sessions/end/", account_views.end_sessions, name="sessions-end"),
    path("account/delegations/", delegation_views.delegation_list, name="delegations"),
    path("account/delegations/<int:pk>/revoke/", delegation_views.revoke, name="delegation-revoke"),
    path("posts/", signin_views.choose_post, name="posts"),
]
