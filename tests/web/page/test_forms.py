from django import forms

from jieban.web.page.forms import PageForm


class Answer(PageForm):
    text = forms.CharField(label="办理结果")
    way = forms.ChoiceField(label="方式", choices=[("phone", "电话")])
    on = forms.DateField(label="日期")


def test_errors_name_the_field_and_say_what_to_do() -> None:
    assert Answer({"on": "昨天", "way": "dove"}).errors == {
        "text": ["请填写“办理结果”。"],
        "way": ["请从“方式”的列表中选择。"],
        "on": ["“日期”的格式不对，请重新填写。"],
    }
    assert Answer({"text": "已修好", "on": "2026-11-23"}).errors == {"way": ["请选择“方式”。"]}


def test_refusal_of_the_rules_stands_beside_its_field() -> None:
    form = Answer({"text": "已修好", "way": "phone", "on": "2026-11-23"})
    assert form.is_valid()
    form.refuse({"text": "请写明修好的时间。"}, "还缺内容。")
    assert form.errors == {"text": ["请写明修好的时间。"]}


def test_refusal_without_a_field_of_the_form_stands_above_it() -> None:
    form = Answer({"text": "已修好", "way": "phone", "on": "2026-11-23"})
    assert form.is_valid()
    form.refuse({"visits": "还没有访意见。"}, "三见面还不齐全，请先记录访意见。")
    assert form.errors == {"__all__": ["三见面还不齐全，请先记录访意见。"]}
