"""What must hold whatever code runs: numbers, immutable events, one lead, no merged case without primary."""

from django.db import migrations

FORWARD = """
CREATE SEQUENCE cases_number AS bigint;

CREATE FUNCTION cases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER caseevent_append_only BEFORE UPDATE OR DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER caseevent_no_truncate BEFORE TRUNCATE ON cases_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON cases_seal
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER accesslog_append_only BEFORE UPDATE OR DELETE ON cases_accesslog
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER case_never_deleted BEFORE DELETE ON cases_case
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();

-- A case at work has exactly one active lead (one at most: a unique index), and it is the one the case names.
CREATE FUNCTION cases_check_lead(checked bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found record;
    leader bigint;
BEGIN
    SELECT state, lead_id, number INTO found FROM cases_case WHERE id = checked;
    SELECT unit_id INTO leader FROM cases_assignment
        WHERE case_id = checked AND relation = 'lead' AND ended_at IS NULL;
    IF found.state IN ('dispatched', 'handling', 'on_account', 'reported')
            AND (leader IS NULL OR leader IS DISTINCT FROM found.lead_id) THEN
        RAISE EXCEPTION 'case % is % and must have one active lead', found.number, found.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_has_one_lead';
    END IF;
END $$;

CREATE FUNCTION cases_case_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_check_lead(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION cases_assignment_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM cases_check_lead(OLD.case_id); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM cases_check_lead(NEW.case_id); END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER case_has_one_lead AFTER INSERT OR UPDATE OF state, lead_id ON cases_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_case_lead();
CREATE CONSTRAINT TRIGGER assignment_keeps_one_lead AFTER INSERT OR UPDATE OR DELETE ON cases_assignment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_assignment_lead();
"""

BACKWARD = """
DROP TRIGGER assignment_keeps_one_lead ON cases_assignment;
DROP TRIGGER case_has_one_lead ON cases_case;
DROP TRIGGER case_never_deleted ON cases_case;
DROP TRIGGER accesslog_append_only ON cases_accesslog;
DROP TRIGGER seal_append_only ON cases_seal;
DROP TRIGGER caseevent_no_truncate ON cases_caseevent;
DROP TRIGGER caseevent_append_only ON cases_caseevent;
DROP FUNCTION cases_assignment_lead();
DROP FUNCTION cases_case_lead();
DROP FUNCTION cases_check_lead(bigint);
DROP FUNCTION cases_refuse_change();
DROP SEQUENCE cases_number;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
