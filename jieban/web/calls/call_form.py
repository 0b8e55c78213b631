"""Form of the call page: what an operator takes down during a call."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.cases.actions import (
    AnswerAtOnce,
    CallOutcome,
    EmergencyCall,
    GoOn,
    JoinCase,
    PassToEmergency,
)
from jieban.cases.flow.enums import EmergencyService
from jieban.cases.models import Case
from jieban.registry.district import geo, place_search
from jieban.registry.district.place_search import PlaceHit
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category
from jieban.web.calls.intake_form import NewCaseForm
from jieban.web.case.form_builder import answer_article_field
from jieban.web.page.fields import datetime_field, text_field

# In the order of a call: who is calling, what happened, where, what it is about.
VISIBLE_FIELDS = (
    "phone", "text", "where", "category", "nature", "urgency", "grade", "name", "address", "kind", "subject",
    "hidden", "sensitive", "is_property", "answer",
)  # fmt: skip
SERVICES = EmergencyService.values
JOIN_PREFIX = "join:"  # prefix of the button that joins the call to a case, before that case's number
HIDDEN_FIELDS = ("key", "place", "lat", "long", "call", "resumed", "answer_article")
MOST_NAMED = 5  # places named in the message that asks for a more exact one


def _hidden(field: type[forms.Field] = forms.CharField, **more: Any) -> forms.Field:
    return field(required=False, widget=forms.HiddenInput, **more)


class CallForm(NewCaseForm):
    """Form of a new case with the parts of a call: emergency calls, an answer, the telephone system's call id."""

    where = forms.CharField(label=gettext_lazy("地点"), required=False, max_length=100)
    place = _hidden(max_length=18)  # type: ignore[assignment]
    lat = _hidden(forms.FloatField)
    long = _hidden(forms.FloatField)
    grade = forms.ChoiceField(
        label=gettext_lazy("难易"),
        choices=[("", gettext_lazy("按分类")), *Category.Grade.choices],
        required=False,
    )
    is_property = forms.BooleanField(label=gettext_lazy("涉物业服务"), required=False)
    call = _hidden(max_length=18)
    resumed = _hidden(max_length=64)
    answer = text_field(
        gettext_lazy("当场答复"), required=False, rows=3, help_text=gettext_lazy("只用于咨询，来电人会看到。")
    )

    answer_article = answer_article_field()

    def __init__(self, *args: Any, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, at=at, **kwargs)
        self.at = at
        del self.fields["papers"]  # no papers come by telephone
        self.fields["nature"].initial = None  # the operator must choose it
        for service in EmergencyService:
            label = service.label
            self.fields[f"at_{service}"] = datetime_field(_("%s：呼叫时间") % label, required=False)
            self.fields[f"who_{service}"] = forms.CharField(
                label=_("%s：接听人") % label, required=False, max_length=60
            )
            self.fields[f"said_{service}"] = forms.CharField(
                label=_("%s：说了什么") % label, required=False, max_length=500
            )
        self.order_fields(VISIBLE_FIELDS)

    def offer_places(self, on: date) -> None:
        """No options: places are found by search."""

    @property
    def grid_fields(self) -> list[forms.BoundField]:
        """The fields of the form's grid, in order."""
        return [self[name] for name in VISIBLE_FIELDS if name in self.fields and name != "answer"]

    @property
    def unseen(self) -> list[forms.BoundField]:
        return [self[name] for name in HIDDEN_FIELDS]

    @property
    def emergency(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Each emergency service with its number and the fields of its call."""
        return [
            (service.value, str(service.label), [self[f"{part}_{service}"] for part in ("at", "who", "said")])
            for service in EmergencyService
        ]

    def clean(self) -> dict[str, Any]:
        """Resolves the place: the chosen one, else the one that the words name."""
        sent: dict[str, Any] = super().clean() or self.cleaned_data
        on = local_date(self.at)
        chosen = sent.get("place", "")
        words = sent.get("where", "").strip()
        found = place_search.place_of(int(chosen), on) if chosen.isdecimal() else None
        if chosen and found is None:
            self.add_error("where", _("没有这个地点，请重新选择。"))
        elif words and (found is None or words != found.path):
            found = self._place_from_text(words, on)
        sent["place"] = str(found.id) if found else ""
        self._check_point(sent)
        return sent

    def _place_from_text(self, words: str, on: date) -> PlaceHit | None:
        found = place_search.resolve(words, on)
        if isinstance(found, PlaceHit):
            return found
        if found:
            named = "；".join(place.path for place in found[:MOST_NAMED])
            message = _("“%(words)s”有多个地点，请写得更具体，例如：%(named)s。")
            self.add_error("where", message % {"words": words, "named": named})
        else:
            message = _("没有找到“%s”。请换个说法；确实没有的，清空此栏，写在“详细地址”。")
            self.add_error("where", message % words)
        return None

    def _check_point(self, sent: dict[str, Any]) -> None:
        lat, long = sent.get("lat"), sent.get("long")
        if lat is None or long is None:
            sent["lat"] = sent["long"] = None
            return
        outcome = geo.check_coordinates(lat, long)
        if outcome is not None:
            self.add_error("where", geo.coordinates_message(outcome))

    def emergency_calls(self) -> list[EmergencyCall]:
        """The emergency calls that were noted."""
        sent = self.cleaned_data
        return [
            EmergencyCall(service, sent[f"at_{service}"], sent[f"who_{service}"], sent[f"said_{service}"])
            for service in SERVICES
            if sent.get(f"at_{service}")
        ]

    def outcome(self, then: str) -> CallOutcome:
        """What the button asks for in the same call. Raises Invalid."""
        if then == "answer":
            return AnswerAtOnce(self.cleaned_data["answer"], self.cleaned_data["answer_article"])
        if then == "hand_over":
            return PassToEmergency(self.emergency_calls())
        if then.startswith(JOIN_PREFIX):
            primary = Case.objects.filter(number=then.removeprefix(JOIN_PREFIX).replace("\0", "")).first()
            if primary is None:
                raise Invalid(_("没有要并入的诉求，请重新选择。"))
            return JoinCase(primary.pk)
        return GoOn(self.emergency_calls())
