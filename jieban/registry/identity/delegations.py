"""Delegations (代理) of a post to another person for some days: giving, listing and revoking."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.registry.identity.posts import holdings_in_force
from jieban.registry.models import MOST_DELEGATED_DAYS, Delegation, Holding, Person, Post
from jieban.registry.roles import STAFF_ROLES

LISTED = 50
LONGEST_REASON = 200  # characters


def give(
    giver: Person, post_id: int, username: str, *, first: date, last: date, reason: str, at: datetime
) -> Delegation:
    """Delegates a post of the giver to somebody, from the first day to the last.

    Raises NotAllowed when the giver doesn't hold the post, Invalid with the field that does not fit, WrongState
    when this person has the post in those days already.
    """
    today = local_date(at)
    post = next((post for post in own_posts(giver, at) if post.pk == post_id), None)
    if post is None:
        raise NotAllowed(_("只能委托您本人在任的工作岗位；别人委托给您的岗位不能再转托。"))
    _check_days(first, last, today)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid(_("请写明事由，不超过 200 字。"), fields={"reason": _("请写明事由，不超过 200 字")})
    person = _eligible_person(giver, post, username, today)
    try:
        return _write(giver, post, person, first, last, reason.strip(), at)
    except IntegrityError:
        raise _already_delegated() from None


def own_posts(person: Person, at: datetime) -> list[Post]:
    """Posts that the person could delegate today, by code."""
    holdings = Holding.objects.filter(holdings_in_force(local_date(at)), post=OuterRef("pk"), person=person)
    rows = Post.objects.filter(Exists(holdings), unit__isnull=False, role__in=sorted(STAFF_ROLES))
    return list(rows.select_related("unit").order_by("code"))


def revoke(giver: Person, pk: int, at: datetime) -> None:
    """Revokes a delegation at once; one that has ended stays as it is. Raises NotAllowed for somebody else's."""
    if not Delegation.objects.filter(pk=pk, giver=giver).exists():
        raise NotAllowed(_("只有委托人可以收回委托。"))
    Delegation.objects.filter(pk=pk, giver=giver, revoked_at=None).update(revoked_at=at)


def given_by(person: Person) -> list[Delegation]:
    """Delegations given by the person, the latest first."""
    rows = Delegation.objects.filter(giver=person).select_related("post__unit", "person")
    return list(rows.order_by("-pk")[:LISTED])


def given_to(person: Person, at: datetime) -> list[Delegation]:
    """Delegations to the person that have not ended, the latest first."""
    rows = Delegation.objects.filter(person=person, revoked_at=None, valid_to__gt=local_date(at))
    return list(rows.select_related("post__unit", "giver").order_by("-pk")[:LISTED])


@transaction.atomic
def _write(
    giver: Person, post: Post, person: Person, first: date, last: date, reason: str, at: datetime
) -> Delegation:
    Person.objects.select_for_update().get(pk=giver.pk)
    after = last + timedelta(days=1)
    same = Delegation.objects.filter(post=post, giver=giver, person=person, revoked_at=None)
    if same.filter(valid_from__lt=after, valid_to__gt=first).exists():
        raise _already_delegated()
    return Delegation.objects.create(
        post=post, giver=giver, person=person, valid_from=first, valid_to=after, reason=reason, given_at=at
    )


def _already_delegated() -> WrongState:
    return WrongState(_("这些日子里，这个岗位已经委托给此人。如需更改，请先收回原来的委托。"))


def _check_days(first: date, last: date, today: date) -> None:
    if first < today:
        raise Invalid(_("开始日期不能早于今天。"), fields={"first": _("不能早于今天")})
    if last < first:
        raise Invalid(_("结束日期不能早于开始日期。"), fields={"last": _("不能早于开始日期")})
    if (last - first).days >= MOST_DELEGATED_DAYS:
        words = _("一次最多委托 %d 天，请改早结束日期。") % MOST_DELEGATED_DAYS
        raise Invalid(words, fields={"last": words})


def _eligible_person(giver: Person, post: Post, username: str, today: date) -> Person:
    """Person with this user name in a near unit; one message for all errors, so that it reveals no accounts."""
    unit = post.unit
    assert unit is not None
    near = Q(post__unit=unit) | Q(post__unit__parent=unit)
    near |= Q(post__unit=unit.parent_id) if unit.parent_id else Q()
    works = Holding.objects.filter(holdings_in_force(today), near, person=OuterRef("pk"))
    rows = Person.objects.filter(Exists(works), username=username.strip(), is_active=True)
    person = rows.exclude(pk=giver.pk).first()
    if person is None:
        words = _("请填写本单位、上级或下级单位在任人员的用户名。")
        raise Invalid(words, fields={"person": words})
    if Holding.objects.filter(holdings_in_force(today), person=person, post=post).exists():
        raise Invalid(_("此人本来就在这个岗位上，不需要委托。"), fields={"person": _("已在这个岗位上")})
    return person
