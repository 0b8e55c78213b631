"""Cases written in traditional characters are sought in simplified ones, also those that came in before."""

from django.contrib.postgres.search import SearchVector
from django.db import migrations
from django.db.models import Value

from jieban.base.text.simplified import SIMPLIFIED
from jieban.base.text.search_tokens import tokens


def seek_again(apps, schema_editor):
    texts = apps.get_model('cases', 'CaseText').objects.select_related('case')
    written = texts.filter(text__regex=f"[{''.join(map(chr, SIMPLIFIED))}]", search__isnull=False)
    for row in written.defer('search').iterator():
        found = Value(' '.join(tokens(f'{row.case.subject} {row.text}')))
        texts.filter(pk=row.pk).update(search=SearchVector(found, config='simple'))


class Migration(migrations.Migration):
    dependencies = [('cases', '0101_open_parts')]
    operations = [migrations.RunPython(seek_again, migrations.RunPython.noop, elidable=True)]
