from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.rule_scope import DIMENSIONS, Basis
from jieban.cases.flow.states import CaseKind
from jieban.registry.models import Category, Dated


class DeadlineRule(Dated):
    """Dated rule: the time for the first contact or the settlement of a case, by grade and kind; with its source."""

    class Clock(models.TextChoices):
        CONTACT = "contact", _("联系")
        FINISH = "finish", _("办结")

    # The fields of `RuleScope`; an empty one matches all cases.
    grade = models.CharField(_("难易"), max_length=10, choices=Category.Grade.choices)
    kind = models.CharField(_("诉求类型"), max_length=12, choices=CaseKind.choices, blank=True)
    clock = models.CharField(max_length=10, choices=Clock.choices)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    amount = models.PositiveSmallIntegerField()
    cut_off = models.TimeField(null=True, blank=True)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=[*DIMENSIONS, "clock", "valid_from"], name="deadline_rule_once")
        ]


class Limit(Dated):
    """Dated limit used by rules: a count, a duration, a maximum; with its source."""

    class Name(models.TextChoices):
        SIGN_HOURS = "sign_hours", _("签收时限（小时）")
        RETURN_HOURS = "return_hours", _("退单时限（小时）")
        DISPUTES = "disputes", _("退单次数上限，达到后改为联办")
        REOPEN_DAYS = "reopen_days", _("重新办理时限（天）")
        ACCOUNT_DAYS = "account_days", _("挂账复核间隔上限（天）")
        VISIT_BACK_HOURS = "visit_back_hours", _("回访时限（小时）")
        ATTEMPTS = "attempts", _("回访无人应答次数")
        AUTO_CLOSE_HOURS = "auto_close_hours", _("回访后自动结案（小时）")
        CHILD_SHARE = "child_share", _("下派时限占剩余时间的百分比")
        CALL_AGAIN_MINUTES = "call_again_minutes", _("无人接听后多久可再打（分钟）")
        CALL_LEASE_MINUTES = "call_lease_minutes", _("一件回访由一人占用多久（分钟）")
        UNMASK_HOUR = "unmask_hour", _("一人一小时内查看联系方式的次数，超过即预警")
        LATE_HOURS = "late_hours", _("补送记录须确认的时间（小时）")
        ARTICLE_DAYS = "article_days", _("知识条目到期前提醒（天）")
        OFFICE_FROM = "office_from", _("工作日上班（时）")
        OFFICE_TO = "office_to", _("工作日下班（时）")

    name = models.CharField(max_length=20, choices=Name.choices)
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "valid_from"], name="limit_once")]


class CallingHours(Dated):
    """Dated span of the day in which requesters may be called for the visit-back; with its source."""

    class Days(models.TextChoices):
        WORK = "work", _("工作日")
        REST = "rest", _("休息日")

    days = models.CharField(max_length=4, choices=Days.choices)
    starts = models.TimeField()
    ends = models.TimeField()  # 00:00 is the end of the day
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["days", "starts", "valid_from"], name="calling_hours_once"),
            models.CheckConstraint(
                condition=Q(ends="00:00") | Q(ends__gt=F("starts")), name="calling_hours_forward"
            ),
        ]
