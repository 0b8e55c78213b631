"""The form of each action: its fields, what its lists offer, and what it hands to the action."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from jieban.base.clock import local_date
from jieban.cases.actions import Matter
from jieban.cases.actions.course.dispatching import MAY_LEAD
from jieban.cases.checks.readiness import missing_for_report
from jieban.cases.checks.result_remarks import Remark, remarks
from jieban.cases.flow.enums import (
    AccountReason,
    DeclineReason,
    EmergencyService,
    Relation,
    SettleOutcome,
    TakeOverBy,
    VisitKind,
    VisitWay,
    WhistleKind,
)
from jieban.cases.flow.states import CaseKind, Nature, Urgency
from jieban.cases.models import Case, CaseDetail
from jieban.cases.suggestions.unit_ranking import lead_proposals
from jieban.channels import draft_server
from jieban.language.similarity.summary import one_line
from jieban.language.text.sentences import Piece
from jieban.language.text.split_matters import find_matters, introduction, unnumbered
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Unit
from jieban.web.page import choices
from jieban.web.page.choices import EMPTY_OPTION
from jieban.web.page.fields import (
    LONGEST_TEXT,
    NO,
    YES,
    date_field,
    datetime_field,
    multi_select_field,
    radio_field,
    select_field,
    text_field,
    yes_no_field,
)
from jieban.web.page.forms import FilesField, PageForm
from jieban.web.page.highlight import remark_excerpt

LONGEST_INTRODUCTION = 300  # characters that are repeated before each matter of a split


def answer_article_field() -> forms.RegexField:
    """Which article of the knowledge base was taken as the answer, and its version: 12/3."""
    return forms.RegexField(r"^[0-9]{1,18}/[0-9]{1,8}$", required=False, widget=forms.HiddenInput)


class ActForm(PageForm):
    """The fields of one action on one case. `ids` names the fields that hold ids and the action's words for them."""

    ids: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, case: CaseDetail, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.actor, self.at = case, actor, at
        self.offer()

    def offer(self) -> None:
        """Fills the lists."""

    def fill(self, name: str, options: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = options

    def wanted(self) -> dict[str, Any]:
        """What the action is called with."""
        return {self.ids.get(name, name): self._value(name) for name in self.cleaned_data}

    def _value(self, name: str) -> Any:
        value = self.cleaned_data[name]
        if name not in self.ids:
            return value
        return [int(item) for item in value] if isinstance(value, list) else int(value) if value else None


class ActFormWithFiles(ActForm):
    """What an act is told by may have photographs and papers with it. A phone brings its photographs otherwise."""

    papers = FilesField(label=_("照片或文件"), required=False)
    field_order = ("kinds", "way", "said", "text")

    def wanted(self) -> dict[str, Any]:
        sent = super().wanted()
        files = sent.pop("papers", None)
        return sent if files is None else {**sent, "files": files}


class EmptyForm(ActForm):
    """Nothing to fill in."""


class AnswerNowForm(ActForm):
    text = text_field(_("答复内容"), help_text=_("来电人会看到。"))
    answer_article = answer_article_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["data-answer"] = ""

    def wanted(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"], "article": self.cleaned_data["answer_article"]}


class DeclineForm(ActForm):
    reason = forms.ChoiceField(label=_("不予受理的理由"))
    told = text_field(_("告知来电人"), help_text=_("写明应当找哪里、怎么办理。"))
    danger = forms.BooleanField(label=_("有安全隐患，同时报告值班领导"), required=False)

    def offer(self) -> None:
        left_out = {DeclineReason.EMERGENCY.value}
        if self.case.kind != CaseKind.PATROL:
            left_out.add(DeclineReason.NOT_FILED.value)
        self.fill("reason", [EMPTY_OPTION, *(c for c in DeclineReason.choices if c[0] not in left_out)])


class HandOverCaseForm(ActForm):
    service = radio_field(_("移交给"), EmergencyService.choices)
    called_at = datetime_field(_("通话时间"))
    said = text_field(_("通话内容"), help_text=_("写明与谁通话、说了什么。"))


class MergeForm(ActForm):
    """Another case, by its number."""

    primary = forms.CharField(
        label=_("主件单号"), max_length=24, help_text=_("并入哪一件，例如 2026112300417-6。")
    )

    def clean_primary(self) -> int:
        number = self.cleaned_data["primary"].strip().upper()
        found = Case.objects.filter(number=number).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError(_("没有这个单号，请核对后再填。"))
        return int(found)

    def wanted(self) -> dict[str, Any]:
        return {"primary_id": self.cleaned_data["primary"]}


def proposed_split(said: str, found: list[Piece]) -> str:
    """A paragraph for each matter: a line for its subject, then its words after what introduces all."""
    before = introduction(said, found)[:LONGEST_INTRODUCTION]
    blocks = []
    for matter in found:
        own = "\n".join(line for line in unnumbered(matter.text).splitlines() if line.strip())
        blocks.append("\n".join(part for part in (one_line(own), before.replace("\n", " "), own) if part))
    return "\n\n".join(blocks)


class SplitCaseForm(ActForm):
    matters = text_field(
        _("各个事项"), rows=8, help_text=_("每个事项写一段，两个事项之间空一行。每段的第一行作为主题。")
    )

    def offer(self) -> None:
        found = find_matters(self.case.words.text)
        if len(found) < 2:
            return
        self.fields["matters"].initial = proposed_split(self.case.words.text, found)
        self.fields["matters"].help_text = _(
            "已按原文分成 %d 个事项，请核对修改。两个事项之间空一行，每段的第一行作为主题。"
        ) % len(found)

    def wanted(self) -> dict[str, Any]:
        blocks = [part.strip() for part in self.cleaned_data["matters"].split("\n\n")]
        return {"matters": [Matter(text=block, subject=block.split("\n")[0]) for block in blocks if block]}

    def clean_matters(self) -> str:
        return str(self.cleaned_data["matters"]).replace("\r\n", "\n")


class DispatchForm(ActForm):
    ids = {"lead": "lead_id", "co_handlers": "co_handler_ids", "property": "property_id"}
    lead = select_field(_("主办单位"))
    co_handlers = multi_select_field(_("协办单位"), required=False, help_text=_("可选多个。"))
    property = select_field(_("同时派给物业"), required=False)
    note = text_field(_("派单意见"), required=False)

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


class HandDownForm(ActForm):
    ids = {"unit": "unit_id"}
    unit = select_field(_("下派给"))
    due_at = datetime_field(_("要求完成时间"), required=False, help_text=_("不填则按本件剩余时间折算。"))
    note = text_field(_("要求"), required=False)

    def offer(self) -> None:
        self.fill("unit", [EMPTY_OPTION, *choices.child_units(self.case.lead_id, local_date(self.at))])


class WhistleForm(ActForm):
    ids = {"units": "unit_ids"}
    kind = radio_field(_("吹哨类型"), WhistleKind.choices)
    units = multi_select_field(_("请哪些部门报到"), help_text=_("可选多个。"))
    place = forms.CharField(label=_("集合地点"), max_length=200)
    meet_at = datetime_field(_("集合时间"))

    def offer(self) -> None:
        kinds = [Unit.Kind.DEPARTMENT, Unit.Kind.PARTNER]
        self.fill("units", choices.units_by_kind(kinds, local_date(self.at)))


class ArriveForm(ActForm):
    place = forms.CharField(label=_("报到地点"), max_length=200)


class CoReportForm(ActFormWithFiles):
    text = text_field(_("协办回复"), help_text=_("写明结果；没有办完的，写明原因和办到哪一步。"))


class DisputeForm(ActForm):
    ids = {"proposed": "proposed_id"}
    reason = text_field(
        _("退单理由"), help_text=_("写明为什么不属于本单位职责，依据是什么。裁定前仍须继续办理。")
    )
    proposed = select_field(_("建议由哪个单位办理"), required=False)

    def offer(self) -> None:
        self.fill("proposed", [EMPTY_OPTION, *choices.units_by_kind(MAY_LEAD, local_date(self.at))])


class SettleForm(ActForm):
    ids = {"lead": "lead_id", "co_handlers": "co_handler_ids"}
    outcome = radio_field(_("裁定结果"), SettleOutcome.choices)
    lead = select_field(
        _("改派给"), required=False, help_text=_("选“改派”时填写；不填则用退单单位建议的单位。")
    )
    co_handlers = multi_select_field(_("协办单位"), required=False, help_text=_("选“联办”时填写。"))
    text = text_field(_("裁定理由"))

    def offer(self) -> None:
        leads = choices.units_by_kind(MAY_LEAD, local_date(self.at))
        self.fill("lead", [EMPTY_OPTION, *leads])
        self.fill("co_handlers", leads)


class RecordVisitForm(ActFormWithFiles):
    kinds = forms.MultipleChoiceField(label=_("哪一访"), widget=forms.CheckboxSelectMultiple)
    way = radio_field(_("方式"), VisitWay.choices, initial=VisitWay.PHONE)
    said = text_field(_("来电人怎么说"), help_text=_("写原话的意思。"))

    def offer(self) -> None:
        made = {visit.kind for visit in self.case.made_visits}
        left = [choice for choice in VisitKind.choices if choice[0] not in made]
        self.fill("kinds", left or VisitKind.choices)
        if left:
            self.fields["kinds"].initial = [left[0][0]]
        if self.case.grade == Category.Grade.SIMPLE:
            self.fields["kinds"].help_text = str(_("简单件一次联系可以同时算作几访。"))


class RequestExtensionForm(ActForm):
    new_due_at = datetime_field(_("延至"))
    reason = text_field(_("延期理由"), help_text=_("来电人会知道延期和新的时限。"))


class PutOnAccountForm(ActForm):
    reason_code = radio_field(_("挂账原因"), AccountReason.choices)
    plan = text_field(_("下一步计划"))
    responsible = forms.CharField(label=_("责任人"), max_length=60)
    review_on = date_field(_("复核日期"))


class GrantForm(ActForm):
    text = text_field(_("意见"), required=False)


class ActReasonForm(ActForm):
    """Why, in words that stay in the history."""

    reason = text_field(_("理由"))


class WithdrawForm(ActForm):
    reason = text_field(_("撤诉原因"), required=False)


class ReviewForm(ActForm):
    text = text_field(_("复核情况"))
    review_on = date_field(_("下次复核日期"))


class PublishForm(ActForm):
    """The office's own words for everybody."""

    title = forms.CharField(label=_("公开标题"), max_length=60)
    summary = text_field(_("公开简介"), help_text=_("什么事、在哪一带、现在谁在办，用自己的话写。"))


class NoteForm(ActForm):
    text = text_field(_("内容"))


class NoteWithFilesForm(ActFormWithFiles):
    text = text_field(_("内容"))


class ReportResultForm(ActFormWithFiles):
    text = text_field(
        _("办理结果"), rows=6, help_text=_("写明做了什么、谁做的、什么时候、依据是什么。来电人会看到。")
    )
    # "yes" where the text began as a machine's draft; the history says so.
    drafted = forms.CharField(required=False, max_length=3, widget=forms.HiddenInput)
    no_draft = ""

    def offer(self) -> None:
        self.check_url = reverse("reply", args=[self.case.number])
        self.may_draft = draft_server.configured()
        self.fields["text"].widget.attrs |= {
            "hx-post": self.check_url, "hx-trigger": "input changed delay:600ms", "hx-params": "text",
            "hx-target": "#reply-remarks", "hx-swap": "innerHTML", "hx-select": "unset",
            "hx-select-oob": "unset", "hx-sync": "this:replace", "data-aside": "",
        }  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        return super().wanted() | {"drafted": bool(self.cleaned_data["drafted"])}

    @property
    def typed(self) -> str:
        return str(self["text"].value() or "").strip()

    @cached_property
    def remarks(self) -> list[Remark]:
        """What stands out in what was typed."""
        return remarks(self.case, self.case.words, self.typed[:LONGEST_TEXT])

    @property
    def remarks_with_passages(self) -> list[tuple[Remark, str]]:
        """Each remark with the words of which it speaks, what blocks first."""
        return [
            (remark, remark_excerpt(self.typed, remark))
            for remark in sorted(self.remarks, key=lambda one: not one.blocks)
        ]

    @cached_property
    def missing(self) -> list[str]:
        """What is still missing before the result may be reported."""
        return missing_for_report(self.case)

    @property
    def blocked(self) -> bool:
        return any(remark.blocks for remark in self.remarks)


class CheckOnSpotForm(ActForm):
    passed = forms.TypedChoiceField(
        label=_("核查结论"),
        choices=[("yes", _("已解决")), ("no", _("没有解决"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    text = text_field(_("核查情况"))
    photo = FilesField(label=_("现场照片"), most=1, photos_only=True)

    def wanted(self) -> dict[str, Any]:
        sent = dict(self.cleaned_data)
        name, content = sent.pop("photo")[0]
        return {"content": content, "name": name, **sent}


class AttachForm(ActForm):
    file = FilesField(label=_("照片或文件"))

    def wanted(self) -> dict[str, Any]:
        return {"files": self.cleaned_data["file"]}


class ReopenForm(ActForm):
    text = text_field(_("哪里还没有解决"))


class SuperviseForm(ActForm):
    text = text_field(_("督办要求"))
    answer_by = datetime_field(_("反馈时限"), required=False)


class TakeOverForm(ActForm):
    by = radio_field(_("由谁提办"), TakeOverBy.choices)
    text = text_field(_("要求"))


class MarkUrgentForm(ActForm):
    urgency = radio_field(_("紧急程度"), Urgency.choices)
    text = text_field(_("理由"), help_text=_("标为“危及生命安全”时，系统立即报告值班领导。"))

    def offer(self) -> None:
        self.fields["urgency"].initial = self.case.urgency


class ReclassifyForm(ActForm):
    ids = {"category": "category_id", "place": "place_id"}
    category = select_field(_("分类"), required=False)
    place = select_field(_("地点"), required=False)
    nature = forms.ChoiceField(label=_("性质"), choices=[EMPTY_OPTION, *Nature.choices], required=False)
    grade = forms.ChoiceField(
        label=_("难易"),
        choices=[EMPTY_OPTION, *Category.Grade.choices],
        required=False,
        help_text=_("改了难易程度，时限按新的程度从受理时起算。"),
    )
    sensitive = yes_no_field(_("敏感，控制知悉范围"))
    is_property = yes_no_field(_("涉物业服务"))
    reason = text_field(_("更正理由"), required=False)

    def offer(self) -> None:
        self.fill("category", [EMPTY_OPTION, *choices.categories(local_date(self.at))])
        self.fill("place", [EMPTY_OPTION, *choices.places(local_date(self.at))])
        for name, pk in (("category", self.case.category_id), ("place", self.case.place_id)):
            self.fields[name].initial = str(pk) if pk else ""
        self.fields["nature"].initial, self.fields["grade"].initial = self.case.nature, self.case.grade
        for name in ("sensitive", "is_property"):
            self.fields[name].initial = YES if getattr(self.case, name) else NO

    def wanted(self) -> dict[str, Any]:
        answers = {YES: True, NO: False}
        sent = super().wanted()
        return sent | {name: answers.get(sent[name]) for name in ("sensitive", "is_property")}


class EraseForm(ActForm):
    ground = forms.CharField(label=_("清除依据"), max_length=200, help_text=_("清除后不能恢复。"))


def is_helper_only(case: CaseDetail, actor: Actor) -> bool:
    """Whether the acting unit helps in the case without leading it."""
    return any(a.unit_id in actor.unit_ids and a.relation != Relation.LEAD for a in case.active)
