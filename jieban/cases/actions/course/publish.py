"""Publication of a case: shown to everybody in the office's words; others support it instead of submitting it again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.base.masking import normalize_phone
from jieban.base.text.cleaning import clean, clean_line
from jieban.base.text.search_tokens import tokens
from jieban.cases.access.guards import present
from jieban.cases.access.rules import is_requester
from jieban.cases.actions.door.transition import CaseChange, transition
from jieban.cases.flow.action import Action
from jieban.cases.models import Case, Publication, Support
from jieban.channels import sms
from jieban.channels.message_types import Language
from jieban.language.text.personal_data import mask_text, personal_data
from jieban.registry.identity.posts import Actor

LONGEST_TITLE = 60
LONGEST_SUMMARY = 1_000
LONGEST_SUPPORT_TEXT = 500


@transaction.atomic
def publish(case_id: int, *, actor: Actor, at: datetime, title: str, summary: str) -> Case:
    """Publishes the case under a title and a summary written by the office (公开诉求)."""
    with transition(case_id, Action.PUBLISH, actor=actor, at=at) as now:
        title, summary = clean_line(title), clean(summary)
        _check_publication(now.case, title, summary)
        row = now.access.publication
        search = tokens(f"{title} {summary}")
        if row is None:
            now.add(Publication(case=now.case, title=title, summary=summary, at=at, search=search))
        else:
            now.change(row, title=title, summary=summary, at=at, search=search, ended_at=None)
        now.add_text("title", title)
        now.add_text("summary", summary)
    return now.case


def _check_publication(case: Case, title: str, summary: str) -> None:
    if case.sensitive:
        raise Invalid(_("敏感诉求不能公开。"), fields={"title": _("敏感诉求不能公开")})
    for name, text, longest in (("title", title, LONGEST_TITLE), ("summary", summary, LONGEST_SUMMARY)):
        if not text:
            raise Invalid(_("请写明公开的标题和简介。"), fields={name: _("这一项必填")})
        if len(text) > longest:
            raise Invalid(_("文字太长，请缩短后再公开。"), fields={name: _("最多 %d 字") % longest})
        if personal_data(text):
            raise Invalid(
                _("公开的内容里有姓名、称呼、号码或车牌，请删去后再公开。"),
                fields={name: _("不能有姓名、称呼、号码或车牌")},
            )


@transaction.atomic
def unpublish(case_id: int, *, actor: Actor, at: datetime, reason: str = "") -> Case:
    """Takes the case off the public page; its supporters stay on record (撤下公开)."""
    with transition(case_id, Action.UNPUBLISH, actor=actor, at=at) as now:
        now.change(present(now.access.publication), ended_at=at)
        now.add_text("reason", reason, required=False)
    return now.case


@transaction.atomic
def support(
    case_id: int, *, actor: Actor, at: datetime, phone: str, text: str = "", language: str = Language.CHINESE
) -> Case:
    """Adds a supporter with the same problem (支持诉求): one per phone number, notified when the case is closed.

    Their text is a note for the handlers, with numbers masked. Without an account the phone must be one that the actor
    has verified.
    """
    with transition(case_id, Action.SUPPORT, actor=actor, at=at) as now:
        row, index = present(now.access.publication), vault.blind_index(phone)
        _check_supporter(now, phone, index)
        Support.objects.create(
            case=now.case, phone_index=index, phone=vault.seal(normalize_phone(phone), "support"),
            language=language, person_id=actor.person_id, at=at,
        )  # fmt: skip
        now.change(row, supporters=row.supporters + 1)
        now.facts["supporters"] = row.supporters
        if len(text) > LONGEST_SUPPORT_TEXT:
            raise Invalid(_("请把补充的话控制在五百字以内。"), fields={"text": _("最多 500 字")})
        now.add_text("note", mask_text(clean(text)), required=False)
    return now.case


def _check_supporter(now: CaseChange, phone: str, index: bytes) -> None:
    actor, case = now.actor, now.case
    if not sms.MOBILE.fullmatch(normalize_phone(phone)):
        raise Invalid(_("请填写 11 位手机号。"), fields={"phone": _("请填写 11 位手机号")})
    if actor.person_id is None and index != actor.phone_index:
        raise NotAllowed(_("请先用短信验证码确认这个手机号。"), code="phone_not_proven")
    if is_requester(case, actor) or index == bytes(case.phone_index):
        raise WrongState(_("这件事就是您反映的，不用再支持。"), code="own_case")
    before = Support.objects.filter(case=case, phone_index=index)
    if actor.person_id is not None:
        before = before | Support.objects.filter(case=case, person_id=actor.person_id)
    if before.exists():
        raise WrongState(_("您已经支持过这件诉求。"), code="supported_before")
