"""Initial data of the registry: the shifts and the call script with which a district begins.

The district changes them by later rows. The first migration and the tests add them.
"""

from datetime import UTC, date, datetime, time

from django.apps.registry import Apps

FROM = date(2019, 1, 1)
# name, from, to
SHIFTS = (
    ("白班", time(8), time(20)),
    ("夜班", time(20), time(8)),
)
CALL_SCRIPT = "您反映的问题我记下了，单号马上报给您。工作人员会在规定时限内联系您，办结后我们会再次回访。"


def add_initial_values(apps: Apps) -> None:
    """Fills each of the tables where it is empty. `apps` has the models of now or those of a migration."""
    shifts = apps.get_model("registry", "ShiftKind")
    if not shifts._default_manager.exists():
        shifts._default_manager.bulk_create(
            shifts(name=name, starts=starts, ends=ends, valid_from=FROM) for name, starts, ends in SHIFTS
        )
    scripts = apps.get_model("registry", "CallScript")
    if not scripts._default_manager.exists():
        scripts._default_manager.create(text=CALL_SCRIPT, at=datetime(2019, 1, 1, tzinfo=UTC))
