"""Triggers by which a table is append-only, as SQL for the migration of an app that has a ledger."""


def append_only(table: str) -> str:
    """Refuses every change and removal of the table's rows; `table` is ours, written in a migration."""
    name = table.partition("_")[2]
    return f"""
CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_history_change();
CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_history_change();
"""
