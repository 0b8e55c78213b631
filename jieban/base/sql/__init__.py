"""SQL helpers: prepared queries, row statements, and lookups that Django lacks. When to use which: docs/sql.md."""
