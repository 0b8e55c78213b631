"""Statutory calendar, and arithmetic of working and calendar time."""
