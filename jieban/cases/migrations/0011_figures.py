"""Indexes for the figures of the day: what was dispatched, signed, reported, due and answered when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_calling_rules")]
    operations = [
        migrations.AddIndex(
            "assignment",
            models.Index(
                condition=models.Q(("relation", "lead")), fields=["unit", "assigned_at"], name="assignment_led"
            ),
        ),
        migrations.AddIndex("case", models.Index(fields=["finish_due_at"], name="case_finish_due")),
        migrations.AddIndex(
            "caseevent",
            models.Index(
                condition=models.Q(("action__in", ["sign", "report_result"])), fields=["action", "at"],
                include=("unit",), name="event_of_day",
            ),
        ),
        migrations.AddIndex("visitback", models.Index(fields=["at"], name="visit_back_at")),
    ]
