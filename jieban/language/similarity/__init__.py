"""Similarity of texts: near duplicates, relevance of a reply, summaries."""
