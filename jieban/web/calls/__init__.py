"""The call page and intake by page."""
