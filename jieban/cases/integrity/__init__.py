"""Integrity: key rotation and the auditor's search."""
