"""How sure a reading was stands beside it; how far that was borne out is counted by night and stays."""

from django.db import migrations, models

from jieban.base.sql.at_once import AtOnce

FORWARD = """
CREATE FUNCTION cases_refuse_band_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was counted of confidences is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER certaintyband_append_only BEFORE UPDATE OR DELETE ON cases_certaintyband
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_band_change();
"""

BACKWARD = """
DROP TRIGGER certaintyband_append_only ON cases_certaintyband;
DROP FUNCTION cases_refuse_band_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0102_simplified_words'),
    ]

    operations = [
        AtOnce([
        migrations.AddField(
            model_name='reading',
            name='certainty',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='reading',
            name='certainty_version',
            field=models.CharField(blank=True, max_length=12, verbose_name='把握版本'),
        ),
        migrations.AlterField(
            model_name='modeluse',
            name='kind',
            field=models.CharField(choices=[('category', '分类'), ('calibration', '把握')], max_length=12),
        ),
        migrations.AlterField(
            model_name='trainedmodel',
            name='kind',
            field=models.CharField(choices=[('category', '分类'), ('calibration', '把握')], max_length=12),
        ),
        migrations.CreateModel(
            name='CertaintyBand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='统计时间')),
                ('field', models.CharField(max_length=12)),
                ('low', models.PositiveSmallIntegerField()),
                ('proposed', models.PositiveIntegerField(verbose_name='件数')),
                ('accepted', models.PositiveIntegerField(verbose_name='采用')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('at', 'field', 'low'), name='certainty_band_once'), models.CheckConstraint(condition=models.Q(('accepted__lte', models.F('proposed'))), name='certainty_band_share')],
            },
        ),
        ]),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
