"""The emergency card of a call's page: which services were called, when, and what was said."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.clock import SHANGHAI, local
from jieban.cases.actions import Alarm
from jieban.cases.flow import EmergencyService
from jieban.web.forms import PageForm

# A clock time that lies further ahead than this was yesterday's, not a slip of the pen.
YESTERDAYS = timedelta(hours=12)
LONGEST = 2_000
FIELDS = tuple(f"{part}_{service.value}" for service in EmergencyService for part in ("called", "at", "said"))


class EmergencyCard(PageForm):
    """A row for each service; what is not ticked counts as not called."""

    stays = forms.BooleanField(
        label=gettext_lazy("仍需区里办理：作为危及生命安全的诉求受理并派单"), required=False
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        for service in EmergencyService:
            key = service.value
            self.fields[f"called_{key}"] = forms.BooleanField(label=service.label, required=False)
            self.fields[f"at_{key}"] = forms.TimeField(
                label=_("%s 通话时间") % key,
                required=False,
                widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            )
            self.fields[f"said_{key}"] = forms.CharField(
                label=_("%s 与谁通话、说了什么") % key, required=False, max_length=LONGEST
            )

    @property
    def services(self) -> Iterator[tuple[str, Any, Any, Any]]:
        """For the template: key, tick, time and words of each service."""
        for service in EmergencyService:
            key = service.value
            yield key, self[f"called_{key}"], self[f"at_{key}"], self[f"said_{key}"]

    @property
    def is_used(self) -> bool:
        return any(self[f"called_{service.value}"].value() for service in EmergencyService)

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = self.cleaned_data
        for service in EmergencyService:
            key = service.value
            if sent.get(f"called_{key}") and not sent.get(f"said_{key}", "").strip():
                self.add_error(f"said_{key}", _("请写明与 %s 的谁通话、说了什么。") % key)
            if sent.get(f"called_{key}") and self._moment(sent.get(f"at_{key}")) > self.at + timedelta(
                minutes=1
            ):
                self.add_error(f"at_{key}", _("通话时间不能晚于现在。"))
        return sent

    def alarms(self) -> list[Alarm]:
        """The services called, in the order of the calls."""
        sent = self.cleaned_data
        found = [
            Alarm(s.value, self._moment(sent.get(f"at_{s.value}")), sent[f"said_{s.value}"])
            for s in EmergencyService
            if sent.get(f"called_{s.value}")
        ]
        return sorted(found, key=lambda alarm: alarm.called_at)

    def _moment(self, clock: time | None) -> datetime:
        if clock is None:
            return self.at
        moment = datetime.combine(local(self.at).date(), clock, SHANGHAI)
        return moment - timedelta(days=1) if moment - self.at > YESTERDAYS else moment
