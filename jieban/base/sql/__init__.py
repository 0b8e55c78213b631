"""SQL: prepared queries, row statements and lookups that Django has not. When to use which: docs/sql.md."""
