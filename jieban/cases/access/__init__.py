"""Access: who may see which case, which words, which person, and what a page offers."""
