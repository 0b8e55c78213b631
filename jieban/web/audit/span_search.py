"""Shared search form of the auditor's pages: a span of days."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from jieban.base.clock import SHANGHAI
from jieban.web.page.fields import date_field
from jieban.web.page.forms import PageForm


class SpanForm(PageForm):
    """Base form for a span of days, both included."""

    since = date_field(gettext_lazy("自"), required=False)
    until = date_field(gettext_lazy("至"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name not in {"since", "until"}])


def filter_values(form: SpanForm) -> dict[str, Any]:
    """The filter's values, days as instants, the last one included; invalid ones are left out and show an error."""
    form.is_valid()
    found = {name: value for name, value in form.cleaned_data.items() if value}
    if "since" in found:
        found["since"] = _midnight(found["since"])
    if "until" in found:
        last = found["until"]
        found["until"] = _midnight(last + timedelta(days=1) if last < date.max else last)
    return found


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(0), SHANGHAI)
