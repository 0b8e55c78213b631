"""Integrity: seals, verification, key rotation, attachment storage, the audit search."""
