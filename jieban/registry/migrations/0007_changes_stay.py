"""What was written about a change of the configuration stays as it was written."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION registry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of changes is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER configchange_append_only BEFORE UPDATE OR DELETE ON registry_configchange
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_change();
CREATE TRIGGER configchange_no_truncate BEFORE TRUNCATE ON registry_configchange
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change();
"""

BACKWARD = """
DROP TRIGGER configchange_no_truncate ON registry_configchange;
DROP TRIGGER configchange_append_only ON registry_configchange;
DROP FUNCTION registry_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_config_changes")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
