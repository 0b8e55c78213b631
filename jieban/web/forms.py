"""What all forms of the pages have in common."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PageForm(forms.Form):
    """A form whose errors name the field and say what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            verb = _("请选择“%(label)s”。") if chosen else _("请填写“%(label)s”。")
            field.error_messages["required"] = str(verb) % {"label": field.label}
            field.error_messages["invalid"] = str(_("“%(label)s”的格式不对，请重新填写。")) % {
                "label": field.label
            }
            if chosen:
                field.error_messages["invalid_choice"] = str(_("请从“%(label)s”的列表中选择。")) % {
                    "label": field.label
                }

    def refuse(self, fields: dict[str, str], message: str) -> None:
        """Shows a refusal of the rules beside the fields it names, and the rest above the form."""
        known = {name: text for name, text in fields.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        if not known:
            self.add_error(None, message)
