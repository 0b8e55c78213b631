"""Transitions of cases, and the checks and messages that actions share."""
