-- What must hold whatever code runs.

-- Numbers of cases.

CREATE SEQUENCE cases_number AS bigint;

-- Logs are append-only, and a case stays: its events and the log of looks are guarded by the migration.

CREATE FUNCTION cases_refuse_topic_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of topics is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION cases_refuse_band_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was counted of confidences is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER case_never_deleted BEFORE DELETE ON cases_case
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_history_change();

CREATE TRIGGER hottopicchange_append_only BEFORE UPDATE OR DELETE ON cases_hottopicchange
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_topic_change();

CREATE TRIGGER certaintyband_append_only BEFORE UPDATE OR DELETE ON cases_certaintyband
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_band_change();

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

-- Each involvement knows whether its case is open: the list of a unit's open cases needs one index.

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

CREATE TRIGGER involvement_open BEFORE INSERT ON cases_involvement
    FOR EACH ROW EXECUTE FUNCTION cases_involvement_open();
CREATE TRIGGER case_open AFTER UPDATE OF state ON cases_case FOR EACH ROW
    WHEN (cases_is_open(OLD.state) IS DISTINCT FROM cases_is_open(NEW.state)) EXECUTE FUNCTION cases_case_open();
