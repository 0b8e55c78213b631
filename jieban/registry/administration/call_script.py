"""Call script (通话用语) that an operator reads to every caller: current wording, history, and a new wording."""

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.base.text.cleaning import clean
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import Area, ChangeContext, Subject, version_tag
from jieban.registry.models import CallScript

LONGEST = 500
MOST_SHOWN = 50


def wordings() -> list[CallScript]:
    """All wordings, the newest first."""
    return list(CallScript.objects.select_related("person").order_by("-at", "-id")[:MOST_SHOWN])


def current() -> str:
    """The current wording; empty where there is none. One query."""
    return CallScript.objects.order_by("-at", "-id").values_list("text", flat=True).first() or ""


def version_tag_of() -> str:
    """Version tag of the page of the wording."""
    return version_tag(CallScript.objects.order_by("-at", "-id").values_list("pk", flat=True).first())


@transaction.atomic
def reword(text: str, *, step: ChangeContext) -> CallScript:
    """Sets a new wording from now on. Raises Invalid where it is empty, too long, or unchanged."""
    config_changes.lock_configuration()
    subject = Subject(Area.SCRIPT, "call", _("念给来电人"))
    config_changes.check_unchanged(step, subject, version_tag_of())
    text, before = clean(text), current()
    if not text or len(text) > LONGEST:
        message = _("请填写念给来电人的话，最多 %d 字。") % LONGEST
        raise Invalid(message, fields={"text": message})
    if text == before:
        message = _("与现在的一样，不必修改。")
        raise Invalid(message, fields={"text": message})
    row = CallScript.objects.create(text=text, at=step.at, person_id=step.actor.person_id)
    config_changes.record(step, subject, _("改通话用语"), before={_("内容"): before}, after={_("内容"): text})
    return row
