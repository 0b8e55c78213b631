"""Calling hours, who has a case on the telephone, and the number of a call's recording."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LIMITS = [
    ("sign_hours", "签收时限（小时）"), ("return_hours", "退单时限（小时）"),
    ("disputes", "退单次数上限，达到后改为联办"), ("reopen_days", "重新办理时限（天）"),
    ("account_days", "挂账复核间隔上限（天）"), ("visit_back_hours", "回访时限（小时）"),
    ("attempts", "回访无人应答次数"), ("auto_close_hours", "回访后自动结案（小时）"),
    ("child_share", "下派时限占剩余时间的百分比"), ("call_again_minutes", "无人接听后多久可再打（分钟）"),
    ("call_lease_minutes", "一件回访由一人占用多久（分钟）"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_saved_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            "CallingHours",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(verbose_name="生效日")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
                ("days", models.CharField(choices=[("work", "工作日"), ("rest", "休息日")], max_length=4)),
                ("starts", models.TimeField()),
                ("ends", models.TimeField()),
                ("source", models.CharField(max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["days", "starts", "valid_from"], name="calling_hours_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ends", "00:00"), ("ends__gt", models.F("starts")), _connector="OR"),
                        name="calling_hours_forward",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            "CallLease",
            [
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True,
                        related_name="call_lease", serialize=False, to="cases.case",
                    ),
                ),
                ("until", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "visitback",
            "recording",
            models.CharField(blank=True, max_length=60, null=True, verbose_name="录音编号"),
        ),
        migrations.AlterField("limit", "name", models.CharField(choices=LIMITS, max_length=20)),
        migrations.AddIndex(
            "case",
            models.Index(
                condition=models.Q(("state", "merged"), ("visited_back_at", None)),
                fields=["-received_at", "-id"], name="case_merged_to_ask",
            ),
        ),
    ]
