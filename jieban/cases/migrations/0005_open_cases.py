"""An index for the cases that are still open, in the order of their receipt: a few thousand of a million."""

from django.db import migrations, models

OPEN = ["dispatched", "handling", "on_account", "received", "reported"]


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_no_truncate")]
    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["-received_at", "-id"], name="case_open", condition=models.Q(state__in=OPEN)
            ),
        )
    ]
