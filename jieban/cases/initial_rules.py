"""Initial data of cases: the deadline rules, limits and calling hours of a new district.

Each is a dated row with its source; a later rule is a later row. The first migration and the tests add them.
"""

from datetime import date, time

from django.apps.registry import Apps

FROM = date(2019, 1, 1)
ARTICLE = "北京日报 2019-11-27 石景山区：简单问题“即时办结”，一般问题“日清日结”，复杂问题“5日办结”"
PRACTICE = "北京市12345热线通行做法"
OURS = "平台初始设置，由区里按年度通知调整"

# grade, kind, clock, basis, amount, cut-off, source
DEADLINE_RULES = (
    ("simple", "", "contact", "hours", 2, None, PRACTICE),
    ("general", "", "contact", "hours", 24, None, PRACTICE),
    ("complex", "", "contact", "hours", 24, None, PRACTICE),
    ("simple", "", "finish", "hours", 2, None, ARTICLE + "；小时数为" + OURS),
    ("general", "", "finish", "same_day", 0, time(18), ARTICLE + "；18:00 分界为" + OURS),
    ("complex", "", "finish", "days", 5, None, ARTICLE),
    ("complex", "enterprise", "finish", "workdays", 5, None, ARTICLE + "；企业诉求按工作日为" + OURS),
)
# name, value, source
LIMITS = (
    ("sign_hours", 2, OURS),
    ("return_hours", 24, OURS),
    ("disputes", 2, OURS),
    ("reopen_days", 30, OURS),
    ("account_days", 180, OURS),
    ("visit_back_hours", 24, OURS),
    ("attempts", 3, PRACTICE),
    ("auto_close_hours", 24, OURS),
    ("child_share", 80, OURS),
    ("call_again_minutes", 120, OURS),
    ("call_lease_minutes", 15, OURS),
    ("unmask_hour", 30, "平台初始设置：一小时超过 30 次即预警，由区里按需要调整"),
    ("late_hours", 72, OURS),
    ("article_days", 30, OURS),
    ("office_from", 9, OURS),
    ("office_to", 18, OURS),
)
# days, from, to, source
CALLING_HOURS = (
    ("work", time(9), time(12), OURS),
    ("work", time(14), time(20), OURS),
    ("rest", time(10), time(12), OURS),
    ("rest", time(14), time(20), OURS),
)


def add_initial_rules(apps: Apps) -> None:
    """Inserts missing rows; existing ones stay.

    `apps` has the current models, or those of a migration.
    """
    _add(apps, "DeadlineRule", "grade kind clock basis amount cut_off source", DEADLINE_RULES)
    _add(apps, "Limit", "name value source", LIMITS)
    _add(apps, "CallingHours", "days starts ends source", CALLING_HOURS)


def _add(apps: Apps, name: str, fields: str, rows: tuple[tuple[object, ...], ...]) -> None:
    model = apps.get_model("cases", name)
    values = (dict(zip(fields.split(), row, strict=True)) for row in rows)
    model._default_manager.bulk_create(
        [model(valid_from=FROM, **value) for value in values], ignore_conflicts=True
    )
