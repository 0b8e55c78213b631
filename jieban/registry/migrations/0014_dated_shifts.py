"""A shift holds from a day on: what was on duty by earlier ones stays as it was."""

from datetime import date

from django.db import migrations, models

FROM = date(2019, 1, 1)


class Migration(migrations.Migration):
    dependencies = [("registry", "0013_more_areas_of_changes")]
    operations = [
        migrations.AddField(
            "shiftkind", "valid_from", models.DateField(default=FROM, verbose_name="生效日"), preserve_default=False
        ),
        migrations.AddField(
            "shiftkind", "valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")
        ),
        migrations.AlterField("shiftkind", "name", models.CharField(max_length=20, verbose_name="班次")),
        migrations.AddConstraint(
            "shiftkind",
            models.UniqueConstraint(
                condition=models.Q(("valid_to", None)), fields=("name",), name="shift_kind_open_once"
            ),
        ),
    ]
