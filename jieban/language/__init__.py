"""Text analysis of what residents write: pure functions, without database and without network."""
