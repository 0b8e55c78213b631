"""Form fields that all pages use: text, choice, date and time, each with its widget."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieban.web.page.choices import EMPTY_OPTION, SearchableSelect, SearchableSelectMultiple

LONGEST_TEXT = 20_000  # characters


def text_field(label: Any, *, required: bool = True, help_text: Any = "", rows: int = 3) -> forms.CharField:
    """Text field for some sentences."""
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def radio_field(label: Any, options: Any, *, initial: str = "") -> forms.ChoiceField:
    """Radio field: one of a few options, all visible."""
    return forms.ChoiceField(label=label, choices=options, initial=initial, widget=forms.RadioSelect)


def select_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.ChoiceField:
    """Select field: one of many options; the form fills in the options."""
    return forms.ChoiceField(label=label, required=required, help_text=help_text, widget=SearchableSelect)


def multi_select_field(
    label: Any, *, required: bool = True, help_text: Any = ""
) -> forms.MultipleChoiceField:
    """Multi-select field: some of many options; the form fills in the options."""
    return forms.MultipleChoiceField(
        label=label,
        required=required,
        help_text=help_text,
        widget=SearchableSelectMultiple(attrs={"size": 5}),
    )


def datetime_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """Date and time field, in Chinese wall-clock time."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=required, help_text=help_text, widget=widget)


YES, NO = "on", "off"


def yes_no_field(label: Any) -> forms.ChoiceField:
    """Yes or no field; when it is left empty, the value stays as it is."""
    return forms.ChoiceField(
        label=label, choices=[EMPTY_OPTION, (YES, _("是")), (NO, _("否"))], required=False
    )


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """Date field."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def time_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.TimeField:
    """Field for a time of the day."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=required, help_text=help_text, widget=widget)
