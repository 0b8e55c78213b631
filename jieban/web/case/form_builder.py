"""Form builder: makes the Django form of each action from the action's card, with its options and its arguments."""

from datetime import date
from typing import Any, TypeVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from jieban.cases.actions import Matter
from jieban.cases.actions.course.dispatching import MAY_LEAD
from jieban.cases.flow.cards import card_fields
from jieban.cases.flow.cards.card import ActionCard
from jieban.cases.flow.cards.card_fields import CardField, UnitGroup
from jieban.cases.models import Case
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
    select_field,
    text_field,
    yes_no_field,
)
from jieban.web.page.forms import FilesField

LONGEST_NUMBER = 24  # characters
ROWS_FOR_MATTERS = 8
KINDS_OF_GROUP = {
    UnitGroup.MAY_LEAD: MAY_LEAD,
    UnitGroup.MAY_BE_CALLED: frozenset({Unit.Kind.DEPARTMENT, Unit.Kind.PARTNER}),
    UnitGroup.COMPANIES: frozenset({Unit.Kind.PROPERTY}),
}
Form = TypeVar("Form", bound=forms.Form)


def build_form(card: ActionCard, base: type[Form]) -> type[Form]:
    """The form class of an action: the base class with a field for each field of the card that pages have."""
    fields = {field.name: form_field(field) for field in card.page_fields}
    name = "".join(part.title() for part in card.action.value.split("_"))
    metaclass: Any = type(base)
    return cast(type[Form], metaclass(f"{name}Form", (base,), fields | {"card_fields": card.page_fields}))


def form_field(field: CardField) -> forms.Field:
    """The Django field of a card's field; the form itself fills in what differs between cases."""
    common: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": field.help}
    match field:
        case card_fields.Text():
            return text_field(rows=field.rows, **common)
        case card_fields.Matters():
            return MattersField(**common)
        case card_fields.Line():
            return forms.CharField(max_length=field.longest, **common)
        case card_fields.CaseRef():
            return CaseNumberField(max_length=LONGEST_NUMBER, **common)
        case card_fields.UnitRef() | card_fields.CategoryRef() | card_fields.PlaceRef():
            return select_field(**common)
        case card_fields.UnitRefs():
            return multi_select_field(**common)
        case card_fields.DateTime():
            return datetime_field(**common)
        case card_fields.Day():
            return date_field(**common)
        case card_fields.ArticleRef():
            return answer_article_field()
        case card_fields.Mark():
            return forms.CharField(required=False, max_length=3, widget=forms.HiddenInput)
        case card_fields.Photo():
            return FilesField(label=field.label, required=field.required, most=1, photos_only=True)
        case card_fields.Files() | card_fields.Papers():
            return FilesField(label=field.label, required=field.required)
    return _choice_field(field, common)


def _choice_field(field: CardField, common: dict[str, Any]) -> forms.Field:
    match field:
        case card_fields.Choice(as_list=True):
            return forms.ChoiceField(choices=[EMPTY_OPTION, *field.of.choices], **common)
        case card_fields.Choice():
            return forms.ChoiceField(
                choices=field.of.choices,
                initial=field.initial,
                widget=forms.RadioSelect,
                **common,
            )
        case card_fields.Choices():
            return forms.MultipleChoiceField(
                choices=field.of.choices, widget=forms.CheckboxSelectMultiple, **common
            )
        case card_fields.GradeChoice():
            grades = [EMPTY_OPTION, *Category.Grade.choices]
            return forms.ChoiceField(choices=grades, **common)
        case card_fields.YesNo():
            return yes_no_field(field.label)
        case card_fields.Tick():
            return forms.BooleanField(**common)
        case card_fields.Answer():
            return forms.TypedChoiceField(
                choices=[("yes", field.yes or _("是")), ("no", field.no or _("否"))],
                coerce=lambda value: value == "yes",
                widget=forms.RadioSelect,
                **common,
            )
    raise TypeError(f"{type(field).__name__} is not for pages")


def answer_article_field() -> forms.RegexField:
    """Field for the knowledge base article that was used as the answer, and its version: 12/3."""
    return forms.RegexField(r"^[0-9]{1,18}/[0-9]{1,8}$", required=False, widget=forms.HiddenInput)


class CaseNumberField(forms.CharField):
    """Field for another case by its number; the cleaned value is its id."""

    def clean(self, value: Any) -> int | None:
        number = super().clean(value).strip().upper()
        if not number:
            return None
        case_id = Case.objects.filter(number=number).values_list("pk", flat=True).first()
        if case_id is None:
            raise forms.ValidationError(_("没有这个单号，请核对后再填。"))
        return int(case_id)


class MattersField(forms.CharField):
    """Field for several matters, a paragraph each; the cleaned value has each with its first line as the subject."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": ROWS_FOR_MATTERS})
        super().__init__(max_length=LONGEST_TEXT, widget=widget, **kwargs)

    def clean(self, value: Any) -> list[Matter]:
        text = str(super().clean(value)).replace("\r\n", "\n")
        blocks = [part.strip() for part in text.split("\n\n")]
        return [Matter(text=block, subject=block.split("\n")[0]) for block in blocks if block]


class ListOptions:
    """Options of one form's fields today; units that two fields need are read once."""

    def __init__(self, case: Case, on: date) -> None:
        self.case, self.on = case, on
        self._units: dict[UnitGroup, Any] = {}

    def options(self, field: CardField) -> Any:
        """The options of a field, an empty one first where it is optional; None for a field without options."""
        match field:
            case card_fields.UnitRef():
                return [EMPTY_OPTION, *self.units(field.group)]
            case card_fields.UnitRefs():
                return self.units(field.group)
            case card_fields.CategoryRef():
                return [EMPTY_OPTION, *choices.categories(self.on)]
            case card_fields.PlaceRef():
                return [EMPTY_OPTION, *choices.places(self.on)]
        return None

    def units(self, group: UnitGroup) -> Any:
        if group not in self._units:
            self._units[group] = (
                choices.child_units(self.case.lead_id, self.on)
                if group == UnitGroup.CHILDREN
                else choices.units_by_kind(KINDS_OF_GROUP[group], self.on)
            )
        return self._units[group]


def value_of_case(field: CardField, case: Case) -> Any:
    """The value of the case for this field, as the form's initial value."""
    match field:
        case card_fields.CategoryRef() | card_fields.PlaceRef() | card_fields.UnitRef():
            pk = getattr(case, f"{field.name}_id")
            return str(pk) if pk else ""
        case card_fields.YesNo():
            return YES if getattr(case, field.name) else NO
    return getattr(case, field.name)


def arguments_of(field: CardField, value: Any) -> dict[str, Any]:
    """The arguments of the action's function for a field's cleaned value."""
    match field:
        case card_fields.Photo():
            name, content = value[0]
            return {"content": content, "name": name}
        case card_fields.Papers():
            return {"files": value}
        case card_fields.UnitRef() | card_fields.CategoryRef() | card_fields.PlaceRef():
            value = int(value) if value else None
        case card_fields.UnitRefs():
            value = [int(item) for item in value]
        case card_fields.YesNo():
            value = {YES: True, NO: False}.get(value)
        case card_fields.Mark():
            value = bool(value)
    return {field.arguments[0]: value}
