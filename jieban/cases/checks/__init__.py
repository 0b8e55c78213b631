"""Checks of texts and proposals from texts; they read and write no case."""
