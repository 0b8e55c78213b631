"""Import of tables from other offices."""
