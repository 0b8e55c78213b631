"""Changes of the dated wording of text messages, with the configuration log; valid from tomorrow at the earliest.

A queued message keeps the wording of its day, also when it is sent later or again.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotFound, WrongState
from jieban.base.text.cleaning import clean_line
from jieban.channels import message_types
from jieban.channels.message_types import Language, MessageType, Recipient
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
class TextKey:
    """Key of a text: type of message, recipient and language."""

    code: str
    recipient: Recipient
    language: Language = Language.CHINESE

    def __str__(self) -> str:
        return f"{self.code}.{self.recipient}.{self.language}"

    @classmethod
    def of(cls, row: MessageWording) -> "TextKey":
        """Key of the text of a row."""
        return cls(row.code, Recipient(row.recipient), Language(row.language))

    @property
    def declared(self) -> str:
        """Default text; empty if no app declares one (any more)."""
        kind = message_types.find(self.code)
        return kind.texts.get(self.recipient, {}).get(self.language, "") if kind else ""

    @property
    def about(self) -> str:
        """Topic of the message: 已结案."""
        kind = message_types.find(self.code)
        return str(kind.label or kind.sentence) if kind else self.code

    @property
    def readers(self) -> str:
        """Recipient and language: 提出人，英文."""
        return _("%(who)s，%(language)s") % {"who": self.recipient.label, "language": self.language.label}

    @property
    def title(self) -> str:
        """Topic, recipient and language: 已结案（提出人，英文）."""
        return _("%(about)s（%(readers)s）") % {"about": self.about, "readers": self.readers}

    @property
    def subject(self) -> Subject:
        """Subject in the configuration log."""
        return Subject(Area.MESSAGE, str(self), self.title)


@dataclass(frozen=True, slots=True)
class NewWording:
    """Input of a change: a text from a day on."""

    key: TextKey
    text: str
    source: str
    begins: date


def text_keys() -> list[TextKey]:
    """Keys of all texts, in the order in which their types were declared."""
    return [
        TextKey(kind.code, recipient, language)
        for kind in message_types.registered()
        for recipient, wordings in kind.texts.items()
        for language in wordings
    ]


def version_tag_of(key: TextKey) -> str:
    """Version tag of these wordings, as a page shows them, against concurrent changes."""
    rows = _rows(key).order_by("valid_from")
    return version_tag(list(rows.values_list("pk", "valid_from", "valid_to")))


def wording_on(key: TextKey, day: date) -> MessageWording | None:
    """Row valid on a day; None if the default text applies."""
    return _rows(key).filter(holds_on(day)).first()


def _rows(key: TextKey) -> QuerySet[MessageWording]:
    return MessageWording.objects.filter(code=key.code, recipient=key.recipient, language=key.language)


def _logged(row: MessageWording | NewWording, begins: date) -> LoggedValues:
    return {_("内容"): row.text, _("依据"): row.source, _("生效日"): format_day(begins)}


@transaction.atomic
def add_wording(new: NewWording, *, step: ChangeContext) -> MessageWording:
    """Adds a wording for messages queued from its day on. Raises Invalid when it does not fit."""
    before = _admit(new, step)
    row = MessageWording(
        code=new.key.code, recipient=new.key.recipient, language=new.key.language,
        text=new.text, source=new.source, valid_from=new.begins,
    )  # fmt: skip
    if before:
        _rows(new.key).filter(pk=before.pk).update(valid_to=new.begins)
    row.save()
    old = _logged(before, before.valid_from) if before else {_("内容"): new.key.declared}
    config_changes.record(
        step, new.key.subject, _("定新短信用语"), before=old, after=_logged(row, new.begins)
    )
    return row


@transaction.atomic
def check_wording(new: NewWording, *, step: ChangeContext) -> str:
    """Checks a change without saving it, and returns the text before it. Raises what `add_wording` raises."""
    before = _admit(new, step)
    return before.text if before else new.key.declared


def _admit(new: NewWording, step: ChangeContext) -> MessageWording | None:
    config_changes.lock_configuration()
    kind = _type_with_text(new.key)
    config_changes.check_unchanged(step, new.key.subject, version_tag_of(new.key))
    config_changes.check_begins(new.begins, local_date(step.at) + ONE_DAY, "begins")
    _check_text(kind, new.text)
    _check_alone(new)
    before = wording_on(new.key, new.begins)
    if before and (before.text, before.source) == (new.text, new.source):
        raise Invalid(_("与现行用语相同，不必修改。"), fields={"text": _("没有变化")})
    return before


def _type_with_text(key: TextKey) -> MessageType:
    kind = message_types.find(key.code)
    if kind is None or not key.declared:
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
    later = _rows(new.key).filter(valid_from__gte=new.begins).order_by("valid_from").first()
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
    key = TextKey.of(row)
    config_changes.check_unchanged(step, key.subject, version_tag_of(key))
    if row.valid_from <= local_date(step.at):
        raise WrongState(_("它已经生效，不能撤回；请定新的用语，从以后的日子起用。"))
    _rows(key).filter(valid_to=row.valid_from).update(valid_to=row.valid_to)
    before = _logged(row, row.valid_from)
    row.delete()
    config_changes.record(step, key.subject, _("撤回未生效的短信用语"), before=before, after={})
