"""The first row of the limit after which a record that comes in late is asked about."""

from datetime import date

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("cases", "Limit").objects.create(
        name="late_hours", value=72, source="平台初始设置，由区里按年度通知调整", valid_from=date(2019, 1, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_late_hours")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
