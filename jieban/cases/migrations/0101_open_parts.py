"""Whether a case is open stands beside each unit on its path; an index that begins with a field is enough for it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from jieban.base.sql.at_once import AtOnce

FORWARD = """
CREATE FUNCTION cases_is_open(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT state IN ('received', 'dispatched', 'handling', 'on_account', 'reported')
$$;

CREATE FUNCTION cases_involvement_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A case that is not seen yet comes in with this very statement.
    NEW.open := COALESCE((SELECT cases_is_open(state) FROM cases_case WHERE id = NEW.case_id), true);
    RETURN NEW;
END $$;
CREATE FUNCTION cases_case_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cases_involvement SET open = cases_is_open(NEW.state) WHERE case_id = NEW.id;
    RETURN NULL;
END $$;

UPDATE cases_involvement SET open = true
    FROM cases_case WHERE cases_case.id = case_id AND cases_is_open(cases_case.state);

CREATE TRIGGER involvement_open BEFORE INSERT ON cases_involvement
    FOR EACH ROW EXECUTE FUNCTION cases_involvement_open();
CREATE TRIGGER case_open AFTER UPDATE OF state ON cases_case FOR EACH ROW
    WHEN (cases_is_open(OLD.state) IS DISTINCT FROM cases_is_open(NEW.state)) EXECUTE FUNCTION cases_case_open();
"""

BACKWARD = """
DROP TRIGGER case_open ON cases_case;
DROP TRIGGER involvement_open ON cases_involvement;
DROP FUNCTION cases_case_open();
DROP FUNCTION cases_involvement_open();
DROP FUNCTION cases_is_open(text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0100_at_once'),
        ('registry', '0100_at_once'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce([
        migrations.AddField(
            model_name='involvement',
            name='open',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='case',
            name='category',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='registry.category'),
        ),
        migrations.AlterField(
            model_name='case',
            name='community',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='community_cases', to='registry.place'),
        ),
        migrations.AlterField(
            model_name='case',
            name='found_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='found_cases', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='case',
            name='lead',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led_cases', to='registry.unit'),
        ),
        migrations.AlterField(
            model_name='case',
            name='requester',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='case',
            name='street',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='street_cases', to='registry.place'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', ['dispatched', 'handling', 'on_account', 'received', 'reported'])), fields=['street', '-received_at', '-id'], name='case_street_open'),
        ),
        migrations.AddIndex(
            model_name='involvement',
            index=models.Index(condition=models.Q(('open', True)), fields=['unit', '-received_at', '-case'], name='involvement_open'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'on_account')), fields=['review_on'], name='case_review'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'reported'), ('visited_back_at__isnull', False)), fields=['visited_back_at'], name='case_asked_back'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('reopened_count__gt', 1), ('state__in', ['dispatched', 'handling', 'on_account', 'received', 'reported'])), fields=['reopened_count'], name='case_reopened'),
        ),
        ]),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
