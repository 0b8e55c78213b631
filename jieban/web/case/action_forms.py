"""Forms of actions: their base class, and the few that need more than the action's card declares."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from jieban.base.clock import local_date
from jieban.cases.actions.course.dispatching import MAY_LEAD
from jieban.cases.checks.readiness import missing_for_report
from jieban.cases.checks.result_remarks import Remark, remarks
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.cards.card_fields import CardField
from jieban.cases.flow.enums import DeclineReason, VisitKind
from jieban.cases.flow.states import CaseKind
from jieban.cases.models import CaseDetail
from jieban.cases.suggestions.unit_ranking import lead_proposals
from jieban.channels import draft_server
from jieban.language.similarity.summary import one_line
from jieban.language.text.sentences import Piece
from jieban.language.text.split_matters import find_matters, introduction, unnumbered
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Unit
from jieban.web.case import form_builder
from jieban.web.page import choices
from jieban.web.page.choices import EMPTY_OPTION
from jieban.web.page.fields import LONGEST_TEXT
from jieban.web.page.forms import PageForm
from jieban.web.page.highlight import remark_excerpt

LONGEST_INTRODUCTION = 300  # characters that are repeated before each matter of a split


class ActForm(PageForm):
    """Base form: the fields of one action on one case, as the action's card declares them."""

    card_fields: ClassVar[tuple[CardField, ...]] = ()

    def __init__(self, *args: Any, case: CaseDetail, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.actor, self.at = case, actor, at
        self.offer()

    def offer(self) -> None:
        """Fills in the options, and the initial values from the case."""
        lists = form_builder.ListOptions(self.case, local_date(self.at))
        for field in self.card_fields:
            options = lists.options(field)
            if options is not None:
                self.fill(field.name, options)
            if field.from_case:
                self.fields[field.name].initial = form_builder.value_of_case(field, self.case)

    def fill(self, name: str, options: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = options

    def wanted(self) -> dict[str, Any]:
        """The arguments with which the action is called."""
        sent: dict[str, Any] = {}
        for field in self.card_fields:
            if field.name in self.cleaned_data:
                sent |= form_builder.arguments_of(field, self.cleaned_data[field.name])
        return sent


class AnswerNowForm(ActForm):
    """Form of the answer at once; the answer may be taken from the knowledge base."""

    def offer(self) -> None:
        super().offer()
        self.fields["text"].widget.attrs["data-answer"] = ""


class DeclineForm(ActForm):
    """Form of declining a case; offers the reasons that fit the kind of the case."""

    def offer(self) -> None:
        super().offer()
        left_out = {DeclineReason.EMERGENCY.value}
        if self.case.kind != CaseKind.PATROL:
            left_out.add(DeclineReason.NOT_FILED.value)
        self.fill("reason", [EMPTY_OPTION, *(c for c in DeclineReason.choices if c[0] not in left_out)])


def proposed_split(text: str, matters: list[Piece]) -> str:
    """Initial text of a split: a paragraph for each matter: its subject, the common introduction, its own words."""
    before = introduction(text, matters)[:LONGEST_INTRODUCTION]
    blocks = []
    for matter in matters:
        own = "\n".join(line for line in unnumbered(matter.text).splitlines() if line.strip())
        blocks.append("\n".join(part for part in (one_line(own), before.replace("\n", " "), own) if part))
    return "\n\n".join(blocks)


class SplitCaseForm(ActForm):
    """Form of splitting a case; begins with the matters found in the text, for a person to check."""

    def offer(self) -> None:
        super().offer()
        found = find_matters(self.case.words.text)
        if len(found) < 2:
            return
        self.fields["matters"].initial = proposed_split(self.case.words.text, found)
        self.fields["matters"].help_text = _(
            "已按原文分成 %d 个事项，请核对修改。两个事项之间空一行，每段的第一行作为主题。"
        ) % len(found)


class DispatchForm(ActForm):
    """Form of dispatching; units that the directory and experience propose come first. One query for all options."""

    def offer(self) -> None:
        on = local_date(self.at)
        units = choices.units_by_kind([*MAY_LEAD, Unit.Kind.PROPERTY], on)
        leads = [group for group in units if group[0] != Unit.Kind.PROPERTY.label]
        self.proposals = lead_proposals(self.case, self.actor, self.at)
        first = {str(proposal.lead.pk): proposal.lead.name for proposal in self.proposals}
        others = [(kind, [row for row in rows if row[0] not in first]) for kind, rows in leads]
        proposed = [(_("建议"), list(first.items()))] if first else []
        self.fill("lead", [EMPTY_OPTION, *proposed, *others])
        self.fill("co_handlers", leads)
        self.fill("property", [EMPTY_OPTION, *(group for group in units if group not in leads)])
        if self.proposals and self.proposals[0].row_code:
            self.fields["lead"].initial = str(self.proposals[0].lead.pk)
            self.fields["co_handlers"].initial = [str(unit.pk) for unit in self.proposals[0].co_handlers]


class RecordVisitForm(ActForm):
    """Form of recording a visit; offers the meetings that are still to be made."""

    def offer(self) -> None:
        super().offer()
        made = {visit.kind for visit in self.case.made_visits}
        left = [choice for choice in VisitKind.choices if choice[0] not in made]
        self.fill("kinds", left or VisitKind.choices)
        if left:
            self.fields["kinds"].initial = [left[0][0]]
        if self.case.grade == Category.Grade.SIMPLE:
            self.fields["kinds"].help_text = str(_("简单件一次联系可以同时算作几访。"))


class ReportResultForm(ActForm):
    """Form of reporting a result, with remarks while it is written, and a draft where a draft server is configured."""

    no_draft = ""

    def offer(self) -> None:
        super().offer()
        self.check_url = reverse("reply", args=[self.case.number])
        self.may_draft = draft_server.configured()
        self.fields["text"].widget.attrs |= {
            "hx-post": self.check_url, "hx-trigger": "input changed delay:600ms", "hx-params": "text",
            "hx-target": "#reply-remarks", "hx-swap": "innerHTML", "hx-select": "unset",
            "hx-select-oob": "unset", "hx-sync": "this:replace", "data-aside": "",
        }  # fmt: skip

    @property
    def typed(self) -> str:
        return str(self["text"].value() or "").strip()

    @cached_property
    def remarks(self) -> list[Remark]:
        """The remarks on what was typed."""
        return remarks(self.case, self.case.words, self.typed[:LONGEST_TEXT])

    @property
    def remarks_with_passages(self) -> list[tuple[Remark, str]]:
        """Each remark with the passage it is about; blocking remarks first."""
        return [
            (remark, remark_excerpt(self.typed, remark))
            for remark in sorted(self.remarks, key=lambda one: not one.blocks)
        ]

    @cached_property
    def missing(self) -> list[str]:
        """The conditions that are still missing before the result may be reported."""
        return missing_for_report(self.case)

    @property
    def blocked(self) -> bool:
        return any(remark.blocks for remark in self.remarks)


# Forms of actions that need more than their card declares.
SPECIAL_FORMS: dict[Action, type[ActForm]] = {
    Action.ANSWER_NOW: AnswerNowForm,
    Action.DECLINE: DeclineForm,
    Action.SPLIT: SplitCaseForm,
    Action.DISPATCH: DispatchForm,
    Action.RECORD_VISIT: RecordVisitForm,
    Action.REPORT_RESULT: ReportResultForm,
}
FORMS: dict[Action, type[ActForm]] = {
    card.action: form_builder.build_form(card, SPECIAL_FORMS.get(card.action, ActForm))
    for card in CARDS.values()
    if card.page
}
