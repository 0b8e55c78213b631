"""Seals and the access log cannot be emptied at once either, as the events cannot."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON cases_seal
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER accesslog_no_truncate BEFORE TRUNCATE ON cases_accesslog
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
"""

BACKWARD = """
DROP TRIGGER accesslog_no_truncate ON cases_accesslog;
DROP TRIGGER seal_no_truncate ON cases_seal;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_first_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
