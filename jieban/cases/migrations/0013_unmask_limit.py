"""How many looks at contact data within an hour are usual."""

from datetime import date

from django.db import migrations

FROM = date(2019, 1, 1)
OURS = "平台初始设置：一小时超过 30 次即预警，由区里按需要调整"


def add(apps, schema_editor):
    limit = apps.get_model("cases", "Limit")
    limit.objects.get_or_create(name="unmask_hour", valid_from=FROM, defaults={"value": 30, "source": OURS})


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_unmask_alerts")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
