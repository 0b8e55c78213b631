"""Checks and proposals on the words of a case; they read and write no case."""
