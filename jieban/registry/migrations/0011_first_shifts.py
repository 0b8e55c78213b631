"""The shifts with which a district begins."""

from datetime import time

from django.db import migrations


def add(apps, schema_editor):
    shift = apps.get_model("registry", "ShiftKind")
    shift.objects.get_or_create(name="白班", defaults={"starts": time(8), "ends": time(20)})
    shift.objects.get_or_create(name="夜班", defaults={"starts": time(20), "ends": time(8)})


class Migration(migrations.Migration):
    dependencies = [("registry", "0010_duty")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
