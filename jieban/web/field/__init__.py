"""The rounds of a handler on a phone."""
