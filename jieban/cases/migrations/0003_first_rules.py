"""The rules with which a district begins. Each is a dated row: a later rule is a later row."""

from datetime import date, time

from django.db import migrations

FROM = date(2019, 1, 1)
ARTICLE = "北京日报 2019-11-27 石景山区：简单问题“即时办结”，一般问题“日清日结”，复杂问题“5日办结”"
PRACTICE = "北京市12345热线通行做法"
OURS = "平台初始设置，由区里按年度通知调整"

DEADLINES = [
    # grade, kind, clock, basis, amount, cut-off, source
    ("simple", "", "contact", "hours", 2, None, PRACTICE),
    ("general", "", "contact", "hours", 24, None, PRACTICE),
    ("complex", "", "contact", "hours", 24, None, PRACTICE),
    ("simple", "", "finish", "hours", 2, None, ARTICLE + "；小时数为" + OURS),
    ("general", "", "finish", "same_day", 0, time(18), ARTICLE + "；18:00 分界为" + OURS),
    ("complex", "", "finish", "days", 5, None, ARTICLE),
    ("complex", "enterprise", "finish", "workdays", 5, None, ARTICLE + "；企业诉求按工作日为" + OURS),
]
LIMITS = [
    ("sign_hours", 2, OURS),
    ("return_hours", 24, OURS),
    ("disputes", 2, OURS),
    ("reopen_days", 30, OURS),
    ("account_days", 180, OURS),
    ("visit_back_hours", 24, OURS),
    ("attempts", 3, PRACTICE),
    ("auto_close_hours", 24, OURS),
    ("child_share", 80, OURS),
]


def add(apps, schema_editor):
    rule = apps.get_model("cases", "DeadlineRule")
    for grade, kind, clock, basis, amount, cut_off, source in DEADLINES:
        rule.objects.create(
            grade=grade, kind=kind, clock=clock, basis=basis, amount=amount, cut_off=cut_off,
            source=source, valid_from=FROM,
        )
    limit = apps.get_model("cases", "Limit")
    for name, value, source in LIMITS:
        limit.objects.create(name=name, value=value, source=source, valid_from=FROM)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_guards")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
