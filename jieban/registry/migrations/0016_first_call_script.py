"""The wording with which a district begins."""

from datetime import UTC, datetime

from django.db import migrations

TEXT = "您反映的问题我记下了，单号马上报给您。工作人员会在规定时限内联系您，办结后我们会再次回访。"


def add(apps, schema_editor):
    script = apps.get_model("registry", "CallScript")
    script.objects.create(text=TEXT, at=datetime(2019, 1, 1, tzinfo=UTC))


class Migration(migrations.Migration):
    dependencies = [("registry", "0015_call_scripts")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
