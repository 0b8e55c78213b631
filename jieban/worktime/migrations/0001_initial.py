"""The tables of the calendar: the years that are known, and their days that are not as the week says."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="日期")),
                ("is_workday", models.BooleanField(verbose_name="上班")),
                ("name", models.CharField(max_length=40, verbose_name="节日")),
                ("notice", models.CharField(max_length=100, verbose_name="依据文号")),
            ],
            options={
                "ordering": ["day"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(name="") & ~Q(notice=""), name="calendar_day_has_source"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(unique=True, verbose_name="年份")),
                ("notice", models.CharField(max_length=100, verbose_name="依据文号")),
                ("source", models.CharField(max_length=200, verbose_name="来源")),
            ],
            options={
                "ordering": ["year"],
            },
        ),
    ]
