"""SQL triggers that make a table append-only, for the migration of an app with a ledger."""


def append_only(table: str) -> str:
    """SQL that refuses UPDATE and DELETE on a table; `table` comes from a migration, never from input."""
    name = table.partition("_")[2]
    return f"""
CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_history_change();
CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_history_change();
"""
