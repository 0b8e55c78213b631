"""All tables of the channels as they are now, for a database that begins with nothing."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from jieban.base.sql.at_once import AtOnce


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('channels', '0001_initial'),
        ('channels', '0002_text_messages'),
        ('channels', '0003_readers'),
    ]

    dependencies = [
        ('registry', '0100_at_once'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce([
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone_index', models.BinaryField(max_length=16, unique=True)),
                ('digest', models.BinaryField(max_length=32)),
                ('sent_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('template', models.CharField(max_length=40)),
                ('about', models.CharField(blank=True, max_length=24, verbose_name='单号')),
                ('channel', models.CharField(choices=[('in_app', '站内'), ('sms', '短信')], default='in_app', max_length=10)),
                ('queued_at', models.DateTimeField()),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('phone', models.BinaryField(default=b'')),
                ('text', models.BinaryField(default=b'')),
                ('sending_at', models.DateTimeField(blank=True, null=True)),
                ('refusals', models.PositiveSmallIntegerField(default=0)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='registry.unit')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('delivered_at', None)), fields=['id'], name='message_waiting'), models.Index(fields=['about'], name='message_about'), models.Index(condition=models.Q(('channel', 'sms'), ('delivered_at', None), ('settled_by', None)), fields=['id'], name='message_in_doubt'), models.Index(fields=['person', '-id'], name='message_of_person'), models.Index(fields=['unit', '-id'], name='message_of_unit'), models.Index(condition=models.Q(('read_at', None)), fields=['person'], name='message_unread'), models.Index(condition=models.Q(('read_at', None)), fields=['unit'], name='message_unit_unread')],
            },
        ),
        ]),
    ]
