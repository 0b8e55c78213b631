"""When requesters may be called, and how soon again, as a district begins; each is a dated row."""

from datetime import date, time

from django.db import migrations

FROM = date(2019, 1, 1)
OURS = "平台初始设置，由区里按年度通知调整"
HOURS = [
    ("work", time(9), time(12)),
    ("work", time(14), time(20)),
    ("rest", time(10), time(12)),
    ("rest", time(14), time(20)),
]
LIMITS = [("call_again_minutes", 120), ("call_lease_minutes", 15)]


def add(apps, schema_editor):
    hours = apps.get_model("cases", "CallingHours")
    for days, starts, ends in HOURS:
        hours.objects.create(days=days, starts=starts, ends=ends, source=OURS, valid_from=FROM)
    limit = apps.get_model("cases", "Limit")
    for name, value in LIMITS:
        limit.objects.create(name=name, value=value, source=OURS, valid_from=FROM)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_visit_back_calls")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
