"""Unsaved sample cases for rendering templates without the real queries."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django import forms

from jieban.base.clock import SHANGHAI
from jieban.cases.flow.enums import Relation
from jieban.cases.flow.states import Channel, Nature, State, Urgency
from jieban.cases.models import Assignment, Case
from jieban.registry.models import Category, Place, Unit
from jieban.web.desks.visit_back_views import VisitBackForm
from jieban.web.page import list_columns
from jieban.web.page.forms import PageForm
from jieban.web.page.page_models import (
    Fact,
    OfferedAction,
    RequesterCard,
    RequiredCheck,
    StageItem,
    Tab,
    TimelineEntry,
)

NOW = datetime(2026, 11, 23, 14, 41, tzinfo=SHANGHAI).astimezone(UTC)
TEXT = (
    "我家住老山东里北 12 号楼 3 单元，楼下新开的烧烤店每天营业到凌晨两点，油烟直接往楼上走，窗户根本不敢开，"
    "音响也特别吵。上周打过一次电话，来人看了说会整改，结果第二天还是老样子。家里有老人孩子，希望能真正解决一下。"
)


SEQUENCE = count(417)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A Chinese wall-clock time in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def make_case(subject: str, street: str, community: str, category: str, **more: Any) -> Case:
    """A case with all that a list shows."""
    values: dict[str, Any] = {
        "number": f"20261123{next(SEQUENCE):05d}-6",
        "state": State.HANDLING,
        "nature": Nature.COMPLAINT,
        "channel": Channel.PHONE,
        "urgency": Urgency.NORMAL,
        "received_at": at(23, 14, 2),
        "contact_from_at": at(23, 14, 2),
        "contact_due_at": at(24, 14, 2),
        "finish_from_at": at(23, 14, 2),
        "finish_due_at": at(29, 0),
    } | more
    return Case(
        subject=subject,
        street=Place(name=street) if street else None,
        community=Place(name=community) if community else None,
        category=Category(path=category) if category else None,
        **values,
    )


def cases() -> list[Case]:
    """A queue with every tone in it."""
    old = Unit(name="老山街道办事处")
    return [
        make_case(
            "燃气味道很大，楼道里能闻到",
            "八角街道",
            "八角北里社区",
            "公共安全 / 燃气安全 / 燃气泄漏",
            state=State.RECEIVED,
            urgency=Urgency.LIFE,
            received_at=at(23, 14, 36),
            contact_due_at=at(23, 14, 37),
            finish_due_at=at(23, 16, 36),
        ),
        make_case(
            "楼下烧烤店油烟、噪声，夜里睡不着",
            "老山街道",
            "老山东里北社区",
            "环境保护 / 大气污染 / 餐饮油烟",
            lead=old,
            supervised=True,
            reopened_count=1,
            contact_from_at=at(22, 15),
            contact_due_at=at(23, 15, 19),
        ),
        make_case(
            "地下车库漏水，物业一直说在联系",
            "鲁谷街道",
            "五芳园社区",
            "住房保障 / 物业管理 / 设施设备维修养护",
            lead=Unit(name="鲁谷街道办事处"),
            state=State.DISPATCHED,
            channel=Channel.WEB,
            contact_from_at=at(23, 8),
            contact_due_at=at(24, 0),
        ),
        make_case(
            "单元门禁坏了半个月",
            "苹果园街道",
            "海特花园社区",
            "住房保障 / 物业管理 / 门禁",
            contact_met_at=at(23, 14, 30),
            lead=Unit(name="苹果园街道办事处"),
        ),
        make_case(
            "幼儿园秋季学费怎么突然涨了",
            "古城街道",
            "",
            "教育 / 学前教育 / 收费",
            lead=Unit(name="区教育委员会"),
            state=State.REPORTED,
            nature=Nature.CONSULT,
            reported_at=at(22, 16),
            visit_back_due_at=at(24, 16),
            received_at=at(20, 9, 40),
        ),
        make_case(
            "想咨询老楼加装电梯怎么申请",
            "",
            "",
            "",
            state=State.CLOSED,
            nature=Nature.CONSULT,
            received_at=at(16, 10, 20),
        ),
    ]


class FilterForm(PageForm):
    q = forms.CharField(label="搜索单号、地点、内容", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *State.choices], required=False)
    street = forms.ChoiceField(label="街道", choices=[("", "全部")], required=False)
    category = forms.ChoiceField(label="分类", choices=[("", "全部")], required=False)
    unit = forms.ChoiceField(label="主办单位", choices=[("", "全部")], required=False)
    received_from = forms.DateField(
        label="受理自", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    received_to = forms.DateField(
        label="受理至", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    overdue = forms.BooleanField(label="只看已超时限", required=False)


class VisitForm(PageForm):
    way = forms.ChoiceField(
        label="方式",
        choices=[("in_person", "当面"), ("phone", "电话"), ("message", "消息")],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label="来电人怎么说",
        help_text="写原话的意思，来电人会看到。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoteForm(PageForm):
    text = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}))


class NewForm(PageForm):
    text = forms.CharField(
        label="内容",
        help_text="写清什么时间、什么地点、发生了什么、希望怎样。",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    address_text = forms.CharField(label="地点", required=False)
    category = forms.ChoiceField(label="分类", choices=[("", "待分类")], required=False)
    nature = forms.ChoiceField(label="性质", choices=Nature.choices, widget=forms.RadioSelect)
    urgency = forms.ChoiceField(label="紧急程度", choices=Urgency.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="姓名", required=False)
    phone = forms.CharField(label="电话", required=False)
    hidden = forms.BooleanField(label="不向承办单位公开身份", required=False)


def new_case() -> dict[str, Any]:
    """Template context of the call page, with one invalid field."""
    form = NewForm({"address_text": "老山东里北社区 12 号楼", "nature": "complaint", "urgency": "normal"})
    return {
        "title": "登记诉求",
        "form": form,
        "full_fields": ["text", "nature", "urgency"],
        "button": "受理并转派单",
    }


def visit_back() -> dict[str, Any]:
    """Template context of the visit-back page."""
    case = cases()[4]
    return {
        "now": NOW,
        "title": f"回访：{case.subject}",
        "case": case,
        "first_line": "请在明天 16:00 前打给来电人，问清三个问题。",
        "hotline": "区热线中心",
        "received_words": "11月20日",
        "said": "孩子所在幼儿园秋季学费比上学期每月多了 300 元，没有通知，想问是否合规。",
        "result": "经核实，该园为普惠园，收费标准未调整；多收的是延时服务费，已要求园方一周内告知并退还。",
        "requester": RequesterCard("刘**", "100****0288", reveal_url="/"),
        "form": VisitBackForm(),
        "attempts": [TimelineEntry(at(23, 9, 5), "王芳", "回访", text="无人接听")],
    }


def queue() -> dict[str, Any]:
    """Template context of the list of cases."""
    return {
        "now": NOW,
        "title": "待办诉求",
        "rows": [(case, case.subject, "") for case in cases()],
        "columns": list_columns.requested_columns([]),
        "filters": FilterForm(),
        "new_url": "/",
        "tabs": [
            Tab("全部 42", "/", here=True),
            Tab("已超时限 2", "/", "red", "triangle"),
            Tab("将到时限 6", "/", "amber", "diamond"),
            Tab("待派单 9", "/", "blue", "ring"),
        ],
        "next_url": "/?after=1",
    }


def record() -> dict[str, Any]:
    """Template context of a case's page, for the command centre of the street that leads."""
    case = cases()[1]
    case.contact_from_at, case.contact_due_at = at(23, 14, 2), at(24, 14, 2)
    return {
        "now": NOW,
        "title": case.subject,
        "case": case,
        "first_line": "老山街道办事处正在办理：工作人员最晚明天 14:02 前联系来电人，11月28日 24:00 前报结。",
        "stages": [
            StageItem("受理", "done", at(23, 14, 2)),
            StageItem("派单", "done", at(23, 14, 20)),
            StageItem("签收", "done", at(23, 14, 31)),
            StageItem("访需求", "now", due=at(24, 14, 2)),
            StageItem("访意见", "open"),
            StageItem("报结", "open", due=at(29, 0)),
            StageItem("回访", "open"),
        ],
        "said": TEXT,
        "requester": RequesterCard("张**", "100****0417", reveal_url="/"),
        "facts": [
            Fact("地点", "老山东里北社区 12 号楼"),
            Fact("分类", "环境保护 / 大气污染 / 餐饮油烟"),
            Fact("难易", "复杂", "5 日办结"),
            Fact("同一事", "本人 11月16日来电，已报结，回访未解决", wide=True),
        ],
        "assignments": [
            Assignment(unit=Unit(name="老山街道办事处"), relation=Relation.LEAD, signed_at=at(23, 14, 31)),
            Assignment(unit=Unit(name="区生态环境局"), relation=Relation.CO_HANDLER),
        ],
        "checks_title": "三见面",
        "checks_words": "还差 3 步才能报结",
        "checks": [
            RequiredCheck("访需求：当面或电话，听清要什么", "now"),
            RequiredCheck("访意见：办理中，问对办法的意见", "open"),
            RequiredCheck("协办回复：区生态环境局", "open", "尚未签收"),
        ],
        "steps": [
            TimelineEntry(NOW - timedelta(minutes=10), "陈立", "签收", "老山街道办事处"),
            TimelineEntry(
                at(23, 14, 20),
                "周敏",
                "派单给老山街道办事处",
                "依据派单目录 E-0312",
                "与上次整改情况一并核实。",
            ),
            TimelineEntry(at(23, 14, 2), "李倩", "受理来电", "区热线中心"),
        ],
        "acts": [
            OfferedAction("record_visit", "记录访需求", "记录访需求", "/", VisitForm(), main=True),
            OfferedAction("report_result", "报结", "报结", "/", NoteForm(), note="三见面齐全后才能报结。"),
            OfferedAction("whistle", "吹哨", "吹哨", "/", NoteForm()),
            OfferedAction("dispute", "退单", "提出退单", "/", NoteForm()),
            OfferedAction("request_extension", "申请延期", "申请延期", "/", NoteForm()),
            OfferedAction("add_note", "备注", "保存备注", "/", NoteForm()),
        ],
    }
