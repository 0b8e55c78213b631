"""Pages by area; no tables, no rules."""
