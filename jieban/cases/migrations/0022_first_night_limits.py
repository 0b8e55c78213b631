"""When the offices are open and how long before its end an article is shown for review: first values."""

from datetime import date

from django.db import migrations

FROM = date(2019, 1, 1)
OURS = "平台初始设置，由区里按年度通知调整"
LIMITS = [("article_days", 30, OURS), ("office_from", 9, OURS), ("office_to", 18, OURS)]


def add(apps, schema_editor):
    limit = apps.get_model("cases", "Limit")
    for name, value, source in LIMITS:
        limit.objects.create(name=name, value=value, source=source, valid_from=FROM)


class Migration(migrations.Migration):
    dependencies = [("cases", "0021_night_limits")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
