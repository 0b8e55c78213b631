"""The office around the cases: roster, knowledge base, hot topics, messages."""
