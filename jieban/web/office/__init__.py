"""Office tools beside the cases: duty roster, knowledge base, hot topics, messages."""
