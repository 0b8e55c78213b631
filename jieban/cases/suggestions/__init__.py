"""Suggestions on the desk: proposals from the text, ranking of units, similar cases, and their quality."""
