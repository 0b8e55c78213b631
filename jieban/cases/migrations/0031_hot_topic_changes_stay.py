"""What was done with a hot topic stays as it was written."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION cases_refuse_topic_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of topics is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER hottopicchange_append_only BEFORE UPDATE OR DELETE ON cases_hottopicchange
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_topic_change();
"""

BACKWARD = """
DROP TRIGGER hottopicchange_append_only ON cases_hottopicchange;
DROP FUNCTION cases_refuse_topic_change();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0030_hot_topics")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
