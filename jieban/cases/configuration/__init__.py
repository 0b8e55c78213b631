"""Dated rules and limits, and what a change of them would do."""
