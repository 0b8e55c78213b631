"""Changes of the dated wording of text messages, with the configuration log; valid from tomorrow at the earliest.

A queued message keeps the wording of its day, also when it is sent later or again.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotFound, WrongState
from jieban.base.text.cleaning import clean_line
from jieban.channels import message_types
from jieban.channels.message_types import MessageType, Recipient
from jieban.channels.models import MessageWording
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    LoggedValues,
    Subject,
    format_day,
    version_tag,
)
from jieban.registry.models import holds_on

ONE_DAY = timedelta(days=1)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class NewWording:
    """Input of a change: the text for a recipient, from a day on."""

    code: str
    recipient: str
    text: str
    source: str
    begins: date


def version_tag_of(code: str, recipient: str) -> str:
    """Version tag of these wordings, as a page shows them, against concurrent changes."""
    rows = _rows(code, recipient).order_by("valid_from")
    return version_tag(list(rows.values_list("pk", "valid_from", "valid_to")))


def _rows(code: str, recipient: str) -> QuerySet[MessageWording]:
    return MessageWording.objects.filter(code=code, recipient=recipient)


def _subject(code: str, recipient: str) -> Subject:
    kind = message_types.find(code)
    about = (kind.label or kind.sentence) if kind else code
    return Subject(Area.MESSAGE, f"{code}.{recipient}", f"{about}（{Recipient(recipient).label}）")


def _logged(row: MessageWording | NewWording, begins: date) -> LoggedValues:
    return {_("内容"): row.text, _("依据"): row.source, _("生效日"): format_day(begins)}


@transaction.atomic
def add_wording(new: NewWording, *, step: ChangeContext) -> MessageWording:
    """Adds a wording for messages queued from its day on. Raises Invalid when it does not fit."""
    config_changes.lock_configuration()
    kind = _type_with_text(new)
    subject = _subject(new.code, new.recipient)
    config_changes.check_unchanged(step, subject, version_tag_of(new.code, new.recipient))
    config_changes.check_begins(new.begins, local_date(step.at) + ONE_DAY, "begins")
    _check_text(kind, new.text)
    _check_alone(new)
    before = _rows(new.code, new.recipient).filter(holds_on(new.begins)).first()
    if before and (before.text, before.source) == (new.text, new.source):
        raise Invalid(_("与现行用语相同，不必修改。"), fields={"text": _("没有变化")})
    values = asdict(new)
    row = MessageWording(valid_from=values.pop("begins"), **values)
    if before:
        _rows(new.code, new.recipient).filter(pk=before.pk).update(valid_to=new.begins)
    row.save()
    old = _logged(before, before.valid_from) if before else {_("内容"): kind.texts[Recipient(new.recipient)]}
    config_changes.record(step, subject, _("定新短信用语"), before=old, after=_logged(row, new.begins))
    return row


def _type_with_text(new: NewWording) -> MessageType:
    kind = message_types.find(new.code)
    if kind is None or new.recipient not in kind.texts:
        raise NotFound(_("没有这种短信，请刷新页面后再选。"))
    return kind


def _check_text(kind: MessageType, text: str) -> None:
    """Validates a text. Raises Invalid if it is empty, too long, untidy, or has wrong placeholders."""
    problem = ""
    if not text or len(text) > LONGEST:
        problem = _("请填写短信内容，最多 %d 字。") % LONGEST
    elif text != clean_line(text):
        problem = _("短信内容只能是一行文字，前后没有空格，也没有网页标签。")
    elif unknown := kind.unknown_placeholders(text):
        problem = _("这种短信里不能用%(wrong)s，只能用%(right)s。") % {
            "wrong": _in_braces(unknown),
            "right": _in_braces(kind.placeholders),
        }
    elif missing := kind.missing_placeholders(text):
        problem = _("短信里缺少%s，收到的人没法用。") % _in_braces(missing)
    elif message_types.has_stray_brace(text):
        problem = _("花括号只用来写%s，请用半角，前后成对。") % _in_braces(kind.placeholders)
    if problem:
        raise Invalid(problem, fields={"text": problem})


def _in_braces(names: list[str] | tuple[str, ...]) -> str:
    return "、".join(f"{{{name}}}" for name in names)


def _check_alone(new: NewWording) -> None:
    """Allows one future change at a time. Raises Invalid when another begins on the day or later."""
    later = _rows(new.code, new.recipient).filter(valid_from__gte=new.begins).order_by("valid_from").first()
    if later:
        problem = _("已定从 %s 起用另一种说法。请先撤回它，或改在它之后生效。") % format_day(later.valid_from)
        raise Invalid(problem, fields={"begins": problem})


@transaction.atomic
def withdraw_wording(pk: int, *, step: ChangeContext) -> None:
    """Withdraws a wording before its first day; the one before it stays valid. Raises NotFound and WrongState."""
    config_changes.lock_configuration()
    row = MessageWording.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("没有这条用语，它可能刚刚被撤回。"))
    subject = _subject(row.code, row.recipient)
    config_changes.check_unchanged(step, subject, version_tag_of(row.code, row.recipient))
    if row.valid_from <= local_date(step.at):
        raise WrongState(_("它已经生效，不能撤回；请定新的用语，从以后的日子起用。"))
    _rows(row.code, row.recipient).filter(valid_to=row.valid_from).update(valid_to=row.valid_to)
    before = _logged(row, row.valid_from)
    row.delete()
    config_changes.record(step, subject, _("撤回未生效的短信用语"), before=before, after={})
