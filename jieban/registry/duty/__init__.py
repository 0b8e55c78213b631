"""Duty roster, and hand-over between shifts."""
