"""Texts of the field pages' JavaScript; they are here so that they are translated with all others."""

from django.utils.translation import gettext as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import VisitKind, VisitWay


def field_words() -> dict[str, object]:
    """Texts by name; the browser replaces `%s`."""
    return {
        "online": _("已联网，无待发"),
        "online_waiting": _("已联网 · %s 项待发送"),
        "offline": _("离线 · 无待发"),
        "offline_waiting": _("离线 · %s 项待发送"),
        "refused": _("%s 项未能发送"),
        "sending": _("正在发送"),
        "signed_out": _("请重新登录后自动发送"),
        "other": _("另有 %s 项待原岗位发送"),
        "busy": _("系统暂时繁忙，稍后自动再发。"),
        "kept": _("没有网络，已存在本机，联网后自动发送。"),
        "not_kept": _("本机没有存下这条记录。请不要关闭页面，联网后再提交。"),
        "bad_photo": _("“%s”不能读取，请换一张照片。"),
        "many_photos": _("一次最多 6 张照片，请分几次记录。"),
        "no_position": _("没有取到您的位置，请打开手机定位后再试。"),
        "no_call": _("没有取到号码，请检查网络后再拨。"),
        "state_waiting": _("等待发送"),
        "state_sent": _("已发送"),
        "state_refused": _("未能发送"),
        "taken": _("记录于 %s"),
        "sent": _("%s 已收到"),
        "since": _("您记录之后："),
        "advice": _("内容仍在本机。可作为备注保存；放弃后不能恢复；也可回到诉求按现在的情况重新办理。"),
        "advice_late": _("时间无误的，按“时间无误，发送”；有误的，放弃后重新办理。"),
        "as_note": _("作为备注保存"),
        "drop": _("放弃"),
        "drop_sure": _("确认放弃"),
        "again": _("重新办理"),
        "confirm": _("时间无误，发送"),
        "nothing": _("没有待发送的记录"),
        "nothing_text": _("没有网络时记录的见面、备注和照片会排在这里，联网后自动发送。"),
        "photos": _("%s 张照片"),
        "late": _("已超时"),
        "today": _("今天"),
        "later": _("之后"),
        "before": _("%s 前"),
        "next": _("下一步：%s"),
        "list_kept": _("没有网络，列表为 %s 的内容。"),
        "list_none": _("本机没有可以显示的列表。列表只保存一天，退出登录或切换岗位时清除。请联网后打开。"),
        "list_empty": _("当时没有要办的事。"),
        "case_none": _("本机没有保存这件诉求，请联网后打开。"),
        "visit_all": _("三次见面都已记录。"),
        "text_needed": _("请写明内容后再保存。"),
        "kind_needed": _("请选择哪一访。"),
        "visits": {kind.value: str(kind.label) for kind in VisitKind},
        "ways": {way.value: str(way.label) for way in VisitWay},
        "acts": {do.value: str(do.label) for do in (Action.RECORD_VISIT, Action.ADD_NOTE)},
    }
