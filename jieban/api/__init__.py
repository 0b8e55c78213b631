"""HTTP interfaces for programs; no tables, no rules."""
