from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0040_result_marks'),
    ]

    operations = [
        migrations.CreateModel(
            name='Trace',
            fields=[
                ('pk', models.CompositePrimaryKey('trace', 'received_on', 'case_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('trace', models.IntegerField()),
                ('received_on', models.DateField()),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='cases.case')),
            ],
        ),
    ]
