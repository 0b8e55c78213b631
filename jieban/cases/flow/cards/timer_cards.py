"""Action cards of the platform's timers: warnings and recomputed limits. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import ActionCard, EventFacts
from jieban.cases.flow.cards.card_fields import Label

CLOCK_LABELS: dict[str, Label] = {
    "contact": _("联系时限"),
    "finish": _("办结时限"),
    "visit_back": _("回访时限"),
    "review": _("复核日期"),
    "auto_close": _("自动结案时间"),
}
WARNING_LABELS: dict[str, Label] = {
    "half": _("过半"),
    "fifths": _("已过五分之四"),
    "overdue": _("已超过"),
    "due": _("已到"),
}


# Clocks of which the sweep warns, and at which levels.
WARNINGS = {
    "contact": ("half", "fifths", "overdue"),
    "finish": ("half", "fifths", "overdue"),
    "visit_back": ("due", "overdue"),
    "review": ("due", "overdue"),
    "auto_close": ("due",),
}


def _warned(event: EventFacts) -> Label:
    clock, level = event.facts.get("clock", ""), event.facts.get("level", "")
    return f"{CLOCK_LABELS.get(clock, '')}{WARNING_LABELS.get(level, '')}"


def _recomputed(event: EventFacts) -> Label:
    return _("节假日安排公布，办结时限重算为%s") % event.due("new")


CARDS = (
    ActionCard(
        action=Action.WARN,
        sentence=_warned,
        notifies=tuple(f"warn.{clock}.{level}" for clock, levels in WARNINGS.items() for level in levels),
    ),
    ActionCard(action=Action.RECOMPUTE_DUE, sentence=_recomputed),
)
