"""Auditor's pages: history, access log, configuration log and seals."""
