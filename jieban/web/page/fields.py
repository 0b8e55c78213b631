"""Form fields that all pages use: text, choice, date and time, each with its widget."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jieban.web.page.choices import NOBODY, Pick, PickSeveral

LONGEST = 20_000  # characters


def text(label: Any, *, required: bool = True, help_text: Any = "", rows: int = 3) -> forms.CharField:
    """A field for some sentences."""
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def one_of(label: Any, options: Any, *, initial: str = "") -> forms.ChoiceField:
    """A field for one of a few, all in sight."""
    return forms.ChoiceField(label=label, choices=options, initial=initial, widget=forms.RadioSelect)


def listed(label: Any, *, required: bool = True, help_text: Any = "") -> forms.ChoiceField:
    """A field for one of many; the form fills in the list."""
    return forms.ChoiceField(label=label, required=required, help_text=help_text, widget=Pick)


def several(label: Any, *, required: bool = True, help_text: Any = "") -> forms.MultipleChoiceField:
    """A field for some of many; the form fills in the list."""
    return forms.MultipleChoiceField(
        label=label, required=required, help_text=help_text, widget=PickSeveral(attrs={"size": 5})
    )


def moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """A field for a time on the wall in China."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=required, help_text=help_text, widget=widget)


YES, NO = "on", "off"


def yes_or_no(label: Any) -> forms.ChoiceField:
    """A field for what is or is not so; what isn't sent stays as it is."""
    return forms.ChoiceField(label=label, choices=[NOBODY, (YES, _("是")), (NO, _("否"))], required=False)


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A field for a day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def clock(label: Any, *, required: bool = True, help_text: Any = "") -> forms.TimeField:
    """A field for a time of the day."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=required, help_text=help_text, widget=widget)
