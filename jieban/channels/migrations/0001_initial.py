"""The tables of the channels: codes sent to telephones, messages and how they are worded."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from jieban.base.sql.at_once import BatchedOperations
from jieban.channels.initial_wordings import add_initial_wordings

TABLES = [
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("template", models.CharField(max_length=40)),
            ("about", models.CharField(blank=True, max_length=24, verbose_name="单号")),
            ("channel", models.CharField(choices=[("in_app", "站内"), ("sms", "短信")], default="in_app", max_length=10)),
            ("person", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="messages", to=settings.AUTH_USER_MODEL)),
            ("unit", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="messages", to="registry.unit")),
            ("queued_at", models.DateTimeField()),
            ("delivered_at", models.DateTimeField(blank=True, null=True)),
            ("read_at", models.DateTimeField(blank=True, null=True)),
            ("phone", models.BinaryField(default=b"")),
            ("text", models.BinaryField(default=b"")),
            ("sending_at", models.DateTimeField(blank=True, null=True)),
            ("refusals", models.PositiveSmallIntegerField(default=0)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("settled_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
        ],
        options={
            "indexes": [
                models.Index(fields=["id"], condition=Q(delivered_at=None), name="message_waiting"),
                models.Index(fields=["about"], name="message_about"),
                models.Index(fields=["id"], condition=Q(channel="sms", delivered_at=None, settled_by=None), name="message_in_doubt"),
                models.Index(fields=["person", "-id"], name="message_of_person"),
                models.Index(fields=["unit", "-id"], name="message_of_unit"),
                models.Index(fields=["person"], condition=Q(read_at=None), name="message_unread"),
                models.Index(fields=["unit"], condition=Q(read_at=None), name="message_unit_unread"),
            ],
        },
    ),
    migrations.CreateModel(
        name="MessageWording",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("code", models.CharField(max_length=40)),
            ("recipient", models.CharField(max_length=10)),
            ("language", models.CharField(max_length=10)),
            ("text", models.CharField(max_length=300)),
            ("source", models.CharField(max_length=300)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("code", "recipient", "language", "valid_from"), name="message_wording_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PhoneCode",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("phone_index", models.BinaryField(max_length=16, unique=True)),
            ("digest", models.BinaryField(max_length=32)),
            ("sent_at", models.DateTimeField()),
            ("tries", models.PositiveSmallIntegerField(default=0)),
            ("used_at", models.DateTimeField(blank=True, null=True)),
        ],
    ),
]


def add_wordings(apps, schema_editor):
    add_initial_wordings(apps)


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        BatchedOperations(TABLES),
        migrations.RunPython(add_wordings, migrations.RunPython.noop),
    ]
