"""Contact data of a requester: masked on pages; in full only with a reason and a row in the access log."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.errors import Invalid, NotAllowed
from jieban.base.masking import mask_name, mask_phone
from jieban.cases.access import rules, unmasking
from jieban.cases.access.rules import NEWEST_FIRST
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.lists.case_list import visible_to
from jieban.cases.models import AccessLog, Assignment, Case, CaseText
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Right

SAME_LOOK_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str
    address: str
    preferred_contact: str


def masked_contact(words: CaseText) -> Contact:
    """Masked contact data for lists and pages: 张**, 100****5678, no address."""
    name, phone = unseal_text(words.name, "name"), unseal_text(words.phone, "phone")
    return Contact(mask_name(name) if name else "", mask_phone(phone) if phone else "", "", "")


def reveal_contact(case: Case, actor: Actor, *, reason: str, at: datetime) -> Contact:
    """Contact data in full, after a row in the access log. Raises NotAllowed, and Invalid without a reason."""
    if not rules.may_see_contact(case, actor) or actor.person_id is None:
        raise NotAllowed(_("您的岗位不能查看本件诉求人的联系方式。"))
    if not reason.strip():
        raise Invalid(_("请填写查看理由，查看会记录在案。"), fields={"reason": _("必填")})
    AccessLog.objects.create(
        person_id=actor.person_id, post_id=actor.post_id, case=case, at=at, reason=reason.strip()[:200]
    )
    unmasking.check_look_count(actor.person_id, at)
    words = case.words
    return Contact(
        unseal_text(words.name, "name"),
        unseal_text(words.phone, "phone"),
        unseal_text(words.address, "address"),
        words.preferred_contact,
    )


def cases_of_phone(phone: str, actor: Actor, at: datetime, *, most: int = 8) -> list[Case]:
    """The newest cases of the caller's phone number; every view is logged.

    A repeat within a few minutes counts as the same view. Raises NotAllowed for posts without contact data.
    """
    if Right.FIND_BY_PHONE not in actor.profile.rights or actor.person_id is None:
        raise NotAllowed(_("您的岗位不能按电话查找诉求。"))
    index = vault.blind_index(phone)
    if not index:
        return []
    active = Prefetch("assignments", queryset=Assignment.objects.filter(ended_at=None), to_attr="active")
    cases = visible_to(actor).filter(phone_index=index).order_by(*NEWEST_FIRST)
    found: list[Case] = list(cases.prefetch_related(active)[:most])
    looks = AccessLog.objects.filter(person=actor.person_id, case__in=found, at__gte=at - SAME_LOOK_WINDOW)
    known = set(looks.values_list("case_id", flat=True))
    for case in found:
        if case.pk not in known:
            AccessLog.objects.create(
                person_id=actor.person_id, post_id=actor.post_id, case=case, at=at,
                how=AccessLog.How.CALL, reason=_("来电号码查询"),
            )  # fmt: skip
    return found
