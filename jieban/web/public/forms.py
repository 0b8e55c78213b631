"""Forms of the public pages: few fields, in plain words."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.masking import normalize_phone
from jieban.cases.flow.enums import Contacted, Satisfied, Solved
from jieban.channels import sms
from jieban.web.page.fields import radio_field, text_field
from jieban.web.page.forms import PageForm

LONGEST = 5_000  # characters of a concern's text


class MultipleFileInput(forms.ClearableFileInput):
    """File input for several files, also without JavaScript."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Upload field for several files; the cleaned value is a list."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(MultipleFileField, self).clean(one, initial) for one in files]


def photos_field() -> MultipleFileField:
    """Upload field for photographs."""
    return MultipleFileField(
        label=gettext_lazy("照片"),
        required=False,
        help_text=gettext_lazy("最多 9 张，一次可以选多张。没有照片也可以。"),
        widget=MultipleFileInput(attrs={"multiple": True, "accept": "image/jpeg,image/png,application/pdf"}),
    )


def phone_field(label: Any, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
    return forms.CharField(label=label, max_length=30, widget=widget, **more)


class WhatForm(PageForm):
    """Form of step 1: what happened."""

    text = forms.CharField(
        label=gettext_lazy("什么事"),
        max_length=LONGEST,
        help_text=gettext_lazy("什么时候、发生了什么、希望怎么解决。想到哪写到哪，写错了不要紧。"),
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    photos = photos_field()


class WhereForm(PageForm):
    """Form of step 2: where; every field is optional."""

    place = forms.ChoiceField(label=gettext_lazy("街道、社区"), required=False)
    address = forms.CharField(
        label=gettext_lazy("具体地方"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("小区、楼号、路口，或者旁边有什么。"),
    )
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    long = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _("不清楚")), *places]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if (sent.get("lat") is None) != (sent.get("long") is None):
            sent["lat"] = sent["long"] = None
        return sent


class WhoForm(PageForm):
    """Form of step 3: how to reach the requester."""

    anonymous = radio_field(
        gettext_lazy("要不要留下联系方式"),
        [
            ("no", gettext_lazy("留下手机号")),
            ("yes", gettext_lazy("不留（匿名）：以后不能查询、补充和评价，工作人员也问不到您详情")),
        ],
        initial="no",
    )
    phone = phone_field(gettext_lazy("手机号"), required=False, help_text=gettext_lazy("只用于办理这件事。"))
    name = forms.CharField(
        label=gettext_lazy("怎么称呼您（可以不填）"), max_length=60, required=False, widget=forms.TextInput
    )
    hidden = forms.BooleanField(
        label=gettext_lazy("不公开身份：承办单位看不到您的姓名和手机号"), required=False
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        number = normalize_phone(sent.get("phone", ""))
        if sent.get("anonymous") == "no" and not sms.MOBILE.fullmatch(number):
            self.add_error("phone", _("请填写 11 位手机号；没有手机的，请拨打 12345 反映。"))
        return sent


class PhoneCodeForm(PageForm):
    """Form for a code of six digits."""

    code = forms.CharField(
        label=gettext_lazy("短信里的 6 位验证码"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class FollowForm(PageForm):
    """Form for finding a case again."""

    number = forms.CharField(
        label=gettext_lazy("单号"),
        max_length=40,
        help_text=gettext_lazy("在短信里，以 SJ 开头。"),
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}),
    )
    phone = phone_field(gettext_lazy("反映时留的手机号"))


class PhoneForm(PageForm):
    """Form for the number to which a code is sent."""

    phone = phone_field(gettext_lazy("您的手机号"))


class SupportForm(PageForm):
    """Form of what a supporter adds."""

    text = forms.CharField(
        label=gettext_lazy("还想说一句"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("只给承办单位看，不会公开。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SupplementForm(PageForm):
    """Form for adding information to a case."""

    text = text_field(gettext_lazy("补充的情况"), required=False, rows=5)
    photos = photos_field()

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if not sent.get("text") and not sent.get("photos") and not self.errors:
            raise forms.ValidationError(_("请写明要补充的情况，或者选择照片。"))
        return sent


class RatingForm(PageForm):
    """Form with the three questions of the visit-back, for the requester."""

    contacted = radio_field(gettext_lazy("工作人员联系过您吗"), ())
    solved = radio_field(gettext_lazy("问题解决了吗"), ())
    satisfied = radio_field(gettext_lazy("您满意吗"), ())
    remark = text_field(gettext_lazy("还想说什么"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("contacted", Contacted), ("solved", Solved), ("satisfied", Satisfied)):
            options = [(str(value), label) for value, label in choices.choices if value != "no_answer"]
            self.fields[name].choices = [*options, ("no_answer", _("不想回答"))]  # type: ignore[attr-defined]


class ReopenRequestForm(PageForm):
    """Form for the reason of reopening a case."""

    text = text_field(gettext_lazy("还有什么没解决"), rows=5)


class RemindForm(PageForm):
    """Form for a reminder, with or without text."""

    text = text_field(gettext_lazy("想对承办单位说什么"), required=False)


class WithdrawRequestForm(PageForm):
    """Form for withdrawing a case, as a confirmation."""

    reason = text_field(gettext_lazy("为什么撤回"), required=False)
