"""Configuration changes: lock, optimistic check, and log."""
