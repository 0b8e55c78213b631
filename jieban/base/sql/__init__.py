"""SQL: prepared queries, row statements and lookups that Django has not."""
