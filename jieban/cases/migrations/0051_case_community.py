from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0050_trace'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('community__isnull', False)), fields=['community', '-received_at', '-id'], name='case_community'),
        ),
    ]
