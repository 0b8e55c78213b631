"""Administration of accounts and of who holds which post. Rows are ended by a date, never overwritten."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotAllowed, NotFound, WrongState
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    Subject,
    format_day,
    version_tag,
)
from jieban.registry.identity import passwords
from jieban.registry.models import ApiToken, ConfigChange, Holding, Person, Post, Unit
from jieban.registry.roles import STAFF_ROLES, Role

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")
CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{1,39}")
# Without characters that look alike; 16 of them cannot be guessed.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_PASSWORD_LENGTH = 16
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """New account with its password, which is shown only once."""

    person: Person
    password: str


def version_tag_of(person: Person) -> str:
    """Version tag of a person's page: a hash of what it shows and what may be changed there."""
    holdings = (
        Holding.objects.filter(person=person).order_by("pk").values_list("pk", "valid_from", "valid_to")
    )
    tokens = (
        ApiToken.objects.filter(person=person, revoked_at=None).order_by("pk").values_list("pk", flat=True)
    )
    done = ConfigChange.objects.filter(area=Area.ACCOUNT, key=person.username).order_by("-id")
    last = done.values_list("pk", flat=True).first()
    return version_tag(person.is_active, person.name, list(holdings), list(tokens), last)


def version_tag_of_post(post: Post) -> str:
    return version_tag(post.name, post.closed_on)


def _subject(person: Person) -> Subject:
    return Subject(Area.ACCOUNT, person.username, f"{person.name}（{person.username}）")


def _subject_of_post(post: Post) -> Subject:
    unit = f"{post.unit.name} · " if post.unit else ""
    return Subject(Area.POST, post.code, f"{unit}{post.name}")


@transaction.atomic
def create(username: str, name: str, *, step: ChangeContext) -> NewAccount:
    """Creates an account with a first password. Raises Invalid when the user name does not fit or is taken."""
    config_changes.lock_configuration()
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise Invalid(
            _("用户名为 3 至 60 个小写字母、数字或 . _ -，以字母或数字开头。"),
            fields={"username": _("用户名为 3 至 60 个小写字母、数字或 . _ -，以字母或数字开头。")},
        )
    password = _password()
    try:
        with transaction.atomic():
            person = Person.objects.create_user(username, name.strip())
    except IntegrityError:
        message = _("用户名“%s”已有人使用，请换一个。") % username
        raise Invalid(message, fields={"username": message}) from None
    passwords.set_temporary_password(person, password)
    config_changes.record(step, _subject(person), _("开立账号"), before={}, after={_("姓名"): person.name})
    return NewAccount(person, password)


def _password() -> str:
    characters = "".join(secrets.choice(_SIGNS) for _sign in range(_PASSWORD_LENGTH))
    return "-".join(characters[start : start + 4] for start in range(0, _PASSWORD_LENGTH, 4))


def _lock_person(person_id: int, step: ChangeContext) -> Person:
    """Locks the person's row, and checks that it is still as the page showed it."""
    config_changes.lock_configuration()
    person = Person.objects.select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("没有这个账号，请核对用户名。"))
    config_changes.check_unchanged(step, _subject(person), version_tag_of(person))
    return person


def _check_not_own_account(person: Person, step: ChangeContext) -> None:
    if person.pk == step.actor.person_id:
        raise NotAllowed(_("不能变更自己的账号和任职，请由另一位系统管理员办理。"))


@transaction.atomic
def suspend(person_id: int, *, step: ChangeContext) -> None:
    """Suspends the account at once: its sessions and tokens no longer work."""
    _set_active(person_id, False, _("停用账号"), step)


@transaction.atomic
def restore(person_id: int, *, step: ChangeContext) -> None:
    """Restores a suspended account."""
    _set_active(person_id, True, _("恢复账号"), step)


def _set_active(person_id: int, active: bool, what: str, step: ChangeContext) -> None:
    person = _lock_person(person_id, step)
    _check_not_own_account(person, step)
    if person.is_active == active:
        raise WrongState(_("账号已是这个状态，不必再办。"))
    labels = {True: _("启用"), False: _("停用")}
    person.is_active = active
    person.save(update_fields=["is_active"])
    config_changes.record(
        step,
        _subject(person),
        what,
        before={_("状态"): labels[not active]},
        after={_("状态"): labels[active]},
    )


@transaction.atomic
def reset_password(person_id: int, *, step: ChangeContext) -> str:
    """Sets a new password, which is shown only once; sessions with the old one end."""
    person = _lock_person(person_id, step)
    password = _password()
    passwords.set_temporary_password(person, password)
    config_changes.record(step, _subject(person), _("重设密码"), before={}, after={})
    return password


@transaction.atomic
def give_post(
    person_id: int, post_id: int, begins: date, ends: date | None, *, step: ChangeContext
) -> Holding:
    """Assigns a post to the person from a day on, to a last day where one is known.

    Raises Invalid when the days do not fit, or the person holds the post already on one of them.
    """
    person = _lock_person(person_id, step)
    _check_not_own_account(person, step)
    post = Post.objects.select_related("unit").filter(pk=post_id).first()
    if post is None or post.role not in STAFF_ROLES:
        raise Invalid(_("请选择岗位。"), fields={"post_id": _("请选择岗位。")})
    config_changes.check_begins(begins, local_date(step.at), "begins")
    if ends is not None and ends < begins:
        raise Invalid(_("最后一天不能早于第一天。"), fields={"ends": _("最后一天不能早于第一天。")})
    until = ends + ONE_DAY if ends else None
    _check_post_lasts(post, begins)
    for other in Holding.objects.filter(person=person, post=post):
        if (until is None or other.valid_from < until) and (
            other.valid_to is None or begins < other.valid_to
        ):
            message = _("此人在这段时间已担任这个岗位（%s）。") % _period_text(
                other.valid_from, other.valid_to
            )
            raise Invalid(message, fields={"begins": message})
    holding = Holding.objects.create(person=person, post=post, valid_from=begins, valid_to=until)
    after = {_("岗位"): _subject_of_post(post).label, _("任期"): _period_text(begins, until)}
    config_changes.record(step, _subject(person), _("安排任职"), before={}, after=after)
    return holding


def _check_post_lasts(post: Post, begins: date) -> None:
    ends = [day for day in (post.closed_on, post.unit and post.unit.closed_on) if day]
    starts = [post.opened_on, *([post.unit.opened_on] if post.unit else [])]
    if any(day <= begins for day in ends) or any(day > begins for day in starts):
        message = _("这一天岗位或其单位尚未启用或已经撤销，请改日期或另选岗位。")
        raise Invalid(message, fields={"begins": message})


def _period_text(begins: date, until: date | None) -> str:
    """The period as text: 2026年3月1日起; with an end, up to the last valid day."""
    last = format_day(until - ONE_DAY) if until else ""
    return (
        _("%(first)s至%(last)s") % {"first": format_day(begins), "last": last}
        if last
        else _("%s起") % format_day(begins)
    )


@transaction.atomic
def end_holding(person_id: int, holding_id: int, last: date, *, step: ChangeContext) -> None:
    """Ends a holding after a day, yesterday at the earliest: then it ends at once."""
    person = _lock_person(person_id, step)
    holding = Holding.objects.select_related("post__unit").filter(pk=holding_id, person=person).first()
    if holding is None:
        raise NotFound(_("没有这条任职记录，请回到人员页面重新选择。"))
    config_changes.check_begins(last, local_date(step.at) - ONE_DAY, "last")
    until = last + ONE_DAY
    if holding.valid_to is not None and holding.valid_to <= until:
        message = _("这条任职最后一天已是 %s，不能延后；需要延长请另行安排任职。")
        message %= format_day(holding.valid_to - ONE_DAY)
        raise Invalid(message, fields={"last": message})
    if until <= holding.valid_from:
        message = _("任职从 %s 开始，最后一天不能更早；需要立即停止请停用账号。") % format_day(
            holding.valid_from
        )
        raise Invalid(message, fields={"last": message})
    before = {
        _("岗位"): _subject_of_post(holding.post).label,
        _("任期"): _period_text(holding.valid_from, holding.valid_to),
    }
    holding.valid_to = until
    holding.save(update_fields=["valid_to"])
    after = before | {_("任期"): _period_text(holding.valid_from, until)}
    config_changes.record(step, _subject(person), _("结束任职"), before=before, after=after)


@transaction.atomic
def revoke_token(person_id: int, token_id: int, *, step: ChangeContext) -> None:
    """Revokes an API token."""
    person = _lock_person(person_id, step)
    token = ApiToken.objects.select_related("post__unit").filter(pk=token_id, person=person).first()
    if token is None or (token.revoked_at and token.revoked_at <= step.at):
        raise WrongState(_("这个令牌已经停用，不必再办。"))
    token.revoked_at = step.at
    token.save(update_fields=["revoked_at"])
    before = {_("岗位"): _subject_of_post(token.post).label, _("令牌"): f"#{token.pk}"}
    config_changes.record(step, _subject(person), _("停用令牌"), before=before, after={})


@transaction.atomic
def open_post(code: str, name: str, role: str, unit_id: int, opened_on: date, *, step: ChangeContext) -> Post:
    """Creates a post in a unit from a day on. Raises Invalid when its code is taken or its unit has ended."""
    config_changes.lock_configuration()
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        message = _("代码为 2 至 40 个大写字母、数字或 . _ -，如 P-STREET-03。")
        raise Invalid(message, fields={"code": message})
    if role not in STAFF_ROLES:
        raise Invalid(_("请选择角色。"), fields={"role": _("请选择角色。")})
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or unit.opened_on > opened_on or (unit.closed_on and unit.closed_on <= opened_on):
        message = _("这一天该单位尚未启用或已经撤销，请改日期或另选单位。")
        raise Invalid(message, fields={"unit_id": message})
    config_changes.check_begins(opened_on, local_date(step.at), "opened_on")
    if Post.objects.filter(code=code).exists():
        message = _("代码“%s”已被使用，请换一个。") % code
        raise Invalid(message, fields={"code": message})
    post = Post.objects.create(code=code, name=name.strip(), role=role, unit=unit, opened_on=opened_on)
    after = {_("角色"): Role(role).label, _("启用日"): format_day(opened_on)}
    config_changes.record(step, _subject_of_post(post), _("设立岗位"), before={}, after=after)
    return post


@transaction.atomic
def close_post(post_id: int, closed_on: date, *, step: ChangeContext) -> None:
    """Closes a post from a day on; its holders can no longer act in it then."""
    config_changes.lock_configuration()
    post = Post.objects.select_related("unit").filter(pk=post_id).first()
    if post is None:
        raise NotFound(_("没有这个岗位，请核对代码。"))
    config_changes.check_unchanged(step, _subject_of_post(post), version_tag_of_post(post))
    if Holding.objects.filter(post=post, person=step.actor.person_id).exists():
        raise NotAllowed(_("不能撤销自己担任的岗位，请由另一位系统管理员办理。"))
    config_changes.check_begins(closed_on, local_date(step.at), "closed_on")
    before = {_("撤销日"): format_day(post.closed_on)}
    post.closed_on = closed_on
    post.save(update_fields=["closed_on"])
    config_changes.record(
        step, _subject_of_post(post), _("撤销岗位"), before=before, after={_("撤销日"): format_day(closed_on)}
    )
