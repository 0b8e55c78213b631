"""Intake: receipt, immediate ends, splitting and merging."""
