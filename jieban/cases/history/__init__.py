"""History: the hash chain of events, and case numbers."""
