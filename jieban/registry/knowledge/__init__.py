"""The knowledge base that operators read from."""
