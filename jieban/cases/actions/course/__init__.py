"""The course of a case: dispatch, handling, more time, supervision, publication."""
